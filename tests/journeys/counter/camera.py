"""A camera that looks at a phone: the film that Chromium plays instead of one."""

import io
from pathlib import Path

from PIL import Image, ImageFilter

WIDTH, HEIGHT = 640, 480


def on_a_table(screen: bytes, *, turn: int) -> Image.Image:
    """What a camera sees of a screen that shows a code: held over a table, turned by some degrees, a little unsharp."""
    code = Image.open(io.BytesIO(screen)).convert("RGB").resize((250, 250))
    table = Image.new("RGB", (WIDTH, HEIGHT), (96, 84, 72))
    table.paste(code.rotate(turn, expand=True, fillcolor=(30, 30, 32)), (180 + turn, 90))
    return table.filter(ImageFilter.GaussianBlur(0.8))


def film(screen: bytes, path: Path) -> Path:
    """Write a film of a hand that is not quite still."""
    with path.open("wb") as file:
        for turn in range(6, 16):
            on_a_table(screen, turn=turn).save(file, "JPEG", quality=80)
    return path


def playing(path: Path) -> list[str]:
    """What makes Chromium play the film, without asking whether it may."""
    return [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={path}",
    ]
