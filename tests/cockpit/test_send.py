"""Anna sends points to Ben: looked up, confirmed, sent; offered, accepted, declined, taken back."""

import re
from datetime import timedelta

import pytest

from events.models import OutboxEvent
from ledger.models import Transfer
from ledger.queries import balances_of, unit_of
from members.models import Member
from members.numbers import check_digit
from shops.attempts import LOOK_UPS
from tests.campaigns.trade import LATER, NOON
from tests.cockpit.people import a_card, earn, signed_in, text_of
from tests.ledger.sending import may_be_sent


@pytest.fixture(autouse=True)
def _noon(at_noon):
    pass


@pytest.fixture
def ben(cafe):
    return a_card(cafe, at=NOON, email="ben@example.com", name="Ben Kaya")


@pytest.fixture
def phone(ada):
    return signed_in(ada)


@pytest.fixture
def bens_phone(ben):
    return signed_in(ben)


@pytest.fixture
def points(cafe, ada):
    """Ada has 250 points that never expire; sending costs 2, and Ben has to accept."""
    earn(ada, 250, at=NOON)
    unit = unit_of(cafe.pk, "points")
    may_be_sent(unit, needs_acceptance=True, fee_fixed=2)
    return unit


def spendable(member):
    return next((row.spendable for row in balances_of(member.wallet_id, at=LATER)), 0)


def form(to, amount="100", message="For the cake"):
    number = to if isinstance(to, str) else to.number
    return {"number": number, "unit": "points", "amount": amount, "message": message}


def ask(browser, to, amount="100", message="For the cake"):
    """Fill in the form; the page that follows."""
    return browser.post("/me/send/", form(to, amount, message)).content


def token_on(page):
    return re.search(r'name="token" value="([^"]+)"', page.decode()).group(1)


def say_yes(browser, page):
    return browser.post("/me/send/confirm/", {"token": token_on(page)}, follow=True)


def offered(phone, ben):
    """Ada's offer of 100 points to Ben."""
    say_yes(phone, ask(phone, ben))
    return Transfer.objects.latest("pk")


def test_the_page_says_what_can_be_sent_and_on_which_terms(phone, points):
    may_be_sent(points, needs_acceptance=True, fee_fixed=2, fee_permille=25, sent_monthly=200, made_daily=3, step=10)

    page = text_of(phone.get("/me/send/").content)

    assert "You have 250 Points" in page
    assert "You can send up to 200 Points now." in page
    assert "Fee: 2 Points and 2.5 % of the amount." in page
    assert "This month you can send 200 of 200 Points." in page
    assert "Today you can send 3 more times." in page
    assert "The other one has 7 days to accept." in page
    assert "At least 10 Points, in steps of 10 Points." in page


def test_before_anything_is_sent_the_member_sees_who_it_is_and_what_it_costs(phone, points, ada, ben):
    earn(ada, 30, at=NOON, until=NOON + timedelta(days=3))

    page = text_of(ask(phone, ben))

    assert "Be… K." in page
    assert "Ben Kaya" not in page
    assert "ben@example.com" not in page
    assert "They get 100 Points Fee 2 Points You pay in all 102 Points You keep 178 Points" in page
    assert "28 Points good until" in page
    assert "72 Points that never expire" in page
    assert Transfer.objects.count() == 0


def test_an_offer_is_kept_and_told_to_both(phone, bens_phone, points, ada, ben):
    answer = say_yes(phone, ask(phone, ben))

    row = Transfer.objects.get()
    assert answer.redirect_chain == [(f"/me/send/{row.pk}/", 302)]
    assert "100 Points wait for Be… K." in text_of(answer.content)
    assert (row.state, row.message, spendable(ada)) == ("OFFERED", "For the cake", 148)
    assert "Ad… L. gives you 100 Points" in text_of(bens_phone.get("/me/").content)
    inbox = text_of(bens_phone.get("/me/send/").content)
    assert "From Ad… L." in inbox
    assert "For the cake" in inbox
    assert "100 Points to Be… K." in text_of(phone.get("/me/send/").content)


def test_who_accepts_has_the_points_and_both_read_why(phone, bens_phone, points, ada, ben):
    row = offered(phone, ben)

    answer = bens_phone.post(f"/me/send/{row.pk}/accept/", follow=True)

    assert "100 Points from Ad… L. are yours" in text_of(answer.content)
    assert (spendable(ada), spendable(ben)) == (148, 100)
    told = text_of(bens_phone.get("/me/history/").content)
    assert "Received" in told
    assert "Received from Ad… L.: 100 Points. “For the cake”" in told
    assert "Sent to Be… K.: 100 Points (fee 2)" in text_of(phone.get("/me/history/").content)
    assert "Be… K. has 100 Points from you" in text_of(phone.get(f"/me/send/{row.pk}/").content)


@pytest.mark.parametrize(
    ("who", "verb", "mine", "theirs"),
    [
        ("ben", "decline", "Be… K. said no. 102 Points are yours again.", "Ad… L. keeps the 100 Points."),
        ("ada", "withdraw", "102 Points are yours again.", "Ad… L. took the 100 Points back."),
    ],
)
@pytest.mark.usefixtures("points")
def test_a_no_gives_the_points_back(who, verb, mine, theirs, ada, ben):
    phones = {"ada": signed_in(ada), "ben": signed_in(ben)}
    row = offered(phones["ada"], ben)

    phones[who].post(f"/me/send/{row.pk}/{verb}/")

    pages = [text_of(phones[name].get(f"/me/send/{row.pk}/").content) for name in ("ada", "ben")]
    assert mine in pages[0]
    assert theirs in pages[1]
    assert (spendable(ada), spendable(ben)) == (250, 0)


def test_what_needs_no_yes_is_theirs_at_once(phone, points, ada, ben):
    may_be_sent(points)
    page = ask(phone, ben)

    assert "It is theirs at once." in text_of(page)
    assert "Be… K. has 100 Points from you" in text_of(say_yes(phone, page).content)
    assert (spendable(ada), spendable(ben)) == (150, 100)
    assert OutboxEvent.objects.filter(type="transfer.done").count() == 1


def test_a_second_tap_is_the_first_one_again(phone, points, ada, ben):
    page = ask(phone, ben)

    first, again = say_yes(phone, page), say_yes(phone, page)

    assert again.redirect_chain == first.redirect_chain
    assert Transfer.objects.count() == 1


def test_a_fee_that_changed_is_asked_about_again(phone, points, ada, ben):
    page = ask(phone, ben)
    may_be_sent(points, needs_acceptance=True, fee_fixed=5)

    again = say_yes(phone, page)

    assert "The fee has changed meanwhile." in text_of(again.content)
    assert "You pay in all 105 Points" in text_of(again.content)
    assert Transfer.objects.count() == 0
    say_yes(phone, again.content)
    assert Transfer.objects.get().fee == 5


def test_what_was_asked_can_be_changed(phone, points, ada, ben):
    page = ask(phone, ben)

    form_again = phone.post("/me/send/confirm/", {"token": token_on(page), "change": ""}).content.decode()

    assert f'value="{ben.number}"' in form_again
    assert 'value="100"' in form_again
    assert "For the cake" in form_again


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "Write a plain number such as 100."),
        ("1.5", "Write a plain number such as 100."),
        ("many", "Write a plain number such as 100."),
        ("9", "From 10 Points to 240 Points."),
        ("241", "From 10 Points to 240 Points."),
        ("240", "With the fee that takes 251 Points. You have 250 Points."),
        ("101", "You can send 100 Points more this month."),
    ],
)
def test_what_is_not_possible_is_said_before_anybody_is_looked_for(amount, said, phone, points, ben):
    limits = {"sent_monthly": 100} if amount == "101" else {}
    may_be_sent(points, minimum=10, maximum=240, fee_fixed=11, **limits)

    assert said in text_of(ask(phone, ben, amount))
    assert Transfer.objects.count() == 0


def test_nobody_learns_who_is_a_member(phone, points, ada, ben, cafe):
    Member.objects.filter(pk=ben.pk).update(status="BLOCKED")
    stranger = "40000000000" + str(check_digit("40000000000"))

    answers = [text_of(ask(phone, number)) for number in (stranger, ben.number)]

    assert all("Nobody who could receive something has this number." in answer for answer in answers)
    assert "this one has a mistake" in text_of(ask(phone, ben.number[:-1] + str((int(ben.number[-1]) + 1) % 10)))
    assert "this one has a mistake" in text_of(ask(phone, "ben@example.com"))
    assert "That is your own number." in text_of(ask(phone, ada))


def test_numbers_are_not_to_be_tried_out(phone, points, ben):
    for _ in range(LOOK_UPS.tries):
        ask(phone, ben)

    assert "You tried many numbers lately." in text_of(ask(phone, ben))


def test_a_number_may_be_typed_as_it_is_printed(phone, points, ben):
    spaced = " ".join(ben.number[start : start + 4] for start in (0, 4, 8))

    assert "Be… K." in text_of(ask(phone, spaced))


def test_a_message_is_shown_as_text_and_has_its_length(phone, bens_phone, points, ben):
    say_yes(phone, ask(phone, ben, message="<b>Hi</b>\n you "))

    assert b"&lt;b&gt;Hi&lt;/b&gt; you" in bens_phone.get("/me/send/").content
    assert b"at most 200" in ask(phone, ben, message="x" * 201)


def test_limits_met_at_the_last_moment_are_told(phone, points, ada, ben):
    page = ask(phone, ben)
    may_be_sent(points, needs_acceptance=True, fee_fixed=2, received_monthly=99)

    answer = say_yes(phone, page)

    assert "That is more than can be received in this month." in text_of(answer.content)
    assert Transfer.objects.count() == 0


@pytest.mark.parametrize("verb", ["accept", "decline", "withdraw"])
def test_only_its_two_see_a_transfer_and_each_does_what_is_theirs(verb, phone, bens_phone, points, cafe, ben):
    row = offered(phone, ben)
    stranger = signed_in(a_card(cafe, at=NOON, email="eve@example.com", name="Eve"))
    other_side = bens_phone if verb == "withdraw" else phone

    answers = [
        stranger.get(f"/me/send/{row.pk}/"),
        stranger.post(f"/me/send/{row.pk}/{verb}/"),
        other_side.post(f"/me/send/{row.pk}/{verb}/"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    row.refresh_from_db()
    assert row.state == "OFFERED"


def test_what_ended_meanwhile_is_told(phone, bens_phone, points, ben):
    row = offered(phone, ben)
    phone.post(f"/me/send/{row.pk}/withdraw/")

    answer = bens_phone.post(f"/me/send/{row.pk}/accept/", follow=True)

    assert "This offer has ended already." in text_of(answer.content)
    assert "Taken back" in text_of(answer.content)


def test_a_yes_is_bound_to_who_was_asked(phone, bens_phone, points, ben):
    page = ask(phone, ben)

    answers = [
        bens_phone.post("/me/send/confirm/", {"token": token_on(page)}, follow=True),
        phone.post("/me/send/confirm/", {"token": token_on(page)[:-1] + "x"}, follow=True),
        phone.post("/me/send/confirm/", {}, follow=True),
    ]

    assert all("so nothing was sent" in text_of(answer.content) for answer in answers)
    assert Transfer.objects.count() == 0


def test_an_offer_of_who_was_blocked_since_can_not_be_accepted(phone, bens_phone, points, ada, ben):
    row = offered(phone, ben)
    Member.objects.filter(pk=ada.pk).update(status="BLOCKED")

    answer = bens_phone.post(f"/me/send/{row.pk}/accept/", follow=True)

    assert "That is not possible now." in text_of(answer.content)
    assert spendable(ben) == 0


def test_where_nothing_may_be_sent_the_card_does_not_offer_it(phone, ada, cafe):
    assert "/me/send/" not in phone.get("/me/").content.decode()
    assert "Nothing to send here" in text_of(phone.get("/me/send/").content)
    assert "Nothing to send here" in text_of(phone.post("/me/send/", form("400000000006")).content)
    may_be_sent(unit_of(cafe.pk, "points"))
    assert 'href="/me/send/"' in phone.get("/me/").content.decode()


def test_of_many_parts_the_first_are_told_and_the_rest_in_one_line(phone, points, ada, ben):
    for day in range(1, 7):
        earn(ada, 10, at=NOON, until=NOON + timedelta(days=day))

    page = text_of(ask(phone, ben, "60"))

    assert page.count("Points good until") == 3
    assert "32 Points that live longer" in page
