"""Units for money: nothing before the money, once for each payment, and back again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from ledger import errors
from ledger import services as ledger
from ledger.models import PaymentNotice, Posting, Purchase, PurchaseTerms
from ledger.policies import Activity, Inactivity, Policy, Span, after
from ledger.purchases import bought_in, clearing, quote, untouched, waiting_of
from tests.ledger import books, buying
from tests.ledger.books import DAY, MINUTE, NOON, SECOND, Figures
from tests.ledger.buying import TOP_UP, ask, buy, known, sell, tell, withdraw


@pytest.fixture
def terms(unit):
    return sell(unit)


@pytest.fixture
def cash(programme):
    """A wallet of money, in cents."""
    return books.a_unit(programme, "cash", klass="STORED_VALUE", decimals=2)


@pytest.fixture
def top_up(cash):
    return sell(cash, TOP_UP)


@pytest.fixture
def purse(cash):
    return books.a_wallet(cash)


def states(purchase):
    row = known(purchase)
    return row.state, row.captured, row.refunded, row.taken_back


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


def test_a_refund_takes_the_own_lot_then_what_expired_then_others_and_leaves_arrears(wallet, terms, unit):
    books.says(unit, after(10))
    wallet.earn(300)
    purchase = buy(wallet, terms)
    wallet.spend(400, at=NOON + MINUTE)
    late = NOON + 20 * DAY
    books.expire_all(late)
    assert books.totals(unit)["BREAKAGE"] == 600

    tell(purchase, "REFUNDED", 3000, at=late)

    assert states(purchase) == ("REFUNDED", 3000, 3000, 1000)
    (back,) = Posting.objects.filter(kind="CLAW_BACK", corrects_id=known(purchase).posting_id)
    assert books.legs(back.pk) == {"BREAKAGE": -600, "MEMBER": -300, "ARREARS": -100, "CLEARING": 1000}
    assert wallet.figures(late) == Figures(owed=100)


def test_a_refund_told_twice_takes_once(wallet, terms):
    purchase = buy(wallet, terms)
    tell(purchase, "REFUNDED", 3000)

    with books.unchanged():
        assert not tell(purchase, "REFUNDED", 3000).changed
        assert not tell(purchase, "REFUNDED").changed

    assert wallet.figures() == Figures()


@pytest.mark.parametrize(
    ("kind", "amount", "refusal"),
    [("REFUNDED", 3001, errors.PaymentMismatch), ("REFUNDED", 1500, errors.RefundNotWhole)],
)
def test_points_go_back_whole(kind, amount, refusal, wallet, terms):
    purchase = buy(wallet, terms)

    with books.unchanged(), pytest.raises(refusal):
        tell(purchase, kind, amount)

    assert states(purchase) == ("CAPTURED", 3000, 0, 0)


@pytest.mark.parametrize("parts", [[1000], [1, 300, 999, 1000], [300, 100, 300, 1000], [300, 1000, 300]])
def test_money_goes_back_in_parts_and_sums_do_not_depend_on_how(parts, purse, top_up):
    purchase = buy(purse, top_up, 1000)

    for upto in parts:
        tell(purchase, "REFUNDED", upto)

    assert states(purchase) == ("REFUNDED", 1000, 1000, 1000)
    assert purse.figures() == Figures()


def test_a_part_of_the_money_leaves_the_rest(purse, top_up, cash):
    purchase = buy(purse, top_up, 1000)

    tell(purchase, "REFUNDED", 250)

    assert states(purchase) == ("CAPTURED", 1000, 250, 250)
    assert (purse.figures(), books.totals(cash)) == (Figures(750), {"MEMBER": 750, "CLEARING": -750})


def test_the_fee_goes_back_last_and_takes_nothing(purse, cash):
    purchase = buy(purse, sell(cash, TOP_UP, fee=100), 1000)

    tell(purchase, "REFUNDED", 1050)
    assert (states(purchase), purse.figures()) == (("CAPTURED", 1100, 1050, 1000), Figures())

    tell(purchase, "REFUNDED", 1100)
    assert states(purchase) == ("REFUNDED", 1100, 1100, 1000)
    assert Posting.objects.filter(kind="CLAW_BACK").count() == 1


def test_who_used_nothing_can_withdraw_within_the_time(wallet, terms, unit):
    other = wallet.earn(500)
    purchase = buy(wallet, terms)
    last = datetime(2026, 3, 16, 23, tzinfo=UTC) - SECOND  # the end of the fourteenth day in Berlin
    assert untouched(purchase, at=last)

    told = withdraw(purchase, at=last)

    assert (told.changed, states(purchase)) == (True, ("REFUNDED", 3000, 3000, 1000))
    assert wallet.left() == [500, 0]
    assert wallet.lot(other).remaining == 500
    assert books.totals(unit) == {"ISSUANCE": -500, "MEMBER": 500}


@pytest.mark.parametrize("use", ["spend", "hold"])
def test_who_used_one_point_can_not_withdraw(use, wallet, terms):
    purchase = buy(wallet, terms)
    getattr(wallet, use)(1)

    assert not untouched(purchase, at=NOON)
    with books.unchanged(), pytest.raises(errors.WithdrawalRefused) as refusal:
        withdraw(purchase)

    assert refusal.value.facts["reason"] == "withdrawal_used"
    assert states(purchase) == ("CAPTURED", 3000, 0, 0)


def test_who_owed_can_not_withdraw_what_paid_the_debt(wallet, terms):
    earning = wallet.earn(100)
    wallet.spend(100)
    wallet.claw_back(earning, 100)

    purchase = buy(wallet, terms)

    assert wallet.figures() == Figures(900)
    with books.unchanged(), pytest.raises(errors.WithdrawalRefused):
        withdraw(purchase)


@pytest.mark.parametrize(
    ("days", "at", "reason"),
    [(0, NOON, "no_withdrawal"), (14, datetime(2026, 3, 16, 23, tzinfo=UTC), "withdrawal_over")],
)
def test_without_the_right_nobody_withdraws(days, at, reason, wallet, unit):
    purchase = buy(wallet, sell(unit, withdrawal_days=days))

    assert not untouched(purchase, at=at)
    with books.unchanged(), pytest.raises(errors.WithdrawalRefused) as refusal:
        withdraw(purchase, at=at)

    assert refusal.value.facts["reason"] == reason


def test_what_expired_is_not_withdrawn_whether_or_not_the_night_was(wallet, terms, unit):
    books.says(unit, after(5))
    purchase = buy(wallet, terms)
    late = NOON + 6 * DAY

    for _ in range(2):
        assert not untouched(purchase, at=late)
        with pytest.raises(errors.WithdrawalRefused) as refusal:
            withdraw(purchase, at=late)
        assert refusal.value.facts["reason"] == "withdrawal_over"
        books.expire_all(late)


def test_points_that_came_back_into_the_lot_can_be_withdrawn_again(wallet, terms):
    purchase = buy(wallet, terms)
    wallet.reverse(wallet.spend(10))

    assert withdraw(purchase).changed


def test_the_year_has_a_limit(wallet, terms):
    buy(wallet, terms, 150_000)

    with books.unchanged(), pytest.raises(errors.PurchaseLimitReached) as refusal:
        ask(wallet, terms, 51_000)

    assert refusal.value.facts == {"limit": 200_000, "left": 50_000}
    assert buy(wallet, terms, 50_000).state == "CAPTURED"
    assert bought_in(wallet_id=wallet.wallet_id, unit_id=wallet.unit.pk, year=2026) == 200_000


def test_a_request_holds_no_room_in_the_year_and_an_authorised_one_does(wallet, terms):
    first, second = (ask(wallet, terms, 150_000).purchase for _ in range(2))
    tell(first, "AUTHORISED")

    for kind in ("AUTHORISED", "CAPTURED"):
        with books.unchanged(), pytest.raises(errors.PurchaseOverLimit):
            tell(second, kind)

    tell(first, "CANCELLED")
    assert tell(second, "CAPTURED").changed


def test_what_went_back_makes_room_in_its_year(wallet, terms):
    purchase = buy(wallet, terms, 200_000)
    tell(purchase, "REFUNDED")

    assert buy(wallet, terms, 200_000).state == "CAPTURED"


def test_the_year_is_that_of_the_programmes_zone(wallet, terms):
    eve = datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)  # one second before midnight in Berlin
    buy(wallet, terms, 200_000, at=eve)

    with pytest.raises(errors.PurchaseLimitReached):
        ask(wallet, terms, 1000, at=eve)
    assert buy(wallet, terms, 200_000, at=eve + SECOND).counts_in == 2027


@pytest.mark.parametrize(
    ("amount", "reason"), [(0, "below_minimum"), (500, "below_minimum"), (1500, "off_step"), (201_000, "above_maximum")]
)
def test_amounts_that_are_not_for_sale(amount, reason, wallet, terms):
    with books.unchanged(), pytest.raises(errors.PurchaseAmountRefused) as refusal:
        ask(wallet, terms, amount)

    assert refusal.value.facts == {"reason": reason, "minimum": 1000, "maximum": 200_000, "step": 1000}
    assert Purchase.objects.count() == 0


def test_what_is_not_offered_is_not_sold(wallet, unit):
    closed = sell(unit, is_offered=False)

    with pytest.raises(errors.PurchaseNotOffered):
        ask(wallet, closed)


def test_a_purchase_keeps_the_terms_it_was_made_under(wallet, terms, unit):
    asked = ask(wallet, terms, ref="1")
    dearer = sell(unit, price=9900, withdrawal_days=0)

    again = ask(wallet, dearer, ref="1")
    paid = tell(asked.purchase, "CAPTURED", 3000).purchase

    assert (again.fresh, again.purchase.pk, again.purchase.total) == (False, asked.purchase.pk, 3000)
    assert paid.withdraw_until is not None
    assert ask(wallet, dearer).purchase.total == 11_400
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        PurchaseTerms.objects.update(price=1)


def test_a_reference_stands_for_one_purchase(wallet, terms, unit):
    ask(wallet, terms, ref="1")

    for again in (lambda: ask(wallet, terms, 2000, ref="1"), lambda: ask(books.a_wallet(unit), terms, ref="1")):
        with pytest.raises(errors.ReferenceReused), transaction.atomic():
            again()
    assert Purchase.objects.count() == 1


def test_the_price_is_the_one_that_was_seen(wallet, terms):
    with pytest.raises(errors.PriceChanged) as refusal:
        ask(wallet, terms, seen_total=2900)

    assert (refusal.value.facts, Purchase.objects.count()) == ({"seen": 2900, "total": 3000}, 0)
    assert ask(wallet, terms, seen_total=3000).fresh


def test_five_wait_at_most(wallet, terms):
    waiting = [ask(wallet, terms).purchase for _ in range(5)]

    with pytest.raises(errors.PurchasesWaiting):
        ask(wallet, terms)

    tell(waiting[0], "CANCELLED")
    assert ask(wallet, terms).fresh
    assert ask(wallet, terms, at=NOON + 2 * DAY).fresh


def test_qualifying_points_are_not_for_sale(programme):
    status = books.a_unit(programme, "status", klass="QUALIFYING")

    with pytest.raises(ValueError, match="not for sale"):
        sell(status)
    with pytest.raises(IntegrityError, match="not for sale"), transaction.atomic():
        PurchaseTerms.objects.create(
            unit=status, number=1, is_offered=True, step=1, price=1, minimum=1, maximum=9, set_at=NOON
        )


def test_stored_value_costs_what_it_is_worth(cash):
    with pytest.raises(IntegrityError, match="costs what it is worth"), transaction.atomic():
        sell(cash, TOP_UP, price=2)
    assert sell(cash, TOP_UP, step=500, price=500, minimum=500).number == 1


def test_steps_of_the_least_and_the_most_are_whole(unit):
    with pytest.raises(IntegrityError, match="whole steps"), transaction.atomic():
        sell(unit, minimum=1500)


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


def test_a_purchase_of_another_price_does_not_begin(wallet, terms):
    row = {"wallet_id": wallet.wallet_id, "unit": terms.unit, "terms": terms, "programme_id": terms.unit.programme_id}

    with pytest.raises(IntegrityError, match="what its terms say"), transaction.atomic():
        Purchase.objects.create(
            **row,
            number="B2345678",
            amount=1000,
            price=1,
            fee=1500,
            total=1501,
            requested_at=NOON,
            expires_at=NOON + DAY,
        )


@pytest.mark.parametrize(("listens", "lives"), [((Activity.EARN,), 10), ((Activity.EARN, Activity.BUY), 13)])
def test_buying_keeps_alive_where_the_policy_listens_to_it(listens, lives, wallet, terms, unit):
    books.says(unit, Policy(Inactivity(10, Span.DAYS, activities=listens)))
    earning = wallet.earn(50, until=NOON + 10 * DAY)

    buy(wallet, terms, at=NOON + 3 * DAY)

    assert wallet.lot(earning).expires_at.date() == (NOON + timedelta(days=lives)).date()


def test_a_quote_says_what_is_allowed(wallet, terms):
    buy(wallet, terms, 196_000)

    found = quote(wallet_id=wallet.wallet_id, terms=terms, at=NOON, amount=9000)

    assert (found.bought, found.maximum, found.amount, found.price.total) == (196_000, 4000, 4000, 7500)
    assert quote(wallet_id=wallet.wallet_id, terms=terms, at=NOON).amount == 1000


def test_what_came_in_and_went_back_adds_up_to_the_clearing_account(wallet, purse, terms, top_up, unit, cash):
    late = datetime(2026, 4, 2, tzinfo=UTC)
    tell(buy(wallet, terms, 5000), "REFUNDED", at=late)
    buy(wallet, terms, 1000, at=late)
    topped_up = buy(purse, top_up, 1000)
    for upto, at in ((300, NOON), (100, late), (700, late)):
        tell(topped_up, "REFUNDED", upto, at=at)

    rows = {(row.month, row.unit_id): row for row in clearing([unit.programme_id])}

    assert {key: (row.captured, row.refunded, row.net, row.net_units) for key, row in rows.items()} == {
        ("2026-03", unit.pk): (9000, 0, 9000, 5000),
        ("2026-04", unit.pk): (3000, 9000, -6000, -4000),
        ("2026-03", cash.pk): (1000, 300, 700, 700),
        ("2026-04", cash.pk): (0, 400, -400, -400),
    }
    for each in (unit, cash):
        assert sum(row.net_units for row in rows.values() if row.unit_id == each.pk) == -books.totals(each)["CLEARING"]
    assert clearing([]) == []
