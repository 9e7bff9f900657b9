"""Adjustments of many members from a file, at the desk."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from ledger import services as ledger
from ledger.adjustments import Adjustment
from members import adjusting
from members.models import Member
from members.services import enrol
from tests.admin import people
from tests.admin.two_people import MANY, decide, page, spendable
from tests.campaigns.trade import NOON
from tests.cockpit.people import text_of


@pytest.fixture
def members(grocer):
    return [enrol(programme=grocer, at=NOON, name=f"Member {number}") for number in range(3)]


@pytest.fixture
def file_form(unit):
    return {"unit": unit.pk, "reason": "MIGRATION", "wording": "Welcome", "note": "", "token": "file-1"}


def upload(text):
    return SimpleUploadedFile("points.csv", text.encode())


def test_a_file_of_members_becomes_one_request(support, approver, file_form, members):
    text = "member,amount,text\n" + "".join(f"{member.number},{100 + no},\n" for no, member in enumerate(members))

    preview = support.post(MANY, file_form | {"upload": upload(text)})
    assert "Members 3 Added in all 303 Taken in all 0 The largest +102" in text_of(preview.content)
    assert Adjustment.objects.count() == 0
    hidden = preview.context["form"]["rows"].value()
    support.post(MANY, file_form | {"rows": hidden, "step": "ask"})
    adjustment = Adjustment.objects.get()
    decide(approver, adjustment)

    assert (adjustment.line_count, adjustment.plus) == (3, 303)
    assert [spendable(member) for member in members] == [100, 101, 102]


def test_a_faulty_file_asks_for_nothing_and_says_where(support, file_form, members):
    text = f"member,amount\n{members[0].number},10\n400000000006,1.5\n"

    answer = text_of(support.post(MANY, file_form | {"upload": upload(text), "step": "ask"}).content)

    assert "Nothing was asked for: 2 places in the file have to be put right." in answer
    assert "Rows 2 Unknown members 1 Balances too low 0" in answer
    assert "3 amount 1.5 a number such as 250 or -100" in answer
    assert Adjustment.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\xff\xfe", "not a CSV file in UTF-8"), (b"a\0b", "not a CSV file in UTF-8"), (b"x" * 1_000_001, "larger than")],
)
def test_a_file_that_cannot_be_read_is_refused(content, said, support, file_form):
    answer = support.post(MANY, file_form | {"upload": SimpleUploadedFile("points.csv", content)})

    assert said in text_of(answer.content)


def test_no_file_is_no_request(support, file_form):
    assert "Choose a file." in text_of(support.post(MANY, file_form | {"step": "ask"}).content)


def test_the_example_can_be_downloaded_by_who_may_ask(support, approver):
    example = support.get("/admin/ledger/adjustment/example.csv")

    assert example.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert example.content.startswith(b"member,amount,text,last_day\n")
    assert approver.get("/admin/ledger/adjustment/example.csv").status_code == 403


def test_the_lines_can_be_downloaded_without_a_formula_in_them(support, sami, grocer, unit, file_form, members):
    text = f"member,amount,text,last_day\n{members[0].number},5,=cmd|calc,never\n{members[1].number},7,,2099-12-31\n"
    support.post(MANY, file_form | {"rows": text, "step": "ask"})

    file = support.get(f"/admin/ledger/adjustment/{Adjustment.objects.get().pk}/lines.csv")

    assert file.content.decode().splitlines() == [
        "member,amount,text,last_day,posting,not_posted_because",
        f"{members[0].number},5,'=cmd|calc,never,,",
        f"{members[1].number},7,,2099-12-31,,",
    ]


def test_posting_can_be_stopped_and_resumed(support, approver, avery, sami, file_form, members):
    rows = "member,amount\n" + "".join(f"{member.number},5\n" for member in members)
    support.post(MANY, file_form | {"rows": rows, "step": "ask"})
    adjustment = Adjustment.objects.get()
    ledger.approve_adjustment(
        adjustment_id=adjustment.pk,
        payload_sha256=bytes(adjustment.payload_sha256),
        by_id=avery.pk,
        name="Avery",
        at=timezone.now(),
        at_once=0,
    )

    assert "In the books at work 0 of 3 posted." in page(approver, adjustment)
    approver.post(people.address("ledger.adjustment", "stop", adjustment.pk))
    assert adjusting.post_batch(adjustment=adjustment, at=timezone.now()) == 0
    assert "In the books stopped 0 of 3 posted. Go on" in page(approver, adjustment)
    approver.post(people.address("ledger.adjustment", "resume", adjustment.pk))
    assert adjusting.post_batch(adjustment=adjustment, at=timezone.now()) == 3

    assert "In the books done 3 of 3 posted." in page(approver, adjustment)
    assert [spendable(member) for member in Member.objects.filter(pk__in=[m.pk for m in members])] == [5, 5, 5]
