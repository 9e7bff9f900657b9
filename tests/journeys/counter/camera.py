"""A camera that looks at a phone: the film that Chromium plays instead of one."""

import io
from pathlib import Path

from PIL import Image, ImageFilter

WIDTH, HEIGHT = 640, 480


def film(screen: bytes, path: Path, *, frames: int = 10) -> Path:
    """Write the picture of a code, as a screenshot shows it, into a film: held in a hand, turned, a little unsharp."""
    code = Image.open(io.BytesIO(screen)).convert("RGB").resize((250, 250))
    with path.open("wb") as file:
        for number in range(frames):
            table = Image.new("RGB", (WIDTH, HEIGHT), (96, 84, 72))
            held = code.rotate(6 + number, expand=True, fillcolor=(30, 30, 32))
            table.paste(held, (180 + number, 90))
            table.filter(ImageFilter.GaussianBlur(0.8)).save(file, "JPEG", quality=80)
    return path


def playing(path: Path) -> list[str]:
    """What makes Chromium play the film, without asking whether it may."""
    return [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={path}",
    ]
