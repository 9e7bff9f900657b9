"""Units for sale, for tests: terms, requests, and providers that speak."""

import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ledger import services as ledger
from ledger.buying import Offer
from ledger.models import PaymentNotice, Purchase, PurchaseTerms, Unit
from ledger.services import Notice, Requested, Told
from tests.ledger.books import NOON, TestWallet

Kind = PaymentNotice.Kind
# GBP 15 per 1,000 points and per purchase, at most 200,000 a year, two weeks to withdraw.
VIRGIN = Offer(step=1000, price=1500, fee=1500, minimum=1000, maximum=200_000, max_per_year=200_000, withdrawal_days=14)
# One cent costs one cent.
TOP_UP = Offer(step=1, price=1, fee=0, minimum=1, maximum=100_000)
A_DAY = timedelta(days=1)

_numbers = itertools.count(1)


def sell(unit: Unit, offer: Offer = VIRGIN, *, is_offered: bool = True, **changes: Any) -> PurchaseTerms:
    """Put a unit on sale."""
    return ledger.set_purchase_terms(
        unit=unit, offer=replace(offer, **changes), is_offered=is_offered, by="test", at=NOON
    )


def ask(
    wallet: TestWallet, terms: PurchaseTerms, amount: int = 1000, *, at: datetime = NOON, ref: str = "", **more: Any
) -> Requested:
    return ledger.request_purchase(
        wallet_id=wallet.wallet_id,
        terms=terms,
        amount=amount,
        source="test",
        reference=ref or f"purchase {next(_numbers)}",
        at=at,
        until=more.pop("until", at + A_DAY),
        **more,
    )


def a_notice(purchase: Purchase, kind: str, amount: int | None = None, *, name: str = "", **more: Any) -> Notice:
    """What the provider says; each time under a name of its own, unless it is given."""
    return Notice(
        **{
            "provider": "stripe",
            "name": name or f"evt_{next(_numbers)}",
            "kind": Kind(kind),
            "actor": "test",
            "payment": f"pi_{purchase.pk}",
            "amount": amount,
        }
        | more
    )


def tell(purchase: Purchase, kind: str, amount: int | None = None, *, at: datetime = NOON, **more: Any) -> Told:
    return ledger.tell_payment(purchase_id=purchase.pk, notice=a_notice(purchase, kind, amount, **more), at=at)


def buy(wallet: TestWallet, terms: PurchaseTerms, amount: int = 1000, *, at: datetime = NOON) -> Purchase:
    """Asked for and paid at once."""
    return tell(ask(wallet, terms, amount, at=at).purchase, "CAPTURED", at=at).purchase


def withdraw(purchase: Purchase, *, at: datetime = NOON) -> Told:
    return tell(purchase, "WITHDRAWN", at=at, payment="", provider="cockpit")


def known(purchase: Purchase) -> Purchase:
    """As it stands in the database now."""
    return Purchase.objects.get(pk=purchase.pk)


def states(purchase: Purchase) -> tuple[str, int, int, int]:
    """State, money paid and given back, units taken back."""
    row = known(purchase)
    return row.state, row.captured, row.refunded, row.taken_back
