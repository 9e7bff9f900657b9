"""The six digits by which a customer without a free hand says yes: derived, so that nothing is stored."""

import hmac

from members.keys import derived_key
from rewards.models import Redemption

DIGITS = 6


def number_of(redemption: Redemption) -> str:
    """The number of one redemption, shown to its member only."""
    key = derived_key(use="redemption number", programme_id=redemption.programme_id)
    digest = hmac.digest(key, redemption.pk.to_bytes(8), "sha256")
    return str(int.from_bytes(digest[:8]) % 10**DIGITS).zfill(DIGITS)


def is_number_of(text: str, redemption: Redemption) -> bool:
    """Compare in constant time; blanks people type between the digits don't count."""
    return hmac.compare_digest("".join(text.split()).encode(), number_of(redemption).encode())
