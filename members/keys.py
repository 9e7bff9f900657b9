"""Keys derived from the one secret `TOKEN_KEY`, which stands in the environment and never in the database."""

from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

KEY_BYTES = 32


def derived_key(*, use: str, programme_id: int, period: int = 0) -> bytes:
    """The key of one programme for one use ("member token"), and one rotation period where the use rotates."""
    return _derive(settings.TOKEN_KEY, f"laurel|{use}|{programme_id}|{period}")


@lru_cache(maxsize=256)
def _derive(secret: str, info: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info.encode()).derive(secret.encode())
