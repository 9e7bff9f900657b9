"""Secrets that have to be read again, encrypted so that a copy of the database alone does not give them away."""

import base64

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

_PURPOSE = b"laurel webhook secrets"


def lock(secret: str) -> bytes:
    """Encrypt under SECRET_KEY."""
    return _vault().encrypt(secret.encode())


def unlock(locked: bytes | memoryview) -> str:
    """Decrypt what was locked under SECRET_KEY or one of SECRET_KEY_FALLBACKS."""
    return _vault().decrypt(bytes(locked)).decode()


def _vault() -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _derived(key: str | bytes) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(force_bytes(key))
    return base64.urlsafe_b64encode(derived)
