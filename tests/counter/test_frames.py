"""Frames of cameras: read where there is a code, refused before they cost anything where they are none."""

import io
import random

import pytest
from PIL import Image, ImageFilter

from counter.frames import LARGEST_FRAME_BYTES, FrameRefused, text_in
from members.card import qr_png
from tests.counter.people import shown_card
from tests.journeys.counter.camera import on_a_table

CODE = "LR1" + "0123456789ABCDEFGHJKLMNPQRSTUVWX0123456789ABCDEFGHJK"


def jpeg(picture, quality=70):
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()


@pytest.mark.parametrize(
    ("_case", "spoil"),
    [
        ("held still", lambda picture: picture),
        ("turned on its head", lambda picture: picture.rotate(180)),
        ("unsharp", lambda picture: picture.filter(ImageFilter.GaussianBlur(1.5))),
        ("in a dark bar", lambda picture: picture.point(lambda value: value * 0.2)),
    ],
)
def test_a_code_held_before_the_camera_is_read(_case, spoil):
    assert text_in(jpeg(spoil(on_a_table(qr_png(CODE), turn=8)))) == CODE


def test_of_two_codes_the_larger_is_meant():
    table = on_a_table(qr_png(CODE), turn=0)
    small = Image.open(io.BytesIO(qr_png("LR1" + "0" * 52))).convert("RGB").resize((120, 120))
    table.paste(small, (10, 10))

    assert text_in(jpeg(table, quality=90)) == CODE


def test_a_frame_without_a_code_says_nothing():
    assert text_in(jpeg(Image.new("RGB", (640, 480), (120, 110, 100)))) is None


def a_bomb():
    """A few bytes that say they are a picture of 65,000 x 65,000."""
    small = bytearray(jpeg(Image.new("RGB", (16, 16))))
    place = small.index(b"\xff\xc0") + 5
    small[place : place + 4] = (65_000).to_bytes(2) * 2
    return bytes(small)


@pytest.mark.parametrize(
    ("_case", "body"),
    [
        ("nothing", b""),
        ("no picture", b"%PDF-1.7"),
        ("another format", qr_png(CODE)),
        ("cut off", jpeg(Image.new("RGB", (640, 480)))[:200]),
        ("wider than any camera of ours", jpeg(Image.new("L", (1281, 8)))),
        ("a bomb", a_bomb()),
        ("too many bytes", b"\xff\xd8\xff" + bytes(LARGEST_FRAME_BYTES)),
    ],
)
def test_what_is_no_frame_of_ours_is_refused(_case, body):
    with pytest.raises(FrameRefused):
        text_in(body)


def test_a_thousand_damaged_frames_do_no_harm():
    chance = random.Random(20260302)
    good = jpeg(on_a_table(qr_png(CODE), turn=8))
    outcomes = set()

    for _ in range(1000):
        damaged = bytearray(good)
        for place in chance.sample(range(len(damaged)), chance.randint(1, 40)):
            damaged[place] = chance.randrange(256)
        try:
            outcomes.add(text_in(bytes(damaged)))
        except FrameRefused:
            outcomes.add("refused")

    assert outcomes <= {CODE, None, "refused"}


def send(client, body, **headers):
    return client.post("/counter/frames/", body, content_type="image/jpeg", headers=headers)


def test_the_till_sends_frames_and_gets_texts(at_till, ada):
    code = shown_card(ada)

    found = send(at_till, jpeg(on_a_table(qr_png(code), turn=8)))
    nothing = send(at_till, jpeg(Image.new("RGB", (640, 480))))

    assert (found.status_code, found.json()) == (200, {"text": code})
    assert nothing.status_code == 204


def test_the_till_is_refused_what_is_no_frame(at_till):
    assert send(at_till, b"%PDF-1.7").status_code == 422
    assert send(at_till, bytes(LARGEST_FRAME_BYTES + 1)).status_code == 413


def test_nobody_else_sends_frames(client, db):
    assert send(client, b"")["Location"].startswith("/counter/sign-in/")


def test_how_many_queries_a_frame_takes(at_till, count_queries):
    body = jpeg(Image.new("RGB", (640, 480)))

    with count_queries("counter: camera frame"):
        send(at_till, body)
