"""
A brand's colours, made from the one a marketer chose so that everything written on them or in them can be read.

Works in OKLCH, where lightness is what eyes call lightness: a colour is made darker or lighter until its contrast
(WCAG 2) is reached, and keeps its hue.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import atan2, cbrt, cos, hypot, sin

Rgb = tuple[float, float, float]

# What WCAG 2.2 AA asks of text, and a little more, as colours are rounded to 8 bits.
TEXT_CONTRAST = 4.6
PART_CONTRAST = 3.05

WHITE = "#ffffff"
BLACK = "#000000"
# The surfaces of static/site/base.css that brand-coloured text stands on: the least favourable of each scheme.
LIGHT_GROUND = "#efefea"
DARK_GROUND = "#232728"


@dataclass(frozen=True, slots=True)
class Palette:
    """
    One scheme's brand colours, as `#rrggbb`.

    `brand` and `deep` are the two ends of the card's gradient and carry `on_brand`; `ink` is for text and icons on the
    page; `soft` is a ground for `ink`; `fill` is for buttons and carries `on_fill`.
    """

    brand: str
    deep: str
    on_brand: str
    ink: str
    soft: str
    fill: str
    on_fill: str


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@lru_cache(maxsize=256)
def light(colour: str) -> Palette:
    """The palette of `colour` (`#rrggbb`) on light pages."""
    soft = _tint(colour, lightness=0.955, chroma=0.03)
    ink = _until(colour, grounds=(soft, LIGHT_GROUND), wanted=TEXT_CONTRAST, darker=True)
    fill = colour if contrast(colour, WHITE) >= PART_CONTRAST else ink
    return _palette(colour, ink=ink, soft=soft, fill=fill)


@lru_cache(maxsize=256)
def dark(colour: str) -> Palette:
    """The palette of `colour` (`#rrggbb`) on dark pages."""
    soft = _tint(colour, lightness=0.29, chroma=0.045)
    ink = _until(colour, grounds=(soft, DARK_GROUND), wanted=TEXT_CONTRAST, darker=False)
    return _palette(colour, ink=ink, soft=soft, fill=ink)


def _palette(colour: str, *, ink: str, soft: str, fill: str) -> Palette:
    on_brand = _readable_on(colour)
    lightness, chroma, hue = _oklch(colour)
    deep = _hex(max(0.0, lightness - 0.11), chroma, hue)
    # White text only gains by a darker ground; black text may lose too much.
    if contrast(on_brand, deep) < TEXT_CONTRAST and on_brand == BLACK:
        deep = colour
    return Palette(colour, deep, on_brand, ink, soft, fill, _readable_on(fill))


def _readable_on(ground: str) -> str:
    """White where it is readable, as people expect of brand colours; else black, which then always is."""
    return WHITE if contrast(WHITE, ground) >= 4.5 else BLACK


def _until(colour: str, *, grounds: tuple[str, ...], wanted: float, darker: bool) -> str:
    """`colour` itself, or its nearest shade in one direction that has the contrast to every ground."""
    lightness, chroma, hue = _oklch(colour)
    shade = colour
    step = -0.01 if darker else 0.01
    while min(contrast(shade, ground) for ground in grounds) < wanted and 0 <= lightness + step <= 1:
        lightness += step
        shade = _hex(lightness, chroma, hue)
    return shade


def _tint(colour: str, *, lightness: float, chroma: float) -> str:
    _, own_chroma, hue = _oklch(colour)
    return _hex(lightness, min(chroma, own_chroma), hue)


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(colour: str) -> Rgb:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return _to_linear(red), _to_linear(green), _to_linear(blue)


def _to_linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _oklch(colour: str) -> tuple[float, float, float]:
    """Lightness, chroma and hue (Björn Ottosson's OKLab, in polar form)."""
    red, green, blue = _linear(colour)
    long = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, hypot(a, b), atan2(b, a)


def _hex(lightness: float, chroma: float, hue: float) -> str:
    """The colour of these coordinates; one that screens can't show loses chroma until they can."""
    while chroma > 0.001 and not all(-0.0005 <= value <= 1.0005 for value in _rgb(lightness, chroma, hue)):
        chroma *= 0.96
    return "#" + "".join(f"{round(_from_linear(value) * 255):02x}" for value in _rgb(lightness, chroma, hue))


def _rgb(lightness: float, chroma: float, hue: float) -> Rgb:
    a, b = chroma * cos(hue), chroma * sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _from_linear(value: float) -> float:
    value = min(1.0, max(0.0, value))
    return value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
