"""A marketer says how long points live, sees what that changes, and publishes it as the next policy."""

from datetime import UTC, date, datetime

import pytest

from ledger import policies
from ledger import services as ledger
from ledger.models import Unit
from ledger.policies import (
    Activity,
    AfterDays,
    BirthMonth,
    Dates,
    Decay,
    Inactivity,
    Never,
    OnDelivery,
    Policy,
    Rolling,
    RoundUp,
    Span,
    Sweep,
)
from tests.admin import people
from tests.admin.people import Role
from tests.campaigns import trade
from tests.campaigns.trade import NOON
from tests.cockpit.people import text_of

AT_ONCE = {"activation": "at_once"}


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def desk(mara):
    return people.at_the_desk(mara)


@pytest.fixture
def points(grocer):
    return people.unit_of(grocer.pk, "points")


def page_of(desk, unit, page="change"):
    return desk.get(people.address("ledger.unit", page, unit.pk))


def save(desk, unit, draft="", **fields):
    return desk.post(people.address("ledger.unit", "change", unit.pk), AT_ONCE | fields | {"draft": draft})


def publish(desk, unit, *, when="now", existing="keep", draft=None, **fields):
    token = unit.policies.get(state="DRAFT").edited_at.isoformat() if draft is None else draft
    asked = {"when": when, "existing": existing, "draft": token} | fields
    return desk.post(people.address("ledger.unit", "publish", unit.pk), asked)


def said(unit, state):
    return [policies.read(policy.definition) for policy in unit.policies.filter(state=state).order_by("number")]


def errors(answer):
    return {name: list(found) for name, found in answer.context["form"].errors.items()}


WRITTEN = {
    "rolling": (
        {"expiry": "rolling", "count": "12", "span": "months", "rounding": "quarter"},
        Policy(expiry=Rolling(12, Span.MONTHS, RoundUp.QUARTER)),
    ),
    "to a month": (
        {"expiry": "rolling", "count": "0", "span": "months", "rounding": "3"},
        Policy(expiry=Rolling(0, Span.MONTHS, round_to_month=3)),
    ),
    "inactivity": (
        {"expiry": "inactivity", "count": "365", "span": "days", "activities": ["earn", "visit"]},
        Policy(expiry=Inactivity(365, Span.DAYS, activities=(Activity.EARN, Activity.VISIT))),
    ),
    "dates": (
        {"expiry": "dates", "days": "06-30, 12-31", "at_least_days": "30"},
        Policy(expiry=Dates(("06-30", "12-31"), 30)),
    ),
    "sweep": ({"expiry": "sweep", "sweep_day": "2026-12-31"}, Policy(expiry=Sweep(date(2026, 12, 31)))),
    "birth month": ({"expiry": "birth_month", "years": "3"}, Policy(expiry=BirthMonth(3))),
    "never, until the end": (
        {"expiry": "never", "last_day": "2027-06-30"},
        Policy(expiry=Never(), last_day=date(2027, 6, 30)),
    ),
    "a fortnight's wait": (
        {"expiry": "never", "activation": "after_days", "wait_days": "14"},
        Policy(activation=AfterDays(14)),
    ),
    "delivery": (
        {"expiry": "never", "activation": "on_delivery", "wait_days": "60"},
        Policy(activation=OnDelivery(60)),
    ),
    "decay": (
        {
            "expiry": "never",
            "decays": "on",
            "decay_after": "12",
            "decay_share": "5",
            "decay_fixed": "5",
            "decay_rest": "20",
        },
        Policy(decay=Decay(12, 50, 5, 20)),
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_the_form_writes_what_it_says_and_reads_it_again(name, desk, points):
    fields, policy = WRITTEN[name]

    answer = save(desk, points, **fields)

    assert answer.status_code == 302
    assert said(points, "DRAFT") == [policy]
    assert len(said(points, "PUBLISHED")) == 1
    again = page_of(desk, points).context["form"]
    shown = {field: again[field].value() for field in fields}
    assert {field: str(value) if not isinstance(value, list) else value for field, value in shown.items()} == {
        field: "True" if value == "on" else value for field, value in fields.items()
    } | ({"decay_share": "5.0"} if name == "decay" else {})


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, {"expiry": ["This field is required."]}),
        ({"expiry": "rolling"}, {"count": ["This is needed."]}),
        ({"expiry": "rolling", "count": "0", "span": "days"}, {"count": ["Expected between 1 and 36500."]}),
        ({"expiry": "rolling", "count": "soon"}, {"count": ["Enter a whole number."]}),
        ({"expiry": "inactivity", "count": "12"}, {"activities": ["This is needed."]}),
        (
            {"expiry": "dates", "days": "31.12."},
            {"days": ["“31.12.” is not a day of the year; write month and day, such as 12-31."]},
        ),
        ({"expiry": "sweep"}, {"sweep_day": ["This is needed."]}),
        ({"expiry": "never", "activation": "after_days"}, {"wait_days": ["This is needed."]}),
        (
            {"expiry": "never", "decays": "on", "decay_after": "12"},
            {"decay_fixed": ["Expected a share or an amount to lose."]},
        ),
        (
            {"expiry": "never", "decays": "on", "decay_after": "12", "decay_fixed": "5", "decay_rest": "12"},
            {"decay_rest": ["Expected between 13 and 1040."]},
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_kept(fields, wrong, desk, points):
    answer = save(desk, points, **fields)

    assert answer.status_code == 200
    assert errors(answer) == wrong
    assert said(points, "DRAFT") == []


def test_the_page_says_what_holds_and_what_the_draft_would_change(desk, points):
    save(desk, points, expiry="rolling", count="12", span="months", rounding="quarter")

    page = text_of(page_of(desk, points).content)
    review = text_of(page_of(desk, points, "publish").content)

    assert "What holds now Version 1 Points expire 365 days after they can be spent." in page
    assert "Points expire 12 months after they can be spent, at the end of that quarter." in page
    assert "2 Mar 2026 2 Mar 2027 31 Mar 2027" in review
    assert "31 Dec 2026 31 Dec 2027 31 Dec 2027" in review


def test_publishing_counts_from_now_and_leaves_what_members_have(desk, points, ada, standing):
    trade.buy(ada.programme, 1000, at=NOON)
    save(desk, points, expiry="rolling", count="7", span="days")

    publish(desk, points)

    assert said(points, "PUBLISHED") == [policies.after(365), policies.after(7)]
    assert ledger.unfinished_extensions(at=NOON) == []
    trade.buy(ada.programme, 1000, at=NOON, reference="2")
    ends = [lot.expires_at for lot in trade.lots_of(ada)]
    assert ends == [datetime(2027, 3, 2, 23, tzinfo=UTC), datetime(2026, 3, 9, 23, tzinfo=UTC)]


def test_publishing_with_extension_asks_for_it(desk, points):
    save(desk, points, expiry="never")

    publish(desk, points, existing="extend")

    (policy,) = ledger.unfinished_extensions(at=NOON)
    assert policies.read(policy.definition) == Policy()
    assert "Points that members had are being extended: 0 lots so far." in text_of(page_of(desk, points).content)


def test_a_policy_for_later_is_told_and_one_in_the_past_refused(desk, points):
    save(desk, points, expiry="never")

    refused = publish(desk, points, when="later", effective_from="2026-03-01T00:00")
    accepted = publish(desk, points, when="later", effective_from="2026-04-01T00:00")

    assert errors(refused) == {
        "effective_from": ["It can't begin before 2026-03-02 13:00: what customers were promised until then stays."]
    }
    assert accepted.status_code == 302
    assert "From 1 Apr 2026, 00:00: Points never expire." in text_of(page_of(desk, points).content)


def test_two_marketers_do_not_overwrite_each_other_unseen(desk, points):
    ledger.save_policy_draft(unit=points, policy=policies.after(7), by="Nils", at=NOON)

    answer = save(desk, points, draft="", expiry="never")

    assert "Nils changed this policy while you did." in text_of(answer.content)
    assert said(points, "DRAFT") == [policies.after(7)]


def test_a_draft_can_be_thrown_away(desk, points):
    save(desk, points, expiry="never")

    desk.post(people.address("ledger.unit", "discard", points.pk))

    assert said(points, "DRAFT") == []


def test_a_unit_is_added_and_renamed(desk, grocer):
    fields = {
        "name": "Credit", "code": "credit", "klass": "CREDIT", "decimals": "2", "symbol": "€", "spend_order": "NEWEST",
    }  # fmt: skip

    desk.post("/admin/ledger/unit/add/", fields)

    unit = Unit.objects.get(code="credit")
    assert (unit.programme, unit.klass, unit.decimals, unit.symbol, unit.spend_order) == (
        grocer,
        "CREDIT",
        2,
        "€",
        "NEWEST",
    )
    assert said(unit, "PUBLISHED") == [Policy()]
    renamed = {"name": "Store credit", "symbol": "", "spend_order": "SOONEST"}
    desk.post(people.address("ledger.unit", "describe", unit.pk), renamed)
    unit.refresh_from_db()
    assert (unit.name, unit.symbol, unit.spend_order) == ("Store credit", "", "SOONEST")


def test_a_code_that_is_taken_is_refused(desk, grocer):
    fields = {"name": "More", "code": "points", "klass": "POINTS", "decimals": "0", "spend_order": "SOONEST"}

    answer = desk.post("/admin/ledger/unit/add/", fields)

    assert errors(answer) == {"code": ["Another unit has this code."]}
    assert Unit.objects.get().name == "Points"


def test_an_analyst_reads_the_policy_and_finds_no_form(grocer, points):
    desk = people.at_the_desk(people.staff("anna", Role.ANALYST, grocer))

    page = page_of(desk, points)

    assert "What holds now" in text_of(page.content)
    assert "is-policy" not in page.content.decode()
