"""Events at the desk: types are declared without JSON, and each event says what it earned or why it did not."""

import pytest

from campaigns import services as campaigns
from conditions.vocabulary import FieldType
from orders.events.models import EventType
from orders.events.services import attributes_of, retire_attribute
from orders.events.types import Attribute
from orders.models import Event
from tests.admin import people
from tests.admin.forms import rule_fields
from tests.admin.people import Role
from tests.campaigns import trade
from tests.campaigns.happenings import RATING, WITH_PHOTO, a_type, happen, rewards

LIST, TYPES = "/admin/orders/event/", "/admin/orders/eventtype/"


@pytest.fixture
def desk(grocer):
    return people.at_the_desk(people.staff("Mara", Role.MARKETER, grocer))


@pytest.fixture
def checkins(grocer):
    declared = a_type(grocer, RATING, WITH_PHOTO)
    trade.a_campaign(grocer, rewards(when={"field": "event.rating", "op": "gte", "value": 4}), key="moments")
    return declared


def page_of(row):
    return people.address(f"orders.{row._meta.model_name}", "change", row.pk)


def text_of(response):
    return " ".join(response.content.decode().split())


def test_a_type_is_declared_and_given_what_it_carries(desk, grocer):
    declared = desk.post(f"{TYPES}add/", {"name": "a review", "key": "review.created"})
    row = EventType.objects.get()
    page = desk.get(declared.url)
    desk.post(page_of(row), {"label": "the rating", "key": "rating", "kind": "number", "required": "on"})
    desk.post(page_of(row), {"label": "what it is worth", "key": "worth", "kind": "money", "default": "1,50"})
    desk.post(page_of(row), {"label": "a photo", "key": "photo", "kind": "flag", "default": "no"})

    assert declared.url == page_of(row)
    assert "Now add what such events carry" in text_of(page)
    assert (row.key, row.name, row.programme, row.declared_by) == ("review.created", "a review", grocer, "Mara")
    assert attributes_of(EventType.objects.get()) == [
        Attribute("rating", FieldType.NUMBER, "the rating", required=True),
        Attribute("worth", FieldType.MONEY, "what it is worth", default=150),
        Attribute("photo", FieldType.FLAG, "a photo", default=False),
    ]
    assert "missing, it counts as 1.50" in text_of(desk.get(page_of(row)))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"key": "Review"}, "Expected small letters"),
        ({"key": "member.visited"}, "those are Laurel&#x27;s own"),
        ({"key": "checkin"}, "Another type has this key."),
        ({"name": ""}, "This field is required."),
    ],
)
def test_a_type_that_makes_no_sense_is_refused_at_its_field(desk, checkins, said, told):
    response = desk.post(f"{TYPES}add/", {"name": "a review", "key": "review.created"} | said)

    assert response.status_code == 200
    assert told in text_of(response)
    assert EventType.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"key": "rating"}, "Expected a key of its own"),
        ({"kind": "number", "default": "many"}, "Expected"),
        ({"kind": "texts", "default": "a"}, "Expected"),
        ({"kind": "time"}, "Select a valid choice"),
    ],
)
def test_an_attribute_that_makes_no_sense_is_refused_at_its_field(desk, checkins, said, told):
    response = desk.post(page_of(checkins), {"label": "words", "key": "words", "kind": "text"} | said)

    assert response.status_code == 200
    assert told in text_of(response)
    assert attributes_of(EventType.objects.get()) == [RATING, WITH_PHOTO]


def test_once_events_were_sent_nothing_new_is_required(desk, grocer, ada, checkins):
    happen(grocer)

    page = text_of(desk.get(page_of(checkins)))
    desk.post(page_of(checkins), {"label": "words", "key": "words", "kind": "number", "required": "on"})

    assert "Every event has to carry it" not in page
    assert attributes_of(EventType.objects.get())[-1] == Attribute("words", FieldType.NUMBER, "words")


def test_what_is_retired_is_asked_for_first_and_said_so_since(desk, checkins):
    asked = desk.get(f"{page_of(checkins).removesuffix('change/')}retire-attribute/?key=rating")
    before = attributes_of(EventType.objects.get())[0].retired
    desk.post(f"{page_of(checkins).removesuffix('change/')}retire-attribute/?key=rating")

    assert "this can&#x27;t be undone" in text_of(asked)
    assert (before, attributes_of(EventType.objects.get())[0].retired) == (False, True)
    assert "retired" in text_of(desk.get(page_of(checkins)))


def test_a_retired_type_is_only_looked_at(desk, checkins):
    address = f"{page_of(checkins).removesuffix('change/')}retire/"
    assert "this can&#x27;t be undone" in text_of(desk.get(address))

    desk.post(address)

    page = text_of(desk.get(page_of(checkins)))
    assert EventType.objects.get().retired_at is not None
    assert "Retire this type" not in page
    assert "Add what it carries" not in page
    assert desk.post(page_of(checkins), {"label": "x", "key": "x", "kind": "text"}).status_code == 403


def test_the_list_says_what_each_event_earned_or_why_it_did_not(desk, grocer, ada, checkins):
    happen(grocer, "good", payload={"rating": 5})
    happen(grocer, "bad", payload={"rating": 1})
    happen(grocer, "stranger", customer="nobody")

    page = text_of(desk.get(LIST))

    assert "A check-in" in page
    assert "5 points" in page
    assert "it asks that the rating is at least 4; here it was 1" in page
    assert "The event belongs to no member, so nobody could earn." in page


def test_the_list_is_searched_and_filtered(desk, grocer, ada, checkins):
    a_type(grocer, key="review.created", name="a review")
    happen(grocer, "first")
    happen(grocer, "second", type="review.created", source="shop")

    def references(query):
        return [row.reference for row in desk.get(f"{LIST}?{query}").context["cl"].result_list]

    assert references("q=sec") == ["second"]
    assert references(f"q={ada.number}") == ["second", "first"]
    assert references("type=checkin") == ["first"]
    assert references("source=shop") == ["second"]


def test_an_events_page_tells_what_it_carried_and_what_became_of_it(desk, grocer, ada, checkins):
    happen(grocer, payload={"rating": 5})

    page = text_of(desk.get(page_of(Event.objects.get())))

    assert "<dt>the rating</dt><dd>5</dd>" in page
    assert "<dt>there is a photo</dt><dd>no <span" in page
    assert "Earned for a check-in: 5 points (version 1)" in page
    assert "not said; it counts as this" in page


def test_the_posting_leads_to_its_event(desk, grocer, ada, checkins):
    earned = happen(grocer, payload={"rating": 5}).earned[0]

    page = text_of(desk.get(people.address("ledger.posting", "change", earned.posting_id)))

    assert "Earned for a check-in: 5 points (version 1)." in page
    assert page_of(Event.objects.get()) in page


def test_a_campaigns_page_says_what_its_events_earn(desk, grocer, checkins):
    campaign = grocer.campaigns.get()

    page = text_of(desk.get(people.address("campaigns.campaign", "change", campaign.pk)))

    assert "5 points for a check-in, if the rating is at least 4" in page
    campaigns.stop_campaign(campaign=campaign, by="Mara", at=trade.NOON)
    assert "5 points for a check-in" in text_of(desk.get("/admin/campaigns/campaign/"))


def test_a_draft_that_asks_about_what_is_retired_is_refused_in_words(desk, grocer, checkins):
    campaign = grocer.campaigns.get()
    retire_attribute(event_type=checkins, key="rating")

    path = f"{people.address('campaigns.campaign', 'rule', campaign.pk)}?key=r1"
    page = desk.post(path, rule_fields(desk.get(path), {"draft": "", "units": "7"}))

    assert "What the marked condition asks about is retired. Choose something else." in text_of(page)
    assert campaign.versions.count() == 1
