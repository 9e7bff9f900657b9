"""Policies of units: drafts, versions, and what a version does to points that members have already."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import F, Max

from events import outbox
from kernel.periods import start_of_day
from ledger import policies
from ledger.errors import NothingToPublish, PolicyBegunAlready, PolicyChanged
from ledger.models import Unit, UnitPolicy
from ledger.policies import Policy

State = UnitPolicy.State
FROM_THE_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@transaction.atomic
def save_policy_draft(
    *, unit: Unit, policy: Policy, by: str, at: datetime, read_at: datetime | None = None
) -> UnitPolicy:
    """
    Keep `policy` as the unit's draft; what is in force does not change.

    `read_at` is the `edited_at` of the draft that the editor saw, None if there was none.

    :raises PolicyInvalid: if no earning could follow it
    :raises PolicyChanged: if the draft is not the one that was seen
    """
    definition = policies.write(policies.read(policies.write(policy)))
    _lock(unit)
    draft = UnitPolicy.objects.filter(unit=unit, state=State.DRAFT).first()
    _check_seen(unit, draft, read_at)
    if draft is None:
        last = UnitPolicy.objects.filter(unit=unit).aggregate(last=Max("number"))["last"] or 0
        return UnitPolicy.objects.create(unit=unit, number=last + 1, definition=definition, edited_by=by, edited_at=at)
    draft.definition, draft.edited_by, draft.edited_at = definition, by, at
    draft.save(update_fields=["definition", "edited_by", "edited_at"])
    return draft


@transaction.atomic
def discard_policy_draft(*, unit: Unit, read_at: datetime | None = None) -> None:
    """
    Throw the draft away; what is in force stays.

    :raises NothingToPublish: if there is no draft
    :raises PolicyChanged: if the draft was edited after `read_at`
    """
    _draft_to_end(unit, read_at).delete()


@transaction.atomic
def publish_policy(
    *,
    unit: Unit,
    by: str,
    at: datetime,
    effective_from: datetime | None = None,
    extends: bool = False,
    read_at: datetime | None = None,
) -> UnitPolicy:
    """
    Freeze the draft as the policy of what becomes active from `effective_from` (default: now).

    With `extends`, points that members have by then live as long as new ones would, never shorter; `extend_lots`
    carries it out.

    :raises NothingToPublish: if there is no draft
    :raises PolicyChanged: if the draft was edited after `read_at`
    :raises PolicyBegunAlready: if it would begin in the past, or before another published one
    """
    draft = _draft_to_end(unit, read_at)
    begins = effective_from or at
    last = UnitPolicy.objects.filter(unit=unit, state=State.PUBLISHED).aggregate(last=Max("effective_from"))["last"]
    if last is not None and (begins < at or begins <= last):
        raise PolicyBegunAlready(effective_from=begins, earliest=max(at, last))
    draft.state = State.PUBLISHED
    draft.effective_from, draft.published_by, draft.published_at, draft.extends = begins, by, at, extends
    draft.save(update_fields=["state", "effective_from", "published_by", "published_at", "extends"])
    payload = {"unit": unit.code, "version": draft.number, "effective_from": begins.isoformat(), "by": by}
    outbox.record([outbox.Fact(unit.programme_id, "unit.policy_published", payload, at)])
    return draft


def first_policy(*, unit: Unit, policy: Policy, by: str, at: datetime) -> UnitPolicy:
    """Give a new unit the policy that holds from the beginning, so that an imported history can earn."""
    return UnitPolicy.objects.create(
        unit=unit,
        number=1,
        state=State.PUBLISHED,
        definition=policies.write(policies.read(policies.write(policy))),
        effective_from=FROM_THE_BEGINNING,
        edited_by=by,
        edited_at=at,
        published_by=by,
        published_at=at,
    )


def unfinished_extensions(*, at: datetime) -> list[UnitPolicy]:
    """Policies in force at `at` whose extension of earlier points is still to be done, oldest first."""
    found = UnitPolicy.objects.filter(extends=True, extended_at__isnull=True, effective_from__lte=at)
    return list(found.select_related("unit__programme").order_by("effective_from", "pk"))


@transaction.atomic
def extend_lots(*, policy: UnitPolicy, at: datetime, wallets: int = 1000) -> bool:
    """
    Extend the next points of earlier versions that lived when the policy began, however late that is carried out; say
    whether more are to be done. Safe twice and in two workers.

    Points of a month of birth are left as they are: a later such policy never reaches back.
    """
    policy = UnitPolicy.objects.select_for_update().select_related("unit__programme").get(pk=policy.pk)
    if policy.extended_at is not None or policy.effective_from is None:
        return False
    zone = policy.unit.programme.zone
    days = _days_of_open_lots(policy.unit, before=policy.effective_from, zone=zone)
    read = policies.read(policy.definition)
    ends = [policies.expires_at(read, active=start_of_day(day, zone), zone=zone) for day in days]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT upto, extended FROM ledger_extend_lots(%s, %s, %s::date[], %s::timestamptz[], %s, %s, %s)",
            [policy.unit_id, zone.key, days, ends, policy.effective_from, policy.extended_upto, wallets],
        )
        upto, extended = cursor.fetchone()
    UnitPolicy.objects.filter(pk=policy.pk).update(
        extended_upto=policy.extended_upto if upto is None else upto,
        extended_lots=F("extended_lots") + extended,
        extended_at=at if upto is None else None,
    )
    return upto is not None


def _days_of_open_lots(unit: Unit, *, before: datetime, zone: ZoneInfo) -> list[date]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT (lot.active_from AT TIME ZONE %s)::date FROM ledger_lot lot"
            "  JOIN ledger_account account ON account.id = lot.account_id"
            " WHERE account.unit_id = %s AND lot.remaining > 0 AND lot.expires_at IS NOT NULL AND lot.active_from < %s",
            [zone.key, unit.pk, before],
        )
        return [day for (day,) in cursor.fetchall()]


def _draft_to_end(unit: Unit, read_at: datetime | None) -> UnitPolicy:
    _lock(unit)
    draft = UnitPolicy.objects.filter(unit=unit, state=State.DRAFT).first()
    if draft is None:
        raise NothingToPublish(unit=unit.code)
    if read_at is not None:
        _check_seen(unit, draft, read_at)
    return draft


def _check_seen(unit: Unit, draft: UnitPolicy | None, read_at: datetime | None) -> None:
    if (draft.edited_at if draft else None) == read_at:
        return
    changed = draft or UnitPolicy.objects.filter(unit=unit).order_by("-number").first()
    raise PolicyChanged(unit=unit.code, edited_by=(changed.published_by or changed.edited_by) if changed else "")


def _lock(unit: Unit) -> None:
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
