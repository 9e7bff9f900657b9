"""Members move: after what they did, at night, by a new version; all of it on record and told."""

from datetime import timedelta

import msgspec
import pytest
from django.db import IntegrityError, connection, transaction

from events.models import OutboxEvent
from ledger import services as ledger
from ledger.models import NightlyRun
from ledger.nightly import runs
from ledger.services import ClawBack
from members.tiers import queries, services
from members.tiers.definitions import Definition, Milestone, Quota, Requirement, Rolling, Share, Tier, WhileMet
from members.tiers.models import LadderVersion, TierCarry, TierGrant, TierLadder, TierMilestone, TierStay
from tests.counter.people import a_programme
from tests.members.families import a_member
from tests.members.tiers.ladders import A, at_least, noon, the_end_of
from tests.members.tiers.people import (
    BEGINNING,
    a_ladder,
    earn,
    edit,
    facts,
    held,
    looked_at,
    relayed,
    review_all,
    story,
)

MAY = noon("2026-05-17")


@pytest.fixture
def ada(bakery):
    return a_member(bakery, "Ada")


def rows():
    models = (TierStay, TierGrant, TierCarry, TierMilestone, LadderVersion)
    return [list(model.objects.order_by("pk").values()) for model in models]


def nightly_run(programme, at):
    """Tonight's run, to its end."""
    runs.begin_due(at=at)
    run = NightlyRun.objects.get(programme=programme, finished_at__isnull=True)
    for _ in range(100):
        runs.work(run_id=run.pk, at=at)
        run.refresh_from_db()
        if run.finished_at:
            return
    raise AssertionError("the night has no end")


def test_who_joins_begins_in_the_tier_of_everybody_which_is_no_news(bakery, ada):
    a_ladder(bakery)

    relayed(MAY)

    assert (held(ada), story(ada)) == ("green", [("green", "ENTERED")])
    assert facts("tier.changed") == []


def test_a_programme_without_a_ladder_has_no_tiers(bakery, ada):
    earn(ada, 1000, at=MAY)

    assert looked_at(ada, at=MAY) == 0
    assert (TierStay.objects.count(), queries.tiers_at([ada.pk], at=MAY)) == (0, {})


def test_what_is_earned_lifts_and_is_told_with_its_end(bakery, ada):
    a_ladder(bakery)
    looked_at(ada, at=BEGINNING)
    earn(ada, 500, at=MAY)

    looked_at(ada, at=MAY)

    assert (held(ada), story(ada)) == ("silver to 2027-12-31", [("green", "ENTERED"), ("silver", "EARNED")])
    assert facts("tier.changed") == [
        {
            "member": ada.number,
            "ladder": "club",
            "from": "green",
            "to": "silver",
            "cause": "EARNED",
            "until": the_end_of("2027-12-31").isoformat(),
        }
    ]


def test_a_review_again_writes_nothing(bakery, ada):
    a_ladder(bakery, rollover=Share(), milestones=(Milestone("m", "Mark", "points:points", 100, repeats=True),))
    earn(ada, 700, at=noon("2025-12-01"))
    earn(ada, 500, at=MAY)
    looked_at(ada, at=MAY)
    before, told = rows(), OutboxEvent.objects.count()

    assert looked_at(ada, at=MAY) == 0

    assert (rows(), OutboxEvent.objects.count()) == (before, told)


def test_what_is_spent_still_counts(bakery, ada):
    a_ladder(bakery)
    earn(ada, 500, at=MAY)
    unit = ada.programme.units.get(code="points")
    ledger.burn(
        programme_id=bakery.pk, wallet_id=ada.wallet_id, unit_id=unit.pk, amount=499, source="test", reference="1",
        at=MAY, actor="test",
    )  # fmt: skip

    looked_at(ada, at=MAY)

    assert held(ada) == "silver to 2027-12-31"


def test_what_is_taken_back_leaves_the_year_in_which_it_was_earned(bakery, ada):
    a_ladder(bakery, validity=WhileMet())
    earned = earn(ada, 500, at=MAY)
    earn(ada, 400, at=noon("2027-02-01"))
    claim = ClawBack(earned, ada.wallet_id, 200, "test", "back", noon("2027-02-02"))
    ledger.claw_back(claim=claim, actor="test")

    looked_at(ada, at=noon("2026-12-30"))
    in_the_old_year = held(ada)
    earn(ada, 100, at=noon("2027-02-03"))
    looked_at(ada, at=noon("2027-02-03"))

    assert (in_the_old_year, held(ada)) == ("green", "silver")


def test_a_return_takes_a_tier_that_lasts_only_at_its_end(bakery, ada):
    a_ladder(bakery)
    earned = earn(ada, 1000, at=MAY)
    looked_at(ada, at=MAY)
    ledger.claw_back(claim=ClawBack(earned, ada.wallet_id, 700, "test", "back", MAY), actor="test")

    looked_at(ada, at=MAY + timedelta(days=1))
    kept_meanwhile = held(ada)
    looked_at(ada, at=the_end_of("2027-12-31"))

    assert (kept_meanwhile, held(ada)) == ("gold to 2027-12-31", "green")


def test_the_night_ends_what_is_over_and_only_that(bakery, ada):
    a_ladder(bakery)
    bob = a_member(bakery, "Bob")
    earn(ada, 500, at=MAY)
    earn(bob, 500, at=MAY)
    looked_at(ada, bob, at=MAY)
    earn(bob, 400, at=noon("2027-05-01"))

    nightly_run(bakery, noon("2027-12-31"))
    the_day_before = held(ada), held(bob)
    nightly_run(bakery, noon("2028-01-01"))

    assert the_day_before == ("silver to 2027-12-31", "silver to 2027-12-31")
    assert (held(ada), held(bob)) == ("green", "silver to 2028-12-31")
    assert story(bob)[-1] == ("silver", "KEPT")
    assert [fact["tier"] for fact in facts("tier.extended")] == ["silver"]


def test_a_ladder_of_rolling_months_is_looked_at_every_night(bakery, ada):
    a_ladder(bakery, window=Rolling(12), validity=WhileMet())
    earn(ada, 500, at=noon("2025-05-18"))
    looked_at(ada, at=MAY)
    lifted = held(ada)

    nightly_run(bakery, MAY + timedelta(days=1))

    assert (lifted, held(ada)) == ("silver", "green")


def test_a_night_of_many_goes_on_where_it_was_stopped(bakery):
    a_ladder(bakery)
    people = [a_member(bakery, f"Member {number}") for number in range(5)]
    for one in people:
        earn(one, 500, at=MAY)
    looked_at(*people, at=MAY)
    at = the_end_of("2027-12-31")

    first, upto = services.review_due(programme_id=bakery.pk, at=at, count=2)
    halfway = [held(one) for one in people]
    second, last = services.review_due(programme_id=bakery.pk, at=at, after=upto, count=2)
    third, _ = services.review_due(programme_id=bakery.pk, at=at, after=last, count=2)

    assert halfway == ["green", "green", *["silver to 2027-12-31"] * 3]
    assert (first, second, third) == (2, 2, 1)
    assert [held(one) for one in people] == ["green"] * 5


def test_a_new_version_moves_everybody_batch_by_batch(bakery):
    people = [a_member(bakery, f"Member {number}") for number in range(3)]
    for one in people:
        earn(one, 450, at=noon("2026-01-04"))
    ladder = a_ladder(bakery)
    review_all(MAY, count=2)
    cheaper = msgspec.structs.replace(A, tiers=(A.tiers[0], Tier("silver", "Silver", at_least(450)), A.tiers[2]))

    edit(ladder, cheaper, at=MAY)

    assert [held(one) for one in people] == ["silver to 2027-12-31"] * 3
    assert set(TierStay.objects.filter(tier="silver").values_list("version__number", flat=True)) == {2}
    assert LadderVersion.objects.filter(reviewed_at__isnull=True).count() == 0


def test_who_holds_a_tier_that_an_edit_removed_stands_where_they_earned(bakery, ada):
    ladder = a_ladder(bakery)
    earn(ada, 1000, at=MAY)
    looked_at(ada, at=MAY)

    edit(ladder, msgspec.structs.replace(A, tiers=A.tiers[:2]), at=MAY + timedelta(days=1))

    assert held(ada) == "silver to 2027-12-31"


def test_a_lifetime_tier_stays_whatever_comes(bakery, ada):
    levels = (A.tiers[0], msgspec.structs.replace(A.tiers[1], lifetime=at_least(1200)), A.tiers[2])
    a_ladder(bakery, tiers=levels)
    earned = earn(ada, 700, at=noon("2024-12-01"))
    earn(ada, 500, at=MAY)

    looked_at(ada, at=MAY)
    ledger.claw_back(claim=ClawBack(earned, ada.wallet_id, 700, "test", "back", MAY), actor="test")
    looked_at(ada, at=noon("2029-01-01"))

    assert (held(ada), story(ada)[-1]) == ("silver", ("silver", "LIFETIME"))
    assert TierGrant.objects.get().cause == "LIFETIME"


def test_surplus_counts_in_the_next_year_and_follows_returns(bakery, ada):
    a_ladder(bakery, rollover=Share())
    earned = earn(ada, 900, at=noon("2025-12-01"))
    earn(ada, 600, at=MAY)
    looked_at(ada, at=MAY)
    lifted, carried = held(ada), TierCarry.objects.get().amount

    ledger.claw_back(claim=ClawBack(earned, ada.wallet_id, 300, "test", "back", MAY), actor="test")
    looked_at(ada, at=MAY)

    assert (lifted, carried) == ("gold to 2027-12-31", 400)
    assert TierCarry.objects.get().amount == 100


def test_milestones_are_reached_once_each_and_told(bakery, ada):
    marks = (
        Milestone("first", "First hundred", "points:points", 100),
        Milestone("each", "Each 200", "points:points", 200, repeats=True),
        Milestone("life", "A thousand in all", "points:points", 1000, over_all_time=True),
    )
    a_ladder(bakery, milestones=marks)
    earn(ada, 600, at=noon("2025-12-01"))
    earn(ada, 450, at=MAY)

    looked_at(ada, at=MAY)
    looked_at(ada, at=MAY + timedelta(days=1))

    told = [(fact["milestone"], fact["number"]) for fact in facts("milestone.reached")]
    assert told == [("first", 1), ("each", 1), ("each", 2), ("life", 1)]
    assert TierMilestone.objects.count() == 4


def test_the_tier_of_an_instant_is_the_one_that_was_open_then(bakery, ada):
    bob = a_member(bakery, "Bob")
    a_ladder(bakery)
    a_ladder(bakery, key="other")
    looked_at(ada, bob, at=BEGINNING)
    earn(ada, 500, at=MAY)
    looked_at(ada, bob, at=MAY)

    before, after = (queries.tiers_at([ada.pk, bob.pk], at=at) for at in (MAY - timedelta(seconds=1), MAY))

    assert before == {ada.pk: {"club": "green", "other": "green"}, bob.pk: {"club": "green", "other": "green"}}
    assert after == before | {ada.pk: {"club": "silver", "other": "silver"}}
    assert queries.tiers_at([ada.pk], at=BEGINNING - timedelta(seconds=1)) == {}


def test_a_clock_that_goes_back_moves_nothing_back(bakery, ada):
    a_ladder(bakery)
    earn(ada, 500, at=MAY)
    looked_at(ada, at=MAY)

    assert looked_at(ada, at=MAY - timedelta(days=1)) == 0

    assert held(ada) == "silver to 2027-12-31"


def test_ladders_of_other_programmes_move_nobody(bakery, ada):
    other = a_programme("other")
    a_ladder(other)
    earn(ada, 500, at=MAY)

    assert looked_at(ada, at=MAY) == 0


def test_many_are_reviewed_by_few_statements(bakery, count_queries):
    a_ladder(bakery)
    people = [a_member(bakery, f"Member {number}") for number in range(30)]
    looked_at(*people, at=BEGINNING)
    for one in people:
        earn(one, 500, at=MAY)

    with count_queries("members: review of 30 on a ladder"):
        assert looked_at(*people, at=MAY) == 30


def test_the_database_refuses_to_rewrite_history(bakery, ada):
    ladder = a_ladder(bakery)
    looked_at(ada, at=BEGINNING)
    earn(ada, 500, at=MAY)
    looked_at(ada, at=MAY)
    before = rows()
    ended, is_open = TierStay.objects.order_by("pk")
    tries = [
        lambda: TierStay.objects.filter(pk=ended.pk).update(ended_at=None),
        lambda: TierStay.objects.filter(pk=is_open.pk).update(tier="gold"),
        lambda: TierStay.objects.filter(pk=is_open.pk).update(until=None),
        lambda: LadderVersion.objects.filter(ladder=ladder).update(definition={}),
        lambda: LadderVersion.objects.filter(ladder=ladder).delete(),
        lambda: TierStay.objects.create(
            member=ada, ladder=ladder, version=is_open.version, tier="gold", entered_at=MAY, since=MAY, cause="EARNED"
        ),
        lambda: TierStay.objects.create(
            member=ada,
            ladder=ladder,
            version=is_open.version,
            tier="gold",
            entered_at=BEGINNING,
            since=BEGINNING,
            ended_at=MAY,
            cause="EARNED",
        ),
    ]

    for act in tries:
        with pytest.raises(IntegrityError), transaction.atomic():
            act()

    assert rows() == before


def test_the_tier_of_many_is_one_probe_of_an_index_each(bakery, ada):
    a_ladder(bakery)
    looked_at(ada, at=BEGINNING)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT tier FROM members_tierstay WHERE member_id = ANY (%s) AND since <= now()", [[ada.pk]]
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "Index Scan using stay_of_member" in plan


def test_quotas_can_be_any_of_all_of_and_a_part_of_the_whole(bakery, ada):
    whole, part = Quota("points:points", 500), Quota("points:status", 100)
    level = Tier("silver", "Silver", Requirement(all_of=(whole, part)))
    ledger.open_unit(programme_id=bakery.pk, code="status", name="status points", klass="QUALIFYING")
    ladder = a_ladder(bakery, Definition((Tier("green", "Green"), level)))
    earn(ada, 600, at=MAY)

    looked_at(ada, at=MAY)
    without_the_part = held(ada)
    either = Tier("silver", "Silver", Requirement(any_of=(whole, part)))
    edit(ladder, Definition((Tier("green", "Green"), either)), at=MAY)

    assert (without_the_part, held(ada)) == ("green", "silver to 2027-12-31")
    assert TierLadder.objects.count() == 1
