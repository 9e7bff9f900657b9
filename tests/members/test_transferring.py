"""Transfers in the room of members: who may, what is told, and what the night closes."""

from datetime import timedelta

import msgspec
import pytest
from django.utils import translation

from events.catalogue import TYPES
from events.models import OutboxEvent
from ledger.models import NightlyRun
from ledger.nightly import runs
from ledger.nightly.runs import Went
from ledger.queries import unit_of
from members import transferring
from members.errors import MemberBlocked, MemberUnknown, NumberMistyped
from members.masking import masked
from members.models import Member
from members.numbers import new_number
from members.transferring import Sending
from shops import attempts
from shops.attempts import LOOK_UPS
from shops.errors import TooManyAttempts
from tests.campaigns import trade
from tests.campaigns.trade import NOON
from tests.cockpit.people import a_card, earn
from tests.crowd import at_once
from tests.ledger import tables
from tests.ledger.sending import may_be_sent

DAY = timedelta(days=1)


@pytest.fixture
def cafe(db):
    return trade.a_programme("cafe")


@pytest.fixture
def ada(cafe):
    return a_card(cafe, at=NOON)


@pytest.fixture
def ben(cafe):
    return a_card(cafe, at=NOON, email="ben@example.com", name="Ben Kaya")


@pytest.fixture
def points(cafe, ada):
    """Ada has 250 points; Ben has to accept what she sends."""
    earn(ada, 250, at=NOON)
    unit = unit_of(cafe.pk, "points")
    may_be_sent(unit, needs_acceptance=True, fee_fixed=2, days_to_accept=1)
    return unit


def send(ada, ben, points, *, key="1", at=NOON):
    sending = Sending(ada, ben, points, 100, "  For\tthe \u200bcake ")
    return transferring.send(sending=sending, source="test", key=key, at=at, actor="member").transfer


def told():
    """The facts about transfers, each read as its declared payload."""
    rows = list(OutboxEvent.objects.filter(type__startswith="transfer.").order_by("pk"))
    for row in rows:
        msgspec.convert(row.payload, TYPES[row.type].payload)
    return [row.type for row in rows]


@pytest.mark.parametrize("row", tables.rows("transfers.md", "name"), ids=lambda row: row["name"])
def test_names_are_masked_as_documented(row):
    assert masked(Member(name=row["name"], number="400000000002")) == row["shown"]


@pytest.mark.parametrize(
    ("name", "shown"), [("", "member …0002"), ("A", "A…"), ("Al", "A…"), ("Zoe\u0308 B", "Zo… B.")]
)
def test_short_and_missing_names_tell_little(name, shown):
    with translation.override("en"):
        assert masked(Member(name=name, number="400000000002")) == shown


def test_every_end_is_told_once_and_messages_are_not(ada, ben, points):
    ends = [transferring.accept, transferring.decline, transferring.withdraw]
    for number, end in enumerate(ends):
        row = send(ada, ben, points, key=str(number), at=NOON + number * DAY)
        earn(ada, 100 + number, at=NOON)
        for _ in range(2):
            end(transfer=row, at=NOON + number * DAY, actor="member")
    may_be_sent(points)
    send(ada, ben, points, key="at once")

    assert told() == [
        *("transfer.offered", "transfer.accepted", "transfer.offered", "transfer.declined"),
        *("transfer.offered", "transfer.withdrawn", "transfer.done"),
    ]
    assert not OutboxEvent.objects.filter(payload__icontains="cake").exists()


def test_a_message_is_one_tidy_line(ada, ben, points):
    assert send(ada, ben, points).message == "For the cake"


def test_the_night_closes_what_nobody_answered_and_tells_it(cafe, ada, ben, points):
    row = send(ada, ben, points)

    for _ in range(2):
        runs.begin_due(at=row.ends_at)
        for run in runs.unfinished():
            while runs.work(run_id=run.pk, at=row.ends_at) is Went.ON:
                pass

    row.refresh_from_db()
    assert row.state == "LAPSED"
    assert told() == ["transfer.offered", "transfer.lapsed"]
    assert NightlyRun.objects.get().steps.get(name="offers").done == 1


@pytest.mark.parametrize("who", ["ada", "ben"])
def test_blocked_members_neither_send_nor_receive(who, ada, ben, points):
    row = send(ada, ben, points)
    blocked = {"ada": ada, "ben": ben}[who]
    blocked.status = Member.Status.BLOCKED
    blocked.save()

    with pytest.raises(MemberBlocked):
        send(ada, ben, points, key="2")
    with pytest.raises(MemberBlocked):
        transferring.accept(transfer=row, at=NOON, actor="member")

    row.refresh_from_db()
    assert row.state == "OFFERED"


def test_a_receiver_is_found_by_number_and_by_nothing_else(cafe, ada, ben):
    def find(number):
        return transferring.find_receiver(sender=ada, number=number, at=NOON)

    assert find(ben.number) == ben
    for said in ("ben@example.com", "Ben Kaya", ben.number[:-1], ""):
        with pytest.raises(NumberMistyped):
            find(said)
    with pytest.raises(MemberUnknown):
        find(new_number())


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_look_ups_are_counted_exactly_and_begin_anew_a_day_later(cafe, ada, ben):
    def find(_number, at=NOON):
        return transferring.find_receiver(sender=ada, number=ben.number, at=at)

    answers = at_once(LOOK_UPS.tries + 8, find)

    assert sum(isinstance(answer, TooManyAttempts) for answer in answers) == 8
    attempts.clear_ended(at=NOON + DAY - timedelta(seconds=1))
    with pytest.raises(TooManyAttempts):
        find(0, at=NOON + DAY - timedelta(seconds=1))
    assert find(0, at=NOON + DAY) == ben


def test_what_can_not_be_read_is_not_counted(ada, ben):
    for _ in range(LOOK_UPS.tries + 1):
        with pytest.raises(NumberMistyped):
            transferring.find_receiver(sender=ada, number="12", at=NOON)

    assert transferring.find_receiver(sender=ada, number=ben.number, at=NOON) == ben
