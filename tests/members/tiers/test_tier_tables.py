"""The tables of docs/algorithms/tiers.md, and cases of other programmes, by the pure core."""

import json
from pathlib import Path

import msgspec
import pytest

from members.tiers.definitions import Definition, Lasting, Reserve, Rolling, Share, Span, Tier, UntilDay
from members.tiers.standing import Cause, Granted, review
from members.tiers.windows import Place, held_until, window_at
from tests.ledger.tables import rows
from tests.members.tiers.ladders import (
    BERLIN,
    JOINED,
    LADDERS,
    VALIDITIES,
    WINDOWS,
    A,
    a_case,
    again,
    at_least,
    counts,
    last_day,
    noon,
    own,
    the_end_of,
    told,
)

PAGE = "tiers.md"
SHARED = Path(__file__).resolve().parents[4] / "shared" / "cases" / "programme_examples.json"
BY = {"by hand": Cause.MANUAL, "paid": Cause.PAID, "for life": Cause.LIFETIME, "on trial": Cause.CHALLENGE}


def ids(row):
    return " | ".join(row.values())


@pytest.mark.parametrize("row", rows(PAGE, "window"), ids=ids)
def test_a_window_is_what_the_page_says(row):
    place = Place(BERLIN, noon(row["joined"]))

    found = window_at(WINDOWS[row["window"]], noon(row["on"]), place)

    assert (found.start.astimezone(BERLIN).date().isoformat(), last_day(found.end)) == (
        row["from"],
        row["up to and with"],
    )


@pytest.mark.parametrize("row", rows(PAGE, "validity"), ids=ids)
def test_a_tier_is_held_as_long_as_the_page_says(row):
    window, at, place = WINDOWS[row["window"]], noon(row["reached on"]), Place(BERLIN, JOINED)

    until = held_until(
        VALIDITIES[row["validity"]], window=window, stretch=window_at(window, at, place), at=at, place=place
    )

    assert last_day(until) == row["held up to and with"]


@pytest.mark.parametrize("row", rows(PAGE, "ladder"), ids=ids)
def test_members_move_as_the_page_says(row):
    case, ladder = a_case(row["on"], row["held"]), LADDERS[row["ladder"]]
    figures = counts(int(row["counted now"]), int(row["counted before"] or 0))

    outcome = review(ladder, case, figures)

    assert (told(outcome.shown), outcome.shown.cause) == (row["next"], row["because"])
    assert outcome.shown.tier == outcome.own.tier


@pytest.mark.parametrize("row", rows(PAGE, "rollover"), ids=ids)
def test_a_surplus_is_carried_on_as_the_page_says(row):
    rollover = {"all": Share(), "50 %": Share(50), "reserve": Reserve()}[row["rollover"]]
    ladder = msgspec.structs.replace(A, rollover=rollover)
    before = {"points:points": int(row["carried into the window"])}
    began = the_end_of("2024-12-31")
    held = "green" if row["reached"] == "green" else f"{row['reached']} to 2026-12-31"
    case = a_case("2026-02-01", held, carried={began: before})

    outcome = review(ladder, case, counts(0, int(row["counted"])))

    assert outcome.carry_from == the_end_of("2025-12-31")
    assert outcome.carry.get("points:points", 0) == int(row["carried on"])


@pytest.mark.parametrize("row", rows(PAGE, "own"), ids=ids)
def test_the_highest_of_all_is_shown_as_the_page_says(row):
    floors = []
    if row["floors"]:
        tier, _, rest = row["floors"].partition(" ")
        cause = next(cause for words, cause in BY.items() if words in rest)
        day = rest.rpartition("to ")[2].split(" ")[0] if "to " in rest else ""
        floors.append(Granted(1, tier, cause, noon("2026-01-05"), the_end_of(day)))

    outcome = review(A, a_case("2026-05-17", row["own"], grants=tuple(floors)), counts(0, 0))

    assert (told(outcome.shown), outcome.shown.cause) == (row["shown"], row["because"])
    assert outcome.own == own(row["own"])


@pytest.mark.parametrize(
    ("spent", "bill", "tier"),
    [
        (0, 6000, "bronze"),
        (0, 15000, "silver"),
        (0, 25000, "gold"),
        (4000, 500, "bronze"),
        (8000, 3000, "silver"),
        (18000, 3000, "gold"),
        (22000, 5000, "gold"),
    ],
)
def test_pc_099_what_was_spent_and_this_bill_decide_together(spent, bill, tier):
    ladder = three_tiers(10_000, 20_000)

    outcome = review(ladder, a_case(), counts(spent + bill))

    assert outcome.shown.tier == tier


def test_pc_096_a_tier_given_by_hand_is_a_floor():
    ladder = three_tiers(20, 30)
    by_hand = Granted(1, "silver", Cause.MANUAL, noon("2026-01-05"), None)

    assert review(ladder, a_case(grants=(by_hand,)), counts(30)).shown.tier == "gold"
    assert review(ladder, a_case(grants=(by_hand,)), counts(0)).shown.tier == "silver"


def test_pc_103_thirty_days_count_from_the_day_the_tier_was_reached():
    ladder = msgspec.structs.replace(three_tiers(100, 200), window=Rolling(12), validity=Lasting(30, Span.DAYS))
    reached = review(ladder, a_case("2026-07-20"), counts(150))
    case = again(a_case("2026-07-20"), reached, at=noon("2026-07-25"))

    later = review(ladder, case, counts(50))
    over = review(ladder, again(case, later, at=the_end_of("2026-08-19")), counts(50, 50))

    assert told(reached.shown) == told(later.shown) == "silver to 2026-08-19"
    assert told(over.shown) == "bronze"


# Facts of published programmes (World of Hyatt, ALL Accor), as in ../shared/cases/programme_examples.json.
def test_hyatt_status_lasts_to_the_end_of_february_of_the_second_year_after_qualifying():
    ladder = msgspec.structs.replace(three_tiers(10, 30), validity=UntilDay("02-29", 2))

    reached = review(ladder, a_case("2018-05-15"), counts(10))

    assert last_day(reached.shown.until) == "2020-02-29"


@pytest.mark.parametrize(("euros", "points", "tier"), [(800, 2000, "silver"), (10_400, 26_000, "diamond")])
def test_accor_status_comes_of_25_points_per_10_euros(euros, points, tier):
    quotas = {"classic": None, "silver": 2000, "gold": 7000, "platinum": 14_000, "diamond": 26_000}
    levels = tuple(Tier(key, key.title(), at_least(least) if least else None) for key, least in quotas.items())

    outcome = review(Definition(levels), a_case(), counts(euros // 10 * 25))

    assert (euros // 10 * 25, outcome.shown.tier) == (points, tier)


def test_the_published_facts_are_still_what_these_tests_say():
    if not SHARED.exists():
        pytest.skip(f"{SHARED.name} is not beside this repository")
    found = {}

    def look(value):
        if isinstance(value, dict):
            if value.get("kind") == "tier":
                found[value["id"]] = value["expected"]
            for each in value.values():
                look(each)
        elif isinstance(value, list):
            for each in value:
                look(each)

    look(json.loads(SHARED.read_text(encoding="utf-8")))

    assert found == {
        "hyatt-status": {"valid_through": "2020-02-29"},
        "accor-silver": {"status_points": 2000, "tier": "Silver"},
        "accor-diamond": {"status_points": 26000, "tier": "Diamond"},
    }


def three_tiers(silver, gold):
    return Definition(
        (Tier("bronze", "Bronze"), Tier("silver", "Silver", at_least(silver)), Tier("gold", "Gold", at_least(gold)))
    )
