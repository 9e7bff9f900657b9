"""Opening a customer's sign-in."""

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Q

from shops.models import User


def is_barred(*, email: str) -> bool:
    """
    Say whether nobody may come in as a customer by this address: its sign-in is closed, or belongs to staff.

    Staff have doors of their own: a mailed code must not open the admin. One query, whoever the address belongs to.
    """
    barred = Q(is_active=False) | Q(is_staff=True) | Q(is_superuser=True) | Q(roles__isnull=False)
    return User.objects.filter(barred, email__iexact=email).exists()


def open_sign_in(*, email: str) -> User:
    """
    The sign-in of the customer who proved that `email` is theirs, made if there is none.

    It has no password. The caller has asked `is_barred` before the proof was sent.
    """
    user = User.objects.filter(email__iexact=email).first() or _make(email)
    EmailAddress.objects.get_or_create(user=user, email=email.lower(), defaults={"primary": True})
    return user


def _make(email: str) -> User:
    try:
        with transaction.atomic():
            return User.objects.create_user(email.lower())
    except IntegrityError:
        # The same code was sent twice at once.
        return User.objects.get(email__iexact=email)
