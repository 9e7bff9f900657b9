"""What the pages about selling for money show: what is on sale, what waits for its payment, what became of it."""

from dataclasses import dataclass

from campaigns.payment_sentences import amount_of
from campaigns.queries import money_of
from counter.names import name_of
from counter.shift import Shift
from kernel.amounts import format_minor
from ledger.purchases import Purchase, PurchaseTerms, quote, terms_of, waiting_of
from ledger.queries import Unit
from members.models import Member, Visit
from members.selling import COUNTER


@dataclass(frozen=True, slots=True)
class Saleable:
    """
    One unit on sale, from `least` to `most` in steps, decimal numbers for fields. Each `units` minor units cost `money`
    minor units of the currency and a purchase `fee` besides, for the page to follow the slider; `total` is what
    `chosen` costs, in words. `most` is empty when the year's limit is used up.
    """

    code: str
    name: str
    least: str
    most: str
    step: str
    chosen: str
    decimals: int
    units: int
    money: int
    fee: int
    fee_text: str
    total: str


@dataclass(frozen=True, slots=True)
class PurchasePage:
    """A purchase at the till: whose, how much, for what money; `receipt` once it is paid here."""

    id: int
    number: str
    name: str
    amount: str
    total: str
    state: str
    receipt: str


def saleables(shift: Shift, visit: Visit) -> list[Saleable]:
    """Everything on sale, the least of it chosen."""
    return [_saleable(shift, visit, terms) for terms in terms_of(shift.till.programme.pk)]


def saleable_unit(shift: Shift, code: str) -> PurchaseTerms | None:
    """The terms of a unit that is on sale."""
    return next((terms for terms in terms_of(shift.till.programme.pk) if terms.unit.code == code), None)


def waiting_purchases(shift: Shift, member: Member) -> list[PurchasePage]:
    """What the member asked for and has not paid."""
    return [purchase_page(shift, row, member) for row in waiting_of(member.wallet_id, at=shift.at)]


def purchase_page(shift: Shift, purchase: Purchase, member: Member) -> PurchasePage:
    """One purchase, for its own page."""
    is_ours = purchase.provider == COUNTER
    return PurchasePage(
        id=purchase.pk,
        number=str(purchase),
        name=name_of(member),
        amount=amount_of(purchase.amount, purchase.unit),
        total=money_of(shift.till.programme).show(purchase.total),
        state="lapsed" if purchase.has_lapsed(shift.at) else str(purchase.state).lower(),
        receipt=purchase.payment.partition(":")[2] if is_ours else purchase.payment,
    )


def _saleable(shift: Shift, visit: Visit, terms: PurchaseTerms) -> Saleable:
    unit, money = terms.unit, money_of(shift.till.programme)
    found = quote(wallet_id=visit.member.wallet_id, terms=terms, at=shift.at)
    offer = found.offer
    return Saleable(
        code=unit.code,
        name=unit.name,
        least=_plain(offer.minimum, unit),
        most=_plain(found.maximum, unit) if found.maximum else "",
        step=_plain(offer.step, unit),
        chosen=_plain(found.amount, unit),
        decimals=unit.decimals,
        units=offer.step,
        money=offer.price,
        fee=offer.fee,
        fee_text=money.show(offer.fee) if offer.fee else "",
        total=money.show(found.price.total),
    )


def _plain(amount: int, unit: Unit) -> str:
    return format_minor(amount, decimals=unit.decimals)
