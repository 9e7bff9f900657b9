"""A file of adjustments: read whole, or refused with every fault in its place."""

import pytest

from kernel.periods import end_of_day
from ledger.queries import unit_of
from ledger.services import open_unit
from members import adjustment_file
from members.adjustment_file import Fault, Reading
from members.services import enrol
from tests.campaigns import trade
from tests.campaigns.trade import NOON

NUMBER_EXPECTED = "a number such as 250 or -100"


@pytest.fixture
def grocer(db):
    return trade.a_programme()


@pytest.fixture
def unit(grocer):
    return unit_of(grocer.pk, "points")


@pytest.fixture
def ada(grocer):
    trade.a_campaign(grocer)
    ada = trade.a_member(grocer)
    trade.buy(grocer, 100_00)
    return ada


@pytest.fixture
def ben(grocer):
    return enrol(programme=grocer, at=NOON, name="Ben")


@pytest.fixture
def read(grocer, unit):
    return lambda text, unit=unit: adjustment_file.read(text, programme=grocer, unit=unit, at=NOON)


def test_a_file_becomes_the_parts_of_one_request(read, grocer, ada, ben):
    text = (
        "Member;Amount;Last_Day;Text\r\n"
        f"{ada.number};-100;;Booked twice\r\n"
        "\r\n"
        f"{ben.number[:4]} {ben.number[4:]};+250;2026-12-31;\r\n"
    )

    reading = read(text)

    assert (reading.rows, reading.plus, reading.minus, reading.largest) == (2, 250, 100, 250)
    assert [(part.wallet_id, part.amount, part.wording) for part in reading.parts] == [
        (ada.wallet_id, -100, "Booked twice"),
        (ben.wallet_id, 250, ""),
    ]
    assert reading.parts[1].expires_at == end_of_day(NOON.date().replace(month=12, day=31), grocer.zone)
    assert reading.faults == ()


def test_what_is_added_expires_as_usual_or_never(read, grocer, ada, ben):
    usual, never = read(f"member,amount,last_day\n{ada.number},5,\n{ben.number},5,never\n").parts

    assert usual.expires_at == end_of_day(NOON.date().replace(year=2027), grocer.zone)
    assert never.expires_at is None


def test_amounts_have_the_decimals_of_their_unit(read, grocer, ada):
    money = open_unit(programme_id=grocer.pk, code="credit", name="Credit", decimals=2)

    assert read(f"member,amount\n{ada.number},12.5\n", money).parts[0].amount == 1250
    assert read(f"member,amount\n{ada.number},12.505\n", money).faults == [
        Fault(2, "amount", "12.505", "a number such as 250.00 or -100.00")
    ]


def test_every_fault_is_told_with_its_place_and_nothing_is_taken(read, ada, ben):
    text = (
        "member,amount,text,last_day\n"
        f"400000000006,1.5,,\n"
        f"{ada.number},-101,,2026-12-31\n"
        f"{ada.number},0,,\n"
        f"{ben.number},5,{'x' * 201},1 May\n"
        f"{ben.number},5,,2026-03-01\n"
        f"{ben.number},5\n"
    )

    reading = read(text)

    assert reading.faults == [
        Fault(2, "amount", "1.5", NUMBER_EXPECTED),
        Fault(2, "member", "400000000006", "the number of a member of this programme"),
        Fault(3, "last_day", "2026-12-31", "nothing, because points are taken"),
        Fault(3, "amount", "-101", "at most 100: more is not there to be taken"),
        Fault(4, "amount", "0", NUMBER_EXPECTED),
        Fault(4, "member", ada.number, "each member once; row 3 is the first"),
        Fault(5, "text", "x" * 60, "at most 200 letters in one line"),
        Fault(5, "last_day", "1 May", "a day such as 2027-12-31, never, or nothing"),
        Fault(6, "last_day", "2026-03-01", "a day that is not over"),
        Fault(6, "member", ben.number, "each member once; row 5 is the first"),
        Fault(7, "", "2", "4 cells as in the header"),
        Fault(7, "member", ben.number, "each member once; row 5 is the first"),
    ]
    assert (reading.rows, reading.unknown_members, reading.low_balances) == (6, 1, 1)
    assert reading.parts == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Fault(1, "", "", "the columns member, amount, text, last_day")),
        ("member\n1\n", Fault(1, "", "member", "the columns member, amount, text, last_day")),
        ("member,amount,sum\n", Fault(1, "", "member, amount, sum", "the columns member, amount, text, last_day")),
        (
            "member,amount,amount\n",
            Fault(1, "", "member, amount, amount", "the columns member, amount, text, last_day"),
        ),
        ("member,amount\n", Fault(1, "", "0", "between 1 and 10000 rows below the header")),
        ("member,amount\n" + "1,1\n" * 10_001, Fault(1, "", "10001", "between 1 and 10000 rows below the header")),
    ],
)
def test_a_file_that_is_no_table_of_adjustments_is_refused_as_a_whole(text, fault, read):
    assert read(text) == Reading(faults=[fault])


def test_a_torn_quote_is_refused(read):
    (fault,) = read('member,amount\n"1,2\n').faults

    assert fault.expected == "a CSV file in UTF-8"


@pytest.mark.parametrize("amount", ["=1+1", "1e3", "0x10", "\uff11", "1,000", "--5", "+-5", "∞", " "])
def test_only_plain_numbers_are_amounts(amount, read, ada):
    (fault,) = read(f'member,amount\n{ada.number},"{amount}"\n').faults

    assert (fault.column, fault.expected) == ("amount", NUMBER_EXPECTED)


def test_what_was_made_harmless_for_a_spreadsheet_is_read_as_it_was(read, ada):
    (part,) = read(f"member,amount,text\n{ada.number},'-5,'=cmd|calc\n").parts

    assert (part.amount, part.wording) == (-5, "=cmd|calc")


def test_members_of_another_programme_are_unknown(read, ada):
    stranger = enrol(programme=trade.a_programme("elsewhere"), at=NOON)

    reading = read(f"member,amount\n{stranger.number},5\n")

    assert reading.unknown_members == 1


def test_the_example_of_the_page_has_the_columns_that_are_read(read):
    faults = read(adjustment_file.EXAMPLE).faults

    assert {fault.column for fault in faults} == {"member"}
    assert len(faults) == 4


def test_a_file_in_another_encoding_is_not_guessed():
    assert adjustment_file.decoded("member,amount\nä".encode("latin-1")) is None
    assert adjustment_file.decoded(b"\xef\xbb\xbfmember,amount") == "member,amount"
