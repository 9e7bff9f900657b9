"""
Buying does what a plain model of it does, whatever is said about payments in whatever order, while the wallets live on.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, initialize, invariant, multiple, rule, run_state_machine_as_test

from kernel.errors import DomainError
from ledger.buying import Offer
from ledger.models import Purchase
from tests.ledger import books, buying, purchase_model
from tests.ledger.purchase_model import LIMIT, Bought
from tests.ledger.test_model import WAITS, WALLETS, Books

# Cheap enough that the prices are not the amounts.
OFFER = Offer(step=1, price=3, fee=2, minimum=1, maximum=500, max_per_year=LIMIT, withdrawal_days=366)
SAID = st.sampled_from(["CAPTURED", "CAPTURED", "AUTHORISED", "AUTHORISED", "CANCELLED", "REFUNDED", "WITHDRAWN"])
# Around the year's limit, where coincidences live.
BOUGHT = st.sampled_from([1, 50, LIMIT // 2, LIMIT - 1, LIMIT, LIMIT + 1])


@dataclass(eq=False)
class Asked:
    wallet: int
    purchase: Purchase
    bought: Bought


class Shop(Books):
    """The two wallets of `Books`, which are filled with money besides."""

    requests = Bundle("requests")

    def __init__(self) -> None:
        super().__init__()
        self.models: Any = [purchase_model.Wallet(), purchase_model.Wallet()]

    @initialize()
    def open_shop(self) -> None:
        """Its terms are set when something is bought first: the wallets may not be there yet."""
        self.terms: Any = None

    @rule(target=requests, wallet=WALLETS, amount=BOUGHT, said=st.lists(SAID, max_size=3))
    def ask_to_buy(self, wallet: int, amount: int, said: list[str]):
        """And hear what becomes of it at once."""
        real, plain = self.both(wallet)
        self.terms = self.terms or buying.sell(real.unit, OFFER)
        plain.settle(self.now)
        if why_not := plain.why_not_ask(amount, self.now):
            with pytest.raises(DomainError) as refusal:
                buying.ask(real, self.terms, amount, at=self.now)
            assert refusal.value.code == why_not
            return multiple()
        asked = buying.ask(real, self.terms, amount, at=self.now)
        request = Asked(wallet, asked.purchase, plain.ask(amount, self.now + buying.A_DAY))
        for kind in said:
            self.tell(request, kind)
        return request

    @rule(target=requests, asked=consumes(requests), said=SAID, wait=WAITS)
    def hear(self, asked: Asked, said: str, wait: timedelta) -> Asked:
        self.now += wait
        self.tell(asked, said)
        return asked

    def tell(self, asked: Asked, said: str) -> None:
        """And every other time again, which changes nothing; each time would hide what the first left undone."""
        plain = self.models[asked.wallet]
        plain.settle(self.now)
        name, payment = f"notice {self.new_ref()}", f"pi_{asked.purchase.pk}"
        if why_not := plain.why_not(asked.bought, said, self.now):
            with pytest.raises(DomainError) as refusal:
                buying.tell(asked.purchase, said, at=self.now, name=name, payment=payment)
            assert refusal.value.code == why_not
            return
        told = buying.tell(asked.purchase, said, at=self.now, name=name, payment=payment)
        assert told.changed == plain.tell(asked.bought, said, self.now)
        if self.count % 2:
            return
        again = buying.tell(asked.purchase, said, at=self.now, name=name, payment=payment)
        assert (again.fresh, again.changed, again.state) == (False, told.changed, asked.bought.state)

    @invariant()
    def purchases_are_what_the_model_says(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(-sum(entry.amount), 0) FROM ledger_entry entry"
                "  JOIN ledger_account account ON account.id = entry.account_id AND account.kind = 'CLEARING'"
                " WHERE entry.posting_id > %s",
                [self.since],
            )
            assert cursor.fetchone()[0] == sum(plain.cleared for plain in self.models)
        for real, plain in zip(self.wallets, self.models, strict=True):
            rows = Purchase.objects.filter(wallet_id=real.wallet_id).order_by("pk").values_list("state", flat=True)
            assert list(rows) == [bought.state for bought in plain.purchases]


def test_buying_does_what_the_model_does(transactional_db):
    assert books.findings() == []
    run_state_machine_as_test(Shop, settings=settings(max_examples=40, stateful_step_count=30))


@pytest.mark.slow
def test_buying_does_what_the_model_does_for_long(transactional_db):
    run_state_machine_as_test(
        Shop, settings=settings(max_examples=1000, stateful_step_count=80, derandomize=False, print_blob=True)
    )
