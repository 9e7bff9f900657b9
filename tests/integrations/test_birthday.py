"""A shop's system tells a member's birthday."""

import pytest

from events.models import OutboxEvent
from integrations.models import Scope
from ledger.policies import BirthMonth, Policy
from ledger.queries import unit_of
from tests.integrations.shopkeepers import a_machine, a_programme, an_order
from tests.ledger import books

pytestmark = pytest.mark.django_db


def told(machine, ada, month=5, day=17, **headers):
    return machine.tell(f"members/{ada.number}/birthday", {"month": month, "day": day}, **headers)


def birthday_of(member):
    member.refresh_from_db()
    return (member.birth_day, member.birth_month)


def test_it_is_noted_and_points_live_by_it(machine, bakery, ada):
    books.says(unit_of(bakery.pk, "points"), Policy(BirthMonth(3)))

    answer = told(machine, ada)

    assert (answer.status_code, birthday_of(ada)) == (200, (17, 5))
    document = answer.json()
    assert {name: document[name] for name in ("member", "month", "day")} == {
        "member": ada.number,
        "month": 5,
        "day": 17,
    }
    order = machine.send("orders", an_order(placed_at="2026-03-14T09:30:00+01:00"))
    assert order.json()["earned"][0]["expires_at"] == "2029-05-31T22:00:00Z"


def test_the_same_again_is_no_news_and_the_shop_may_correct_it(machine, ada):
    first = told(machine, ada)

    assert told(machine, ada).content == first.content
    assert OutboxEvent.objects.filter(type="member.birthday_noted").count() == 1
    assert told(machine, ada, month=6, day=1).status_code == 200
    assert birthday_of(ada) == (1, 6)


def test_the_29th_of_february_is_a_day_and_the_30th_is_not(machine, ada):
    assert told(machine, ada, month=2, day=29).status_code == 200

    refusal = told(machine, ada, month=2, day=30)

    assert (refusal.status_code, refusal.json()["code"]) == (422, "birthday_invalid")
    assert refusal.json()["facts"] == {"month": 2, "day": 30}
    assert birthday_of(ada) == (29, 2)


def test_who_may_only_read_members_may_not_tell_it(bakery, ada):
    refusal = told(a_machine(bakery, Scope.MEMBERS_READ), ada)

    assert (refusal.status_code, refusal.json()["code"]) == (403, "scope_missing")
    assert birthday_of(ada) == (None, None)


def test_another_programme_has_no_such_member(ada):
    refusal = told(a_machine(a_programme("florist")), ada)

    assert (refusal.status_code, refusal.json()["code"]) == (404, "member_unknown")
    assert birthday_of(ada) == (None, None)


def test_sent_again_under_its_key_it_is_answered_as_before(machine, ada):
    key = {"Idempotency-Key": "b1"}
    first = told(machine, ada, **key)
    told(machine, ada, month=6, day=1)

    again = told(machine, ada, **key)

    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")
    assert birthday_of(ada) == (1, 6)
