"""
Opening a visit: who stands at the counter.

A code is accepted once; the same scan again, told by the device's nonce, gets the same visit. Refusals say which check
failed, in the order of the checks: form, key, signature, purpose, moment, member, used before.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from events import outbox
from kernel.periods import local_day
from ledger.policies import Activity
from ledger.services import keep_alive
from members.card import ReadCard, read_token
from members.errors import (
    CardOutdated,
    CardUsed,
    MemberBlocked,
    MemberUnknown,
    NonceReused,
    NumberMistyped,
    OwnAccount,
    TypedNumbersUsedUp,
    VisitClosed,
)
from members.models import Member, TokenUse, Visit
from members.numbers import is_valid_number
from shops.models import Device, Programme, Shop, User

VISIT_LASTS = timedelta(minutes=5)
NUMBERS_TYPED_A_DAY = 100


@dataclass(frozen=True, slots=True)
class Till:
    """Where and by whom a member is served: an enrolled device and the person using it."""

    device: Device
    staff: User

    @property
    def shop(self) -> Shop:
        return self.device.shop

    @property
    def programme(self) -> Programme:
        return self.device.shop.programme


def open_visit(*, token: str, till: Till, nonce: str, at: datetime) -> Visit:
    """
    Accept a member's code at a till and open a visit of `VISIT_LASTS`.

    The same nonce again gets the same visit, also when the code has gone stale meanwhile.

    :raises CardRefused: by its subclasses, if the code is not valid here and now, or (CardUsed) was used before
    :raises MemberBlocked: if the member is blocked
    :raises OwnAccount: if the person at the till is this member
    :raises NonceReused: if the device used the nonce for another code
    """
    card = read_token(token, programme=till.programme, at=at)
    earlier = _visit_by(till, nonce)
    if earlier is not None and _is_of(card, earlier):
        return earlier
    card.require_current()
    member = Member.objects.filter(programme=till.programme, card_ref=card.card_ref).first()
    if member is None:
        # Signed by us and unknown: the card was rotated since.
        raise CardOutdated(step=card.step, current=card.current_step)
    require_servable(member, till)
    return _accept(card, member, till, nonce, at)


def open_visit_by_number(*, number: str, till: Till, nonce: str, at: datetime) -> Visit:
    """
    Identify a member by the typed number, for one who can't show the card: such a visit can't spend.

    A shop may type `NUMBERS_TYPED_A_DAY` numbers in a local day, found or not. Must not be called inside a
    transaction: a try that is rolled back was never counted.

    :raises NumberMistyped: if it is no twelve-digit number or its check digit is wrong (not counted)
    :raises TypedNumbersUsedUp: if the shop's limit is reached
    :raises MemberUnknown: if nobody has the number
    :raises MemberBlocked: if the member is blocked
    :raises OwnAccount: if the person at the till is this member
    :raises NonceReused: if the device used the nonce for another member
    """
    digits = "".join(number.split()).replace("-", "")
    if not is_valid_number(digits):
        raise NumberMistyped(number=number)
    earlier = _visit_by(till, nonce)
    if earlier is None:
        _count_typed_number(till.shop, at)
    member = Member.objects.filter(programme=till.programme, number=digits).first()
    if member is None:
        raise MemberUnknown(number=digits)
    require_servable(member, till)
    return _open(member, till, nonce, at)


def visit_at(*, visit_id: int, till: Till, at: datetime) -> Visit:
    """
    The open visit with this id, with its member.

    :raises VisitClosed: if it is over at `at`, unknown, or was opened at another till
    """
    visit = (
        Visit.objects.select_related("member")
        .filter(pk=visit_id, device=till.device, staff=till.staff, shop=till.shop, expires_at__gt=at)
        .first()
    )
    if visit is None:
        raise VisitClosed(visit=visit_id)
    return visit


def _visit_by(till: Till, nonce: str) -> Visit | None:
    return (
        Visit.objects.select_related("member", "token_use")
        .filter(device=till.device, staff=till.staff, nonce=nonce)
        .first()
    )


def _is_of(card: ReadCard, visit: Visit) -> bool:
    return (
        visit.token_use is not None
        and visit.token_use.step == card.step
        and bytes(visit.member.card_ref) == card.card_ref
    )


def require_servable(member: Member, till: Till) -> None:
    """
    Refuse to serve somebody at a till.

    :raises MemberBlocked: if the member is blocked
    :raises OwnAccount: if the person at the till is this member
    """
    if not member.is_active:
        raise MemberBlocked(member=member.number)
    if member.user_id == till.staff.pk:
        raise OwnAccount(member=member.number)


@transaction.atomic
def _accept(card: ReadCard, member: Member, till: Till, nonce: str, at: datetime) -> Visit:
    use, is_first = TokenUse.objects.get_or_create(
        member=member, step=card.step, purpose=card.purpose, defaults={"used_at": at}
    )
    if is_first:
        return _open(member, till, nonce, at, token_use=use)
    visit = Visit.objects.select_related("member", "shop", "staff").get(token_use=use)
    if (visit.device_id, visit.staff_id, visit.nonce) == (till.device.pk, till.staff.pk, nonce):
        return visit
    raise CardUsed(
        visit=visit.pk,
        used_at=visit.opened_at,
        shop=visit.shop.name,
        staff=visit.staff.get_short_name(),
        device=visit.device_id,
    )


@transaction.atomic
def _open(member: Member, till: Till, nonce: str, at: datetime, *, token_use: TokenUse | None = None) -> Visit:
    visit, is_new = Visit.objects.select_related("member").get_or_create(
        device=till.device,
        nonce=nonce,
        defaults={
            "member": member,
            "shop": till.shop,
            "staff": till.staff,
            "method": Visit.Method.CARD if token_use else Visit.Method.NUMBER,
            "token_use": token_use,
            "opened_at": at,
            "expires_at": at + VISIT_LASTS,
        },
    )
    if is_new:
        outbox.record([_opened(visit, member, till)])
        if token_use:
            # A number can be typed by anybody: only a shown card is something the member did.
            keep_alive(wallet_id=member.wallet_id, activity=Activity.VISIT, at=at)
    elif (visit.member_id, visit.staff_id, visit.token_use_id) != (
        member.pk,
        till.staff.pk,
        token_use and token_use.pk,
    ):
        raise NonceReused(nonce=nonce)
    return visit


def _opened(visit: Visit, member: Member, till: Till) -> outbox.Fact:
    return outbox.Fact(
        member.programme_id,
        "visit.opened",
        {"visit": visit.pk, "member": member.number, "shop": till.shop.code, "method": visit.method},
        visit.opened_at,
    )


@transaction.atomic(durable=True)
def _count_typed_number(shop: Shop, at: datetime) -> None:
    zone = ZoneInfo(shop.time_zone) if shop.time_zone else shop.programme.zone
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO members_typednumbers AS today (shop_id, day, typed) VALUES (%(shop)s, %(day)s, 1)
            ON CONFLICT (shop_id, day) DO UPDATE SET typed = today.typed + 1 WHERE today.typed < %(limit)s
            RETURNING typed
            """,
            {"shop": shop.pk, "day": local_day(at, zone), "limit": NUMBERS_TYPED_A_DAY},
        )
        if cursor.fetchone() is None:
            raise TypedNumbersUsedUp(limit=NUMBERS_TYPED_A_DAY)
