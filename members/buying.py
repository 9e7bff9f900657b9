"""Members buy units with money: what they ask for, and what is said about their payments."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from events import outbox
from kernel.amounts import format_minor
from kernel.errors import DomainError
from ledger import services as ledger
from ledger.purchases import PaymentNotice, Purchase, PurchaseTerms
from ledger.services import Notice, Requested, Told
from members.models import Member

Kind = PaymentNotice.Kind
REQUEST_LASTS = timedelta(days=1)
_FACTS = {
    "AUTHORISED": "purchase.authorised",
    "CAPTURED": "purchase.captured",
    "CANCELLED": "purchase.cancelled",
    "REFUNDED": "purchase.refunded",
    "WITHDRAWN": "purchase.refunded",
}


@dataclass(frozen=True, slots=True)
class Payment:
    """Which money pays a purchase: a provider, and its name of the payment. Both may be empty while nobody knows."""

    provider: str = ""
    name: str = ""


UNKNOWN_YET = Payment()
# What a camera at the till looks for, and what a purchase's QR code says before its number: cards go on otherwise.
CODES_BEGIN = "LR"
QR_PREFIX = f"{CODES_BEGIN}B"
_NUMBER = re.compile(r"[B-DF-HJKMNP-TV-X][B-DF-HJKMNP-TV-X2-9]{7}")


@transaction.atomic
def request(  # noqa: PLR0913 -- the verb names every part of a purchase
    *,
    member: Member,
    terms: PurchaseTerms,
    amount: int,
    source: str,
    key: str,
    at: datetime,
    payment: Payment = UNKNOWN_YET,
    lasts: timedelta = REQUEST_LASTS,
    seen_total: int | None = None,
) -> Requested:
    """
    Ask to buy for a member; nothing moves before the payment. `(source, key)` makes it happen once.

    :raises DomainError: as `ledger.services.request_purchase` does
    """
    asked = ledger.request_purchase(
        wallet_id=member.wallet_id,
        terms=terms,
        amount=amount,
        source=source,
        reference=key,
        at=at,
        until=at + lasts,
        provider=payment.provider,
        payment=payment.name,
        seen_total=seen_total,
    )
    if asked.fresh:
        payload = _bought(asked.purchase, member)
        outbox.record([outbox.Fact(member.programme_id, "purchase.requested", payload, at)])
    return asked


@transaction.atomic
def tell(*, purchase: Purchase, notice: Notice, at: datetime) -> Told:
    """
    Hear what somebody says about the payment of a purchase, once for each notice.

    :raises PaymentRefused: by its subclasses, if it can't be so; nothing changed
    """
    member = Member.objects.get(wallet_id=purchase.wallet_id)
    told = ledger.tell_payment(purchase_id=purchase.pk, notice=notice, at=at, birth_month=member.birth_month)
    if told.fresh and told.changed:
        outbox.record([_fact(told.purchase, member, notice, at)])
    return told


@transaction.atomic(durable=True)
def keep(*, programme_id: int, purchase_id: int | None, notice: Notice, refusal: DomainError, at: datetime) -> None:
    """
    Put a refused notice on record, with the reason. Must not be called inside a transaction: what is rolled back was
    never kept.
    """
    ledger.refuse_notice(programme_id=programme_id, purchase_id=purchase_id, notice=notice, refusal=refusal.code, at=at)


def scanned_text(purchase: Purchase) -> str:
    """What the QR code of a purchase says."""
    return f"{QR_PREFIX}{purchase.number}"


def number_in(text: str) -> str:
    """The number of a purchase in what was scanned or typed; empty if there is none."""
    plain = "".join(text.split()).replace("-", "").upper().removeprefix(QR_PREFIX)
    return plain if _NUMBER.fullmatch(plain) else ""


def _fact(purchase: Purchase, member: Member, notice: Notice, at: datetime) -> outbox.Fact:
    payload: dict[str, object] = _bought(purchase, member)
    if notice.kind != Kind.CANCELLED:
        payload |= {"provider": purchase.provider, "payment": purchase.payment}
    if purchase.posting_id is not None:
        payload["posting"] = purchase.posting_id
    if purchase.refunded:
        unit = purchase.unit
        payload |= {
            "refunded": format_minor(purchase.refunded, decimals=unit.programme.currency_decimals),
            "taken_back": format_minor(purchase.taken_back, decimals=unit.decimals),
            "is_withdrawal": notice.kind == Kind.WITHDRAWN,
        }
    return outbox.Fact(member.programme_id, _FACTS[notice.kind], payload, at)


def _bought(purchase: Purchase, member: Member) -> dict[str, object]:
    unit = purchase.unit
    return {
        "purchase": purchase.pk,
        "member": member.number,
        "unit": unit.code,
        "amount": format_minor(purchase.amount, decimals=unit.decimals),
        "total": format_minor(purchase.total, decimals=unit.programme.currency_decimals),
        "currency": purchase.currency,
    }
