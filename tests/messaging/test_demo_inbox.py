"""A demo keeps its mails and shows them to everybody; anything else has no inbox."""

import pytest
from django.core.mail import EmailMessage, send_mail

from messaging import services
from messaging.models import OutgoingMail
from tests.campaigns.trade import NOON
from tests.cockpit.people import text_of


def keep(subject: str, body: str = "") -> OutgoingMail:
    return services.keep_mail(to=["ada@example.com"], subject=subject, body=body, at=NOON)


def test_a_mail_is_kept_instead_of_sent(db, demo, mailoutbox):
    mail = EmailMessage("Hello", "Dear Ada", to=["ada@example.com"], cc=["ben@example.com"])

    assert mail.send() == 1

    kept = OutgoingMail.objects.get()
    assert (kept.to, kept.subject, kept.body) == ("ada@example.com, ben@example.com", "Hello", "Dear Ada")
    assert mailoutbox == []


def test_the_inbox_shows_the_newest_mail_first(client, db, demo):
    send_mail("First", "one", None, ["ada@example.com"])
    send_mail("Second", "two", None, ["ada@example.com"])

    text = text_of(client.get("/inbox/").content)

    assert 0 < text.index("Second") < text.index("First")


def test_the_inbox_is_not_there_outside_a_demo(client, db, settings):
    settings.DEMO = False
    keep("Secret")

    response = client.get("/inbox/")

    assert response.status_code == 404
    assert b"Secret" not in response.content


@pytest.mark.parametrize(
    ("_case", "body", "code"),
    [
        ("on a line of its own", "Here it is:\n\nWZFW-HWSK\n\nBye", "WZFW-HWSK"),
        ("digits", "Code:\n482913\n", "482913"),
        ("in a sentence is no code", "ABCD-EFGH is not alone", None),
        ("a mail without", "Dear Ada,\nthanks.", None),
    ],
)
def test_a_code_is_picked_out_to_be_copied(client, db, demo, _case, body, code):
    keep("Your code", body)

    page = client.get("/inbox/").content.decode()

    assert (f'id="code-1">{code}</output>' in page) == (code is not None)
    assert ("<output" in page) == (code is not None)


def test_what_a_mail_says_is_text_and_not_markup(client, db, demo):
    keep("<b>bold</b>", "<script>alert(1)</script>")

    page = client.get("/inbox/").content.decode()

    assert "&lt;b&gt;bold" in page
    assert "<script>alert" not in page


def test_an_empty_inbox_says_what_to_do_next(client, db, demo):
    assert "No mail yet" in text_of(client.get("/inbox/").content)


def test_twenty_mails_stand_on_a_page(client, db, demo):
    for number in range(21):
        keep(f"Mail {number:02}")

    first, second = (text_of(client.get(f"/inbox/?page={page}").content) for page in (1, 2))

    assert "Mail 20" in first
    assert "Mail 01" in first
    assert "Mail 00" not in first
    assert "Mail 00" in second


def test_the_oldest_mails_go_when_five_hundred_are_kept(db):
    oldest = keep("Oldest")
    OutgoingMail.objects.bulk_create(
        OutgoingMail(to="ada@example.com", subject=str(number), body="", sent_at=NOON) for number in range(499)
    )

    keep("Newest")

    assert OutgoingMail.objects.count() == 500
    assert not OutgoingMail.objects.filter(pk=oldest.pk).exists()
