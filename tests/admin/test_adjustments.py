"""Adjustments at the desk: asked for by one, decided by another, one by one or from a file."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from ledger import services as ledger
from ledger.adjustments import Adjustment, AdjustmentLine
from ledger.models import Posting
from ledger.queries import balances_of, unit_of
from members import adjusting
from members.models import Member
from members.services import enrol
from shops.desk import confirming
from shops.models import StaffRole, User
from tests.admin import people
from tests.admin.people import PASSWORD, Role
from tests.campaigns import trade
from tests.campaigns.trade import NOON
from tests.cockpit.people import text_of

ADD = "/admin/ledger/adjustment/add/"
MANY = "/admin/ledger/adjustment/many/"
LIST = "/admin/ledger/adjustment/"


@pytest.fixture
def sami(grocer):
    return people.staff("Sami", Role.SUPPORT, grocer)


@pytest.fixture
def avery(grocer):
    return people.staff("Avery", Role.APPROVER, grocer)


@pytest.fixture
def support(sami):
    """Sami's browser."""
    return people.at_the_desk(sami)


@pytest.fixture
def approver(avery):
    """Avery's browser."""
    return people.at_the_desk(avery)


@pytest.fixture
def unit(grocer):
    return unit_of(grocer.pk, "points")


@pytest.fixture
def form(ada, unit):
    """What Sami fills in for Ada."""
    return {
        "who": ada.number,
        "unit": unit.pk,
        "direction": "add",
        "amount": "250",
        "expiry": "usual",
        "reason": "COMPLAINT",
        "wording": "For your lost parcel",
        "note": "Ticket 4711",
        "token": "form-1",
    }


@pytest.fixture
def request_of_sami(ada, sami):
    return people.an_adjustment(ada, by=sami, at=timezone.now())


def spendable(member):
    (balance,) = balances_of(member.wallet_id, at=timezone.now())
    return balance.spendable


def decision(adjustment, **more):
    return {"payload": bytes(adjustment.payload_sha256).hex(), "note": "", "password": PASSWORD} | more


def page(desk, adjustment):
    return text_of(desk.get(people.address("ledger.adjustment", "change", adjustment.pk)).content)


def decide(desk, adjustment, verb="approve", **more):
    address = people.address("ledger.adjustment", verb, adjustment.pk)
    return desk.post(address, decision(adjustment, **more), follow=True)


# -- asking


def test_a_member_is_adjusted_by_two_people(support, approver, ada, form):
    preview = text_of(support.post(ADD, form).content)
    assert "To spend now 0 Adjustment +250 Points To spend afterwards 250" in preview
    assert "Adjusted by the shop: For your lost parcel" in preview
    assert Adjustment.objects.count() == 0

    asked = text_of(support.post(ADD, form | {"step": "ask"}, follow=True).content)
    adjustment = Adjustment.objects.get()
    assert "+250 Points open" in asked
    assert "It waits for somebody else to approve" in asked
    assert spendable(ada) == 0

    approved = text_of(decide(approver, adjustment, note="Right").content)
    assert "+250 Points approved" in approved
    assert "Approved by Avery" in approved
    assert "1 of 1 posted." in approved
    assert spendable(ada) == 250


def test_the_form_sent_twice_asks_once(support, form):
    support.post(ADD, form | {"step": "ask"})
    support.post(ADD, form | {"step": "ask"})

    assert Adjustment.objects.count() == 1


def test_the_form_begins_with_the_member_one_comes_from(support, ada):
    member_page = support.get(people.address("members.member", "change", ada.pk)).content.decode()

    assert f'href="{ADD}?member={ada.number}"' in member_page
    assert f'value="{ada.number}"' in support.get(f"{ADD}?member={ada.number}").content.decode()


def test_only_who_may_ask_is_led_to_the_form(desk, ada):
    assert ADD not in desk.get(people.address("members.member", "change", ada.pk)).content.decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"amount": "0"}, "Expected a number above zero such as 250."),
        ({"amount": "-5"}, "Expected a number above zero such as 250."),
        ({"amount": "1.5"}, "Expected a number above zero such as 250."),
        ({"who": "nobody"}, "Nobody in this programme is found by “nobody”."),
        ({"expiry": "day"}, "Choose a day that is not over."),
        ({"expiry": "day", "last_day": "2020-01-01"}, "Choose a day that is not over."),
        ({"wording": ""}, "This field is required."),
        ({"direction": "take", "amount": "1"}, "can spend 0 Points, and 1 Points would be taken."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_asked(wrong, said, support, form):
    answer = support.post(ADD, form | wrong | {"step": "ask"})

    assert said in text_of(answer.content)
    assert Adjustment.objects.count() == 0


def test_several_members_of_a_name_are_told_apart_by_their_numbers(support, grocer, form):
    twins = [enrol(programme=grocer, at=NOON, name="Kim Twin") for _ in range(2)]

    said = text_of(support.post(ADD, form | {"who": "Kim Twin"}).content)

    assert all(twin.number in said for twin in twins)
    assert "Type the number." in said


def test_going_back_from_the_preview_keeps_what_was_filled_in(support, form):
    answer = support.post(ADD, form | {"step": "edit"}).content.decode()

    assert 'value="250"' in answer
    assert "Ticket 4711" in answer
    assert Adjustment.objects.count() == 0


def test_a_chosen_last_day_and_never_are_kept(support, approver, grocer, form):
    day = (timezone.now() + timedelta(days=40)).date()
    support.post(ADD, form | {"expiry": "day", "last_day": day.isoformat(), "step": "ask"})
    support.post(ADD, form | {"expiry": "never", "token": "form-2", "step": "ask"})

    chosen, never = AdjustmentLine.objects.order_by("pk")
    assert chosen.expires_at is not None
    assert (chosen.expires_at - timedelta(seconds=1)).astimezone(grocer.zone).date() == day
    assert never.expires_at is None


def test_the_limit_is_said_with_what_is_used_of_it(support, ada, unit, form):
    ledger.limit_adjustments(unit_id=unit.pk, limit=300)
    assert "0 of 300, without this" in text_of(support.post(ADD, form).content)
    support.post(ADD, form | {"step": "ask"})

    refused = text_of(support.post(ADD, form | {"token": "form-2"}).content)

    assert "One person may ask for 300 Points within 24 hours. You asked for 250 Points already" in refused
    assert Adjustment.objects.count() == 1


def test_an_owner_sets_the_limit_beside_the_unit(owners_desk, unit):
    address = f"/admin/ledger/adjustment/limit/{unit.pk}/"
    assert address in owners_desk.get(people.address("ledger.unit", "change", unit.pk)).content.decode()

    owners_desk.post(address, {"limit": "1000"})
    unit.refresh_from_db()
    assert unit.adjustment_limit == 1000
    assert "Expected a number" in text_of(owners_desk.post(address, {"limit": "-1"}).content)
    owners_desk.post(address, {"limit": ""})

    unit.refresh_from_db()
    assert unit.adjustment_limit is None


# -- deciding


def test_the_list_shows_what_waits_and_for_whom(support, approver, request_of_sami):
    waiting = text_of(approver.get(LIST).content)
    own = text_of(support.get(LIST).content)

    assert "1 request waits for your decision." in waiting
    assert "+250 Points" in waiting
    assert "waits for your decision" not in own
    assert "Many members from a file" in own
    assert "Many members from a file" not in waiting


def test_who_may_decide_sees_in_the_menu_how_many_wait(approver, support, request_of_sami):
    assert "Adjustments 1" in text_of(approver.get(LIST).content)
    assert "Adjustments 1" not in text_of(support.get(LIST).content)


@pytest.fixture
def one_of_each(ada, sami, avery):
    """Requests by their state now."""
    now = timezone.now()
    rows = {name: people.an_adjustment(ada, by=sami, at=now) for name in ("open", "withdrawn", "approved")}
    rows["lapsed"] = people.an_adjustment(ada, by=sami, at=now - timedelta(days=7))
    ledger.withdraw_adjustment(adjustment_id=rows["withdrawn"].pk, by_id=sami.pk, at=now)
    digest = bytes(rows["approved"].payload_sha256)
    adjusting.approve(adjustment=rows["approved"], payload_sha256=digest, by=avery, at=now)
    return rows


@pytest.mark.parametrize("state", ["open", "lapsed", "withdrawn", "approved"])
def test_the_list_narrows_by_what_can_be_done_now(state, support, one_of_each):
    found = support.get(LIST, {"state": state}).context["cl"].result_list

    assert [row.pk for row in found] == [one_of_each[state].pk]


def test_who_decides_sees_what_it_does_and_what_else_was_asked(approver, ada, sami, request_of_sami):
    people.an_adjustment(ada, 70, by=sami, at=timezone.now())

    shown = page(approver, request_of_sami)

    assert f"{ada.number}" in shown
    assert "never expire +250 0 → afterwards 250" in shown
    assert "by the same for this member 2 320 0" in shown
    assert bytes(request_of_sami.payload_sha256).hex()[:12] in shown


def test_a_wrong_password_decides_nothing(approver, ada, request_of_sami):
    answer = decide(approver, request_of_sami, password="wrong")

    assert "This is not your password." in text_of(answer.content)
    assert spendable(ada) == 0


def test_tries_of_the_password_are_limited(approver, ada, request_of_sami):
    for _ in range(5):
        decide(approver, request_of_sami, password="wrong")

    answer = decide(approver, request_of_sami)

    assert "Too many tries." in text_of(answer.content)
    assert spendable(ada) == 0


def test_the_password_is_asked_once_in_five_minutes(approver, ada, sami, request_of_sami):
    other = people.an_adjustment(ada, 70, by=sami, at=timezone.now())
    decide(approver, request_of_sami)

    assert "Your password" not in page(approver, other)
    decide(approver, other, password="")
    assert spendable(ada) == 320

    session = approver.session
    session["confirmed_at"] = (timezone.now() - confirming.KEPT_FOR).isoformat()
    session.save()
    assert "Your password" in page(approver, people.an_adjustment(ada, 70, by=sami, at=timezone.now()))


def test_a_rejection_says_why(approver, support, ada, request_of_sami):
    assert "Say why" in text_of(decide(approver, request_of_sami, "reject").content)
    decide(approver, request_of_sami, "reject", note="Paid twice already")

    shown = page(support, request_of_sami)
    assert "+250 Points rejected" in shown
    assert "Rejected by Avery" in shown
    assert "Paid twice already" in shown
    assert spendable(ada) == 0


def test_who_asked_withdraws_and_nobody_else_can(support, grocer, request_of_sami):
    other = people.at_the_desk(people.staff("Sol", Role.SUPPORT, grocer))
    address = people.address("ledger.adjustment", "withdraw", request_of_sami.pk)

    other.post(address)
    assert Adjustment.objects.get().state == "OPEN"
    support.post(address)

    assert "+250 Points withdrawn" in page(support, request_of_sami)


def test_a_lapsed_request_can_be_looked_at_only(approver, ada, sami):
    lapsed = people.an_adjustment(ada, by=sami, at=timezone.now() - timedelta(days=7))

    shown = page(approver, lapsed)
    answer = text_of(decide(approver, lapsed).content)

    assert "Lapsed: nobody decided in time" in shown
    assert "Your decision" not in shown
    assert "It is lapsed: there is nothing to decide any more." in answer
    assert spendable(ada) == 0


def test_points_spent_before_the_approval_are_not_taken(approver, sami, ada, standing):
    trade.buy(ada.programme, 100_00, at=timezone.now() - timedelta(days=1))
    taking = people.an_adjustment(ada, -80, by=sami, at=timezone.now())
    trade.spend(ada, 40, at=timezone.now())

    answer = text_of(decide(approver, taking).content)

    assert f"Member {ada.number} can spend 60 Points, and 80 Points would be taken." in answer
    assert Adjustment.objects.get(pk=taking.pk).state == "OPEN"
    assert spendable(ada) == 60


# -- ways around the second person, by the doors of the desk


def both_roles(sami, grocer):
    StaffRole.objects.create(user=sami, programme=grocer, role=Role.APPROVER)


def test_with_both_roles_one_still_needs_another_person(support, sami, grocer, ada, request_of_sami):
    both_roles(sami, grocer)

    assert "Your decision" not in page(support, request_of_sami)
    answer = text_of(decide(support, request_of_sami).content)

    assert "You asked for it, so somebody else has to decide." in answer
    assert Posting.objects.count() == 0


def test_a_superuser_can_neither_ask_nor_approve(form, request_of_sami):
    root = people.at_the_desk(User.objects.create_superuser("root@example.com", PASSWORD))

    statuses = [
        root.get(LIST).status_code,
        root.post(ADD, form | {"step": "ask"}).status_code,
        root.post(MANY, form | {"rows": "member,amount\n", "step": "ask"}).status_code,
        root.post(
            people.address("ledger.adjustment", "approve", request_of_sami.pk), decision(request_of_sami)
        ).status_code,
    ]

    assert set(statuses) <= {403, 404}
    assert Adjustment.objects.get().state == "OPEN"


def test_what_was_looked_at_is_what_is_approved(approver, ada, sami, request_of_sami):
    larger = people.an_adjustment(ada, 9999, by=sami, at=timezone.now())

    answer = decide(approver, larger, payload=bytes(request_of_sami.payload_sha256).hex())
    nonsense = decide(approver, larger, payload="no digest")

    for shown in (answer, nonsense):
        assert "What you looked at is not what would be approved." in text_of(shown.content)
    assert spendable(ada) == 0


def test_a_request_is_not_edited_deleted_or_decided_by_a_list_action(approver, support, request_of_sami):
    change = people.address("ledger.adjustment", "change", request_of_sami.pk)
    statuses = [
        support.post(change, {"plus": 1}).status_code,
        support.post(people.address("ledger.adjustment", "delete", request_of_sami.pk), {"post": "yes"}).status_code,
        approver.post(change, {"state": "APPROVED"}).status_code,
    ]
    approver.post(LIST, {"action": "delete_selected", "_selected_action": [request_of_sami.pk], "post": "yes"})
    approver.post(LIST, {"form-0-state": "APPROVED", "_save": "Save"})

    assert statuses == [403, 403, 403]
    assert Adjustment.objects.get().state == "OPEN"
    assert Posting.objects.count() == 0


def test_an_approver_whose_role_was_taken_away_approves_nothing(approver, avery, ada, request_of_sami):
    page(approver, request_of_sami)
    StaffRole.objects.filter(user=avery).delete()

    decide(approver, request_of_sami)

    assert spendable(ada) == 0


def test_the_requester_cannot_make_an_approver_of_their_own(support, sami, grocer, ada, request_of_sami):
    friend = people.staff("Friend", Role.APPROVER, grocer)
    StaffRole.objects.filter(user=friend).update(granted_by=sami)

    answer = text_of(decide(people.at_the_desk(friend), request_of_sami).content)

    assert "Who asked made you an approver less than 24 hours ago" in answer
    assert spendable(ada) == 0


def test_nobody_approves_points_for_themselves(approver, avery, grocer, sami):
    own = enrol(programme=grocer, at=NOON, name="Avery", user=avery)

    answer = text_of(decide(approver, people.an_adjustment(own, by=sami, at=timezone.now())).content)

    assert "is you, and nobody adjusts their own points." in answer
    assert spendable(own) == 0


# -- a file


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
