"""Whatever colour a marketer picks, what stands on it or in it can be read."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from landing import palette
from landing.palette import DARK_GROUND, LIGHT_GROUND, contrast

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(COLOURS)
@example("#000000")
@example("#ffffff")
@example("#808080")
@example("#ffd400")
@pytest.mark.parametrize(("scheme", "ground"), [(palette.light, LIGHT_GROUND), (palette.dark, DARK_GROUND)])
def test_every_text_has_the_contrast_that_wcag_asks_for(scheme, ground, colour):
    made = scheme(colour)

    assert contrast(made.on_brand, made.brand) >= 4.5
    assert contrast(made.on_brand, made.deep) >= 4.5
    assert contrast(made.on_fill, made.fill) >= 4.5
    assert contrast(made.ink, made.soft) >= 4.5
    assert contrast(made.ink, ground) >= 4.5


@given(COLOURS)
def test_the_card_always_has_the_brands_own_colour(colour):
    assert palette.light(colour).brand == colour
    assert palette.dark(colour).brand == colour


def test_a_colour_that_is_readable_already_is_left_alone():
    made = palette.light("#1f6f54")

    assert (made.ink, made.fill, made.on_fill) == ("#1f6f54", "#1f6f54", "#ffffff")


def test_a_light_colour_becomes_a_darker_shade_for_text_and_keeps_itself_in_the_dark():
    assert palette.light("#ffd400").ink == "#7d6702"
    assert palette.dark("#ffd400").ink == "#ffd400"


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#1f6f54", "#1f6f54", 1.0)]
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert round(contrast(one, other), 2) == ratio
    assert contrast(one, other) == contrast(other, one)
