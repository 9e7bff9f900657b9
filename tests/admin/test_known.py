"""What a programme keeps about its members, at the desk: declared by marketers, noted by support."""

import pytest

from members.models import MemberAttribute, Tag
from orders.models import ContextAttribute
from shops.attributes import declare
from tests.admin import people
from tests.cockpit.people import text_of

ADD = "/admin/members/memberattribute/add/"


def declared(browser, programme, path=ADD, **changes):
    asked = {"programme": programme.pk, "label": "Shirt", "key": "shirt", "type": "text", "default": "M"} | changes
    return browser.post(path, asked, follow=True)


def note(browser, member, **told):
    return browser.post(f"/admin/members/member/{member.pk}/known/", told, follow=True)


@pytest.fixture
def kept(grocer):
    declare(MemberAttribute, programme=grocer, key="shirt", kind="text", label="Shirt")
    declare(MemberAttribute, programme=grocer, key="vegan", kind="flag", label="Vegan")
    declare(MemberAttribute, programme=grocer, key="children", kind="number", label="Children")
    declare(MemberAttribute, programme=grocer, key="married", kind="date", label="Married")


@pytest.mark.parametrize(
    ("kind", "default", "stored"),
    [
        ("text", "M", "M"),
        ("number", "-3", -3),
        ("flag", "no", False),
        ("date", "2026-12-24", "2026-12-24"),
        ("text", "", None),
    ],
)
def test_a_marketer_declares_an_attribute(kind, default, stored, desk, grocer):
    page = declared(desk, grocer, type=kind, default=default)

    attribute = MemberAttribute.objects.get()
    assert (attribute.key, attribute.type, attribute.default) == ("shirt", kind, stored)
    assert "Added. Rules and segments can ask for it from now on." in text_of(page.content)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"key": "Shirt"}, "Small letters, digits and _, beginning with a letter."),
        ({"key": "size"}, "Choose another key: this one is taken."),
        ({"type": "number"}, "That is no value of this type."),
        ({"type": "date", "default": "24.12."}, "That is no value of this type."),
        ({"type": "flag", "default": "maybe"}, "That is no value of this type."),
    ],
)
def test_what_can_not_be_is_said(changes, said, desk, grocer):
    declare(MemberAttribute, programme=grocer, key="size", kind="text", label="Size")

    assert said in text_of(declared(desk, grocer, **changes).content)
    assert MemberAttribute.objects.count() == 1


def test_only_its_label_changes(desk, grocer):
    row = declare(ContextAttribute, programme=grocer, key="weather", kind="text", label="Weather", default="dry")
    asked = {"label": "Sky", "key": "sky", "type": "number", "default": "7"}

    page = desk.post(people.address("orders.contextattribute", "change", row.pk), asked, follow=True)

    row.refresh_from_db()
    assert (row.label, row.key, row.type, row.default) == ("Sky", "weather", "text", "dry")
    assert "Saved." in text_of(page.content)


def test_support_notes_what_is_known_and_the_page_shows_it(support, ada, kept):
    told = {
        "of-shirt": "XL",
        "of-vegan": "no",
        "of-children": "2",
        "of-married": "2020-05-17",
        "tags": "vip, staff,vip",
    }

    said = text_of(note(support, ada, **told).content)

    ada.refresh_from_db()
    assert ada.attributes == {"shirt": "XL", "vegan": False, "children": 2, "married": "2020-05-17"}
    assert list(Tag.objects.order_by("name").values_list("name", flat=True)) == ["staff", "vip"]
    assert "Noted. Rules and segments see it from now on." in said


def test_what_is_emptied_is_forgotten_and_the_form_knows_what_is_known(support, ada, kept):
    note(support, ada, **{"of-shirt": "XL", "of-vegan": "yes", "tags": "vip"})
    form = support.get(f"/admin/members/member/{ada.pk}/known/").content.decode()

    note(support, ada, **{"of-shirt": "XL", "tags": ""})

    ada.refresh_from_db()
    assert 'value="XL"' in form
    assert '<option value="yes" selected>' in form
    assert ada.attributes == {"shirt": "XL"}
    assert not Tag.objects.exists()


def test_one_wrong_value_leaves_everything_as_it_was(support, ada, kept):
    said = text_of(note(support, ada, **{"of-shirt": "XL", "tags": "x" * 41}).content)

    ada.refresh_from_db()
    assert "At most 50 tags of at most 40 characters each." in said
    assert ada.attributes == {}
    assert not Tag.objects.exists()


def test_marketers_do_not_note(desk, ada, kept):
    assert note(desk, ada, **{"of-shirt": "XL"}).status_code == 403
    ada.refresh_from_db()
    assert ada.attributes == {}
