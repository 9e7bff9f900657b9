"""What members send each other: bounds, fees, limits, and offers that end once (docs/algorithms/transfers.md)."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from ledger import services as ledger
from ledger import transfers
from ledger.errors import (
    InsufficientPoints,
    ReferenceReused,
    TransferAmountRefused,
    TransferFeeChanged,
    TransferLimitReached,
    TransferNotOffered,
    TransferNotOpen,
    UnitNotMovable,
    WalletsNotApart,
)
from ledger.models import Hold, Lot, LotOrigin, Transfer, TransferTerms
from ledger.policies import Decay, Policy
from ledger.sending import TransferRules
from ledger.services import ClawBack, NewTransfer
from tests.crowd import at_once
from tests.ledger import books, tables
from tests.ledger.books import DAY, NOON, SECOND, Figures
from tests.ledger.sending import accept, decline, lapse, may_be_sent, offer, send, withdraw

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

    arrived = {}
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


# -- offers


def test_an_offer_keeps_its_points_and_gives_exactly_those(unit, by_consent, ben, wallet_with):
    may_be_sent(unit, needs_acceptance=True, fee_fixed=5)
    anna = wallet_with(0)
    anna.earn(30, until=NOON + 20 * DAY)
    anna.earn(100, until=NOON + 30 * DAY)

    made = offer(anna, ben, 50)
    anna.earn(40, until=NOON + 10 * DAY)

    assert (anna.figures(), ben.figures()) == (Figures(115, reserved=55), Figures())
    assert [(part.amount, part.expires_at) for part in transfers.parts_of(made)] == [
        (25, NOON + 20 * DAY),
        (25, NOON + 30 * DAY),
    ]
    taken = accept(made, at=NOON + DAY)
    assert (taken.fresh, taken.transfer.state, taken.transfer.ended_by) == (True, "ACCEPTED", "receiver")
    assert (anna.figures(), ben.figures()) == (Figures(115), Figures(50))
    assert ends(ben) == [(25, NOON + 20 * DAY), (25, NOON + 30 * DAY)]
    assert LotOrigin.objects.count() == 2
    assert Hold.objects.get().state == "RELEASED"


@pytest.mark.parametrize(("end", "state"), [(decline, "DECLINED"), (withdraw, "WITHDRAWN")])
def test_a_no_frees_the_points(end, state, by_consent, anna, ben):
    made = offer(anna, ben, 60)

    ended = end(made, at=NOON + DAY)

    assert (ended.fresh, ended.transfer.state, ended.transfer.ended_at) == (True, state, NOON + DAY)
    assert (anna.figures(), ben.figures()) == (Figures(100), Figures())


def test_what_comes_free_goes_against_arrears(by_consent, ben, wallet_with):
    anna = wallet_with(0)
    earning = anna.earn(60)
    made = offer(anna, ben, 60)
    anna.claw_back(earning, 60)

    decline(made)

    assert anna.figures() == Figures()
    assert anna.left() == [0]


@pytest.mark.parametrize("first", [accept, decline, withdraw])
@pytest.mark.parametrize("then", [accept, decline, withdraw])
def test_an_offer_ends_once_and_a_repeat_changes_nothing(first, then, by_consent, anna, ben):
    made = offer(anna, ben, 60)
    ended = first(made).transfer

    with books.unchanged():
        if first is then:
            assert then(made, at=NOON + DAY).fresh is False
        else:
            with pytest.raises(TransferNotOpen) as refusal:
                then(made, at=NOON + DAY)
            assert refusal.value.facts == {"transfer": made.pk, "state": ended.state, "ended_at": NOON}


@pytest.mark.parametrize("row", tables.rows("transfers.md", "days to accept"), ids=lambda row: " ".join(row.values()))
def test_offers_end_as_documented(row, unit, ben, wallet_with):
    may_be_sent(unit, needs_acceptance=True, days_to_accept=int(row["days to accept"]))
    until = local(row["first lot expires"]) if row["first lot expires"] else None
    anna = wallet_with(0)
    anna.earn(10, at=local(row["offered at"]), until=until)
    anna.earn(10, at=local(row["offered at"]), until=local("2027-01-01"))

    made = offer(anna, ben, 20, at=local(row["offered at"]))

    assert made.ends_at == local(row["open until"])
    assert made.is_open(made.ends_at - SECOND)
    assert not made.is_open(made.ends_at)


@pytest.mark.parametrize("end", [accept, decline, withdraw])
def test_what_has_lapsed_is_free_and_can_not_be_ended_otherwise(end, unit, anna, ben):
    may_be_sent(unit, needs_acceptance=True, days_to_accept=1)
    made = offer(anna, ben, 60)

    with pytest.raises(TransferNotOpen) as refusal:
        end(made, at=made.ends_at)

    assert refusal.value.facts == {"transfer": made.pk, "state": "LAPSED", "ended_at": made.ends_at}
    assert (anna.figures(made.ends_at), ben.figures(made.ends_at)) == (Figures(100), Figures())
    anna.spend(100, at=made.ends_at)
    made.refresh_from_db()
    assert (made.state, made.state_at(made.ends_at)) == ("OFFERED", "LAPSED")


def test_the_night_writes_down_what_lapsed_once(unit, programme, anna, ben):
    may_be_sent(unit, needs_acceptance=True, days_to_accept=1)
    over, open_still = offer(anna, ben, 60), offer(anna, ben, 10, at=NOON + DAY)

    assert lapse(programme, at=over.ends_at) == [over.pk]
    assert lapse(programme, at=over.ends_at) == []

    over.refresh_from_db()
    open_still.refresh_from_db()
    assert (over.state, over.ended_at, over.ended_by) == ("LAPSED", over.ends_at, "night")
    assert open_still.state == "OFFERED"
    assert anna.figures(over.ends_at) == Figures(90, reserved=10)


def test_points_expire_under_an_offer_as_without_it(unit, by_consent, ben, wallet_with):
    anna = wallet_with(100, until=NOON + DAY)
    made = offer(anna, ben, 100)

    with pytest.raises(TransferNotOpen):
        accept(made, at=NOON + DAY)
    books.expire_all(NOON + DAY)

    assert books.totals(unit) == {"ISSUANCE": -100, "BREAKAGE": 100}
    assert (anna.figures(NOON + DAY), ben.figures(NOON + DAY)) == (Figures(), Figures())


def test_an_offer_can_be_accepted_after_members_may_send_no_more(unit, by_consent, anna, ben):
    made = offer(anna, ben, 60)
    may_be_sent(unit, is_offered=False)

    accept(made)

    assert ben.figures() == Figures(60)


def test_both_read_open_offers_the_first_to_end_first(unit, by_consent, anna, ben, wallet_with):
    long = offer(anna, ben, 10)
    short = offer(wallet_with(10, until=NOON + DAY), ben, 10)
    withdraw(offer(anna, ben, 10))

    assert transfers.open_offers(ben.wallet_id, at=NOON) == [short, long]
    assert transfers.open_offers(anna.wallet_id, at=NOON) == [long]
    assert transfers.open_offers(ben.wallet_id, at=NOON + DAY) == [long]
    assert transfers.transfers_of(anna.wallet_id).count() == 2


# -- what the database refuses, whoever writes


def test_qualifying_points_have_no_terms_and_are_not_sent(programme):
    status = books.a_unit(programme, "status", klass="QUALIFYING")
    anna, ben = books.a_wallet(status, 10), books.a_wallet(status)

    with pytest.raises(UnitNotMovable):
        may_be_sent(status)
    with books.unchanged(), pytest.raises(TransferNotOffered):
        send(anna, ben, 5)
    with pytest.raises(IntegrityError, match="qualifying"), transaction.atomic():
        TransferTerms.objects.create(unit=status)
    for until in (None, NOON + DAY):
        with books.unchanged(), pytest.raises(IntegrityError, match="qualifying"), transaction.atomic():
            _ask_the_database(anna, ben, until)
    assert Transfer.objects.count() == 0


def test_nothing_is_sent_to_another_programme(unit, anna):
    may_be_sent(unit)
    stranger = books.a_wallet(books.a_unit(books.a_programme("butcher")))

    with books.unchanged(), pytest.raises(IntegrityError), transaction.atomic():
        send(anna, replace(stranger, unit=unit), 10)


def _ask_the_database(giver, receiver, until):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_send(%s, %s, %s, 5, 0, '', 'test', '1', %s, %s, 'test', 'UTC', NULL, NULL, NULL)",
            [giver.wallet_id, receiver.wallet_id, giver.unit.pk, NOON, until],
        )


@pytest.mark.parametrize(
    "change",
    ["amount = 1", "message = 'x'", "ends_at = ends_at + interval '1 day'", "state = 'DONE'", "state = 'OFFERED'"],
)
def test_an_offer_never_changes_what_it_offers(change, by_consent, anna, ben):
    made = offer(anna, ben, 60)

    with books.unchanged(), pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE ledger_transfer SET {change} WHERE id = %s", [made.pk])


def test_what_has_ended_stays_as_it_ended(by_consent, anna, ben):
    made = offer(anna, ben, 60)
    decline(made)

    with pytest.raises(IntegrityError, match="ends once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_transfer SET state = 'LAPSED', ended_at = ends_at WHERE id = %s", [made.pk])
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_transfer")


@pytest.mark.parametrize(
    "broken",
    [
        "UPDATE ledger_transfer SET amount = amount - 1, fee = fee + 1 WHERE state = 'ACCEPTED'",
        "DELETE FROM ledger_transfer WHERE state = 'DONE'",
        "DELETE FROM ledger_transfer WHERE state = 'OFFERED'",
        "UPDATE ledger_transfer SET state = 'WITHDRAWN', ended_at = made_at WHERE state = 'OFFERED'",
        "UPDATE ledger_hold SET state = 'RELEASED', closed_at = held_at WHERE state = 'HELD'",
        "UPDATE ledger_hold SET expires_at = expires_at + interval '1 day' WHERE state = 'HELD'",
        "UPDATE ledger_lot SET expires_at = '2026-03-03' WHERE reserved > 0",
    ],
)
def test_verifying_finds_a_row_that_books_do_not_bear_out(broken, breaking, unit, anna, ben):
    may_be_sent(unit)
    send(anna, ben, 10)
    may_be_sent(unit, needs_acceptance=True, fee_fixed=1)
    accept(offer(anna, ben, 20))
    offer(anna, ben, 30)
    assert books.findings() == []

    breaking(broken)

    names = [finding.check for finding in books.findings()]
    assert "every transfer between members moved or keeps exactly what its row says" in names


# -- many at once


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_twenty_who_send_all_points_at_once_one_does(unit):
    """PC-214."""
    may_be_sent(unit)
    anna, others = books.a_wallet(unit, 100), [books.a_wallet(unit) for _ in range(20)]

    answers = at_once(20, lambda number: send(anna, others[number], 100))

    assert sum(isinstance(answer, InsufficientPoints) for answer in answers) == 19
    assert sorted(wallet.figures().spendable for wallet in others) == [0] * 19 + [100]


@pytest.mark.parametrize(
    ("limit", "at_most", "through"), [("sent_monthly", 55, 5), ("made_daily", 7, 7), ("received_monthly", 55, 5)]
)
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_limits_are_exact_under_sixty_four_at_once(limit, at_most, through, unit):
    may_be_sent(unit, needs_acceptance=True, **{limit: at_most})
    many = [books.a_wallet(unit, 1000) for _ in range(8)]
    one = books.a_wallet(unit, 1000)
    receives = limit == "received_monthly"

    answers = at_once(64, lambda number: send(*((many[number % 8], one) if receives else (one, many[number % 8])), 10))

    assert sum(isinstance(answer, TransferLimitReached) for answer in answers) == 64 - through
    assert Transfer.objects.count() == through


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_same_request_many_times_at_once_is_sent_once(unit):
    may_be_sent(unit)
    anna, ben = books.a_wallet(unit, 100), books.a_wallet(unit)

    answers = at_once(8, lambda _number: send(anna, ben, 10, ref="1"))

    assert sum(answer.fresh for answer in answers) == 1
    assert {answer.transfer.pk for answer in answers} == {Transfer.objects.get().pk}
    assert ben.figures() == Figures(10)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_same_reference_of_many_wallets_at_once_is_one_of_them(unit):
    may_be_sent(unit)
    givers, ben = [books.a_wallet(unit, 100) for _ in range(8)], [books.a_wallet(unit) for _ in range(8)]

    answers = at_once(8, lambda number: send(givers[number], ben[number], 10, ref="1"))

    assert sum(isinstance(answer, ReferenceReused) for answer in answers) == 7
    assert sum(wallet.figures().spendable for wallet in ben) == 10


@pytest.mark.parametrize("others", [(accept,), (accept, withdraw), (accept, decline, withdraw)])
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_those_who_end_an_offer_at_once_one_does(others, unit):
    may_be_sent(unit, needs_acceptance=True)
    anna, ben = books.a_wallet(unit, 100), books.a_wallet(unit)
    made = [offer(anna, ben, 10) for _ in range(4)]

    answers = at_once(24, lambda number: others[number % len(others)](made[number % 4]))

    fresh = [answer.transfer for answer in answers if not isinstance(answer, Exception) and answer.fresh]
    assert sorted(row.pk for row in fresh) == [row.pk for row in made]
    accepted = sum(row.state == "ACCEPTED" for row in fresh)
    assert (anna.figures(), ben.figures()) == (Figures(100 - 10 * accepted), Figures(10 * accepted))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_what_is_offered_is_not_spent_at_the_same_moment(unit):
    may_be_sent(unit, needs_acceptance=True)
    anna, ben = books.a_wallet(unit, 100), books.a_wallet(unit)

    answers = at_once(10, lambda number: anna.spend(30) if number % 2 else send(anna, ben, 30))

    assert sum(isinstance(answer, InsufficientPoints) for answer in answers) == 7
    figures = anna.figures()
    assert figures.reserved == 30 * Transfer.objects.count()
    assert figures.spendable == 10


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_who_accept_from_each_other_do_not_wait_for_each_other_for_ever(unit):
    may_be_sent(unit, needs_acceptance=True)
    ring = [books.a_wallet(unit, 1000) for _ in range(4)]

    def turn(number):
        for step in range(6):
            giver, receiver = ring[number % 4], ring[(number + 1 + step % 3) % 4]
            (accept if step % 3 else withdraw)(offer(giver, receiver, 7))

    assert at_once(16, turn) == [None] * 16
    assert sum(wallet.figures().spendable for wallet in ring) == 4000


def test_who_sent_is_kept_as_far_as_there_is_room(unit, anna, ben):
    asked = NewTransfer(anna.wallet_id, ben.wallet_id, unit, 5)
    may_be_sent(unit)

    sent = ledger.send(
        asked=asked, programme=unit.programme, source="a", reference="1", at=NOON + timedelta(hours=1), actor="x" * 99
    )

    assert (sent.transfer.programme_id, sent.transfer.made_by) == (unit.programme_id, "x" * 60)
