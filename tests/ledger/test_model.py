"""
The books do what a plain model of them does, whatever happens in whatever order.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ledger import queries
from ledger.errors import HoldNotOpen, InsufficientPoints, ReferenceReused, RefundAboveSpent
from tests.ledger import asking, books, model
from tests.ledger.books import DAY, MINUTE, NOON, SECOND, Figures, TestWallet
from tests.ledger.model import Refused
from tests.ledger.model_transfers import Transfers

# Half small, where coincidences live, half wide.
AMOUNTS = st.one_of(st.sampled_from([1, 2, 5, 10]), st.integers(1, 500))
# What is asked of a wallet: an amount, or a share of what is free, so that not every other request is refused.
ASKED = st.one_of(AMOUNTS, st.sampled_from([0.3, 0.5, 1.0]))
# Few, so that holds end and lots lapse in the same moments.
SPANS = st.sampled_from([MINUTE, 5 * MINUTE, DAY])
# What is done to a thing is done at once or when some time is over: steps that only let time pass are wasted.
WAITS = st.sampled_from([timedelta(0)] * 3 + [SECOND, MINUTE, 5 * MINUTE, DAY])
SHARES = st.lists(st.sampled_from([0, 1, 2, 2, 3]), min_size=1, max_size=3)
LAPSES = st.sampled_from([False, False, True])
WALLETS = st.sampled_from([0, 0, 1])
GRACE = 3 * DAY


@dataclass(eq=False)
class Earned:
    """An earning: where, by which reference, on which terms, and its lot in the model."""

    wallet: int
    ref: str
    amount: int
    active: datetime
    until: datetime | None
    posting: int
    lot: model.Lot


@dataclass(eq=False)
class Held:
    wallet: int
    ref: str
    amount: int
    hold_id: int
    hold: model.Hold


@dataclass(eq=False)
class Spent:
    """A spending, of what was free or of what a hold kept."""

    wallet: int
    ref: str
    amount: int
    posting: int
    parts: model.Parts
    given_back: int = 0
    undone_by: int = 0


class Books(Transfers):
    """Two wallets of one unit, really and in the model. Each example is a transaction that never ends well."""

    earnings = Bundle("earnings")
    holds = Bundle("holds")
    ended = Bundle("ended")
    spendings = Bundle("spendings")
    undone = Bundle("undone")

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.now = NOON
        self.count = self.steps = 0
        self.models = [model.Wallet(), model.Wallet()]

    @initialize(target=earnings, amounts=st.lists(st.integers(1, 100), min_size=2, max_size=4), lives=st.none() | SPANS)
    def open_books(self, amounts: list[int], lives: timedelta | None):
        unit = books.a_unit(books.a_programme())
        self.wallets = [books.a_wallet(unit), books.a_wallet(unit)]
        self.office = asking.an_office(unit.programme)
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('ledger_posting_id_seq')")
            (self.since,) = cursor.fetchone()
        return multiple(*[self.earn(number % 2, amount, None, lives) for number, amount in enumerate(amounts)])

    def teardown(self) -> None:
        try:
            assert books.findings() == []
        finally:
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    def new_ref(self) -> str:
        self.count += 1
        return str(self.count)

    def both(self, wallet: int) -> tuple[TestWallet, model.Wallet]:
        return self.wallets[wallet], self.models[wallet]

    def amount_of(self, asked: float, plain: model.Wallet) -> int:
        if isinstance(asked, int):
            return asked
        return max(int(plain.figures(self.now).spendable * asked), 1)

    # Most steps would else ask empty wallets for points, and expire nothing.
    def has_points(self) -> bool:
        return any(plain.free(self.now) for plain in self.models)

    # -- verbs

    @rule(
        target=earnings, wallet=WALLETS, amount=AMOUNTS, starts=st.none() | st.none() | SPANS, lives=st.none() | SPANS
    )
    def earn(self, wallet: int, amount: int, starts: timedelta | None, lives: timedelta | None) -> Earned:
        real, plain = self.both(wallet)
        active = self.now + (starts or timedelta(0))
        until = None if lives is None else active + lives
        ref = self.new_ref()
        posting = real.earn(amount, at=self.now, active=active, until=until, ref=ref)
        return Earned(wallet, ref, amount, active, until, posting, plain.earn(amount, self.now, active, until))

    @precondition(has_points)
    @rule(target=spendings, wallet=WALLETS, asked=ASKED)
    def spend(self, wallet: int, asked: float):
        real, plain = self.both(wallet)
        amount, ref = self.amount_of(asked, plain), self.new_ref()
        try:
            parts = plain.spend(amount, self.now)
        except Refused:
            with pytest.raises(InsufficientPoints) as refusal:
                real.spend(amount, at=self.now, ref=ref)
            assert refusal.value.facts == {"required": amount, "spendable": plain.free(self.now)}
            return multiple()
        return Spent(wallet, ref, amount, real.spend(amount, at=self.now, ref=ref), parts)

    @precondition(has_points)
    @rule(target=holds, wallet=WALLETS, asked=ASKED, lives=SPANS)
    def hold(self, wallet: int, asked: float, lives: timedelta):
        real, plain = self.both(wallet)
        amount, ref, until = self.amount_of(asked, plain), self.new_ref(), self.now + lives
        try:
            hold = plain.hold(amount, self.now, until)
        except Refused:
            with pytest.raises(InsufficientPoints):
                real.hold(amount, at=self.now, until=until, ref=ref)
            return multiple()
        return Held(wallet, ref, amount, real.hold(amount, at=self.now, until=until, ref=ref), hold)

    @rule(target=spendings, held=consumes(holds), wait=WAITS, share=st.sampled_from([1, 2]))
    def capture(self, held: Held, wait: timedelta, share: int):
        self.now += wait
        real, plain = self.both(held.wallet)
        amount = max(held.amount // share, 1)
        try:
            parts = plain.capture(held.hold, amount, self.now)
        except Refused:
            with pytest.raises(HoldNotOpen):
                real.capture(held.hold_id, amount, at=self.now)
            return multiple()
        return Spent(held.wallet, held.ref, amount, real.capture(held.hold_id, amount, at=self.now), parts)

    @rule(target=ended, held=consumes(holds), wait=WAITS)
    def release(self, held: Held, wait: timedelta) -> Held:
        self.now += wait
        real, plain = self.both(held.wallet)
        try:
            plain.release(held.hold, self.now)
        except Refused:
            with pytest.raises(HoldNotOpen):
                real.release(held.hold_id, at=self.now)
        else:
            real.release(held.hold_id, at=self.now)
        return held

    @rule(wallet=WALLETS, amount=AMOUNTS, lives=st.none() | SPANS)
    def adjust_up(self, wallet: int, amount: int, lives: timedelta | None) -> None:
        self.adjust(wallet, amount, None if lives is None else self.now + lives)

    @precondition(has_points)
    @rule(wallet=WALLETS, asked=ASKED)
    def adjust_down(self, wallet: int, asked: float) -> None:
        self.adjust(wallet, -self.amount_of(asked, self.models[wallet]), None)

    def adjust(self, wallet: int, amount: int, until: datetime | None) -> None:
        """Asked for and approved; posting it again moves nothing."""
        real, plain = self.both(wallet)
        try:
            with model.refused_whole(plain):
                plain.adjust(amount, self.now, until)
        except Refused:
            with pytest.raises(InsufficientPoints):
                self.office.ask_for(real, amount, at=self.now)
            return
        request = self.office.ask_for(real, amount, at=self.now, until=until)
        (posted,) = self.office.approve(request, at=self.now)
        assert asking.post_again(request, at=self.now) == posted.posting_id

    @rule(
        target=earnings,
        earned=consumes(earnings),
        wait=WAITS,
        lapses=LAPSES,
        shares=SHARES,
    )
    def claw_back(self, earned: Earned, wait: timedelta, lapses: bool, shares: list[int]):
        """In parts: each a share of what was not taken back yet, or with 0 one more than that."""
        if lapses and earned.until and earned.until > self.now:
            self.expire(earned.until - self.now, 1000)
        self.now += wait
        for share in shares:
            left = earned.amount - earned.lot.taken_back
            self.take_back(earned, max(left // share, 1) if share else left + 1)
        return earned if earned.lot.taken_back < earned.amount else multiple()

    def take_back(self, earned: Earned, amount: int) -> None:
        real, plain = self.both(earned.wallet)
        ref = self.new_ref()
        try:
            taken, lapsed, owed = plain.claw_back(earned.lot, amount, self.now)
        except Refused:
            with pytest.raises(IntegrityError, match="cannot take back"), transaction.atomic():
                real.claw_back(earned.posting, amount, at=self.now, ref=ref)
            return
        answer = real.claw_back(earned.posting, amount, at=self.now, ref=ref)
        assert (answer.taken, answer.lapsed, answer.owed) == (taken, lapsed, owed)
        assert real.claw_back(earned.posting, amount, at=self.now, ref=ref) == replace(answer, fresh=False)

    @rule(target=undone, spent=consumes(spendings), wait=WAITS)
    def reverse(self, spent: Spent, wait: timedelta):
        self.now += wait
        real, plain = self.both(spent.wallet)
        left = spent.amount - spent.given_back
        plain.refund(spent.parts, spent.given_back, left, self.now, self.now + GRACE)
        if left:
            spent.undone_by = real.reverse(spent.posting, at=self.now, grace=GRACE)
            return spent
        with pytest.raises(RefundAboveSpent):
            real.reverse(spent.posting, at=self.now, grace=GRACE)
        return multiple()

    @rule(target=spendings, spent=consumes(spendings), wait=WAITS, shares=SHARES)
    def refund(self, spent: Spent, wait: timedelta, shares: list[int]) -> Spent:
        """In parts: each a share of what was not given back yet, or with 0 one more than that."""
        self.now += wait
        for share in shares:
            left = spent.amount - spent.given_back
            self.give_back(spent, max(left // share, 1) if share else left + 1)
        return spent

    def give_back(self, spent: Spent, amount: int) -> None:
        real, plain = self.both(spent.wallet)
        ref = self.new_ref()
        try:
            plain.refund(spent.parts, spent.given_back, amount, self.now, self.now + GRACE)
        except Refused:
            with pytest.raises(RefundAboveSpent) as refusal:
                real.refund(spent.posting, amount, at=self.now, grace=GRACE, ref=ref)
            assert refusal.value.facts == {"left": spent.amount - spent.given_back, "amount": amount}
            return
        spent.given_back += amount
        answer = real.refund(spent.posting, amount, at=self.now, grace=GRACE, ref=ref)
        assert real.refund(spent.posting, amount, at=self.now, grace=GRACE, ref=ref) == replace(answer, fresh=False)

    @rule(wait=WAITS, accounts=st.sampled_from([1, 1000]))
    def expire(self, wait: timedelta, accounts: int) -> None:
        self.now += wait
        assert books.expire_all(self.now, accounts=accounts) == sum(plain.expire(self.now) for plain in self.models)

    # Rare by itself, and where expiry has most to get wrong.
    def lots_to_lapse_under_a_hold(self) -> list[datetime]:
        """When lots lapse of which an open hold keeps a part, not all."""
        return [
            lot.until
            for plain in self.models
            for lot in plain.lots
            if lot.until and lot.until > self.now and 0 < plain.kept(lot, lot.until) < lot.left
        ]

    @precondition(lots_to_lapse_under_a_hold)
    @rule()
    def expire_under_a_hold(self) -> None:
        self.expire(min(self.lots_to_lapse_under_a_hold()) - self.now, 1000)

    @rule(done=st.one_of(earnings, holds, ended, spendings, undone), changed=st.booleans())
    def ask_again(self, done: Earned | Held | Spent, changed: bool) -> None:
        """The first answer again, or a refusal if it is asked with another amount; nothing moves but arrears."""
        real, plain = self.both(done.wallet)
        if isinstance(done, Spent) and done.undone_by:
            assert real.reverse(done.posting, at=self.now, grace=GRACE) == done.undone_by
        elif changed:
            with pytest.raises(ReferenceReused), transaction.atomic():
                self.repeat(real, done, done.amount + 1)
            return
        else:
            self.repeat(real, done, done.amount)
        plain.settle(self.now)

    def repeat(self, real: TestWallet, done: Earned | Held | Spent, amount: int) -> None:
        if isinstance(done, Earned):
            again = real.earn(amount, at=self.now, active=done.active, until=done.until, ref=done.ref)
            assert again == done.posting
        elif isinstance(done, Held):
            assert real.hold(amount, at=self.now, ref=done.ref) == done.hold_id
        else:
            assert real.spend(amount, at=self.now, ref=done.ref) == done.posting

    @rule(held=ended)
    def end_again(self, held: Held) -> None:
        real, plain = self.both(held.wallet)
        with pytest.raises(HoldNotOpen):
            real.capture(held.hold_id, at=self.now)
        with pytest.raises(HoldNotOpen):
            real.release(held.hold_id, at=self.now)
        plain.settle(self.now)

    # -- what must hold after each step

    @invariant()
    def members_see_what_the_model_says(self) -> None:
        # Every other time ahead, where holds end and lots lapse or begin without anybody having touched the wallet.
        self.steps += 1
        at = self.now + self.steps % 2 * MINUTE
        found = queries.balances_by_wallet([wallet.wallet_id for wallet in self.wallets], at=at)
        for real, plain in zip(self.wallets, self.models, strict=True):
            (row,) = found[real.wallet_id]
            assert Figures(row.spendable, row.reserved, row.pending, row.owed) == plain.figures(at)

    @invariant()
    def lots_and_the_programmes_accounts_hold_what_the_model_says(self) -> None:
        with connection.cursor() as cursor:
            # By the postings of this example: what earlier ones left behind is dead, but still in the way.
            cursor.execute(
                "SELECT (SELECT json_agg(json_build_array(wallet_id, remaining) ORDER BY id)"
                "          FROM ledger_lot WHERE posting_id > %(since)s),"
                "       (SELECT json_object_agg(kind, total) FROM ("
                "               SELECT account.kind, sum(entry.amount) AS total FROM ledger_entry entry"
                "                 JOIN ledger_account account ON account.id = entry.account_id"
                "                WHERE entry.posting_id > %(since)s GROUP BY account.kind) sums)",
                {"since": self.since},
            )
            lots, totals = cursor.fetchone()
        for real, plain in zip(self.wallets, self.models, strict=True):
            assert [left for wallet_id, left in lots or [] if wallet_id == real.wallet_id] == [
                lot.left for lot in plain.lots
            ]
        expected = {
            "MEMBER": sum(lot.left for plain in self.models for lot in plain.lots),
            "ARREARS": -sum(plain.owed for plain in self.models),
            "ISSUANCE": -sum(plain.issued for plain in self.models),
            "REDEMPTION": sum(plain.redeemed for plain in self.models),
            "ADJUSTMENT": -sum(plain.adjusted for plain in self.models),
            "BREAKAGE": sum(plain.breakage for plain in self.models),
            "FEE": sum(plain.fees for plain in self.models),
        }
        assert {kind: (totals or {}).get(kind, 0) for kind in expected} == expected


def test_the_books_do_what_the_model_does(transactional_db):
    run_state_machine_as_test(Books, settings=settings(max_examples=200, stateful_step_count=50))


@pytest.mark.slow
def test_the_books_do_what_the_model_does_for_long(transactional_db):
    run_state_machine_as_test(
        Books, settings=settings(max_examples=2000, stateful_step_count=80, derandomize=False, print_blob=True)
    )
