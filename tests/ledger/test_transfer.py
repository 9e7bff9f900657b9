"""What members send each other: bounds, fees, limits, and offers that end once (docs/algorithms/transfers.md)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction

from ledger import services as ledger
from ledger import transfers
from ledger.errors import (
    InsufficientPoints,
    ReferenceReused,
    TransferAmountRefused,
    TransferFeeChanged,
    TransferLimitReached,
    TransferNotOffered,
    WalletsNotApart,
)
from ledger.models import Lot
from ledger.policies import Decay, Policy
from ledger.sending import TransferRules
from ledger.services import ClawBack, NewTransfer
from tests.ledger import books, tables
from tests.ledger.books import DAY, NOON, SECOND, Figures
from tests.ledger.sending import accept, decline, may_be_sent, offer, send, withdraw

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def anna(wallet_with):
    return wallet_with(100)


@pytest.fixture
def ben(wallet_with):
    return wallet_with(0)


@pytest.fixture
def by_consent(unit):
    """What is sent waits for the receiver."""
    may_be_sent(unit, needs_acceptance=True)


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def number(text):
    return int(text) if text else None


def ends(wallet):
    found = Lot.objects.filter(wallet_id=wallet.wallet_id).order_by("pk")
    return list(found.values_list("remaining", "expires_at"))


# -- at once


def test_what_is_sent_at_once_is_there_with_its_ends(unit, ben, wallet_with):
    may_be_sent(unit, fee_fixed=2)
    anna = wallet_with(0)
    anna.earn(40, until=NOON + 3 * DAY)
    anna.earn(60, until=NOON + 9 * DAY)

    sent = send(anna, ben, 90, message="For the cake")

    row = sent.transfer
    assert (sent.fresh, row.state, row.fee, row.message) == (True, "DONE", 2, "For the cake")
    assert (row.ended_at, row.ends_at, row.hold_id) == (NOON, None, None)
    assert (anna.figures(), ben.figures()) == (Figures(8), Figures(90))
    assert ends(ben) == [(38, NOON + 3 * DAY), (52, NOON + 9 * DAY)]
    assert books.totals(unit) == {"ISSUANCE": -100, "MEMBER": 98, "FEE": 2}


def test_a_repeat_sends_nothing_more_even_if_nobody_may_send_by_then(unit, anna, ben):
    may_be_sent(unit)
    first = send(anna, ben, 60, ref="1")
    may_be_sent(unit, is_offered=False)

    again = send(anna, ben, 60, ref="1")

    assert (again.transfer, again.fresh) == (first.transfer, False)
    assert (anna.figures(), ben.figures()) == (Figures(40), Figures(60))


@pytest.mark.parametrize(("amount", "message", "back"), [(61, "", False), (60, "Hi", False), (60, "", True)])
def test_a_reference_that_stands_for_another_transfer_is_refused(amount, message, back, unit, anna, wallet_with):
    may_be_sent(unit)
    ben = wallet_with(100)
    send(anna, ben, 60, ref="1")

    with books.unchanged(), pytest.raises(ReferenceReused):
        send(*((ben, anna) if back else (anna, ben)), amount, ref="1", message=message)


def test_nothing_is_sent_where_it_is_not_offered(unit, anna, ben):
    with books.unchanged(), pytest.raises(TransferNotOffered):
        send(anna, ben, 10)
    may_be_sent(unit, is_offered=False)
    with books.unchanged(), pytest.raises(TransferNotOffered):
        send(anna, ben, 10)


def test_nobody_sends_to_himself(unit, anna):
    may_be_sent(unit)

    with books.unchanged(), pytest.raises(WalletsNotApart):
        send(anna, anna, 10)


def test_more_than_there_is_with_the_fee_is_refused(unit, anna, ben):
    may_be_sent(unit, fee_fixed=1)

    with books.unchanged(), pytest.raises(InsufficientPoints) as refusal:
        send(anna, ben, 100)

    assert refusal.value.facts == {"required": 101, "spendable": 100}


def test_a_fee_that_is_not_what_was_told_is_refused(unit, anna, ben):
    may_be_sent(unit, fee_fixed=3)

    with books.unchanged(), pytest.raises(TransferFeeChanged) as refusal:
        send(anna, ben, 10, fee=2)

    assert refusal.value.facts == {"told": 2, "fee": 3}
    assert send(anna, ben, 10, fee=3).transfer.fee == 3


def test_who_receives_and_owes_has_less(unit, anna, ben):
    may_be_sent(unit)
    earning = ben.earn(30)
    ben.spend(30)
    ben.claw_back(earning, 30)

    send(anna, ben, 50)

    assert ben.figures() == Figures(20)


def test_a_transfer_is_no_earning_that_could_be_taken_back(unit, anna, ben):
    """PC-080."""
    may_be_sent(unit)
    posting = send(anna, ben, 50).transfer.posting_id

    claim = ClawBack(posting, ben.wallet_id, 50, "test", "1", NOON)

    with books.unchanged(), pytest.raises(DatabaseError, match="no rows"), transaction.atomic():
        ledger.claw_back(claim=claim, actor="test")


def test_who_was_silent_for_long_sends_what_that_left(unit, anna, ben):
    books.says(unit, Policy(decay=Decay(after_weeks=1, share_permille=500, fixed=0)))
    may_be_sent(unit)

    with books.unchanged(), pytest.raises(InsufficientPoints), transaction.atomic():
        send(anna, ben, 51, at=NOON + 14 * DAY)
    send(anna, ben, 50, at=NOON + 14 * DAY)

    assert (anna.figures(NOON + 14 * DAY), ben.figures(NOON + 14 * DAY)) == (Figures(), Figures(50))


# -- what one may be and costs


@pytest.mark.parametrize("row", tables.rows("transfers.md", "least"), ids=lambda row: " ".join(row.values()))
def test_bounds_and_fees_are_as_documented(row, unit, ben, wallet_with):
    fees = {"fee_fixed": int(row["fixed fee"]), "fee_permille": int(row["per mille"])}
    may_be_sent(unit, minimum=int(row["least"]), maximum=number(row["greatest"]), step=int(row["step"]), **fees)
    anna = wallet_with(2000)

    if row["then"] == "refused":
        with books.unchanged(), pytest.raises(TransferAmountRefused):
            send(anna, ben, int(row["sent"]))
    else:
        fee = send(anna, ben, int(row["sent"])).transfer.fee
        assert row["then"] == f"fee {fee}, costs {2000 - anna.figures().spendable}"
        assert ben.figures() == Figures(int(row["sent"]))


@pytest.mark.parametrize("row", tables.rows("transfers.md", "has"), ids=lambda row: " ".join(row.values()))
def test_the_most_is_as_documented_and_one_step_more_is_too_much(row):
    rules = TransferRules(
        maximum=number(row["greatest"]),
        step=int(row["step"]),
        fee_fixed=int(row["fixed fee"]),
        fee_permille=int(row["per mille"]),
    )
    has, left = int(row["has"]), number(row["left of the month"])

    most = rules.most(spendable=has, left=left)

    more = most + rules.step
    assert most == int(row["most"])
    assert more + rules.fee(more) > has or more > (left or more) or not rules.fits(more)
    assert most == 0 or most + rules.fee(most) <= has


@pytest.mark.parametrize("decimals", [0, 2])
def test_what_is_shown_before_is_what_arrives(decimals, programme):
    unit = books.a_unit(programme, "credit", decimals=decimals)
    may_be_sent(unit, fee_permille=100)
    anna, ben = books.a_wallet(unit), books.a_wallet(unit)
    for amount, until in ((5, NOON + DAY), (30, NOON + 2 * DAY), (30, NOON + 2 * DAY), (100, None)):
        anna.earn(amount, at=NOON - 2 * DAY, until=until)
    anna.hold(10, at=NOON - DAY, until=NOON)
    anna.hold(10, until=NOON + DAY)

    shown = transfers.parts_to_send(anna.wallet_id, unit, amount=100, fee=10, at=NOON)
    send(anna, ben, 100)

    arrived: dict[datetime | None, int] = {}
    for amount, until in ends(ben):
        arrived[until] = arrived.get(until, 0) + amount
    assert [(part.expires_at, part.amount) for part in shown] == list(arrived.items())


@pytest.mark.parametrize("order", ["SOONEST", "NEWEST"])
def test_what_is_shown_before_follows_the_order_of_spending(order, unit, ben, wallet_with):
    unit.spend_order = order
    unit.save()
    may_be_sent(unit)
    anna = wallet_with(0)
    for amount, until in ((40, NOON + 2 * DAY), (40, NOON + DAY), (40, None)):
        anna.earn(amount, until=until)

    shown = transfers.parts_to_send(anna.wallet_id, unit, amount=60, fee=0, at=NOON)
    send(anna, ben, 60)

    assert [(part.amount, part.expires_at) for part in shown] == ends(ben)


# -- limits


def test_a_month_has_its_limit_and_the_next_one_its_own(unit, anna, ben):
    may_be_sent(unit, sent_monthly=50)
    send(anna, ben, 30, at=local("2026-03-31 23:59"))

    with books.unchanged(), pytest.raises(TransferLimitReached) as refusal:
        send(anna, ben, 21, at=local("2026-03-31 23:59"))
    send(anna, ben, 20, at=local("2026-03-31 23:59"))
    send(anna, ben, 50, at=local("2026-04-01 00:00"))

    assert refusal.value.facts == {"limit": "sent_this_month", "at_most": 50, "used": 30, "left": 20, "asked": 21}
    assert ben.figures(NOON + 60 * DAY) == Figures(100)


def test_a_day_has_its_limit_of_transfers_and_the_next_one_its_own(unit, anna, ben):
    may_be_sent(unit, made_daily=2)
    late = local("2026-03-29 23:59:59")  # a day of 23 hours
    send(anna, ben, 1, at=local("2026-03-29 00:00"))
    send(anna, ben, 1, at=late)

    with books.unchanged(), pytest.raises(TransferLimitReached) as refusal:
        send(anna, ben, 1, at=late)
    send(anna, ben, 1, at=late + SECOND)

    assert refusal.value.facts == {"limit": "made_today", "at_most": 2, "used": 2, "left": 0, "asked": 1}


def test_what_is_received_in_a_month_has_its_limit(unit, anna, ben, wallet_with):
    may_be_sent(unit, received_monthly=50)
    carl = wallet_with(100)
    send(anna, ben, 30)

    with books.unchanged(), pytest.raises(TransferLimitReached) as refusal:
        send(carl, ben, 21)
    send(carl, ben, 20)

    assert refusal.value.facts == {"limit": "received_this_month", "at_most": 50, "used": 30, "left": 20, "asked": 21}


def test_open_offers_count_and_those_that_came_to_nothing_do_not(unit, anna, ben):
    may_be_sent(unit, needs_acceptance=True, sent_monthly=100, received_monthly=100)
    withdraw(offer(anna, ben, 60))
    decline(offer(anna, ben, 60))
    offer(anna, ben, 60)

    with books.unchanged(), pytest.raises(TransferLimitReached) as refusal:
        send(anna, ben, 41)
    allowance = transfers.allowance_of(
        anna.wallet_id, unit, transfers.rules_of(unit), programme=unit.programme, at=NOON
    )

    assert (refusal.value.facts["limit"], refusal.value.facts["used"]) == ("sent_this_month", 60)
    assert (allowance.sent, allowance.left, allowance.made, allowance.most) == (60, 40, 3, 40)


def test_an_offer_withdrawn_goes_on_counting_among_the_transfers_of_its_day(unit, anna, ben):
    may_be_sent(unit, needs_acceptance=True, made_daily=1)
    withdraw(offer(anna, ben, 10))

    with books.unchanged(), pytest.raises(TransferLimitReached):
        send(anna, ben, 10)
    allowance = transfers.allowance_of(
        anna.wallet_id, unit, transfers.rules_of(unit), programme=unit.programme, at=NOON
    )

    assert (allowance.transfers_left, allowance.most) == (0, 0)


def test_what_was_offered_in_one_month_counts_in_the_one_in_which_it_arrives(unit, ben, wallet_with):
    may_be_sent(unit, needs_acceptance=True, received_monthly=100)
    march, april = local("2026-03-31 12:00"), local("2026-04-01 12:00")
    anna, carl = wallet_with(500), wallet_with(500)
    first, second = offer(anna, ben, 60, at=march), offer(carl, ben, 40, at=march)
    accept(first, at=march)
    accept(offer(carl, ben, 60, at=april), at=april)
    may_be_sent(unit, needs_acceptance=True, received_monthly=99)

    with books.unchanged(), pytest.raises(TransferLimitReached) as refusal:
        accept(second, at=april)

    assert refusal.value.facts == {"limit": "received_this_month", "at_most": 99, "used": 60, "left": 39, "asked": 40}
    second.refresh_from_db()
    assert second.state == "OFFERED"


def test_who_sent_is_kept_as_far_as_there_is_room(unit, anna, ben):
    asked = NewTransfer(anna.wallet_id, ben.wallet_id, unit, 5)
    may_be_sent(unit)

    sent = ledger.send(
        asked=asked, programme=unit.programme, source="a", reference="1", at=NOON + timedelta(hours=1), actor="x" * 99
    )

    assert (sent.transfer.programme_id, sent.transfer.made_by) == (unit.programme_id, "x" * 60)
