"""What members send each other: offers that keep their points, and end once (docs/algorithms/transfers.md)."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from ledger import transfers
from ledger.errors import (
    TransferNotOffered,
    TransferNotOpen,
    UnitNotMovable,
)
from ledger.models import Hold, Lot, LotOrigin, Transfer, TransferTerms
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


# -- offers


def test_an_offer_keeps_its_points_and_gives_exactly_those(unit, by_consent, ben, wallet_with):
    may_be_sent(unit, needs_acceptance=True, fee_fixed=5)
    anna = wallet_with(0)
    anna.earn(30, until=NOON + 20 * DAY)
    anna.earn(100, until=NOON + 30 * DAY)

    made = offer(anna, ben, 50)
    anna.earn(40, until=NOON + 10 * DAY)

    assert (anna.figures(), ben.figures()) == (Figures(115, reserved=55), Figures())
    assert [(part.amount, part.expires_at) for part in transfers.parts_of([made])[made.pk]] == [
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


@pytest.mark.parametrize("answer", [accept, decline, withdraw])
def test_an_answer_too_late_is_refused_and_what_came_free_goes_against_arrears(answer, by_consent, ben, wallet_with):
    anna = wallet_with(0)
    earning = anna.earn(60)
    made = offer(anna, ben, 60)
    anna.claw_back(earning, 60)

    with pytest.raises(TransferNotOpen):
        answer(made, at=made.ends_at)

    assert (anna.figures(at=made.ends_at), ben.figures()) == (Figures(), Figures())
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
