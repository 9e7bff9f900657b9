"""Member numbers: eleven random digits and a check digit."""

import secrets

_DIGITS = 11


def new_number() -> str:
    """Make a random twelve-digit number, its last digit by Luhn (ISO/IEC 7812-1, annex B)."""
    body = str(secrets.randbelow(9 * 10 ** (_DIGITS - 1)) + 10 ** (_DIGITS - 1))
    return body + str(check_digit(body))


def is_valid_number(text: str) -> bool:
    """Say whether the text is twelve digits and its check digit is right: every single typo is found."""
    return len(text) == _DIGITS + 1 and text.isascii() and text.isdigit() and int(text[-1]) == check_digit(text[:-1])


def check_digit(body: str) -> int:
    """The Luhn digit behind `body`."""
    doubled = [int(digit) * (2 if position % 2 == 0 else 1) for position, digit in enumerate(reversed(body))]
    return -sum(value - 9 if value > 9 else value for value in doubled) % 10
