"""Setting up programmes, shops, devices and staff."""

import hashlib
import secrets
from datetime import datetime

from django.db import transaction

from shops.errors import LastOwner, ProgrammeExists
from shops.models import Device, Programme, Shop, StaffRole, User

DESK_ROLES = frozenset(StaffRole.Role) - {StaffRole.Role.CASHIER, StaffRole.Role.SHOP_MANAGER}


@transaction.atomic
def create_programme(*, key: str, name: str, time_zone: str = "UTC", currency: str = "EUR") -> Programme:
    """
    Make a programme. It has no books and no campaign yet: the rooms above give it those.

    :raises ProgrammeExists: if the key is taken
    """
    programme, is_new = Programme.objects.get_or_create(
        key=key, defaults={"name": name, "time_zone": time_zone, "currency": currency}
    )
    if not is_new:
        raise ProgrammeExists(key=key)
    return programme


@transaction.atomic
def change_programme(*, programme: Programme, name: str, time_zone: str, colour: str, refund_order: str) -> None:
    """
    Rename, move or repaint a programme. What expires already keeps its instant; days to come end in the new zone.

    `refund_order` is for orders to come: what was sold is refunded as it was agreed.
    """
    Programme.objects.filter(pk=programme.pk).update(
        name=name, time_zone=time_zone, colour=colour, refund_order=refund_order
    )


@transaction.atomic
def open_shop(*, programme: Programme, code: str, name: str, time_zone: str = "") -> Shop:
    """Add a shop, or return the one with this code."""
    shop, _ = Shop.objects.get_or_create(
        programme=programme, code=code, defaults={"name": name, "time_zone": time_zone}
    )
    return shop


@transaction.atomic
def change_shop(*, shop: Shop, name: str, time_zone: str, is_open: bool) -> None:
    """Rename or move a shop, or close it: a closed one serves nobody."""
    Shop.objects.filter(pk=shop.pk).update(name=name, time_zone=time_zone, is_open=is_open)


@transaction.atomic
def enrol_device(*, shop: Shop, name: str, by: User, at: datetime) -> tuple[Device, str]:
    """Make a device known to a shop; the returned secret is shown to the device once and never stored."""
    token = secrets.token_urlsafe(32)
    device = Device.objects.create(shop=shop, name=name, token_sha256=_sha256(token), enrolled_by=by, enrolled_at=at)
    return device, token


def known_device(token: str) -> Device | None:
    """The device that owns `token`, unless it was revoked."""
    return (
        Device.objects.select_related("shop", "shop__programme")
        .filter(token_sha256=_sha256(token), revoked_at__isnull=True)
        .first()
    )


@transaction.atomic
def revoke_device(*, device: Device, at: datetime) -> None:
    """Refuse the device from its next request on."""
    Device.objects.filter(pk=device.pk, revoked_at__isnull=True).update(revoked_at=at)


@transaction.atomic
def hire(  # noqa: PLR0913 -- a role, and all that a new sign-in needs
    *,
    email: str,
    programme: Programme,
    role: StaffRole.Role,
    shop: Shop | None = None,
    name: str = "",
    password: str = "",
    by: User | None = None,
) -> StaffRole:
    """
    Give a role to whoever signs in with this address, and make the sign-in if there is none; `by` is who gives it.

    `name` and `password` are for a new sign-in only: an existing one keeps its own. Without a password nobody can sign
    in until one is set.
    """
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = User.objects.create_user(email, password or None, name=name)
    if role in DESK_ROLES and not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])
    return grant_role(user=user, programme=programme, role=role, shop=shop, by=by)


@transaction.atomic
def change_sign_in(*, user: User, name: str, is_active: bool) -> None:
    """Rename somebody, or switch their sign-in off or on; off counts from their next request on."""
    User.objects.filter(pk=user.pk).update(name=name, is_active=is_active)


@transaction.atomic
def give_password(*, user: User, password: str) -> None:
    """Set a new password; every session that began with the old one ends."""
    user.set_password(password)
    user.save(update_fields=["password"])


@transaction.atomic
def revoke_role(*, role: StaffRole) -> None:
    """
    Take a role away; it counts from the user's next request on.

    :raises LastOwner: if nobody else could give roles in the programme any more
    """
    Programme.objects.select_for_update(no_key=True).get(pk=role.programme_id)
    owners = StaffRole.objects.filter(programme_id=role.programme_id, role=StaffRole.Role.OWNER)
    if role.role == StaffRole.Role.OWNER and not owners.exclude(pk=role.pk).exists():
        raise LastOwner(programme=role.programme_id)
    StaffRole.objects.filter(pk=role.pk).delete()


@transaction.atomic
def grant_role(
    *, user: User, programme: Programme, role: StaffRole.Role, shop: Shop | None = None, by: User | None = None
) -> StaffRole:
    """Give a user a role; giving it twice is giving it once. `by` is the person who gives it, if it is one."""
    granted, _ = StaffRole.objects.get_or_create(
        user=user, programme=programme, shop=shop, role=role, defaults={"granted_by": by}
    )
    return granted


def _sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
