"""What the member can buy, and what they bought, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.payment_sentences import amount_of
from campaigns.queries import money_of
from cockpit.forms import BuyForm
from cockpit.visitor import Visitor
from kernel.amounts import format_minor
from kernel.periods import local_day
from kernel.wording import day_text
from ledger import buying as pricing
from ledger import purchases as ledger
from ledger.purchases import Purchase, PurchaseQuote, PurchaseTerms, untouched
from members import buying
from members.card import qr_svg

PURCHASES_SHOWN = 20
MOST_PRESETS = 4


@dataclass(frozen=True, slots=True)
class Preset:
    """An amount that is often chosen: in words, what it costs, and as a field reads it."""

    amount: str
    total: str
    value: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ShownOffer:
    """
    One unit on sale. `least`, `most`, `step` and `value` are decimal numbers for the field; the numbers below them are
    minor units, for the page to follow the choice. Without a `form` the year's limit is used up.
    """

    code: str
    name: str
    form: BuyForm | None
    presets: list[Preset]
    least: str
    most: str
    step: str
    value: str
    decimals: int
    step_minor: int
    step_price: int
    fee_minor: int
    amount: str
    price: str
    fee: str
    total: str
    lives: str
    bounds: str
    right: str


@dataclass(frozen=True, slots=True)
class ShownPurchase:
    """
    A purchase in words. `state` names it for the page, `badge` in words, with its `tone`; the rest is empty where there
    is nothing to say.
    """

    id: int
    number: str
    amount: str
    total: str
    state: str
    badge: str
    tone: str
    at: str
    until: str
    refunded: str
    withdraw_until: str
    code: SafeString | str


def offers_for(visitor: Visitor, asked: Mapping[str, str]) -> list[ShownOffer]:
    """Everything on sale, with what was `asked` for chosen."""
    return [_offer(visitor, terms, asked) for terms in ledger.terms_of(visitor.programme.pk)]


def is_selling(visitor: Visitor) -> bool:
    """Whether there is anything to buy, or anything was bought."""
    return bool(ledger.terms_of(visitor.programme.pk)) or ledger.purchases_of(visitor.member.wallet_id).exists()


def terms_asked(visitor: Visitor, code: str) -> PurchaseTerms | None:
    """The terms of the unit that a member named; None if it is not on sale."""
    return next((terms for terms in ledger.terms_of(visitor.programme.pk) if terms.unit.code == code), None)


def latest_purchases(visitor: Visitor) -> list[ShownPurchase]:
    """The member's newest purchases."""
    return [shown(visitor, row) for row in ledger.purchases_of(visitor.member.wallet_id)[:PURCHASES_SHOWN]]


def own_purchase(visitor: Visitor, purchase_id: int) -> Purchase | None:
    """One of the member's purchases."""
    return ledger.purchases_of(visitor.member.wallet_id).filter(pk=purchase_id).first()


def shown(visitor: Visitor, purchase: Purchase, *, in_detail: bool = False) -> ShownPurchase:
    """One purchase in words; in detail with its QR code, if a shop will read it, and whether it can be withdrawn."""
    money, is_waiting = money_of(visitor.programme), purchase.state == Purchase.State.REQUESTED
    has_lapsed = purchase.has_lapsed(visitor.at)
    state = "lapsed" if has_lapsed else str(purchase.state).lower()
    may_withdraw = in_detail and untouched(purchase, at=visitor.at)
    badge, tone = _badge(purchase, state)
    return ShownPurchase(
        id=purchase.pk,
        number=str(purchase),
        amount=amount_of(purchase.amount, purchase.unit),
        total=money.show(purchase.total),
        state=state,
        badge=badge,
        tone=tone,
        at=_day(purchase.captured_at or purchase.requested_at, visitor),
        until=_moment(purchase.expires_at, visitor) if is_waiting and not has_lapsed else "",
        refunded=money.show(purchase.refunded) if purchase.refunded and state == "captured" else "",
        withdraw_until=_last_day(purchase.withdraw_until, visitor) if may_withdraw else "",
        code=qr_svg(buying.scanned_text(purchase), label=_("The number of your purchase, for the till."))
        if in_detail and is_waiting and not has_lapsed
        else "",
    )


def _offer(visitor: Visitor, terms: PurchaseTerms, asked: Mapping[str, str]) -> ShownOffer:
    unit, chosen = terms.unit, None
    if asked.get("unit") == unit.code:
        chosen = BuyForm.amount_in(asked, unit)
    quote = ledger.quote(wallet_id=visitor.member.wallet_id, terms=terms, at=visitor.at, amount=chosen)
    money, offer = money_of(visitor.programme), quote.offer

    def plain(amount: int) -> str:
        return format_minor(amount, decimals=unit.decimals)

    return ShownOffer(
        code=unit.code,
        name=unit.name,
        form=BuyForm(quote=quote, key=uuid4().hex) if quote.maximum else None,
        presets=_presets(quote, visitor),
        least=plain(offer.minimum),
        most=plain(quote.maximum),
        step=plain(offer.step),
        value=plain(quote.amount),
        decimals=unit.decimals,
        step_minor=offer.step,
        step_price=offer.price,
        fee_minor=offer.fee,
        amount=amount_of(quote.amount, unit),
        price=money.show(quote.price.price),
        fee=money.show(quote.price.fee) if offer.fee else "",
        total=money.show(quote.price.total),
        lives=_lives(quote, visitor),
        bounds=_bounds(quote),
        right=_right(offer.withdrawal_days),
    )


def _presets(quote: PurchaseQuote, visitor: Visitor) -> list[Preset]:
    """The least, and round multiples of it as far as they can be bought."""
    money, offer, unit = money_of(visitor.programme), quote.offer, quote.unit
    amounts = [
        amount
        for amount in (offer.minimum * factor for factor in (1, 2, 5, 10, 20, 50, 100))
        if not pricing.objection(offer, amount) and amount <= quote.maximum
    ]
    return [
        Preset(
            amount=amount_of(amount, unit),
            total=money.show(pricing.price_of(offer, amount).total),
            value=format_minor(amount, decimals=unit.decimals),
            is_chosen=amount == quote.amount,
        )
        for amount in amounts[:MOST_PRESETS]
    ]


def _lives(quote: PurchaseQuote, visitor: Visitor) -> str:
    if quote.expires_at is None:
        return _("for ever")
    return _("until %(day)s") % {"day": _last_day(quote.expires_at, visitor)}


def _bounds(quote: PurchaseQuote) -> str:
    unit, offer = quote.unit, quote.offer
    facts = {"least": amount_of(offer.minimum, unit), "most": amount_of(quote.maximum, unit)}
    if offer.max_per_year is None:
        return _("From %(least)s to %(most)s at once.") % facts
    facts |= {"limit": amount_of(offer.max_per_year, unit), "bought": amount_of(quote.bought, unit)}
    if quote.bought:
        return _("At most %(limit)s a calendar year; you bought %(bought)s.") % facts
    return _("At most %(limit)s a calendar year.") % facts


def _right(days: int) -> str:
    if not days:
        return ""
    said = _("You can withdraw for %(days)s days after the payment, as long as you have used nothing of it.")
    return said % {"days": days}


def _badge(purchase: Purchase, state: str) -> tuple[str, str]:
    if state == "lapsed":
        return _("not paid in time"), ""
    if state == "captured" and purchase.refunded:
        return _("partly refunded"), "warn"
    tones = {"requested": "warn", "authorised": "brand", "captured": "good"}
    return str(purchase.get_state_display()), tones.get(state, "")


def _day(at: datetime, visitor: Visitor) -> str:
    return day_text(local_day(at, visitor.programme.zone), language=get_language() or "en")


def _last_day(end: datetime | None, visitor: Visitor) -> str:
    return "" if end is None else _day(end - timedelta(microseconds=1), visitor)


def _moment(at: datetime, visitor: Visitor) -> str:
    return date_format(timezone.localtime(at, visitor.programme.zone), "j F, H:i")
