"""Camera frames of browsers that can't read codes themselves."""

import io

import zxingcpp
from PIL import Image

# 640 x 480 at quality 0.7 is about 25 KB.
LARGEST_FRAME_BYTES = 100_000
LARGEST_SIDE = 1280

_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


class FrameRefused(ValueError):
    """It is no JPEG of a size that our pages send."""


def text_in(jpeg: bytes) -> str | None:
    """
    Find a QR code in a frame; of several the largest. None if there is none.

    :raises FrameRefused: if it is too large, or no JPEG; its size is looked at before its pixels are unpacked
    """
    if len(jpeg) > LARGEST_FRAME_BYTES:
        raise FrameRefused
    try:
        with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as picture:
            if max(picture.size) > LARGEST_SIDE:
                raise FrameRefused
            found = zxingcpp.read_barcodes(picture.convert("L"), formats=_QR)
    except (OSError, Image.DecompressionBombError) as error:
        raise FrameRefused from error
    readable = [code for code in found if code.valid and code.text]
    return max(readable, key=_side).text if readable else None


def _side(code: zxingcpp.Barcode) -> int:
    corners = code.position
    return abs(corners.bottom_right.x - corners.top_left.x) + abs(corners.bottom_right.y - corners.top_left.y)
