"""
The member's card: a code that says who, for thirty seconds at most, and that can't spend.

A code is 32 bytes: version and purpose (1), key id (1), the member's random `card_ref` (10), step (4, big-endian:
seconds since 1970 / 15) and HMAC-SHA-256 of what stands before, cut to 16. As text it is `LR1` and 52 characters of
an alphabet without I, O, Y and Z, so that it stays small in a QR code (version 3) and hand-held scanners with a
foreign keyboard layout type it right. Keys are derived per programme and calendar month; the month of a code is its
key id, and the current and the previous one are accepted.
"""

import hmac
import io
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

import qrcode
from django.db import transaction
from django.utils.html import format_html
from django.utils.safestring import SafeString
from qrcode.constants import ERROR_CORRECT_M

from events import outbox
from members.errors import CardForged, CardForOtherPurpose, CardKeyUnknown, CardMalformed, CardOutdated
from members.keys import derived_key
from members.models import Member
from members.services import CARD_REF_BYTES
from shops.models import Programme

STEP = timedelta(seconds=15)
PREFETCH_AT_MOST = 40
PREFIX = "LR1"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWX"

_VERSION = 1
_TOKEN_BYTES = 32
_MAC_BYTES = 16
_TEXT_LETTERS = 52
_PADDING_BITS = _TEXT_LETTERS * 5 - _TOKEN_BYTES * 8
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_QR_VERSION = 3
_QUIET_ZONE = 4


class Purpose(IntEnum):
    """What a code is for. A code of one purpose is worth nothing for another."""

    IDENTIFY = 1


@dataclass(frozen=True, slots=True)
class CardToken:
    """One code of a member's card: show `text` in `[show_from, show_until)`; it is accepted until one step later."""

    text: str
    show_from: datetime
    show_until: datetime


@dataclass(frozen=True, slots=True)
class ReadCard:
    """What a valid code says. Whether it was used before, and by whom it may be read, is asked later."""

    card_ref: bytes
    step: int
    purpose: Purpose
    current_step: int

    def require_current(self) -> None:
        """
        Refuse a code of any step but the current one and the one before.

        :raises CardOutdated: if the code is older, or of a step to come
        """
        if not self.current_step - 1 <= self.step <= self.current_step:
            raise CardOutdated(step=self.step, current=self.current_step)


def mint_tokens(*, member: Member, programme: Programme, at: datetime, count: int = 1) -> list[CardToken]:
    """
    Make the member's code of the step of `at` and of the following ones, `count` in all.

    A page may fetch ten minutes ahead for bad reception: at most `PREFETCH_AT_MOST`.
    """
    if not 1 <= count <= PREFETCH_AT_MOST:
        raise ValueError(f"{count} codes: expected 1 to {PREFETCH_AT_MOST}")
    first = _step_of(at)
    return [_mint(bytes(member.card_ref), programme.pk, step) for step in range(first, first + count)]


def looks_like_card(text: str) -> bool:
    """Say whether a scanned or typed text means to be a member's code, valid or not."""
    return _normal(text).startswith(PREFIX)


def read_token(text: str, *, programme: Programme, at: datetime) -> ReadCard:
    """
    Read a code as of `at` and check everything that needs no database, except whether it is current.

    :raises CardMalformed: if it has not the length, beginning or letters of a code
    :raises CardKeyUnknown: if its key is neither the current nor the previous one
    :raises CardForged: if the signature is not that of this programme
    :raises CardForOtherPurpose: if it was signed for something else
    """
    raw = _bytes_of(_normal(text))
    body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    current_step = _step_of(at)
    period = _known_period(body[1], current_step)
    if not hmac.compare_digest(mac, _mac(body, programme.pk, period)):
        raise CardForged
    if body[0] != _head(Purpose.IDENTIFY):
        raise CardForOtherPurpose(purpose=body[0])
    return ReadCard(
        card_ref=body[2:12], step=int.from_bytes(body[12:16]), purpose=Purpose.IDENTIFY, current_step=current_step
    )


@transaction.atomic
def rotate_card(*, member: Member, at: datetime) -> None:
    """Give the member's card a new reference: every code made before is worthless at once."""
    member.card_ref = secrets.token_bytes(CARD_REF_BYTES)
    member.save(update_fields=["card_ref"])
    outbox.record([outbox.Fact(member.programme_id, "card.rotated", {"member": member.number}, at)])


def qr_svg(text: str, *, label: str) -> SafeString:
    """Draw a code as inline SVG, white quiet zone included; it scales to its box and says `label` to screen readers."""
    matrix = _qr(text).get_matrix()
    runs = "".join(_runs(row, y) for y, row in enumerate(matrix))
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img" aria-label="{label}"'
        ' shape-rendering="crispEdges"><rect width="{size}" height="{size}" fill="#fff"/>'
        '<path fill="#000" d="{runs}"/></svg>',
        size=len(matrix),
        label=label,
        runs=runs,
    )


def qr_png(text: str, *, pixels_per_module: int = 8) -> bytes:
    """Draw a code as PNG, white quiet zone included."""
    code = _qr(text)
    code.box_size = pixels_per_module
    picture = io.BytesIO()
    code.make_image().save(picture, "PNG")
    return picture.getvalue()


def _mint(card_ref: bytes, programme_id: int, step: int) -> CardToken:
    period = _period_of(step)
    body = bytes([_head(Purpose.IDENTIFY), period % 256]) + card_ref + step.to_bytes(4)
    show_from = datetime.fromtimestamp(step * STEP.total_seconds(), UTC)
    return CardToken(_text_of(body + _mac(body, programme_id, period)), show_from, show_from + STEP)


def _head(purpose: Purpose) -> int:
    return _VERSION << 4 | purpose


def _mac(body: bytes, programme_id: int, period: int) -> bytes:
    key = derived_key(use="member token", programme_id=programme_id, period=period)
    return hmac.digest(key, body, "sha256")[:_MAC_BYTES]


def _step_of(at: datetime) -> int:
    return int(at.timestamp() // STEP.total_seconds())


def _period_of(step: int) -> int:
    """Calendar months since the year 0, in UTC."""
    moment = datetime.fromtimestamp(step * STEP.total_seconds(), UTC)
    return moment.year * 12 + moment.month - 1


def _known_period(key_id: int, current_step: int) -> int:
    current = _period_of(current_step)
    for period in (current, current - 1):
        if period % 256 == key_id:
            return period
    raise CardKeyUnknown(key_id=key_id)


def _normal(text: str) -> str:
    return text.strip().upper()


def _text_of(raw: bytes) -> str:
    bits = int.from_bytes(raw) << _PADDING_BITS
    letters = [ALPHABET[bits >> shift & 31] for shift in range(5 * (_TEXT_LETTERS - 1), -1, -5)]
    return PREFIX + "".join(letters)


def _bytes_of(text: str) -> bytes:
    letters = text.removeprefix(PREFIX)
    if len(text) != len(PREFIX) + _TEXT_LETTERS or len(letters) != _TEXT_LETTERS:
        raise CardMalformed
    bits = 0
    for letter in letters:
        value = _VALUES.get(letter)
        if value is None:
            raise CardMalformed
        bits = bits << 5 | value
    if bits & (1 << _PADDING_BITS) - 1:
        raise CardMalformed
    return (bits >> _PADDING_BITS).to_bytes(_TOKEN_BYTES)


def _qr(text: str) -> "qrcode.QRCode":
    code = qrcode.QRCode(version=_QR_VERSION, error_correction=ERROR_CORRECT_M, border=_QUIET_ZONE)
    code.add_data(text)
    code.make(fit=False)
    return code


def _runs(row: list[bool], y: int) -> str:
    """The dark modules of one row as SVG path commands, neighbours joined."""
    commands = []
    x = 0
    while x < len(row):
        width = 0
        while x + width < len(row) and row[x + width]:
            width += 1
        if width:
            commands.append(f"M{x} {y}h{width}v1h-{width}z")
        x += width or 1
    return "".join(commands)
