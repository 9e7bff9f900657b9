"""A member's code: what it looks like, when it is accepted, and everything that makes it worthless."""

import hmac
import io
import random
import re
from datetime import UTC, datetime, timedelta

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from events.models import OutboxEvent
from members import card
from members.card import ALPHABET, PREFETCH_AT_MOST, mint_tokens, qr_png, qr_svg, read_token, rotate_card
from members.errors import (
    CardForged,
    CardForOtherPurpose,
    CardKeyUnknown,
    CardMalformed,
    CardOutdated,
    CardRefused,
)
from members.keys import derived_key
from members.models import Member
from shops.models import Programme

# A step begins at every quarter minute, so at noon too.
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BAKERY = Programme(pk=7, key="bakery")
BOOKSHOP = Programme(pk=8, key="bookshop")
REF = bytes(range(10))
ADA = Member(pk=1, programme=BAKERY, card_ref=REF)


def shown(at: datetime = NOON) -> str:
    return mint_tokens(member=ADA, programme=BAKERY, at=at)[0].text


def signed(body: bytes, period: int = 2026 * 12 + 2) -> str:
    """A code as we would sign it, whatever its body says."""
    key = derived_key(use="member token", programme_id=BAKERY.pk, period=period)
    return card._text_of(body + hmac.digest(key, body, "sha256")[:16])


def test_a_code_says_who_and_when_without_asking_the_database():
    read = read_token(shown(), programme=BAKERY, at=NOON)

    assert read.card_ref == REF
    assert datetime.fromtimestamp(read.step * 15, UTC) == NOON
    assert read.purpose == card.Purpose.IDENTIFY


@given(ref=st.binary(min_size=10, max_size=10), seconds=st.integers(0, 2**32))
def test_whatever_is_minted_can_be_read(ref, seconds):
    at = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    (token,) = mint_tokens(member=Member(card_ref=ref), programme=BAKERY, at=at)

    read = read_token(token.text, programme=BAKERY, at=at)
    read.require_current()

    assert read.card_ref == ref


def test_a_code_is_short_and_of_letters_that_every_scanner_types_right():
    text = shown()

    assert len(text) == 55
    assert text.startswith("LR1")
    assert set(text[3:]) <= set(ALPHABET)
    assert not set("IOYZ") & set(ALPHABET)


def test_codes_ahead_follow_each_other_every_fifteen_seconds():
    tokens = mint_tokens(member=ADA, programme=BAKERY, at=NOON + timedelta(seconds=7), count=PREFETCH_AT_MOST)

    assert [token.show_from for token in tokens] == [NOON + timedelta(seconds=15 * n) for n in range(40)]
    assert all(token.show_until - token.show_from == timedelta(seconds=15) for token in tokens)
    assert len({token.text for token in tokens}) == 40


@pytest.mark.parametrize("count", [0, 41])
def test_more_than_ten_minutes_ahead_are_not_minted(count):
    with pytest.raises(ValueError, match="expected 1 to 40"):
        mint_tokens(member=ADA, programme=BAKERY, at=NOON, count=count)


@pytest.mark.parametrize("seconds", [0, 1, 14.9, 15, 29.9])
def test_a_code_is_accepted_in_its_step_and_the_next(seconds):
    read_token(shown(), programme=BAKERY, at=NOON + timedelta(seconds=seconds)).require_current()


@pytest.mark.parametrize("seconds", [-0.1, -15, 30, 30.1, 60, 86400])
def test_a_code_is_refused_before_its_step_and_after_thirty_seconds(seconds):
    read = read_token(shown(), programme=BAKERY, at=NOON + timedelta(seconds=seconds))

    with pytest.raises(CardOutdated):
        read.require_current()


@pytest.mark.parametrize("typed", ["{}", " {}\r\n", "{}\t"])
@pytest.mark.parametrize("case", [str.upper, str.lower])
def test_what_a_hand_held_scanner_adds_does_not_matter(typed, case):
    text = typed.format(case(shown()))

    assert read_token(text, programme=BAKERY, at=NOON).card_ref == REF


@pytest.mark.parametrize(
    ("_case", "text"),
    [
        ("nothing", ""),
        ("something else", "https://example.com/a-page-somebody-printed-a-code-of-on-paper"),
        ("a letter short", shown()[:-1]),
        ("a letter long", shown() + "0"),
        ("another beginning", "LR2" + shown()[3:]),
        ("a letter outside the alphabet", shown()[:-1] + "Z"),
        ("a letter beyond ASCII", shown()[:-1] + "é"),
        ("without its beginning", shown()[3:]),
    ],
)
def test_what_has_not_the_form_of_a_code_is_malformed(_case, text):
    with pytest.raises(CardMalformed):
        read_token(text, programme=BAKERY, at=NOON)


def test_every_single_flipped_bit_is_noticed():
    letters = [ALPHABET.index(letter) for letter in shown()[3:]]

    for bit in range(len(letters) * 5):
        flipped = [value ^ (1 << bit % 5 if place == bit // 5 else 0) for place, value in enumerate(letters)]
        with pytest.raises(CardRefused):
            read_token("LR1" + "".join(ALPHABET[value] for value in flipped), programme=BAKERY, at=NOON)


def test_ten_thousand_damaged_codes_are_refused():
    chance = random.Random(20260302)
    good = shown()

    for _ in range(10_000):
        letters = list(good)
        for place in chance.sample(range(3, 55), chance.randint(1, 6)):
            letters[place] = chance.choice(ALPHABET.replace(letters[place], ""))
        with pytest.raises(CardRefused):
            read_token("".join(letters), programme=BAKERY, at=NOON)


def test_a_code_of_another_programme_is_forged_here():
    with pytest.raises(CardForged):
        read_token(shown(), programme=BOOKSHOP, at=NOON)


def test_a_code_made_with_another_secret_is_forged(settings):
    text = shown()

    settings.TOKEN_KEY = "another secret, which is at least fifty characters long"

    with pytest.raises(CardForged):
        read_token(text, programme=BAKERY, at=NOON)


@pytest.mark.parametrize("head", [0x12, 0x10, 0x21])
def test_what_was_signed_for_something_else_does_not_identify(head):
    key_id = (2026 * 12 + 2) % 256
    text = signed(bytes([head, key_id]) + REF + int(NOON.timestamp() // 15).to_bytes(4))

    with pytest.raises(CardForOtherPurpose):
        read_token(text, programme=BAKERY, at=NOON)


@pytest.mark.parametrize(
    ("minted", "read"),
    [
        (datetime(2026, 3, 31, 23, 59, 50, tzinfo=UTC), datetime(2026, 4, 1, 0, 0, 5, tzinfo=UTC)),
        (datetime(2026, 12, 31, 23, 59, 50, tzinfo=UTC), datetime(2027, 1, 1, 0, 0, 5, tzinfo=UTC)),
    ],
)
def test_a_code_survives_the_night_in_which_the_key_changes(minted, read):
    read_token(shown(minted), programme=BAKERY, at=read).require_current()


def test_each_month_signs_with_a_key_of_its_own():
    march = derived_key(use="member token", programme_id=7, period=2026 * 12 + 2)
    april = derived_key(use="member token", programme_id=7, period=2026 * 12 + 3)
    numbers = derived_key(use="redemption number", programme_id=7, period=2026 * 12 + 2)

    assert len({march, april, numbers}) == 3
    assert {len(march), len(april), len(numbers)} == {32}


@pytest.mark.parametrize("later", [datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 2, 28, tzinfo=UTC)])
def test_a_key_that_is_neither_current_nor_previous_is_unknown(later):
    with pytest.raises(CardKeyUnknown):
        read_token(shown(), programme=BAKERY, at=later)


def test_the_picture_is_a_small_code_that_reads_as_the_text():
    picture = Image.open(io.BytesIO(qr_png(shown(), pixels_per_module=4)))

    (found,) = zxingcpp.read_barcodes(
        picture.convert("L"), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )

    assert found.text == shown()
    assert picture.size == (37 * 4, 37 * 4)  # version 3: 29 modules, and a quiet zone of 4 on each side


def test_the_drawing_shows_the_same_modules_on_white():
    svg = qr_svg(shown(), label='Ada\'s "card"')
    picture = Image.new("L", (37 * 4, 37 * 4), 255)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", svg):
        left, top = int(x) * 4, int(y) * 4
        ImageDraw.Draw(picture).rectangle((left, top, left + int(width) * 4 - 1, top + 3), fill=0)

    (found,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))

    assert found.text == shown()
    assert '<rect width="37" height="37" fill="#fff"/>' in svg
    assert 'aria-label="Ada&#x27;s &quot;card&quot;"' in svg
    assert "style" not in svg


@pytest.mark.django_db
def test_a_rotated_card_forgets_its_old_reference(ada):
    before = bytes(ada.card_ref)

    rotate_card(member=ada, at=NOON)

    ada.refresh_from_db()
    assert bytes(ada.card_ref) != before
    assert len(bytes(ada.card_ref)) == 10
    assert OutboxEvent.objects.get(type="card.rotated").payload == {"member": ada.number}
