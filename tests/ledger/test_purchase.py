"""Units for money: nothing before the money, and once for each payment."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from ledger import errors
from ledger import services as ledger
from ledger.models import PaymentNotice, Posting, Purchase
from ledger.policies import Activity, Inactivity, Policy, Span, after
from ledger.purchases import waiting_of
from tests.ledger import books, buying
from tests.ledger.books import DAY, MINUTE, NOON, SECOND, Figures
from tests.ledger.buying import ask, buy, known, sell, states, tell


@pytest.fixture
def terms(unit):
    return sell(unit)


@pytest.mark.parametrize(("amount", "total"), [(1000, 3000), (5000, 9000), (10_000, 16_500)])
def test_a_purchase_costs_its_steps_and_the_fee(amount, total, wallet, terms):
    asked = ask(wallet, terms, amount)

    purchase = asked.purchase
    assert (asked.fresh, purchase.total, purchase.fee, purchase.currency) == (True, total, 1500, "EUR")
    assert states(purchase) == ("REQUESTED", 0, 0, 0)
    assert (wallet.figures(), Posting.objects.count()) == (Figures(), 0)


def test_points_are_there_when_the_money_is(wallet, terms, unit):
    purchase = ask(wallet, terms, 5000).purchase

    authorised = tell(purchase, "AUTHORISED", 9000)
    assert (authorised.changed, wallet.figures(), states(purchase)[0]) == (True, Figures(), "AUTHORISED")

    told = tell(purchase, "CAPTURED", 9000, at=NOON + MINUTE)
    assert (told.fresh, told.changed, wallet.figures(NOON + MINUTE)) == (True, True, Figures(5000))
    assert states(purchase) == ("CAPTURED", 9000, 0, 0)
    assert books.totals(unit) == {"MEMBER": 5000, "CLEARING": -5000}
    assert books.legs(known(purchase).posting_id) == {"MEMBER": 5000, "CLEARING": -5000}


def test_what_is_bought_lives_as_the_policy_of_the_payment_says(wallet, terms, unit):
    books.says(unit, after(30))

    purchase = buy(wallet, terms)

    lot = wallet.lot(purchase.posting_id)
    assert (lot.active_from, lot.expires_at) == (NOON, datetime(2026, 4, 1, 22, tzinfo=UTC))


@pytest.mark.parametrize("name", ["", "evt_7"])
def test_a_payment_told_twice_is_one_payment(name, wallet, terms):
    purchase = ask(wallet, terms).purchase
    tell(purchase, "CAPTURED", 3000, name=name)

    with books.unchanged():
        again = tell(purchase, "CAPTURED", 3000, name=name)

    assert (again.fresh, again.changed, again.state) == (not name, bool(name), "CAPTURED")
    assert PaymentNotice.objects.count() == (1 if name else 2)


def test_what_comes_late_changes_nothing(wallet, terms):
    purchase = buy(wallet, terms)

    with books.unchanged():
        late = tell(purchase, "AUTHORISED", 3000)

    assert (late.changed, states(purchase)) == (False, ("CAPTURED", 3000, 0, 0))


def test_what_is_paid_is_not_cancelled(wallet, terms):
    purchase = buy(wallet, terms)

    with books.unchanged(), pytest.raises(errors.PurchaseCaptured):
        tell(purchase, "CANCELLED")

    assert states(purchase)[0] == "CAPTURED"


@pytest.mark.parametrize("first", [[], ["AUTHORISED"]])
@pytest.mark.parametrize("then", ["AUTHORISED", "CAPTURED"])
def test_what_is_cancelled_is_not_paid_any_more(first, then, wallet, terms):
    purchase = ask(wallet, terms).purchase
    for kind in [*first, "CANCELLED"]:
        assert tell(purchase, kind).changed
    assert not tell(purchase, "CANCELLED").changed

    with books.unchanged(), pytest.raises(errors.PurchaseNotOpen) as refusal:
        tell(purchase, then)

    assert refusal.value.facts["state"] == "CANCELLED"
    assert wallet.figures() == Figures()


def test_what_nobody_paid_in_time_ends_by_itself(wallet, terms):
    purchase = ask(wallet, terms, until=NOON + DAY).purchase
    assert [row.pk for row in waiting_of(wallet.wallet_id, at=NOON + DAY - SECOND)] == [purchase.pk]
    assert waiting_of(wallet.wallet_id, at=NOON + DAY) == []

    with books.unchanged(), pytest.raises(errors.PurchaseNotOpen) as refusal:
        tell(purchase, "CAPTURED", at=NOON + DAY)

    assert refusal.value.facts["state"] == "LAPSED"


def test_what_was_paid_in_time_counts_though_it_is_told_late(wallet, terms):
    purchase = ask(wallet, terms, until=NOON + DAY).purchase

    tell(purchase, "CAPTURED", at=NOON + 3 * DAY, happened_at=NOON + DAY - SECOND)

    assert wallet.figures(NOON + 3 * DAY) == Figures(1000)
    assert known(purchase).captured_at == NOON + DAY - SECOND


def test_an_authorised_purchase_waits_for_its_money(wallet, terms):
    purchase = ask(wallet, terms, until=NOON + DAY).purchase
    tell(purchase, "AUTHORISED")

    assert tell(purchase, "CAPTURED", at=NOON + 5 * DAY).changed


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("AUTHORISED", {"amount": 2999}),
        ("CAPTURED", {"amount": 3001}),
        ("CAPTURED", {"amount": 3000, "currency": "GBP"}),
    ],
)
def test_other_money_is_refused(kind, more, wallet, terms):
    purchase = ask(wallet, terms).purchase

    with books.unchanged(), pytest.raises(errors.PaymentMismatch) as refusal:
        tell(purchase, kind, **more)

    assert (refusal.value.facts["total"], refusal.value.facts["currency"]) == (3000, "EUR")
    assert states(purchase)[0] == "REQUESTED"


def test_a_notice_is_one_notice(wallet, terms):
    purchase = ask(wallet, terms).purchase
    tell(purchase, "AUTHORISED", name="evt_1")

    with books.unchanged(), pytest.raises(errors.NoticeReused):
        tell(purchase, "CAPTURED", name="evt_1")

    assert states(purchase)[0] == "AUTHORISED"


def test_a_purchase_is_paid_by_one_payment_and_a_payment_pays_one_purchase(wallet, terms, unit):
    purchase, other = ask(wallet, terms).purchase, ask(books.a_wallet(unit), terms).purchase
    tell(purchase, "AUTHORISED")

    for row, payment in ((purchase, "pi_other"), (other, f"pi_{purchase.pk}")):
        with books.unchanged(), pytest.raises(errors.PaymentContradicted), transaction.atomic():
            tell(row, "CAPTURED", payment=payment)
    assert states(purchase)[0] == "AUTHORISED"


def test_a_refused_notice_is_kept_and_may_come_again(wallet, terms):
    purchase = ask(wallet, terms).purchase
    notice = buying.a_notice(purchase, "REFUNDED")
    with pytest.raises(errors.PurchaseNotCaptured) as refusal:
        ledger.tell_payment(purchase_id=purchase.pk, notice=notice, at=NOON)

    for _ in range(2):
        ledger.refuse_notice(
            programme_id=purchase.programme_id,
            purchase_id=purchase.pk,
            notice=notice,
            refusal=refusal.value.code,
            at=NOON,
        )

    assert list(PaymentNotice.objects.values_list("refusal", flat=True)) == ["purchase_not_captured"]
    tell(purchase, "CAPTURED")
    assert ledger.tell_payment(purchase_id=purchase.pk, notice=notice, at=NOON).changed
    assert states(purchase)[0] == "REFUNDED"


def test_a_reference_stands_for_one_purchase(wallet, terms, unit):
    ask(wallet, terms, ref="1")

    for again in (lambda: ask(wallet, terms, 2000, ref="1"), lambda: ask(books.a_wallet(unit), terms, ref="1")):
        with pytest.raises(errors.ReferenceReused), transaction.atomic():
            again()
    assert Purchase.objects.count() == 1


@pytest.mark.parametrize(
    ("before", "statement"),
    [
        ([], "UPDATE ledger_purchase SET state = 'REFUNDED'"),
        ([], "UPDATE ledger_purchase SET amount = 2000, price = 3000, total = 4500"),
        (["CAPTURED"], "UPDATE ledger_purchase SET state = 'REQUESTED'"),
        (["CAPTURED"], "UPDATE ledger_purchase SET state = 'CANCELLED', cancelled_at = now()"),
        (["CAPTURED"], "UPDATE ledger_purchase SET payment = 'pi_other'"),
        (["CAPTURED"], "UPDATE ledger_purchase SET withdraw_until = NULL"),
        (["CAPTURED"], "UPDATE ledger_purchase SET captured = 0"),
        (["CAPTURED", "REFUNDED"], "UPDATE ledger_purchase SET state = 'CAPTURED', refunded = 0, taken_back = 0"),
        (["CANCELLED"], "UPDATE ledger_purchase SET state = 'REQUESTED', cancelled_at = NULL"),
        (["AUTHORISED"], "UPDATE ledger_purchase SET counts_in = 2030"),
        (["CAPTURED"], "DELETE FROM ledger_purchase"),
        (["CAPTURED"], "DELETE FROM ledger_paymentnotice"),
        (["CAPTURED"], "UPDATE ledger_paymentnotice SET amount = 1"),
    ],
)
def test_the_database_holds_the_states(before, statement, wallet, terms):
    purchase = ask(wallet, terms).purchase
    for kind in before:
        tell(purchase, kind)

    with (
        pytest.raises(DatabaseError, match=r"purchase|append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.parametrize(("listens", "lives"), [((Activity.EARN,), 10), ((Activity.EARN, Activity.BUY), 13)])
def test_buying_keeps_alive_where_the_policy_listens_to_it(listens, lives, wallet, terms, unit):
    books.says(unit, Policy(Inactivity(10, Span.DAYS, activities=listens)))
    earning = wallet.earn(50, until=NOON + 10 * DAY)

    buy(wallet, terms, at=NOON + 3 * DAY)

    assert wallet.lot(earning).expires_at.date() == (NOON + timedelta(days=lives)).date()
