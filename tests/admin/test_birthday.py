"""A member's birthday at the desk: support notes what the member says, marketers see it."""

import pytest
from django.utils import timezone

from members.birthdays import tell_birthday
from tests.admin import people
from tests.cockpit.people import text_of


def address(member):
    return f"/admin/members/member/{member.pk}/birthday/"


def note(browser, member, day=17, month=5):
    return browser.post(address(member), {"day": day, "month": month}, follow=True)


def birthday_of(member):
    member.refresh_from_db()
    return (member.birth_day, member.birth_month)


def test_support_notes_it_and_the_page_shows_it(support, ada):
    assert "Note the birthday" in text_of(support.get(people.address("members.member", "change", ada.pk)).content)

    said = text_of(note(support, ada).content)

    assert "Noted. What the member earns from now on lives by it." in said
    assert "Birthday 17 May" in said
    assert "Correct the birthday" in said
    assert birthday_of(ada) == (17, 5)


def test_it_can_be_corrected_at_once(support, ada):
    tell_birthday(member=ada, month=5, day=17, at=timezone.now())
    assert '<option value="17" selected>' in support.get(address(ada)).content.decode()

    note(support, ada, day=18)

    assert birthday_of(ada) == (18, 5)


@pytest.mark.parametrize(
    ("day", "month", "said"),
    [(30, 2, "This month has no such day."), (1, 13, "Select a valid choice."), ("", 5, "This field is required.")],
)
def test_what_is_no_day_is_said_at_its_field(day, month, said, support, ada):
    assert said in text_of(note(support, ada, day, month).content)

    assert birthday_of(ada) == (None, None)


def test_a_marketer_sees_it_and_changes_nothing(desk, ada):
    tell_birthday(member=ada, month=5, day=17, at=timezone.now())
    seen = text_of(desk.get(people.address("members.member", "change", ada.pk)).content)
    assert "Birthday 17 May" in seen
    assert "the birthday" not in seen

    assert note(desk, ada, day=18).status_code == 403

    assert birthday_of(ada) == (17, 5)
