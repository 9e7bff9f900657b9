"""Purchases at a till: the money is taken there, with the number of its receipt."""

from datetime import datetime

from django.db import transaction

from ledger.errors import PurchaseUnknown
from ledger.purchases import Purchase, purchases
from ledger.services import Notice, Told
from members import buying
from members.buying import Kind, number_in
from members.models import Member
from members.visits import Till, require_servable

COUNTER = "counter"


def purchase_at(*, purchase_id: int, till: Till) -> tuple[Purchase, Member]:
    """
    A purchase of the till's programme, and whose it is.

    :raises PurchaseUnknown: if there is none
    :raises MemberBlocked: if the member is blocked
    :raises OwnAccount: if the person at the till is this member
    """
    found = purchases(till.programme.pk).filter(pk=purchase_id).first()
    return _servable(found, till, purchase_id)


def purchase_by_number(*, text: str, till: Till) -> tuple[Purchase, Member]:
    """`purchase_at` by the number that was scanned or typed, with the same refusals."""
    found = purchases(till.programme.pk).filter(number=number_in(text)).first()
    return _servable(found, till, text)


@transaction.atomic
def take_money(*, purchase_id: int, receipt: str, till: Till, at: datetime) -> Told:
    """
    The customer paid at the till: what they bought is in their wallet. The same receipt again changes nothing.

    :raises PurchaseUnknown: if the programme has no such purchase
    :raises MemberBlocked: if the member is blocked
    :raises OwnAccount: if the person at the till is this member
    :raises PaymentRefused: by its subclasses, if it can't be paid any more, or is paid by another receipt
    """
    purchase, _member = purchase_at(purchase_id=purchase_id, till=till)
    payment = f"{till.shop.code}:{receipt}"
    notice = Notice(
        provider=COUNTER,
        name=f"capture of {purchase_id} by {payment}",
        kind=Kind.CAPTURED,
        actor=_actor(till),
        payment=payment,
        amount=purchase.total,
    )
    return buying.tell(purchase=purchase, notice=notice, at=at)


@transaction.atomic
def give_up(*, purchase_id: int, till: Till, at: datetime) -> Told:
    """
    The customer does not pay after all.

    :raises PurchaseUnknown: if the programme has no such purchase
    :raises PurchaseCaptured: if it is paid
    """
    purchase, _member = purchase_at(purchase_id=purchase_id, till=till)
    notice = Notice(COUNTER, f"cancellation of {purchase_id}", Kind.CANCELLED, _actor(till))
    return buying.tell(purchase=purchase, notice=notice, at=at)


def _servable(found: Purchase | None, till: Till, asked: object) -> tuple[Purchase, Member]:
    if found is None:
        raise PurchaseUnknown(purchase=asked)
    member = Member.objects.get(wallet_id=found.wallet_id)
    require_servable(member, till)
    return found, member


def _actor(till: Till) -> str:
    return f"user:{till.staff.pk}"
