"""Opening a customer's sign-in."""

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from shops.models import User


def open_sign_in(*, email: str) -> User | None:
    """
    The customer's sign-in that `email` belongs to, made if there is none; nothing if it is closed, or belongs to staff.

    A new one is worth nothing before a code mailed to the address was typed: it has no password and no membership.
    Staff have doors of their own: a mailed code must not open the admin.
    """
    user = _find(email) or _make(email)
    if not user.is_active or _is_staff(user):
        return None
    EmailAddress.objects.get_or_create(user=user, email=email.lower(), defaults={"primary": True})
    return user


def _find(email: str) -> User | None:
    return User.objects.filter(email__iexact=email).first()


def _is_staff(user: User) -> bool:
    return user.is_staff or user.is_superuser or user.roles.exists()


def _make(email: str) -> User:
    try:
        with transaction.atomic():
            return User.objects.create_user(email.lower())
    except IntegrityError:
        # The same address was typed twice at once.
        return User.objects.get(email__iexact=email)
