"""Events at once, on real connections: what happens once counts once."""

import pytest

from campaigns import services as campaigns
from campaigns.models import Award, Decision
from campaigns.occasions import happen as occur
from campaigns.occasions import occasion
from campaigns.services import AcceptedEvent
from events.models import OutboxEvent
from events.outbox import relay_batch
from ledger.models import Lot, Posting
from orders.events.builtin import BIRTHDAY
from orders.events.errors import EventContradicted
from orders.models import Event
from tests.campaigns.happenings import RATING, a_type, event, happen, rewards
from tests.campaigns.trade import NOON, a_campaign, a_member, books_are_sound, buy, wallet
from tests.crowd import at_once

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def checkins(grocer):
    """Five points for every check-in."""
    a_type(grocer, RATING)
    return a_campaign(grocer, rewards(), key="moments")


def test_ten_connections_send_the_same_event_and_all_get_its_one_answer(grocer, ada, checkins):
    answers = at_once(10, lambda _: happen(grocer))

    assert all(isinstance(answer, AcceptedEvent) for answer in answers)
    assert sorted(answer.fresh for answer in answers) == [False] * 9 + [True]
    assert {(answer.event_id, answer.earned[0].posting_id) for answer in answers} == {
        (Event.objects.get().pk, Posting.objects.get().pk)
    }
    assert all(answer.decision == answers[0].decision for answer in answers)
    for model in (Event, Decision, Award, Posting, Lot):
        assert model.objects.count() == 1
    assert OutboxEvent.objects.filter(type="points.accrued").count() == 1
    assert wallet(ada) == (5, 0)
    assert books_are_sound()


def test_ten_contents_under_one_reference_and_one_of_them_is_the_event(grocer, ada, checkins):
    answers = at_once(10, lambda number: happen(grocer, payload={"rating": number}))

    assert sum(isinstance(answer, AcceptedEvent) for answer in answers) == 1
    assert sum(isinstance(answer, EventContradicted) for answer in answers) == 9
    assert Event.objects.count() == 1
    assert wallet(ada) == (5, 0)


def test_batches_that_share_events_and_orders_of_many_members_wait_and_never_in_a_circle(
    grocer, ada, checkins, standing
):
    people = [a_member(grocer, f"member {number}") for number in range(4)]

    def act(number):
        if number % 3 == 0:
            return buy(grocer, 1000, reference=str(number), customer=f"member {number % 4}")
        drafts = [
            event(f"e{who}", customer=f"member {who}") for who in (range(4) if number % 2 else reversed(range(4)))
        ]
        return campaigns.accept_events(programme=grocer, drafts=drafts, actor="test")

    answers = at_once(12, act)

    assert not any(isinstance(answer, Exception) for answer in answers)
    assert Event.objects.count() == 4
    bought = {who: sum(1 for number in range(0, 12, 3) if number % 4 == who) for who in range(4)}
    assert [wallet(person)[0] for person in people] == [5 + 10 * bought[who] for who in range(4)]
    assert books_are_sound()


def test_the_same_birthdays_noticed_eight_times_at_once_are_celebrated_once(grocer, ada):
    a_campaign(grocer, rewards(BIRTHDAY, 100))
    people = [ada, a_member(grocer, "bob"), a_member(grocer, "eve")]
    drafts = [occasion(BIRTHDAY, f"birthday:2026:{person.number}", member=person.number, at=NOON) for person in people]

    new = at_once(8, lambda number: occur(grocer, drafts if number % 2 else drafts[::-1]))

    assert sorted(new) == [0] * 7 + [3]
    assert Event.objects.count() == 3
    assert [wallet(person) for person in people] == [(100, 0)] * 3
    assert books_are_sound()


def test_two_relays_at_once_reach_a_balance_once(grocer, ada, standing):
    a_campaign(grocer, rewards("balance.reached", 7, {"field": "event.mark", "op": "eq", "value": 40}), key="marks")
    at_once(8, lambda number: buy(grocer, 1000, reference=str(number)))

    handed_on = at_once(4, lambda _: relay_batch(at=NOON, limit=5))

    assert all(isinstance(count, int) for count in handed_on)
    while relay_batch(at=NOON):
        pass
    assert Event.objects.count() == 1
    assert wallet(ada) == (87, 0)
    assert books_are_sound()
