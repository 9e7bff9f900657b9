"""What the two wallets of the machine in `test_model.py` send each other."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, multiple, precondition, rule

from ledger.errors import InsufficientPoints, TransferNotOpen
from ledger.models import Transfer
from ledger.sending import TransferRules
from tests.ledger import model, sending
from tests.ledger.books import DAY, MINUTE, SECOND, TestWallet
from tests.ledger.model import Refused

ASKED = st.one_of(st.sampled_from([1, 2, 5, 10]), st.integers(1, 500), st.sampled_from([0.3, 0.5, 1.0]))
WAITS = st.sampled_from([timedelta(0)] * 3 + [SECOND, MINUTE, DAY, 3 * DAY])
FEES = st.sampled_from([{}, {"fee_fixed": 3}, {"fee_permille": 125}])
GIVERS = st.sampled_from([0, 0, 1])
WAYS = {"accept": sending.accept, "decline": sending.decline, "withdraw": sending.withdraw}


@dataclass(eq=False)
class Offered:
    """An offer of a wallet to the other one."""

    giver: int
    row: Transfer
    hold: model.Hold


class Transfers(RuleBasedStateMachine):
    """The rules; wallets, models and the clock are those of `Books`."""

    offers = Bundle("offers")
    answered = Bundle("answered")

    now: datetime
    wallets: list[TestWallet]
    models: list[model.Wallet]

    def can_send(self) -> bool:
        return any(plain.free(self.now) for plain in self.models)

    def asked_of(self, plain: model.Wallet, asked: float, rules: TransferRules) -> int:
        if isinstance(asked, int):
            return asked
        return max(rules.most(spendable=int(plain.figures(self.now).spendable * asked), left=None), 1)

    @precondition(can_send)
    @rule(giver=GIVERS, asked=ASKED, fees=FEES)
    def send(self, giver: int, asked: float, fees: dict[str, int]) -> None:
        real, plain, other, their = self.sides(giver)
        sending.may_be_sent(real.unit, **fees)
        rules = TransferRules(**fees)
        amount = self.asked_of(plain, asked, rules)
        ref = f"sent {Transfer.objects.count()}"
        try:
            with model.refused_whole(plain, their):
                plain.send(their, amount, rules.fee(amount), self.now)
        except Refused:
            with pytest.raises(InsufficientPoints):
                sending.send(real, other, amount, at=self.now, ref=ref)
            return
        done = sending.send(real, other, amount, at=self.now, ref=ref)
        again = sending.send(real, other, amount, at=self.now, ref=ref)
        assert (done.fresh, again.fresh, again.transfer) == (True, False, done.transfer)

    @precondition(can_send)
    @rule(target=offers, giver=GIVERS, asked=ASKED, fees=FEES)
    def offer(self, giver: int, asked: float, fees: dict[str, int]):
        real, plain, other, their = self.sides(giver)
        rules = TransferRules(days_to_accept=1, **fees)
        sending.may_be_sent(real.unit, needs_acceptance=True, days_to_accept=1, **fees)
        amount = self.asked_of(plain, asked, rules)
        try:
            with model.refused_whole(plain, their):
                their.settle(self.now)
                hold = plain.offer(
                    amount + rules.fee(amount), self.now, rules.open_until(self.now, real.unit.programme.zone)
                )
        except Refused:
            with pytest.raises(InsufficientPoints):
                sending.send(real, other, amount, at=self.now)
            return multiple()
        row = sending.offer(real, other, amount, at=self.now)
        assert row.ends_at == hold.until
        return Offered(giver, row, hold)

    @rule(
        target=answered,
        offered=consumes(offers),
        way=st.sampled_from(["accept", "accept", "decline", "withdraw"]),
        wait=WAITS,
    )
    def answer(self, offered: Offered, way: str, wait: timedelta) -> Offered:
        self.now += wait
        _real, plain, _other, their = self.sides(offered.giver)
        try:
            if way == "accept":
                plain.accept(their, offered.hold, offered.row.fee, self.now)
            else:
                plain.release(offered.hold, self.now)
        except Refused:
            with pytest.raises(TransferNotOpen):
                WAYS[way](offered.row, at=self.now)
        else:
            assert WAYS[way](offered.row, at=self.now).fresh
            assert not WAYS[way](offered.row, at=self.now).fresh
        return offered

    @rule(offered=answered, way=st.sampled_from(list(WAYS)))
    def answer_again(self, offered: Offered, way: str) -> None:
        """Once it has ended nothing moves any more, but arrears."""
        offered.row.refresh_from_db()
        _real, plain, _other, their = self.sides(offered.giver)
        if offered.row.state == {"accept": "ACCEPTED", "decline": "DECLINED", "withdraw": "WITHDRAWN"}[way]:
            assert not WAYS[way](offered.row, at=self.now).fresh
        else:
            with pytest.raises(TransferNotOpen):
                WAYS[way](offered.row, at=self.now)
        plain.settle(self.now)
        if way == "accept":
            their.settle(self.now)

    @rule(wait=WAITS)
    def lapse(self, wait: timedelta) -> None:
        self.now += wait
        waiting = Transfer.objects.filter(
            programme=self.wallets[0].programme_id, state="OFFERED", ends_at__lte=self.now
        )
        expected = sorted(waiting.values_list("pk", "from_wallet_id"))
        assert sending.lapse(self.wallets[0].unit.programme, at=self.now) == [pk for pk, _ in expected]
        for wallet, plain in zip(self.wallets, self.models, strict=True):
            if wallet.wallet_id in {giver for _, giver in expected}:
                plain.settle(self.now)

    def sides(self, giver: int) -> tuple[TestWallet, model.Wallet, TestWallet, model.Wallet]:
        return self.wallets[giver], self.models[giver], self.wallets[1 - giver], self.models[1 - giver]
