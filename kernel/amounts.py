"""Amounts: integers in minor units inside, decimal strings outside, never floats."""

import re

MAX_MINOR = 10**15
# Written out, because \d means the digits of every script.
_PLAIN = re.compile(r"-?[0-9]{1,16}(?:\.[0-9]{1,6})?")


def parse_minor(text: str, *, decimals: int) -> int:
    """
    Read a decimal string as minor units: `("12.34", decimals=2)` is 1234.

    :raises ValueError: if the text is no plain decimal number, has more than `decimals` places, or is out of range
    """
    if not _PLAIN.fullmatch(text):
        raise ValueError(f"{text!r} is not a decimal number such as '12.34'")
    whole, _, fraction = text.partition(".")
    if len(fraction.rstrip("0")) > decimals:
        raise ValueError(f"{text!r} has more than {decimals} decimal places")
    minor = int(whole + fraction[:decimals].ljust(decimals, "0"))
    if abs(minor) > MAX_MINOR:
        raise ValueError(f"{text!r} is out of range")
    return minor


def format_minor(minor: int, *, decimals: int) -> str:
    """Write minor units as a decimal string: `(1234, decimals=2)` is "12.34"."""
    if decimals == 0:
        return str(minor)
    sign = "-" if minor < 0 else ""
    digits = str(abs(minor)).rjust(decimals + 1, "0")
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"


def allocate(total: int, weights: list[int]) -> list[int]:
    """
    Split `total` over `weights` in proportion, exact to the unit.

    Largest remainder, ties to the first; the parts sum to `total` (Hamilton's method). When all weights are zero
    everything falls on the first part.

    :raises ValueError: if there is no weight, or a negative one
    """
    if not weights or min(weights) < 0:
        raise ValueError("allocation needs weights, none of them negative")
    base = sum(weights)
    if base == 0:
        return [total, *([0] * (len(weights) - 1))]
    sign = -1 if total < 0 else 1
    shares = [divmod(abs(total) * weight, base) for weight in weights]
    parts = [whole for whole, _ in shares]
    missing = abs(total) - sum(parts)
    for index in sorted(range(len(parts)), key=lambda i: (-shares[i][1], i))[:missing]:
        parts[index] += 1
    return [sign * part for part in parts]
