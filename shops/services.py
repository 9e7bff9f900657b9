"""Setting up programmes, shops, devices and staff."""

import hashlib
import secrets
from datetime import datetime

from django.db import transaction

from shops.models import Device, Programme, Shop, StaffRole, User


@transaction.atomic
def enrol_device(*, shop: Shop, name: str, by: User, at: datetime) -> tuple[Device, str]:
    """Make a device known to a shop; the returned secret is shown to the device once and never stored."""
    token = secrets.token_urlsafe(32)
    device = Device.objects.create(
        shop=shop, name=name, token_sha256=_sha256(token), enrolled_by=by, enrolled_at=at
    )
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
def grant_role(*, user: User, programme: Programme, role: StaffRole.Role, shop: Shop | None = None) -> StaffRole:
    """Give a user a role; giving it twice is giving it once."""
    granted, _ = StaffRole.objects.get_or_create(user=user, programme=programme, shop=shop, role=role)
    return granted


def _sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
