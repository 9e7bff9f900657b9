"""Tiers over the API: tried, and paid for."""

import pytest

from events.models import OutboxEvent
from integrations.models import Scope
from members.tiers.definitions import Challenge, Quota
from members.tiers.models import TierGrant
from tests.integrations.shopkeepers import NOON, a_machine, a_member, a_programme
from tests.members.tiers.people import a_ladder, held

TRIAL = Challenge("gold", 30, Quota("orders", 3))


@pytest.fixture
def ladder(bakery):
    return a_ladder(bakery, at=NOON, challenge=TRIAL)


def a_fee(member, **changed):
    return {
        "source": "webshop",
        "reference": "fee 1",
        "customer": member.number,
        "ladder": "club",
        "tier": "silver",
        "until": "2027-03-01T00:00:00+01:00",
    } | changed


def everything():
    return TierGrant.objects.count(), OutboxEvent.objects.count()


def test_a_fee_gives_the_tier_while_it_is_paid_for_and_once(machine, ada, ladder):
    first, again = (machine.send("paid-tiers", a_fee(ada)) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 200)
    grant = first.json()
    assert (grant["member"], grant["ladder"]) == (ada.number, "club")
    assert (grant["tier"], grant["cause"], grant["until"]) == ("silver", "PAID", "2027-02-28T23:00:00Z")
    assert again.json() == grant
    assert (held(ada), TierGrant.objects.count()) == ("silver to 2027-02-28", 1)


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"tier": "copper"}, 422, "tier_unknown"),
        ({"ladder": "stairs"}, 422, "ladder_unknown"),
        ({"until": "2026-03-13T00:00:00+01:00"}, 422, "grant_end_invalid"),
        ({"until": "9999-12-31T23:59:59-23:59"}, 422, "grant_end_invalid"),
        ({"customer": "400000000006"}, 404, "member_unknown"),
        ({"tier": "gold\n"}, 400, "invalid"),
    ],
)
def test_a_fee_that_makes_no_sense_gives_nothing(machine, ada, ladder, changed, status, code):
    before = everything()

    answer = machine.send("paid-tiers", a_fee(ada, **changed))

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert everything() == before


def test_a_reference_of_another_fee_is_refused(machine, ada, ladder):
    machine.send("paid-tiers", a_fee(ada))
    before = everything()

    answer = machine.send("paid-tiers", a_fee(ada, tier="gold"))

    assert (answer.status_code, answer.json()["code"]) == (409, "reference_reused")
    assert everything() == before


def test_a_challenge_lifts_at_once_and_is_not_tried_twice(machine, ada, ladder):
    wish = {"customer": ada.number, "ladder": "club"}

    first, again = machine.send("tier-challenges", wish), machine.send("tier-challenges", wish)

    assert (first.status_code, first.json()["tier"], first.json()["cause"]) == (201, "gold", "CHALLENGE")
    assert held(ada).startswith("gold to ")
    assert (again.status_code, again.json()["code"]) == (422, "challenge_too_soon")
    assert TierGrant.objects.count() == 1


def test_members_of_other_programmes_are_not_lifted(ada, ladder):
    stranger = a_machine(a_programme("stranger"))
    before = everything()

    fee = stranger.send("paid-tiers", a_fee(ada))
    trial = stranger.send("tier-challenges", {"customer": ada.number, "ladder": "club"})

    assert (fee.status_code, trial.status_code) == (404, 404)
    assert everything() == before


def test_who_may_only_read_gives_nothing(bakery, ladder):
    reader = a_machine(bakery, Scope.MEMBERS_READ)
    bob = a_member(bakery, "bob")

    assert reader.send("paid-tiers", a_fee(bob)).status_code == 403
    assert held(bob) == ""
