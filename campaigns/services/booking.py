"""Putting decisions about orders and events into the books."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from campaigns.engine import Grant
from campaigns.inforce import UnitTerms
from campaigns.services.deciding import Decidable, Decided
from events import outbox
from kernel.amounts import format_minor
from ledger import policies
from ledger import services as ledger
from ledger.policies import Activity
from roundtrips import Change
from shops.models import Programme

_encode = msgspec.json.Encoder().encode


class Booked(msgspec.Struct, frozen=True):
    """A grant with its posting and the end of its lot."""

    grant: Grant
    posting_id: int
    expires_at: datetime | None


def book(
    *, decided: Sequence[Decided], units: dict[str, UnitTerms], posting_ids: Sequence[int], programme: Programme
) -> tuple[dict[int, list[Booked]], list[ledger.Accrual]]:
    """What every grant becomes in the books: by the id of what it is for, and as the accruals to carry out."""
    zone = programme.zone
    booked: dict[int, list[Booked]] = defaultdict(list)
    accruals: list[ledger.Accrual] = []
    for (row, grant), posting_id in zip(_grants(decided), posting_ids, strict=False):
        accrual = _accrual(row, grant, units[grant.unit], zone, posting_id)
        accruals.append(accrual)
        booked[row.id].append(Booked(grant, posting_id, accrual.expires_at))
    return booked, accruals


def changes(
    *,
    programme: Programme,
    decided: Sequence[Decided],
    booked: dict[int, list[Booked]],
    accruals: Sequence[ledger.Accrual],
    units: dict[str, UnitTerms],
    actor: str,
) -> list[Change]:
    """Postings, and why: decisions, awards, and the facts that others wait for."""
    if not decided:
        return []
    awards = [
        {
            f"{row.KIND}_id": row.id,
            "version_id": item.grant.version_id,
            "rule": item.grant.rule,
            "unit_id": units[item.grant.unit].id,
            "posting_id": item.posting_id,
            "granted": item.grant.granted,
        }
        for row, _ in decided
        for item in booked.get(row.id, [])
    ]
    decisions = [{f"{row.KIND}_id": row.id, "outcome": decision} for row, decision in decided]
    facts = [fact for row, _ in decided for fact in _facts(programme.pk, row, booked.get(row.id, []), units)]
    # Earnings of one wallet stand together, because its account is moved once for all of them.
    ordered = sorted(accruals, key=attrgetter("wallet_id", "unit_id"))
    posting = [ledger.accruing(programme_id=programme.pk, accruals=ordered, actor=actor)] if accruals else []
    return [*posting, recording(programme.pk, decisions, awards), outbox.recording(facts)]


def recording(
    programme_id: int, decisions: Sequence[Mapping[str, Any]], awards: Sequence[Mapping[str, Any]] = ()
) -> Change:
    """Decisions (`order_id`, `order_return_id` or `event_id`, `outcome`) and awards, as their tables name it."""
    return Change("campaigns_record(%s, %s, %s)", (programme_id, _encode(decisions).decode(), _encode(awards).decode()))


def _grants(decided: Sequence[Decided]) -> Iterator[tuple[Decidable, Grant]]:
    for row, decision in decided:
        for grant in decision.grants:
            yield row, grant


def _accrual(row: Decidable, grant: Grant, unit: UnitTerms, zone: ZoneInfo, posting_id: int) -> ledger.Accrual:
    if row.member is None:
        raise AssertionError("a guest was granted points")
    earned_at = row.happened_at
    policy = unit.policy_at(earned_at)
    active = policies.active_from(policy, earned_at=earned_at, zone=zone)
    until = policies.expires_at(
        policy, active=active, zone=zone, birth_month=row.member.birth_month, expiry=grant.expiry
    )
    return ledger.Accrual(
        wallet_id=row.member.wallet_id,
        unit_id=unit.id,
        amount=grant.granted,
        source=row.KIND,
        reference=f"{row.id}:{grant.version_id}:{grant.rule}",
        occurred_at=earned_at,
        active_from=active,
        expires_at=until,
        posting_id=posting_id,
        has_own_end=grant.expiry is not None,
        keeps_until=policies.kept_alive(policy, Activity.EARN, at=earned_at, zone=zone),
    )


def _facts(
    programme_id: int, row: Decidable, booked: Sequence[Booked], units: dict[str, UnitTerms]
) -> Iterator[outbox.Fact]:
    at = row.happened_at
    number = row.member.number if row.member else None
    about = {row.KIND: row.named}
    yield outbox.Fact(programme_id, f"{row.KIND}.accepted", {**about, "member": number}, at)
    for item in booked:
        payload = {
            "member": number,
            **about,
            "posting": item.posting_id,
            "unit": item.grant.unit,
            "amount": format_minor(item.grant.granted, decimals=units[item.grant.unit].decimals),
            "expires_at": item.expires_at.isoformat() if item.expires_at else None,
        }
        yield outbox.Fact(programme_id, "points.accrued", payload, at)
