"""Adjustments of members: nobody's own, and told when they are posted."""

from datetime import timedelta

import pytest

from events.models import OutboxEvent
from ledger import services as ledger
from ledger.adjustments import Adjustment
from ledger.errors import InsufficientPoints
from ledger.queries import balances_of, unit_of
from ledger.services import AdjustmentDraft, AdjustmentPart, Requester
from members import adjusting
from members.errors import OwnAccount
from members.models import Member
from members.services import enrol
from members.tasks import post_adjustments
from tests.campaigns import trade
from tests.campaigns.trade import NOON
from tests.ledger import asking

UNTIL = NOON + timedelta(days=30)


@pytest.fixture
def grocer(db):
    return trade.a_programme()


@pytest.fixture
def office(grocer):
    return asking.an_office(grocer)


@pytest.fixture
def ada(grocer):
    return trade.a_member(grocer)


def ask(office, *parts, by=None, programme=None):
    who = by or office.support
    programme = programme or Member.objects.get(wallet_id=parts[0].wallet_id).programme
    draft = AdjustmentDraft(unit_of(programme.pk, "points").pk, "COMPLAINT", "For your patience", parts)
    reference = f"form {Adjustment.objects.count()}"
    asked = adjusting.ask(programme=programme, draft=draft, by=Requester(str(who), who.pk, "desk", reference), at=NOON)
    return Adjustment.objects.get(pk=asked.adjustment_id)


def approve(adjustment, by):
    digest = bytes(adjustment.payload_sha256)
    adjusting.approve(adjustment=adjustment, payload_sha256=digest, by=by, at=NOON)


def facts():
    return [(event.type, event.payload) for event in OutboxEvent.objects.filter(type="points.adjusted").order_by("pk")]


def spendable(member):
    (balance,) = balances_of(member.wallet_id, at=NOON)
    return balance.spendable


def test_what_is_posted_is_told_with_the_members_number(office, ada):
    adjustment = ask(office, AdjustmentPart(ada.wallet_id, 250, UNTIL))
    assert facts() == []

    approve(adjustment, office.approver)

    posting = trade.entries_of(ada.wallet_id)[0].posting_id
    assert facts() == [
        (
            "points.adjusted",
            {
                "member": ada.number,
                "adjustment": adjustment.pk,
                "reason": "COMPLAINT",
                "posting": posting,
                "unit": "points",
                "amount": "250",
                "expires_at": UNTIL.isoformat(),
            },
        )
    ]


def test_what_is_refused_is_told_to_nobody(office, ada):
    adjustment = ask(office, AdjustmentPart(ada.wallet_id, 50))
    approve(adjustment, office.approver)
    taking = ask(office, AdjustmentPart(ada.wallet_id, -50))
    trade.spend(ada, 10)

    with pytest.raises(InsufficientPoints) as refusal:
        approve(taking, office.approver)

    assert refusal.value.facts == {"required": 50, "spendable": 40, "member": ada.number}
    assert len(facts()) == 1


@pytest.mark.parametrize("role", ["support", "approver"])
def test_nobody_adjusts_their_own_points(role, office, grocer):
    person = getattr(office, role)
    own = enrol(programme=grocer, at=NOON, name="Own", user=person)

    with pytest.raises(OwnAccount) as refusal:
        approve(ask(office, AdjustmentPart(own.wallet_id, 250)), office.approver)

    assert refusal.value.facts == {"member": own.number}
    assert spendable(own) == 0


def test_the_worker_posts_what_was_approved_and_tells_of_each_line(office, grocer):
    members = [enrol(programme=grocer, at=NOON, identifiers=[("till", str(number))]) for number in range(3)]
    adjustment = ask(office, *[AdjustmentPart(member.wallet_id, 20) for member in members])
    ledger.approve_adjustment(
        adjustment_id=adjustment.pk,
        payload_sha256=bytes(adjustment.payload_sha256),
        by_id=office.approver.pk,
        name="Avery",
        at=NOON,
        at_once=0,
    )

    assert post_adjustments() == 3

    assert sorted(payload["member"] for _type, payload in facts()) == sorted(member.number for member in members)
    assert [adjustment.posting.actor for adjustment in adjusting.lines_of(adjustment).select_related("posting")] == [
        "Avery"
    ] * 3
    assert post_adjustments() == 0
