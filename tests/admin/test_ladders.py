"""Ladders of tiers at the desk: written in plain fields, previewed, published; and a member's tier by hand."""

import re

import pytest

from members.tiers.definitions import (
    Challenge,
    Definition,
    Drop,
    FiscalYear,
    Grace,
    Lasting,
    Milestone,
    Quota,
    Requirement,
    Rolling,
    Share,
    Span,
    Tier,
    UntilDay,
    read,
)
from members.tiers.models import LadderVersion, TierGrant, TierLadder
from tests.admin import people
from tests.campaigns.trade import a_member
from tests.cockpit.people import text_of
from tests.members.tiers.ladders import A, at_least, noon
from tests.members.tiers.people import a_ladder, earn, held, looked_at, review_all

NOW = noon("2026-05-17")


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def page_of(ladder, page="change"):
    return people.address("members.tierladder", page, ladder.pk)


def fields_of(desk, ladder):
    """What a browser would send if nobody touched the form of the ladder's page."""
    html = desk.get(page_of(ladder)).content.decode()
    form = html[html.index('<form class="d-form is-ladder"') :]
    form = form[: form.index("</form>")]
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        kind = re.search(r'type="([^"]*)"', tag)
        if name and (kind is None or kind[1] not in {"radio", "checkbox"} or " checked" in tag):
            fields[name[1]] = value[1] if value else ("on" if kind and kind[1] == "checkbox" else "")
    for name, options in re.findall(r'<select name="([^"]*)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    fields.pop("csrfmiddlewaretoken", None)
    return fields


def draft_of(ladder):
    version = LadderVersion.objects.filter(ladder=ladder, state="DRAFT").first()
    return read(version.definition) if version else None


def everything():
    return list(LadderVersion.objects.order_by("pk").values())


RICH = Definition(
    (
        Tier("green", "Green"),
        Tier(
            "silver",
            "Silver",
            Requirement((Quota("points:points", 500), Quota("spent", 250_50)), (Quota("orders", 2),)),
            at_least(400),
            at_least(9000),
        ),
        Tier("club", "Club"),
    ),
    FiscalYear("04-06"),
    UntilDay("02-29", 2),
    Grace(10, Span.DAYS, to_month_end=True),
    Drop.ONE,
    Share(50),
    (Milestone("m1", "Half way", "spent", 100_00, repeats=True, over_all_time=True),),
    Challenge("silver", 90, Quota("orders", 4), 3),
)


@pytest.mark.parametrize(
    "definition",
    [A, RICH, Definition(A.tiers, Rolling(13), Lasting(12, to_month_end=True))],
    ids=["plain", "everything", "rolling"],
)
def test_saving_the_form_untouched_keeps_every_word(definition, desk, grocer):
    ladder = a_ladder(grocer, definition)

    answer = desk.post(page_of(ladder), fields_of(desk, ladder), follow=True)

    assert "Saved as a draft. Nothing has changed for customers yet." in text_of(answer.content)
    assert draft_of(ladder) == definition


def test_a_marketer_writes_a_ladder_from_nothing_and_publishes_it(desk, grocer):
    ada = a_member(grocer)
    earn(ada, 600, at=NOW)
    desk.post(
        "/admin/members/tierladder/add/", {"programme": grocer.pk, "name": "Club", "key": "club", "first": "Green"}
    )
    ladder = TierLadder.objects.get()
    silver = {
        "tier-2-name": "Silver",
        "tier-2-place": "2",
        "tier-2-entry_0_metric": "points:points",
        "tier-2-entry_0_amount": "500",
        "tier-2-entry_0_role": "any",
    }

    answer = desk.post(page_of(ladder), fields_of(desk, ladder) | silver | {"publish": "1"}, follow=True)

    said = text_of(answer.content)
    assert "Silver: from 500 Points." in said
    assert "From no tier to Silver" in said
    assert "1 up, 0 down" in said

    (token,) = re.findall(r'name="draft" value="([^"]+)"', answer.content.decode())
    published = desk.post(page_of(ladder, "publish"), {"when": "now", "draft": token}, follow=True)
    review_all(NOW)

    assert "Version 1 is published." in text_of(published.content)
    assert held(ada) == "silver to 2027-12-31"


def test_a_preview_counts_who_moves_up_and_down_and_writes_nothing(desk, grocer):
    ladder = a_ladder(grocer, A)
    ada, bob, cleo = (a_member(grocer, name) for name in ("ada", "bob", "cleo"))
    earn(ada, 450, at=NOW)
    earn(bob, 600, at=NOW)
    looked_at(ada, bob, cleo, at=NOW)
    fields = fields_of(desk, ladder) | {"tier-2-entry_0_amount": "450", "tier-2-place": "9"}

    said = text_of(desk.post(page_of(ladder), fields | {"publish": "1"}, follow=True).content)

    assert "1 up, 0 down" in said
    assert "From Green to Silver" in said
    assert [held(one) for one in (ada, bob, cleo)] == ["green", "silver to 2027-12-31", "green"]


def test_rows_are_sorted_by_their_place_and_emptied_ones_are_gone(desk, grocer):
    ladder = a_ladder(grocer, A)
    gone = {name: "" for name in fields_of(desk, ladder) if name.startswith("tier-2-")}
    added = {
        "tier-4-name": "Diamond",
        "tier-4-place": "2",
        "tier-4-entry_0_metric": "spent",
        "tier-4-entry_0_amount": "99,50",
    }

    desk.post(page_of(ladder), fields_of(desk, ladder) | gone | added)

    assert [tier.key for tier in draft_of(ladder).tiers] == ["green", "diamond", "gold"]
    assert draft_of(ladder).tiers[1].entry == at_least(99_50, "spent")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"tier-2-entry_0_amount": ""}, "Say both, what is counted and how much of it."),
        ({"tier-2-entry_0_amount": "1.5"}, "Write a plain number above 0, with at most 0 decimals."),
        ({"tier-2-name": ""}, "Give the tier a name, or empty the whole row."),
        ({"rules-window": "rolling", "rules-window_count": "12"}, "That does not go with the time"),
        ({"rules-window": "fiscal_year", "rules-begins": "13-01"}, "Write month and day, such as 12-31."),
        ({"rules-window": "rolling", "rules-window_count": ""}, "Say it here."),
        (
            {"rules-validity": "while_met", "rules-drop": "one"},
            "Where tiers are held as long as enough counts, falling by steps needs a grace period.",
        ),
        ({"mark-1-name": "M"}, "Say what is counted, and how much of it."),
        ({"rules-has_challenge": "on", "rules-challenge_days": "30"}, "Say what is counted, and how much of it."),
    ],
)
def test_what_nobody_could_stand_on_is_said_at_its_field(changed, said, desk, grocer):
    ladder = a_ladder(grocer, A)
    before = everything()

    answer = desk.post(page_of(ladder), fields_of(desk, ladder) | changed)

    assert said in text_of(answer.content)
    assert everything() == before


def test_two_marketers_do_not_overwrite_each_other_unseen(desk, grocer):
    ladder = a_ladder(grocer, A)
    seen = fields_of(desk, ladder)
    desk.post(page_of(ladder), seen)
    before = everything()

    answer = desk.post(page_of(ladder), seen | {"tier-1-name": "Mine"}, follow=True)

    assert "changed the draft meanwhile" in text_of(answer.content)
    assert everything() == before


def test_a_draft_can_be_thrown_away_but_not_the_first(desk, grocer):
    ladder = a_ladder(grocer, A)
    desk.post(page_of(ladder), fields_of(desk, ladder))
    desk.post("/admin/members/tierladder/add/", {"programme": grocer.pk, "name": "B", "key": "b", "first": "One"})
    new = TierLadder.objects.get(key="b")

    gone = desk.post(page_of(ladder, "discard"), follow=True)
    kept = desk.post(page_of(new, "discard"), follow=True)

    assert "The draft is gone. What is in force stays." in text_of(gone.content)
    assert "there would be nothing left of the ladder" in text_of(kept.content)
    assert (draft_of(ladder), draft_of(new) is None) == (None, False)


def test_a_version_does_not_begin_in_the_past(desk, grocer):
    ladder = a_ladder(grocer, A)
    desk.post(page_of(ladder), fields_of(desk, ladder))
    before = everything()

    answer = desk.post(page_of(ladder, "publish"), {"when": "later", "effective_from": "2026-05-01T10:00"})

    assert "It can&#x27;t begin in the past" in answer.content.decode() or "can't begin in the past" in text_of(
        answer.content
    )
    assert everything() == before


def test_a_key_is_taken_once(desk, grocer):
    a_ladder(grocer, A, key="club")

    answer = desk.post(
        "/admin/members/tierladder/add/", {"programme": grocer.pk, "name": "Club", "key": "club", "first": "Green"}
    )

    assert "Another ladder has this key." in text_of(answer.content)
    assert TierLadder.objects.count() == 1


@pytest.fixture
def sue(grocer):
    """Support's browser."""
    return people.at_the_desk(people.staff("Sue", people.Role.SUPPORT, grocer))


def test_support_gives_a_tier_by_hand_with_a_reason_and_takes_it_away(sue, grocer):
    a_ladder(grocer, A)
    ada = a_member(grocer)
    looked_at(ada, at=NOW)
    given = {"tier": "club/gold", "until": "2026-12-31", "reason": "A lost parcel"}

    page = text_of(sue.post(f"/admin/members/member/{ada.pk}/tier/", given, follow=True).content)

    assert held(ada) == "gold to 2026-12-31"
    assert "Gold until December 31, 2026" in page
    assert "A lost parcel" in page

    grant = TierGrant.objects.get()
    page = text_of(sue.post(f"/admin/members/member/{ada.pk}/untier/", {"grant": grant.pk}, follow=True).content)

    grant.refresh_from_db()
    assert (held(ada), grant.ended_by) == ("green", str(people.User.objects.get(name="Sue")))
    assert "Taken away. The member stands where they earned." in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"reason": ""}, "This field is required."),
        ({"until": "2026-05-16"}, "That day is over."),
        ({"tier": "club/copper"}, "Select a valid choice."),
    ],
)
def test_a_tier_by_hand_needs_a_tier_an_end_to_come_and_a_reason(changed, said, sue, grocer):
    a_ladder(grocer, A)
    ada = a_member(grocer)
    given = {"tier": "club/gold", "until": "", "reason": "A lost parcel"} | changed

    answer = sue.post(f"/admin/members/member/{ada.pk}/tier/", given)

    assert said in text_of(answer.content)
    assert TierGrant.objects.count() == 0


def test_a_grant_of_somebody_else_is_not_taken_away_here(sue, grocer):
    ladder = a_ladder(grocer, A)
    ada, bob = a_member(grocer), a_member(grocer, "bob")
    sue.post(f"/admin/members/member/{bob.pk}/tier/", {"tier": "club/gold", "reason": "A lost parcel"})
    theirs = TierGrant.objects.get()

    for number in (theirs.pk, "", "x"):
        sue.post(f"/admin/members/member/{ada.pk}/untier/", {"grant": number})

    assert (held(bob), ladder.key) == ("gold", "club")


def test_the_members_page_says_what_is_missing(sue, grocer):
    a_ladder(grocer, A)
    ada = a_member(grocer)
    earn(ada, 350, at=NOW)
    looked_at(ada, at=NOW)

    page = text_of(sue.get(people.address("members.member", "change", ada.pk)).content)

    assert "150 Points more until December 31, 2026 for Silver" in page


def test_a_programme_without_a_ladder_says_nothing_of_tiers(sue, grocer):
    ada = a_member(grocer)

    page = text_of(sue.get(people.address("members.member", "change", ada.pk)).content)
    answer = sue.get(f"/admin/members/member/{ada.pk}/tier/", follow=True)

    assert "Tier by hand" not in page
    assert "The programme has no ladder of tiers." in text_of(answer.content)
