"""Units bought with money: requests, and what is said about their payments."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from psycopg import errors as postgres

from kernel.periods import end_of_day, local_day
from ledger import buying, errors, policies
from ledger.buying import Offer
from ledger.models import PaymentNotice, Purchase, PurchaseTerms, Unit
from ledger.policies import Activity
from ledger.purchases import offer_of
from ledger.queries import policies_in_force
from ledger.services.living import before_spending, keep_alive
from ledger.services.references import refused_when_reused

MOST_WAITING = 5
# A shop may take the money before it tells of the purchase, but not much before.
OLDEST_PAYMENT = timedelta(days=1)
# Of notices that are refused anything may be claimed.
EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
Kind = PaymentNotice.Kind
# Read out in shops and typed by scanners: no vowels, nothing that looks like something else or that keyboards have in
# different places, and never like a member's number.
_LETTERS, _DIGITS = "BCDFGHJKMNPQRSTVWX", "23456789"
_REFUSALS: dict[str, type[errors.PaymentRefused]] = {
    refusal.code: refusal
    for refusal in (
        errors.NoticeReused,
        errors.PaymentContradicted,
        errors.PaymentMismatch,
        errors.PurchaseCaptured,
        errors.PurchaseNotCaptured,
        errors.PurchaseNotOpen,
        errors.PurchaseOverLimit,
        errors.RefundNotWhole,
    )
}
_TAKEN_NAMES = {
    "payment_pays_one_purchase": errors.PaymentContradicted,
    "payment_notice_counts_once": errors.NoticeReused,
}


@dataclass(frozen=True, slots=True)
class Requested:
    """A purchase that waits for its payment; `fresh` is false when the same request had made it before."""

    purchase: Purchase
    fresh: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """
    What somebody says about a payment, under a name that counts once for each `provider`.

    `payment` names the money at the provider; without it nothing is said about whose it is. `amount` and `currency` are
    those of the payment, or of all that was given back so far; None is all of it. `happened_at` None is now.
    """

    provider: str
    name: str
    kind: Kind
    actor: str
    payment: str = ""
    amount: int | None = None
    currency: str | None = None
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """
    The purchase behind a notice, as it is now. `changed` says whether the notice was news and `state` what the purchase
    was behind it; one that came before (`fresh` is false) is answered as it was then.
    """

    purchase: Purchase
    fresh: bool
    changed: bool
    state: str


@transaction.atomic
def set_purchase_terms(*, unit: Unit, offer: Offer, is_offered: bool, by: str, at: datetime) -> PurchaseTerms:
    """
    Say what a unit costs from now on: a new version. What was asked for or bought keeps the one it was made under.

    :raises ValueError: if it is a unit of qualifying points, which are not for sale
    """
    if unit.klass == Unit.Klass.QUALIFYING:
        raise ValueError("qualifying points are not for sale")
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    last = PurchaseTerms.objects.filter(unit=unit).aggregate(last=Max("number"))["last"] or 0
    return PurchaseTerms.objects.create(
        unit=unit,
        number=last + 1,
        is_offered=is_offered,
        step=offer.step,
        price=offer.price,
        fee=offer.fee,
        minimum=offer.minimum,
        maximum=offer.maximum,
        max_per_year=offer.max_per_year,
        withdrawal_days=offer.withdrawal_days,
        set_by=by,
        set_at=at,
    )


def request_purchase(  # noqa: PLR0913 -- the verb names every part of a purchase
    *,
    wallet_id: int,
    terms: PurchaseTerms,
    amount: int,
    source: str,
    reference: str,
    at: datetime,
    until: datetime,
    provider: str = "",
    payment: str = "",
    seen_total: int | None = None,
) -> Requested:
    """
    Ask to buy `amount` for what the terms say; nothing moves before the payment. It ends by itself at `until`.

    `seen_total` is the price that the member saw, if they did. The same `(source, reference)` again answers the first.

    :raises PurchaseNotOffered: if members can't buy this
    :raises PurchaseAmountRefused: if the terms don't allow the amount
    :raises PriceChanged: if it costs something else than was seen
    :raises PurchaseLimitReached: if it is more than the year's limit leaves
    :raises PurchasesWaiting: if `MOST_WAITING` others of the wallet wait for their payment
    :raises PaymentContradicted: if the payment pays for another purchase
    :raises ReferenceReused: if the reference stands for another wallet, unit or amount
    """
    unit = terms.unit
    known = Purchase.objects.filter(programme_id=unit.programme_id, source=source, reference=reference).exists()
    if not known:
        _check(terms, amount, seen_total)
    year = local_day(at, unit.programme.zone).year
    with connection.cursor() as cursor, refused_when_reused(), _payments_told_apart(payment=payment):
        cursor.execute(
            "SELECT purchase, fresh, left_over, waiting"
            "  FROM ledger_request_purchase(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                *(wallet_id, terms.pk, amount, source, reference, _new_number(), provider, payment),
                *(at, until, year, MOST_WAITING),
            ],
        )
        purchase_id, fresh, left, waiting = cursor.fetchone()
    if purchase_id is None and left is not None and amount > left:
        raise errors.PurchaseLimitReached(limit=terms.max_per_year, left=max(left, 0))
    if purchase_id is None:
        raise errors.PurchasesWaiting(waiting=waiting)
    return Requested(_found(purchase_id), fresh)


def tell_payment(*, purchase_id: int, notice: Notice, at: datetime, birth_month: int | None = None) -> Told:
    """
    Hear what somebody says about the payment of a purchase, in whatever order it comes.

    A payment that was made puts the units into the wallet, once; one that is only authorised moves nothing and counts
    against the year's limit. Money that went back takes the units back: from their own lot, then against what expired
    of them, then from others, the rest is arrears. A withdrawal takes exactly the own lot, or is refused. The same
    notice again, and one that says nothing new, changes nothing. A purchase's time is over when the payment happened
    later, not when that was told later.

    :raises PaymentRefused: by its subclasses, if it can't be so; nothing changed
    """
    purchase = _found(purchase_id)
    is_older = notice.happened_at is not None and notice.happened_at < purchase.requested_at - OLDEST_PAYMENT
    if is_older or notice.currency not in {None, purchase.currency}:
        raise errors.PaymentMismatch(**_facts(purchase, notice, at))
    if notice.kind == Kind.CAPTURED:
        before_spending(wallet_id=purchase.wallet_id, unit_id=purchase.unit_id, at=at)
    refusal, fresh, changed, state = _say(purchase, notice, at, birth_month)
    purchase = _found(purchase_id)
    if refusal in _REFUSALS:
        raise _REFUSALS[refusal](**_facts(purchase, notice, at))
    if refusal:
        raise errors.WithdrawalRefused(reason=refusal, **_facts(purchase, notice, at))
    if fresh and changed and notice.kind == Kind.CAPTURED:
        keep_alive(wallet_id=purchase.wallet_id, activity=Activity.BUY, at=_happened(notice, at))
    return Told(purchase, fresh, changed, state)


def refuse_notice(*, programme_id: int, purchase_id: int | None, notice: Notice, refusal: str, at: datetime) -> None:
    """Keep a notice that was refused, with the code of its refusal; the same refusal of the same notice once."""
    happened = max(_happened(notice, at), EARLIEST)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_refuse_notice(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                *(programme_id, purchase_id, notice.provider, notice.name, notice.kind, notice.payment, notice.amount),
                *(_fingerprint(notice), happened, at, notice.actor, refusal),
            ],
        )


def _say(purchase: Purchase, notice: Notice, at: datetime, birth_month: int | None) -> tuple[str, bool, bool, str]:
    happened = _happened(notice, at)
    year = local_day(happened, purchase.unit.programme.zone).year
    with connection.cursor() as cursor, _payments_told_apart(**_facts(purchase, notice, at)):
        cursor.execute(
            "SELECT refusal, fresh, changed, state"
            "  FROM ledger_tell_payment(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                *(purchase.pk, notice.provider, notice.name, notice.kind, notice.payment, notice.amount),
                *(_fingerprint(notice), happened, at, year, *_ends(purchase, happened, birth_month), notice.actor),
            ],
        )
        row: tuple[str, bool, bool, str] = cursor.fetchone()
    return row


def _happened(notice: Notice, at: datetime) -> datetime:
    """What is told cannot be ahead of us, whatever the teller's clock says."""
    return min(notice.happened_at or at, at)


def _fingerprint(notice: Notice) -> bytes:
    """What tells a repeat of a notice from another one under its name; whoever sends it again may be another key."""
    happened = notice.happened_at.timestamp() if notice.happened_at else ""
    said = (notice.kind, notice.payment, notice.amount, notice.currency, happened)
    return sha256("\n".join(str(part) for part in said).encode()).digest()


def _check(terms: PurchaseTerms, amount: int, seen_total: int | None) -> None:
    if not terms.is_offered:
        raise errors.PurchaseNotOffered(unit=terms.unit.code)
    offer = offer_of(terms)
    if reason := buying.objection(offer, amount):
        raise errors.PurchaseAmountRefused(reason=reason, minimum=offer.minimum, maximum=offer.maximum, step=offer.step)
    total = buying.price_of(offer, amount).total
    if seen_total not in {None, total}:
        raise errors.PriceChanged(seen=seen_total, total=total)


def _ends(purchase: Purchase, captured: datetime, birth_month: int | None) -> tuple[datetime | None, datetime | None]:
    """Until when what is paid at `captured` lives, and until when it can be withdrawn."""
    zone = purchase.unit.programme.zone
    policy = policies_in_force([purchase.unit], at=captured)[purchase.unit_id]
    expires = policies.expires_at(policy, active=captured, zone=zone, birth_month=birth_month)
    days = purchase.terms.withdrawal_days
    return expires, end_of_day(local_day(captured, zone) + timedelta(days=days), zone) if days else None


def _facts(purchase: Purchase, notice: Notice, at: datetime) -> dict[str, Any]:
    return {
        "purchase": purchase.pk,
        "state": "LAPSED" if purchase.has_lapsed(at) else str(purchase.state),
        "total": purchase.total,
        "currency": purchase.currency,
        "told_amount": notice.amount,
        "told_currency": notice.currency,
        "payment": notice.payment,
        "notice": notice.name,
    }


def _found(purchase_id: int) -> Purchase:
    return Purchase.objects.select_related("unit__programme", "terms").get(pk=purchase_id)


def _new_number() -> str:
    return secrets.choice(_LETTERS) + "".join(secrets.choice(_LETTERS + _DIGITS) for _ in range(7))


@contextmanager
def _payments_told_apart(**facts: Any) -> Iterator[None]:
    """Two purchases, in two wallets, that claim one payment or one notice at the same moment."""
    try:
        yield
    except IntegrityError as clash:
        cause = clash.__cause__
        name = cause.diag.constraint_name if isinstance(cause, postgres.UniqueViolation) else None
        if name in _TAKEN_NAMES:
            raise _TAKEN_NAMES[name](**facts) from clash
        raise
