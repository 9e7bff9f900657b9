"""A unit's policies: drafts, frozen versions, and what they do to points that members have already."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, transaction

from ledger import policies
from ledger import services as ledger
from ledger.errors import NothingToPublish, PolicyBegunAlready, PolicyChanged, PolicyInvalid
from ledger.models import Lot, UnitPolicy
from ledger.policies import Activity, Inactivity, Policy, Span
from tests.crowd import at_once
from tests.ledger import books
from tests.ledger.books import DAY, NOON, SECOND, Figures

A_WEEK, A_MONTH = policies.after(7), policies.after(30)
SILENT = Policy(expiry=Inactivity(30, Span.DAYS))


def publish(unit, policy, *, at=NOON, **options):
    ledger.save_policy_draft(unit=unit, policy=policy, by="Mara", at=at)
    return ledger.publish_policy(unit=unit, by="Mara", at=at, **options)


def ends(wallet):
    return list(Lot.objects.filter(wallet_id=wallet.wallet_id).order_by("pk").values_list("expires_at", flat=True))


def extend_all(policy, *, at=NOON, wallets=1000):
    rounds = 1
    while ledger.extend_lots(policy=policy, at=at, wallets=wallets):
        rounds += 1
    return rounds


def test_a_draft_changes_nothing_until_it_is_published(unit):
    ledger.save_policy_draft(unit=unit, policy=A_WEEK, by="Mara", at=NOON)

    assert unit.policies.filter(state="PUBLISHED").count() == 1
    draft = unit.policies.get(state="DRAFT")
    assert (draft.number, draft.edited_by, policies.read(draft.definition)) == (2, "Mara", A_WEEK)


def test_a_published_policy_counts_from_its_moment(unit):
    later = NOON + DAY

    policy = publish(unit, A_WEEK, effective_from=later)

    assert (policy.number, policy.effective_from, policy.published_by) == (2, later, "Mara")


def test_a_later_policy_never_reaches_into_the_past(unit):
    publish(unit, A_WEEK, at=NOON)
    ledger.save_policy_draft(unit=unit, policy=A_MONTH, by="Mara", at=NOON + DAY)

    with books.unchanged(), pytest.raises(PolicyBegunAlready) as refusal:
        ledger.publish_policy(unit=unit, by="Mara", at=NOON + DAY, effective_from=NOON + SECOND)

    assert refusal.value.facts == {"effective_from": NOON + SECOND, "earliest": NOON + DAY}
    assert unit.policies.get(state="DRAFT").number == 3


def test_without_a_draft_there_is_nothing_to_publish_or_discard(unit):
    with pytest.raises(NothingToPublish):
        ledger.publish_policy(unit=unit, by="Mara", at=NOON)
    with pytest.raises(NothingToPublish):
        ledger.discard_policy_draft(unit=unit)

    assert unit.policies.count() == 1


def test_a_discarded_draft_is_gone(unit):
    ledger.save_policy_draft(unit=unit, policy=A_WEEK, by="Mara", at=NOON)

    ledger.discard_policy_draft(unit=unit, read_at=NOON)

    assert unit.policies.count() == 1


def test_two_editors_never_overwrite_each_other_unseen(unit):
    ledger.save_policy_draft(unit=unit, policy=A_WEEK, by="Mara", at=NOON)

    for act in (
        lambda: ledger.save_policy_draft(unit=unit, policy=A_MONTH, by="Nils", at=NOON + SECOND),
        lambda: ledger.publish_policy(unit=unit, by="Nils", at=NOON + SECOND, read_at=NOON - DAY),
        lambda: ledger.discard_policy_draft(unit=unit, read_at=NOON - DAY),
    ):
        with pytest.raises(PolicyChanged) as refusal:
            act()
        assert refusal.value.facts == {"unit": "points", "edited_by": "Mara"}

    assert policies.read(unit.policies.get(state="DRAFT").definition) == A_WEEK


def test_a_policy_that_makes_no_sense_is_not_kept(unit):
    with pytest.raises(PolicyInvalid):
        ledger.save_policy_draft(unit=unit, policy=policies.after(0), by="Mara", at=NOON)

    assert not unit.policies.filter(state="DRAFT").exists()


@pytest.mark.parametrize("change", [{"definition": {}}, {"effective_from": NOON - DAY}, {"extends": True}])
def test_the_database_keeps_a_published_policy_as_it_is(unit, change):
    policy = publish(unit, A_WEEK)

    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        UnitPolicy.objects.filter(pk=policy.pk).update(**change)
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        policy.delete()

    assert policies.read(UnitPolicy.objects.get(pk=policy.pk).definition) == A_WEEK


def test_points_that_members_have_keep_their_end(wallet, unit):
    wallet.earn(100, until=NOON + 5 * DAY)

    policy = publish(unit, A_MONTH)

    assert not policy.extends
    assert ends(wallet) == [NOON + 5 * DAY]
    assert ledger.unfinished_extensions(at=NOON + DAY) == []


@pytest.mark.parametrize("wallets", [1, 2, 1000])
def test_an_extension_lengthens_and_never_shortens(wallets, unit):
    short, long, endless = (books.a_wallet(unit) for _ in range(3))
    short.earn(10, until=NOON + 5 * DAY)
    long.earn(20, until=NOON + 90 * DAY)
    endless.earn(30)

    policy = publish(unit, A_MONTH, extends=True, effective_from=NOON + SECOND, at=NOON)
    extend_all(policy, at=NOON + DAY, wallets=wallets)

    a_month_later = datetime(2026, 4, 1, 22, tzinfo=UTC)
    assert (ends(short), ends(long), ends(endless)) == ([a_month_later], [NOON + 90 * DAY], [None])
    policy.refresh_from_db()
    assert (policy.extended_lots, policy.extended_at) == (1, NOON + DAY)


def test_a_policy_without_expiry_extends_for_ever(wallet, unit):
    wallet.earn(10, until=NOON + 5 * DAY)

    extend_all(publish(unit, Policy(), extends=True, effective_from=NOON + SECOND), at=NOON + DAY)

    assert ends(wallet) == [None]


def test_what_lapsed_before_and_what_a_rule_ended_is_not_extended(wallet, unit):
    wallet.earn(10, until=NOON + DAY)
    accrual = wallet.accrual(20, until=NOON + 9 * DAY)
    books.accrue(books.with_own_end(accrual), programme_id=unit.programme_id)

    extend_all(publish(unit, A_MONTH, extends=True, effective_from=NOON + DAY), at=NOON + 2 * DAY)

    assert ends(wallet) == [NOON + DAY, NOON + 9 * DAY]


def test_a_promise_counts_from_when_it_was_made_however_late_it_is_carried_out(wallet, unit):
    wallet.earn(10, until=NOON + DAY)

    extend_all(publish(unit, A_MONTH, extends=True, effective_from=NOON + SECOND), at=NOON + 2 * DAY)

    assert ends(wallet) == [datetime(2026, 4, 1, 22, tzinfo=UTC)]


def test_an_extension_waits_for_its_policy_and_is_done_once(wallet, unit):
    wallet.earn(10, until=NOON + 5 * DAY)
    policy = publish(unit, A_MONTH, extends=True, effective_from=NOON + 2 * DAY)

    assert ledger.unfinished_extensions(at=NOON + DAY) == []
    assert ledger.unfinished_extensions(at=NOON + 2 * DAY) == [policy]
    extend_all(policy, at=NOON + 2 * DAY)
    assert ledger.unfinished_extensions(at=NOON + 3 * DAY) == []
    with books.unchanged():
        assert not ledger.extend_lots(policy=policy, at=NOON + 3 * DAY)


def test_an_earning_keeps_alive_what_was_earned_before(wallet, unit):
    wallet.earn(10, until=NOON + 5 * DAY)
    accrual = wallet.accrual(20, at=NOON + DAY, until=NOON + 31 * DAY)

    books.accrue(books.keeping(accrual, NOON + 31 * DAY), programme_id=unit.programme_id)

    assert ends(wallet) == [NOON + 31 * DAY, NOON + 31 * DAY]


def test_an_earning_revives_nothing_and_shortens_nothing(wallet, unit):
    wallet.earn(10, until=NOON + DAY)
    wallet.earn(10, until=NOON + 90 * DAY)
    accrual = wallet.accrual(20, at=NOON + DAY, until=NOON + 31 * DAY)

    books.accrue(books.keeping(accrual, NOON + 31 * DAY), programme_id=unit.programme_id)

    assert ends(wallet) == [NOON + DAY, NOON + 90 * DAY, NOON + 31 * DAY]


def test_spending_keeps_the_rest_alive(wallet, unit):
    books.says(unit, SILENT)
    wallet.earn(100, until=NOON + 5 * DAY)

    wallet.spend(40, at=NOON + DAY)

    assert ends(wallet) == [datetime(2026, 4, 2, 22, tzinfo=UTC)]
    assert wallet.figures(NOON + 6 * DAY) == Figures(60)


def test_capturing_a_hold_keeps_the_rest_alive_and_repeating_a_spending_does_not(wallet, unit):
    books.says(unit, SILENT)
    wallet.earn(100, until=NOON + 5 * DAY)
    wallet.capture(wallet.hold(10, at=NOON), at=NOON)
    once = ends(wallet)
    wallet.spend(10, at=NOON + DAY, ref="reward 7")
    twice = ends(wallet)

    wallet.spend(10, at=NOON + 2 * DAY, ref="reward 7")

    assert once == [datetime(2026, 4, 1, 22, tzinfo=UTC)]
    assert twice == ends(wallet) == [datetime(2026, 4, 2, 22, tzinfo=UTC)]


def test_only_what_the_policy_listens_to_keeps_points_alive(wallet, unit):
    books.says(unit, Policy(expiry=Inactivity(30, Span.DAYS, activities=(Activity.EARN,))))
    wallet.earn(100, until=NOON + 5 * DAY)

    wallet.spend(40, at=NOON + DAY)
    ledger.keep_alive(wallet_id=wallet.wallet_id, activity=Activity.VISIT, at=NOON + DAY)

    assert ends(wallet) == [NOON + 5 * DAY]


def test_waiting_points_become_active_when_it_is_reported(wallet):
    earning = wallet.earn(100, active=NOON + 30 * DAY, until=NOON + 60 * DAY)

    woken = ledger.activate(activations=[ledger.Activation(earning, NOON + 31 * DAY)], at=NOON + DAY)

    assert woken == [earning]
    lot = wallet.lot(earning)
    assert (lot.active_from, lot.expires_at) == (NOON + DAY, NOON + 31 * DAY)
    assert wallet.figures(NOON + DAY) == Figures(100)


def test_activating_again_or_late_changes_nothing(wallet):
    earning = wallet.earn(100, active=NOON + DAY, until=NOON + 60 * DAY)
    never_waited = wallet.earn(50)

    with books.unchanged():
        activations = [ledger.Activation(earning, None), ledger.Activation(never_waited, None)]
        assert ledger.activate(activations=activations, at=NOON + 2 * DAY) == []
        assert ledger.activate(activations=[], at=NOON) == []


def test_points_that_become_active_pay_arrears_first(wallet):
    first = wallet.earn(100)
    wallet.spend(100)
    wallet.claw_back(first, 100)
    earning = wallet.earn(150, active=NOON + 30 * DAY)

    ledger.activate(activations=[ledger.Activation(earning, None)], at=NOON + DAY)

    assert wallet.figures(NOON + DAY) == Figures(50)
    assert wallet.left() == [0, 50]


def test_the_newest_pays_first_where_the_unit_says_so(wallet, unit):
    wallet.earn(100, until=NOON + DAY)
    wallet.earn(100)
    wallet.earn(100, until=NOON + 9 * DAY)
    unit.spend_order = "NEWEST"
    unit.save(update_fields=["spend_order"])

    wallet.spend(150)

    assert wallet.left() == [100, 50, 0]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_workers_extend_each_lot_once(unit):
    for number in range(12):
        books.a_wallet(unit, 10 + number, until=NOON + 5 * DAY)
    policy = publish(unit, A_MONTH, extends=True, effective_from=NOON + SECOND)

    batches = at_once(8, lambda _: extend_all(policy, at=NOON + DAY, wallets=1))

    policy.refresh_from_db()
    assert sum(batches) == 12 + 8
    assert (policy.extended_lots, Lot.objects.filter(expires_at=NOON + 5 * DAY).count()) == (12, 0)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_draft_is_published_once_however_many_press_the_button(unit):
    ledger.save_policy_draft(unit=unit, policy=A_WEEK, by="Mara", at=NOON)

    answers = at_once(8, lambda number: ledger.publish_policy(unit=unit, by=f"Mara {number}", at=NOON))

    assert sum(isinstance(answer, UnitPolicy) for answer in answers) == 1
    assert sum(isinstance(answer, NothingToPublish) for answer in answers) == 7
    assert unit.policies.count() == 2
