"""Reads of the books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection
from django.db.models import Q, QuerySet, Sum

from ledger.models import ConversionTerms as ConversionTerms  # noqa: PLC0414  # what conversions_offered yields
from ledger.models import Entry as Entry  # noqa: PLC0414  # what entries_of yields: rooms above may name it
from ledger.models import Lot, Posting, UnitPolicy
from ledger.models import Unit as Unit  # noqa: PLC0414  # what units_of yields
from ledger.policies import Policy, read

_decode = msgspec.json.Decoder(Policy).decode


@dataclass(frozen=True, slots=True)
class Balance:
    """
    One account of a wallet at an instant, in minor units.

    `spendable` can be used now, `reserved` is kept by open holds, `pending` is not active yet, `owed` are arrears (a
    positive number).
    """

    unit: Unit
    spendable: int
    reserved: int
    pending: int
    owed: int


@dataclass(frozen=True, slots=True)
class Expiring:
    """Points that will lapse at one instant if they are not spent."""

    unit: Unit
    amount: int
    expires_at: datetime


# A lot past its time counts only as far as an open hold keeps it. What is free goes against arrears first, as it will
# when the wallet is next locked: what people see does not depend on when that is.
_BALANCES = """
SELECT unit.id,
       lots.live - holds.live - least(lots.live - holds.live, debt.owed),
       holds.kept,
       lots.pending,
       debt.owed - least(lots.live - holds.live, debt.owed),
       unit.code, unit.name, unit.klass, unit.decimals, unit.symbol, unit.programme_id, account.wallet_id
  FROM ledger_account account
  JOIN ledger_unit unit ON unit.id = account.unit_id
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(part.amount), 0) AS kept,
              coalesce(sum(part.amount) FILTER (WHERE lot.expires_at IS NULL OR lot.expires_at > %(at)s), 0) AS live
         FROM ledger_hold hold JOIN ledger_holdlot part ON part.hold_id = hold.id
         JOIN ledger_lot lot ON lot.id = part.lot_id
        WHERE hold.account_id = account.id AND hold.state = 'HELD' AND hold.expires_at > %(at)s) holds
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(remaining) FILTER (
                       WHERE active_from <= %(at)s AND (expires_at IS NULL OR expires_at > %(at)s)), 0) AS live,
              coalesce(sum(remaining) FILTER (WHERE active_from > %(at)s), 0) AS pending
         FROM ledger_lot WHERE account_id = account.id AND remaining > 0) lots
 CROSS JOIN LATERAL (
       SELECT coalesce(-sum(arrears.balance), 0) AS owed FROM ledger_account arrears
        WHERE arrears.wallet_id = account.wallet_id AND arrears.unit_id = account.unit_id
          AND arrears.kind = 'ARREARS') debt
 WHERE account.wallet_id = ANY(%(wallets)s) AND account.kind = 'MEMBER'
 ORDER BY account.wallet_id, unit.id
"""


def balances_of(wallet_id: int, *, at: datetime) -> list[Balance]:
    """Every account of the wallet as it is at `at`, expired lots left out whether or not expiry has run."""
    return balances_by_wallet([wallet_id], at=at).get(wallet_id, [])


def balances_by_wallet(wallet_ids: Sequence[int], *, at: datetime) -> dict[int, list[Balance]]:
    """`balances_of` for many wallets in one query."""
    found: dict[int, list[Balance]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_BALANCES, {"wallets": list(wallet_ids), "at": at})
        for unit_id, spendable, reserved, pending, owed, *unit_fields, wallet_id in cursor.fetchall():
            code, name, klass, decimals, symbol, programme_id = unit_fields
            unit = Unit(
                id=unit_id,
                programme_id=programme_id,
                code=code,
                name=name,
                klass=klass,
                decimals=decimals,
                symbol=symbol,
            )
            found.setdefault(wallet_id, []).append(
                Balance(unit, int(spendable), int(reserved), int(pending), int(owed))
            )
    return found


def spendable(wallet_id: int, unit_id: int, *, at: datetime) -> int:
    """What the wallet can spend of one unit at `at`, in minor units; 0 for an unknown account."""
    return next((row.spendable for row in balances_of(wallet_id, at=at) if row.unit.pk == unit_id), 0)


_EXPIRING = """
SELECT account.unit_id, lot.expires_at, sum(lot.remaining - coalesce(kept.amount, 0))
  FROM ledger_account account
  JOIN ledger_lot lot ON lot.account_id = account.id AND lot.remaining > 0
   AND lot.expires_at > %(at)s AND lot.expires_at <= %(until)s
  LEFT JOIN LATERAL (
       SELECT sum(part.amount) AS amount FROM ledger_hold hold JOIN ledger_holdlot part ON part.hold_id = hold.id
        WHERE hold.account_id = account.id AND hold.state = 'HELD' AND hold.expires_at > %(at)s
          AND part.lot_id = lot.id) kept ON true
 WHERE account.wallet_id = %(wallet)s
 GROUP BY account.unit_id, lot.expires_at HAVING sum(lot.remaining - coalesce(kept.amount, 0)) > 0
 ORDER BY lot.expires_at, account.unit_id
"""


def expiring(wallet_id: int, *, at: datetime, within: timedelta) -> list[Expiring]:
    """
    What lapses in `(at, at + within]` if it is not spent, soonest first, one row per unit and instant. What open holds
    keep is left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRING, {"wallet": wallet_id, "at": at, "until": at + within})
        rows = cursor.fetchall()
    units = Unit.objects.in_bulk({unit_id for unit_id, _, _ in rows})
    return [Expiring(units[unit_id], int(amount), expires_at) for unit_id, expires_at, amount in rows]


def entries_of(wallet_id: int) -> QuerySet[Entry]:
    """The wallet's history, newest first, arrears included; each with its posting, account and unit."""
    return (
        Entry.objects.filter(account__in=_accounts_of(wallet_id))
        .select_related("posting", "account", "unit")
        # Numbers of entries are drawn while the wallet is locked, those of postings may be drawn before.
        .order_by("-id")
    )


def _accounts_of(wallet_id: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM ledger_account WHERE wallet_id = %s", [wallet_id])
        return [account_id for (account_id,) in cursor.fetchall()]


def lots_of_postings(posting_ids: Sequence[int]) -> dict[int, Lot]:
    """The lot each earning made, by posting id."""
    return {lot.posting_id: lot for lot in Lot.objects.filter(posting_id__in=posting_ids)}


def clawed_back(posting_ids: Sequence[int]) -> dict[int, int]:
    """How much of earnings and purchases was taken back so far, by posting id, in minor units."""
    if not posting_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT correction.corrects_id, sum(entry.amount)
              FROM ledger_posting correction
              JOIN ledger_entry entry ON entry.posting_id = correction.id
              JOIN ledger_account origin ON origin.id = entry.account_id AND origin.kind IN ('ISSUANCE', 'CLEARING')
             WHERE correction.corrects_id = ANY(%s) AND correction.kind = 'CLAW_BACK' GROUP BY correction.corrects_id
            """,
            [list(posting_ids)],
        )
        return {posting_id: int(total) for posting_id, total in cursor.fetchall()}


def balances_around(posting_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """The member's balance before and behind postings, pending amounts included, by posting id."""
    moved = Entry.objects.filter(posting__in=posting_ids, account__kind="MEMBER", balance_after__isnull=False)
    behind = {entry.posting_id: (entry.balance_after or 0, entry.amount) for entry in moved}
    return {posting_id: (after - amount, after) for posting_id, (after, amount) in behind.items()}


def unit_of(programme_id: int, code: str) -> Unit:
    """The unit of a programme by its code. Raises `Unit.DoesNotExist` for an unknown one."""
    return Unit.objects.get(programme_id=programme_id, code=code)


def units_of(programme_id: int) -> QuerySet[Unit]:
    """The units of a programme, oldest first."""
    return Unit.objects.filter(programme_id=programme_id).order_by("pk")


def units_in(programme_ids: Sequence[int]) -> QuerySet[Unit]:
    """The units of some programmes, oldest first."""
    return Unit.objects.filter(programme_id__in=programme_ids).order_by("programme_id", "pk")


_POLICIES = """
SELECT DISTINCT ON (unit.id) unit.id, policy.definition::text, programme.time_zone
  FROM ledger_wallet wallet
  JOIN shops_programme programme ON programme.id = wallet.programme_id
  JOIN ledger_unit unit ON unit.programme_id = wallet.programme_id
  JOIN ledger_unitpolicy policy ON policy.unit_id = unit.id AND policy.state = 'PUBLISHED'
 WHERE wallet.id = %(wallet)s AND policy.effective_from <= %(at)s
 ORDER BY unit.id, policy.effective_from DESC
"""


def policies_at(wallet_id: int, *, at: datetime) -> dict[int, tuple[Policy, ZoneInfo]]:
    """By unit, the policy in force at `at` for a wallet's programme, and the time zone of its days."""
    with connection.cursor() as cursor:
        cursor.execute(_POLICIES, {"wallet": wallet_id, "at": at})
        return {unit_id: (_decode(policy), ZoneInfo(zone)) for unit_id, policy, zone in cursor.fetchall()}


def policies_in_force(units: Sequence[Unit], *, at: datetime) -> dict[int, Policy]:
    """What holds for what is earned of units at `at`, by unit id."""
    in_force = UnitPolicy.objects.filter(unit__in=units, state=UnitPolicy.State.PUBLISHED, effective_from__lte=at)
    newest = in_force.order_by("unit_id", "-effective_from").distinct("unit_id")
    return {unit_id: read(definition) for unit_id, definition in newest.values_list("unit_id", "definition")}


def conversions_offered(programme_id: int) -> QuerySet[ConversionTerms]:
    """What members of a programme may convert themselves, with both units."""
    offered = ConversionTerms.objects.filter(source_unit__programme=programme_id, is_offered=True)
    return offered.select_related("source_unit", "target_unit").order_by("pk")


def postings(programme_ids: Sequence[int]) -> QuerySet[Posting]:
    """Postings of some programmes, newest first."""
    return Posting.objects.filter(programme_id__in=programme_ids).order_by("-id")


def moved_between(programme_id: int, *, start: datetime, end: datetime) -> dict[str, int]:
    """Points that entered or left members' accounts in `[start, end)` by kind of posting, signed, in minor units."""
    rows = (
        Entry.objects.filter(
            Q(wallet__isnull=False),
            programme_id=programme_id,
            posting__occurred_at__gte=start,
            posting__occurred_at__lt=end,
        )
        .values_list("posting__kind")
        .annotate(total=Sum("amount"))
    )
    return {kind: int(total) for kind, total in rows}
