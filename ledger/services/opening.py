"""Open books: units of a programme, wallets of its members."""

from datetime import datetime

from django.db import connection, transaction

from ledger.models import Account, Unit
from ledger.policies import Policy, after
from ledger.services.policies import FROM_THE_BEGINNING, first_policy

NEVER = Policy()
A_YEAR = after(365)


@transaction.atomic
def open_unit(  # noqa: PLR0913 -- everything a unit begins with
    *,
    programme_id: int,
    code: str,
    name: str,
    klass: str = Unit.Klass.POINTS,
    decimals: int = 0,
    symbol: str = "",
    policy: Policy = NEVER,
    at: datetime = FROM_THE_BEGINNING,
) -> Unit:
    """
    Add a unit to a programme, with the programme's own accounts of it, or return the one with this code.

    `policy` holds from the beginning, so that an imported history can earn.
    """
    unit, is_new = Unit.objects.get_or_create(
        programme_id=programme_id,
        code=code,
        defaults={"name": name, "klass": klass, "decimals": decimals, "symbol": symbol},
    )
    if is_new:
        # Made here, so that the first postings of a unit need not wait for each other's accounts.
        Account.objects.bulk_create(
            Account(programme_id=programme_id, unit=unit, kind=kind)
            for kind in (Account.Kind.ISSUANCE, Account.Kind.REDEMPTION, Account.Kind.BREAKAGE)
        )
        first_policy(unit=unit, policy=policy, by="ledger", at=at)
    return unit


def describe_unit(*, unit: Unit, name: str, symbol: str, spend_order: str) -> None:
    """Change how a unit is called and which lots pay first, from now on; what it counts never changes."""
    unit.name, unit.symbol, unit.spend_order = name, symbol, spend_order
    unit.save(update_fields=["name", "symbol", "spend_order"])


def open_programme_books(*, programme_id: int, policy: Policy = A_YEAR) -> Unit:
    """Give a new programme its first unit: whole points."""
    return open_unit(programme_id=programme_id, code="points", name="Points", policy=policy)


def open_wallets(*, programme_id: int, count: int, at: datetime, as_pools: bool = False) -> list[int]:
    """
    Open `count` empty wallets with an account for every unit of the programme; return their ids. `as_pools` makes them
    wallets that others fill, which they stay.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH opened AS (
                INSERT INTO ledger_wallet (programme_id, opened_at, is_pool)
                SELECT %s, %s, %s FROM generate_series(1, %s) RETURNING id
            ), accounts AS (
                INSERT INTO ledger_account (programme_id, wallet_id, unit_id, kind, balance, held, seq)
                SELECT %s, opened.id, unit.id, 'MEMBER', 0, 0, 0
                  FROM opened CROSS JOIN ledger_unit unit WHERE unit.programme_id = %s
            )
            SELECT id FROM opened ORDER BY id
            """,
            [programme_id, at, as_pools, count, programme_id, programme_id],
        )
        return [wallet_id for (wallet_id,) in cursor.fetchall()]
