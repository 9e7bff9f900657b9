"""Marketers edit drafts; publishing freezes a version that decides from its beginning on."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from campaigns import services as campaigns
from campaigns.definitions import Definition, Fixed, PerMoney, Rule, check, read
from campaigns.errors import (
    CampaignExists,
    DefinitionInvalid,
    DraftChanged,
    EffectiveInThePast,
    NothingToPublish,
    VersionUnknown,
)
from campaigns.models import Award, Campaign, CampaignVersion, Decision
from campaigns.queries import draft_of, published_versions, standing_campaign, version_in_force
from events.models import OutboxEvent
from tests.campaigns.trade import LATER, NEW_YEAR, NOON, a_campaign, a_programme, buy, change, granted, per_money, rules
from tests.crowd import at_once

TWO = rules(per_money(units=2))
THREE = rules(per_money(units=3))


def draft(campaign, definition=TWO, by="Mara", at=NOON, **fields):
    return campaigns.save_draft(campaign=campaign, definition=definition, by=by, at=at, **fields)


def publish(campaign, by="Mara", at=NOON, **fields):
    return campaigns.publish_draft(campaign=campaign, by=by, at=at, **fields)


def numbers(campaign):
    return [(version.number, version.state) for version in campaign.versions.order_by("number")]


def test_a_new_campaign_has_a_draft_and_gives_nothing(grocer):
    campaign = campaigns.create_campaign(
        programme=grocer, key="autumn", name="Autumn", definition=TWO, by="Mara", at=NOON
    )

    assert numbers(campaign) == [(1, "DRAFT")]
    assert draft_of(campaign).definition == {
        "rules": [{"key": "r1", "effect": {"kind": "per_money", "units": 2, "per": 100}}]
    }
    assert version_in_force(campaign, at=LATER) is None


def test_a_key_is_taken_once_in_a_programme(grocer, standing):
    with pytest.raises(CampaignExists) as refused:
        campaigns.create_campaign(programme=grocer, key="standing", name="Another", definition=TWO, by="Mara", at=NOON)

    assert refused.value.facts == {"key": "standing"}
    assert Campaign.objects.get().name == "Standing"
    a_campaign(a_programme("florist"), key="standing")
    assert Campaign.objects.count() == 2


def test_the_standing_campaign_is_the_oldest(grocer, standing):
    a_campaign(grocer, Fixed(units=1), key="autumn")

    assert standing_campaign(grocer) == standing


def test_a_draft_changes_nothing_that_is_live(grocer, ada, standing):
    saved = draft(standing)

    assert (saved.number, saved.state, saved.edited_by, saved.edited_at) == (2, "DRAFT", "Mara", NOON)
    assert numbers(standing) == [(1, "PUBLISHED"), (2, "DRAFT")]
    assert granted(buy(grocer, 1000)) == 10


def test_editing_again_changes_the_one_draft(standing):
    first = draft(standing)

    second = draft(standing, THREE, by="Noor", at=LATER, read_at=NOON)

    assert second.pk == first.pk
    assert numbers(standing) == [(1, "PUBLISHED"), (2, "DRAFT")]
    assert read(draft_of(standing).definition) == THREE
    assert (second.edited_by, second.edited_at) == ("Noor", LATER)


@pytest.mark.parametrize("seen", [None, NOON - timedelta(seconds=1)])
def test_two_marketers_never_overwrite_each_other_unseen(standing, seen):
    draft(standing, TWO, by="Noor", at=NOON)

    with pytest.raises(DraftChanged) as refused:
        draft(standing, THREE, by="Mara", at=LATER, read_at=seen)

    assert refused.value.facts == {"campaign": "standing", "edited_by": "Noor"}
    assert read(draft_of(standing).definition) == TWO


def test_a_draft_that_was_published_meanwhile_is_not_edited_unseen(standing):
    draft(standing, TWO, by="Mara", at=NOON)
    publish(standing, by="Noor", at=LATER)

    with pytest.raises(DraftChanged) as refused:
        draft(standing, THREE, by="Mara", at=LATER, read_at=NOON)

    assert refused.value.facts == {"campaign": "standing", "edited_by": "Noor"}
    assert numbers(standing) == [(1, "PUBLISHED"), (2, "PUBLISHED")]


def test_going_back_makes_the_earlier_version_the_draft_of_a_new_one(grocer, ada, standing):
    change(standing, TWO, NOON)

    campaigns.restore_version(campaign=standing, number=1, by="Mara", at=LATER)
    still = buy(grocer, 1000, reference="still", at=LATER)
    publish(standing, at=LATER + timedelta(hours=1))
    back = buy(grocer, 1000, reference="back", at=LATER + timedelta(hours=2))

    assert numbers(standing) == [(1, "PUBLISHED"), (2, "PUBLISHED"), (3, "PUBLISHED")]
    assert (granted(still), granted(back)) == (20, 10)
    assert standing.versions.get(number=3).definition == standing.versions.get(number=1).definition


def test_there_is_no_way_back_to_what_was_never_published_or_past_somebody_elses_draft(standing):
    with pytest.raises(VersionUnknown):
        campaigns.restore_version(campaign=standing, number=2, by="Mara", at=LATER)
    draft(standing, THREE)
    with pytest.raises(DraftChanged):
        campaigns.restore_version(campaign=standing, number=1, by="Sue", at=LATER)

    assert read(draft_of(standing).definition) == THREE


def test_a_discarded_draft_is_gone_and_what_is_live_stays(standing):
    draft(standing)

    campaigns.discard_draft(campaign=standing)

    assert numbers(standing) == [(1, "PUBLISHED")]
    with pytest.raises(NothingToPublish):
        campaigns.discard_draft(campaign=standing)


def test_a_draft_that_somebody_edited_is_not_discarded_or_published_unseen(standing):
    draft(standing, TWO, at=NOON)
    draft(standing, THREE, by="Noor", at=LATER, read_at=NOON)

    with pytest.raises(DraftChanged):
        campaigns.discard_draft(campaign=standing, read_at=NOON)
    with pytest.raises(DraftChanged):
        publish(standing, at=LATER, read_at=NOON)

    assert numbers(standing) == [(1, "PUBLISHED"), (2, "DRAFT")]


def test_publishing_freezes_the_draft_from_now_on(grocer, ada, standing):
    draft(standing)

    version = publish(standing, by="Noor", at=LATER, read_at=NOON)

    assert (version.state, version.effective_from, version.published_by, version.published_at) == (
        "PUBLISHED",
        LATER,
        "Noor",
        LATER,
    )
    assert draft_of(standing) is None
    assert [version.number for version in published_versions(standing)] == [2, 1]
    assert granted(buy(grocer, 1000, at=LATER)) == 20


def test_publishing_tells_the_others(standing, grocer):
    draft(standing)

    publish(standing, by="Noor", at=NOON, effective_from=LATER)

    fact = OutboxEvent.objects.filter(type="campaign.published").last()
    assert (fact.programme_id, fact.occurred_at) == (grocer.pk, NOON)
    assert fact.payload == {
        "campaign": "standing",
        "version": 2,
        "effective_from": LATER.isoformat(),
        "by": "Noor",
    }


def test_a_version_published_for_later_decides_from_then_on(grocer, ada, standing):
    draft(standing)
    publish(standing, at=NOON, effective_from=LATER)

    assert version_in_force(standing, at=LATER - timedelta(microseconds=1)).number == 1
    assert version_in_force(standing, at=LATER).number == 2
    assert granted(buy(grocer, 1000, reference="1", at=LATER - timedelta(microseconds=1))) == 10
    assert granted(buy(grocer, 1000, reference="2", at=LATER)) == 20


def test_only_the_first_version_may_begin_in_the_past(grocer, standing):
    assert published_versions(standing).get().effective_from == NEW_YEAR
    draft(standing)

    with pytest.raises(EffectiveInThePast) as refused:
        publish(standing, at=LATER, effective_from=NOON)

    assert refused.value.facts == {"effective_from": NOON, "earliest": LATER}
    assert numbers(standing) == [(1, "PUBLISHED"), (2, "DRAFT")]


@pytest.mark.parametrize("begins", [LATER, LATER - timedelta(days=1)])
def test_a_version_begins_alone_and_behind_its_predecessor(standing, begins):
    draft(standing)
    publish(standing, at=NOON, effective_from=LATER)
    draft(standing, THREE, at=NOON)

    with pytest.raises(EffectiveInThePast) as refused:
        publish(standing, at=NOON, effective_from=begins)

    assert refused.value.facts == {"effective_from": begins, "earliest": LATER}
    assert numbers(standing) == [(1, "PUBLISHED"), (2, "PUBLISHED"), (3, "DRAFT")]


def test_without_a_draft_there_is_nothing_to_publish(standing):
    with pytest.raises(NothingToPublish) as refused:
        publish(standing)

    assert refused.value.facts == {"campaign": "standing"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE campaigns_campaignversion SET definition = '{}'",
        "UPDATE campaigns_campaignversion SET effective_from = now()",
        "UPDATE campaigns_campaignversion SET state = 'DRAFT', effective_from = NULL, published_at = NULL",
        "DELETE FROM campaigns_campaignversion",
    ],
)
def test_the_database_freezes_what_is_published(standing, statement):
    frozen = pytest.raises(IntegrityError, match="published and frozen")
    with frozen, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert published_versions(standing).get().effective_from == NEW_YEAR


def test_the_database_allows_one_draft_and_one_version_at_an_instant(standing):
    draft(standing)
    published = {"state": "PUBLISHED", "effective_from": NEW_YEAR, "published_at": NEW_YEAR}

    for number, fields, constraint in [
        (3, {"state": "DRAFT"}, "campaign_has_one_draft"),
        (3, published, "version_begins_alone"),
        (1, {**published, "effective_from": NOON}, "version_number_is_unique_in_campaign"),
    ]:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            CampaignVersion.objects.create(
                campaign=standing, number=number, definition={}, edited_by="x", edited_at=NOON, **fields
            )


@pytest.mark.parametrize("table", ["campaigns_decision", "campaigns_award"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET programme_id = 0", "DELETE FROM {}"])
def test_the_database_lets_nobody_edit_decisions_and_awards(grocer, ada, standing, table, statement):
    buy(grocer, 1000)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


@pytest.mark.parametrize(
    ("constraint", "statement"),
    [
        (
            "about an order, a return or an event",
            "INSERT INTO campaigns_decision (programme_id, outcome) VALUES (1, '{}')",
        ),
        (
            "about an order, a return or an event",
            "INSERT INTO campaigns_decision (programme_id, order_id, order_return_id, outcome) VALUES (1, 1, 1, '{}')",
        ),
        (
            "grants something",
            "INSERT INTO campaigns_award (order_id, granted) VALUES (1, 0)",
        ),
    ],
)
def test_the_database_refuses_decisions_and_awards_that_make_no_sense(constraint, statement, db):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert not Decision.objects.exists()
    assert not Award.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_sixteen_marketers_begin_a_draft_at_once_and_one_is_kept(grocer, standing):
    answers = at_once(16, lambda number: draft(standing, by=f"Mara {number}", at=NOON + timedelta(seconds=number)))

    kept = [answer for answer in answers if isinstance(answer, CampaignVersion)]
    assert len(kept) == 1
    assert all(isinstance(answer, CampaignVersion | DraftChanged) for answer in answers)
    assert draft_of(standing).edited_by == kept[0].edited_by


def test_stopping_twice_is_stopping_once_and_tells_once(grocer, standing):
    campaigns.stop_campaign(campaign=standing, by="Mara", at=NOON)
    campaigns.stop_campaign(campaign=standing, by="Noor", at=LATER)

    standing.refresh_from_db()
    assert (standing.stopped_at, standing.stopped_by) == (NOON, "Mara")
    assert OutboxEvent.objects.filter(type="campaign.stopped").count() == 1


def test_resuming_tells_once_and_forgets_who_stopped(grocer, standing):
    campaigns.stop_campaign(campaign=standing, by="Mara", at=NOON)

    campaigns.resume_campaign(campaign=standing, by="Noor", at=LATER)
    campaigns.resume_campaign(campaign=standing, by="Noor", at=LATER)

    standing.refresh_from_db()
    assert (standing.stopped_at, standing.stopped_by) == (None, "")
    assert [fact.payload for fact in OutboxEvent.objects.filter(type="campaign.resumed")] == [
        {"campaign": "standing", "by": "Noor"}
    ]


GOOD = {"key": "base", "effect": {"kind": "per_money", "units": 1, "per": 100}}


@pytest.mark.parametrize(
    ("stored", "pointer"),
    [
        ({}, ""),
        ({"rules": []}, "/rules"),
        ({"rules": [GOOD], "colour": "red"}, ""),
        ({"rules": [{"key": "base"}]}, "/rules/0"),
        ({"rules": [{**GOOD, "whne": {"all": []}}]}, "/rules/0"),
        ({"rules": [GOOD, {**GOOD, "effect": {"kind": "fixed", "units": 1}}]}, "/rules/1/key"),
        ({"rules": [{**GOOD, "key": ""}]}, "/rules/0/key"),
        ({"rules": [{**GOOD, "key": "k" * 41}]}, "/rules/0/key"),
        ({"rules": [{**GOOD, "trigger": "birthday"}]}, "/rules/0/trigger"),
        ({"rules": [{**GOOD, "effect": {"kind": "multiply", "units": 1}}]}, "/rules/0/effect/kind"),
        ({"rules": [{**GOOD, "effect": {"kind": "fixed", "units": 0}}]}, "/rules/0/effect/units"),
        ({"rules": [{**GOOD, "effect": {"kind": "fixed", "units": 10**9 + 1}}]}, "/rules/0/effect/units"),
        ({"rules": [{**GOOD, "effect": {"kind": "fixed", "units": 1.5}}]}, "/rules/0/effect/units"),
        ({"rules": [{**GOOD, "effect": {"kind": "per_money", "units": 10001, "per": 1}}]}, "/rules/0/effect/units"),
        ({"rules": [{**GOOD, "effect": {"kind": "per_money", "units": 1, "per": 0}}]}, "/rules/0/effect/per"),
        ({"rules": [{**GOOD, "effect": {"kind": "per_money", "units": 1, "per": -5}}]}, "/rules/0/effect/per"),
        ({"rules": [{**GOOD, "when": {}}]}, "/rules/0/when"),
        ({"rules": [{**GOOD, "when": {"all": [{"any": []}]}}]}, "/rules/0/when/all/0/any"),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused_with_its_place(stored, pointer):
    with pytest.raises(DefinitionInvalid) as refused:
        check(read(stored))

    assert refused.value.facts["pointer"] == pointer


@pytest.mark.parametrize(
    ("definition", "pointer"),
    [
        (Definition(rules=()), "/rules"),
        (rules(PerMoney(units=0, per=100)), "/rules/0/effect/units"),
        (rules(Fixed(units=1), when={"field": "moon", "op": "eq", "value": 1}), "/rules/0/when/field"),
        (Definition(rules=(Rule(key="base", effect=Fixed(units=1), unit="miles"),)), "/rules/0/unit"),
    ],
)
def test_a_definition_that_no_order_could_be_decided_by_is_not_kept(standing, definition, pointer):
    with pytest.raises(DefinitionInvalid) as refused:
        draft(standing, definition)

    assert refused.value.facts["pointer"] == pointer
    assert draft_of(standing) is None
