"""What is written into the outbox is what the catalogue says."""

from datetime import timedelta

import msgspec
import pytest

from campaigns import services as campaigns
from campaigns.models import Campaign
from events.catalogue import PUBLIC, TYPES
from events.models import OutboxEvent
from rewards import services as rewards
from tests.counter import people
from tests.integrations.shopkeepers import NOON, an_order


def check_all() -> set[str]:
    """Every fact in the outbox is read as its declared payload; returns which types there were."""
    for event in OutboxEvent.objects.all():
        msgspec.convert(event.payload, TYPES[event.type].payload)
    return set(OutboxEvent.objects.values_list("type", flat=True))


def test_orders_and_returns_tell_what_is_declared(machine):
    machine.send("orders", an_order())
    machine.send(
        "returns",
        {
            "source": "webshop",
            "reference": "r1",
            "returned_at": "2026-03-20T09:00:00Z",
            "order_reference": "1",
            "lines": [{"line": 1, "quantity": 1}],
        },
    )

    assert check_all() == {
        "member.enrolled",
        "campaign.published",
        "order.accepted",
        "points.accrued",
        "return.accepted",
        "points.clawed_back",
    }


def test_a_guests_order_tells_what_is_declared(machine):
    machine.send("orders", an_order(customer=None))

    assert "order.accepted" in check_all()


def test_switching_a_campaign_tells_what_is_declared(machine):
    campaign = Campaign.objects.get()

    campaigns.stop_campaign(campaign=campaign, by="eva", at=NOON)
    campaigns.resume_campaign(campaign=campaign, by="eva", at=NOON)

    assert check_all() >= {"campaign.stopped", "campaign.resumed"}


def test_a_visit_to_a_till_tells_what_is_declared(db):
    bakery = people.a_programme()
    shop = people.a_shop(bakery)
    eva = people.somebody("Eva", shop)
    till = people.a_till(shop, eva)
    ada = people.a_member(bakery, points=700)
    people.a_reward(bakery)
    taken = people.ask_for(ada, till)
    rewards.confirm(redemption_id=taken.pk, member=ada, at=people.NOON)
    rewards.undo(redemption_id=taken.pk, by=eva, at=people.NOON)
    declined = people.ask_for(ada, till, key="press 2", nonce="scan 2", at=people.NOON + timedelta(minutes=5))

    rewards.decline(redemption_id=declined.pk, member=ada, at=people.NOON + timedelta(minutes=5))

    assert check_all() >= {"visit.opened", "reward.reserved", "reward.redeemed", "reward.refunded", "reward.released"}


@pytest.mark.parametrize("name", sorted(TYPES))
def test_a_type_is_a_noun_and_a_verb_in_the_past_tense(name):
    noun, _, verb = name.partition(".")

    assert noun.isidentifier()
    assert verb.endswith(("ed", "ed_back", "withdrawn", "done", "left"))


def test_what_names_staff_stays_in_the_house():
    naming_staff = {name for name, event in TYPES.items() if "by" in event.payload.__struct_fields__}

    assert naming_staff
    assert not naming_staff & PUBLIC
