"""The card's codes as the page draws them: fetched ahead, so that a bad line does not empty the card."""

import base64
from dataclasses import asdict, dataclass
from typing import Any

import zxingcpp

from cockpit.visitor import Visitor
from members import card


@dataclass(frozen=True, slots=True)
class CodePicture:
    """
    One code to show in `[show_from, show_until)`, seconds since 1970.

    `bits` are the modules of its QR code, row by row without a quiet zone, one bit each, dark is 1, as base64.
    """

    show_from: int
    show_until: int
    size: int
    bits: str


def codes_ahead(visitor: Visitor, *, count: int = card.PREFETCH_AT_MOST) -> list[dict[str, int | str]]:
    """The member's codes of now and the next minutes, ready for JSON."""
    tokens = card.mint_tokens(member=visitor.member, programme=visitor.programme, at=visitor.at, count=count)
    return [asdict(_picture(token)) for token in tokens]


def _picture(token: card.CardToken) -> CodePicture:
    code = zxingcpp.create_barcode(token.text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    image: Any = code.to_image(scale=1, add_quiet_zones=False)
    pixels: Any = memoryview(image).tolist()
    size, bits = len(pixels), 0
    for row in pixels:
        for pixel in row:
            bits = bits << 1 | (pixel == 0)
    padding = -size * size % 8
    packed = (bits << padding).to_bytes((size * size + padding) // 8)
    return CodePicture(
        int(token.show_from.timestamp()), int(token.show_until.timestamp()), size, base64.b64encode(packed).decode()
    )
