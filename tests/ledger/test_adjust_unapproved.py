"""
Ways around the second person, tried on the database itself: whoever writes, nothing unapproved is posted.

The doors (desk, file, API) have theirs in tests/admin and tests/integrations.
"""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from ledger.errors import AdjustmentApproverIsNew
from ledger.models import Adjustment, AdjustmentLine, Posting
from shops import services as shops
from shops.models import StaffRole, User
from tests.ledger import asking, books
from tests.ledger.asking import Role
from tests.ledger.books import DAY, NOON, SECOND, Figures

AN_HOUR_LATER = NOON + timedelta(hours=1)


@pytest.fixture
def office(programme):
    return asking.an_office(programme)


@pytest.fixture
def request_id(office, wallet):
    return office.ask_for(wallet, 5)


def sql(statement, **values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def decide(request_id, by, *, state="APPROVED", at=AN_HOUR_LATER):
    Adjustment.objects.filter(pk=request_id).update(state=state, decided_by=by, decided_at=at)


def post(request_id):
    line = asking.the_line(request_id)
    sql("SELECT ledger_adjust(%(line)s, %(at)s, 'test')", line=line.pk, at=AN_HOUR_LATER)


def post_by_hand(wallet, kind, source, reference, *, amount=5, other_kind="ADJUSTMENT"):
    """A posting that balances, written without the books' functions but by those beneath them."""
    sql(
        "SELECT ledger_post(%(programme)s, %(unit)s, %(kind)s, %(source)s, %(reference)s, NULL, 'test', %(at)s,"
        " ARRAY[ledger_account_of(%(programme)s, %(wallet)s, %(unit)s, 'MEMBER'),"
        "       ledger_account_of(%(programme)s, NULL, %(unit)s, %(other)s)],"
        " ARRAY[%(amount)s, -%(amount)s]::bigint[])",
        programme=wallet.programme_id,
        unit=wallet.unit.pk,
        kind=kind,
        source=source,
        reference=reference,
        at=AN_HOUR_LATER,
        wallet=wallet.wallet_id,
        other=other_kind,
        amount=amount,
    )


def the_requester_approves(office, wallet, request_id):
    shops.grant_role(user=office.support, programme=Adjustment.objects.get().programme, role=Role.APPROVER)
    decide(request_id, office.support)


def a_superuser_approves_what_they_asked_for(office, wallet, request_id):
    root = User.objects.create_superuser("root@example.com")
    shops.grant_role(user=root, programme=Adjustment.objects.get().programme, role=Role.APPROVER)
    decide(office.ask_for(wallet, 5, by=root), root)


def a_superuser_without_the_role_approves(office, wallet, request_id):
    decide(request_id, User.objects.create_superuser("root@example.com"))


def an_approver_of_another_programme_approves(office, wallet, request_id):
    decide(request_id, asking.an_office(books.a_programme("elsewhere")).approver)


def an_approver_who_was_dismissed_approves(office, wallet, request_id):
    User.objects.filter(pk=office.approver.pk).update(is_active=False)
    decide(request_id, office.approver)


def an_approver_whom_the_requester_just_made_approves(office, wallet, request_id):
    StaffRole.objects.filter(user=office.approver).update(
        granted_by=office.support, granted_at=AN_HOUR_LATER - DAY + SECOND
    )
    decide(request_id, office.approver)


def nobody_approves(office, wallet, request_id):
    decide(request_id, None)


def a_lapsed_request_is_approved(office, wallet, request_id):
    decide(request_id, office.approver, at=NOON + 7 * DAY)


def a_rejected_request_is_approved_after_all(office, wallet, request_id):
    decide(request_id, office.approver, state="REJECTED")
    decide(request_id, office.other_approver)


def the_amount_grows_after_the_approval(office, wallet, request_id):
    decide(request_id, office.approver)
    AdjustmentLine.objects.update(amount=5000)


def the_amount_grows_before_the_approval(office, wallet, request_id):
    AdjustmentLine.objects.update(amount=5000)


def a_line_is_added(office, wallet, request_id):
    other = books.a_wallet(wallet.unit)
    AdjustmentLine.objects.create(
        adjustment_id=request_id, no=2, wallet_id=other.wallet_id, amount=5000, has_own_end=False
    )


def a_line_is_removed(office, wallet, request_id):
    sql("DELETE FROM ledger_adjustmentline")


def the_digest_is_exchanged(office, wallet, request_id):
    Adjustment.objects.update(payload_sha256=b"1" * 32)


def a_request_is_born_approved(office, wallet, request_id):
    row = Adjustment.objects.get()
    row.pk, row.reference, row.state = None, "other", "APPROVED"
    row.decided_by, row.decided_at = office.approver, AN_HOUR_LATER
    row.save(force_insert=True)


def an_open_request_is_posted(office, wallet, request_id):
    post(request_id)


def a_posting_names_no_request(office, wallet, request_id):
    post_by_hand(wallet, "ADJUST", "adjustment", "0")


def a_posting_names_its_request_in_other_words(office, wallet, request_id):
    decide(request_id, office.approver)
    post_by_hand(wallet, "ADJUST", "adjustment", f"0{asking.the_line(request_id).pk}")


def a_posting_is_of_another_source(office, wallet, request_id):
    decide(request_id, office.approver)
    post_by_hand(wallet, "ADJUST", "elsewhere", str(asking.the_line(request_id).pk))


def more_is_posted_than_was_approved(office, wallet, request_id):
    decide(request_id, office.approver)
    post_by_hand(wallet, "ADJUST", "adjustment", str(asking.the_line(request_id).pk), amount=6)


def it_is_posted_to_another_wallet(office, wallet, request_id):
    decide(request_id, office.approver)
    post_by_hand(books.a_wallet(wallet.unit), "ADJUST", "adjustment", str(asking.the_line(request_id).pk))


def it_is_posted_against_another_account(office, wallet, request_id):
    decide(request_id, office.approver)
    line = asking.the_line(request_id)
    post_by_hand(wallet, "ADJUST", "adjustment", str(line.pk), other_kind="ISSUANCE")


def a_line_is_posted_again(office, wallet, request_id):
    decide(request_id, office.approver)
    post(request_id)
    AdjustmentLine.objects.update(posting=None)


def requests_are_emptied(office, wallet, request_id):
    sql("DELETE FROM ledger_adjustment")


# Each way, and the rule that stops it; None is that nothing is ever deleted.
WAYS = [
    (the_requester_approves, "adjustment_takes_two"),
    (a_superuser_approves_what_they_asked_for, "adjustment_takes_two"),
    (a_superuser_without_the_role_approves, "adjustment_is_approved_by_an_approver"),
    (an_approver_of_another_programme_approves, "adjustment_is_approved_by_an_approver"),
    (an_approver_who_was_dismissed_approves, "adjustment_is_approved_by_an_approver"),
    (an_approver_whom_the_requester_just_made_approves, "adjustment_is_approved_by_an_approver"),
    (nobody_approves, "adjustment_is_approved_by_an_approver"),
    (a_lapsed_request_is_approved, "adjustment_is_decided_in_time"),
    (a_rejected_request_is_approved_after_all, "adjustment_is_decided_once"),
    (the_amount_grows_after_the_approval, "adjustment_never_changes"),
    (the_amount_grows_before_the_approval, "adjustment_never_changes"),
    (a_line_is_added, "adjustment_is_what_was_asked"),
    (a_line_is_removed, None),
    (the_digest_is_exchanged, "adjustment_never_changes"),
    (a_request_is_born_approved, "adjustment_is_born_open"),
    (an_open_request_is_posted, "adjustment_needs_approval"),
    (a_posting_names_no_request, "adjustment_needs_approval"),
    (a_posting_names_its_request_in_other_words, "adjustment_needs_approval"),
    (a_posting_is_of_another_source, "adjustment_needs_approval"),
    (more_is_posted_than_was_approved, "adjustment_is_what_was_approved"),
    (it_is_posted_to_another_wallet, "adjustment_is_what_was_approved"),
    (it_is_posted_against_another_account, "adjustment_is_what_was_approved"),
    (a_line_is_posted_again, "adjustment_line_is_posted_once"),
    (requests_are_emptied, None),
]


@pytest.mark.parametrize(("way", "rule"), WAYS, ids=lambda value: getattr(value, "__name__", ""))
def test_the_database_refuses(way, rule, office, wallet, request_id):
    before = asking.requests()

    def go_the_way():
        with transaction.atomic():
            way(office, wallet, request_id)
            # What waits for the end of the transaction.
            sql("SET CONSTRAINTS ALL IMMEDIATE")

    with books.unchanged(), pytest.raises(DatabaseError) as refusal:
        go_the_way()

    assert refusal.value.__cause__.diag.constraint_name == rule
    assert asking.requests() == before


def test_tampering_with_triggers_off_is_seen_before_it_is_approved(office, wallet, request_id, breaking):
    breaking("UPDATE ledger_adjustmentline SET amount = 5000")

    with pytest.raises(DatabaseError, match="not what was asked for"), transaction.atomic():
        office.approve(request_id)

    assert Posting.objects.count() == 0


def test_who_was_made_an_approver_by_the_requester_waits_a_day(office, wallet, request_id):
    role = StaffRole.objects.filter(user=office.approver)
    role.update(granted_by=office.support, granted_at=NOON - DAY + SECOND)

    with pytest.raises(AdjustmentApproverIsNew):
        office.approve(request_id, at=NOON)

    assert wallet.figures() == Figures(0)
    assert len(office.approve(request_id, at=NOON + SECOND)) == 1


def test_who_gives_a_role_and_when_is_kept(office, programme):
    before = timezone.now()

    granted = shops.hire(email="new@example.com", programme=programme, role=Role.APPROVER, by=office.support)

    granted.refresh_from_db()
    assert granted.granted_by == office.support
    assert before <= granted.granted_at <= timezone.now()
