"""
The promises of the books as sums that must come out as zero, computed piece by piece.

A query that compares, say, ten million entries with their accounts has to sort or hash all of them. A sum needs
neither: give each account a random weight, and if every balance is the sum of its entries then so is the weighted sum
of all balances that of all entries. One wrong balance always shows; several cancel each other by chance in one run of
some hundred million, and each run draws its weights anew. Pieces can be summed in any order, by several connections, in
little memory, and tell how far they are. What is wrong where is then asked by the exact queries of
`ledger.verification`.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import DataError, connection, transaction

# The lowest bit is always set: no weight is nought. Greater products than a bigint holds take another type, and longer.
_WEIGHT = 2**30 - 1
_ROWS_AT_ONCE = 250_000
_PIECES_AT_MOST = 2000
_LEAST, _GREATEST = -(2**63), 2**63 - 1

BALANCED = "entries of every posting sum to zero per unit"
LINKED = "every posting has entries and every entry a posting and an account"
BALANCES = "balances and entry counts are those of the entries"
CHAIN = "each entry's balance follows from the one before"
LOTS = "balances are what is left in the lots"
USES = "lots are what was earned less what was used"
MOVES = "what a posting moves on a member's account it moves in its lots"
RESERVED = "what lots and accounts reserve is what open holds keep"
CLEARED = "what came through payment clearing is what purchases were paid for, less what went back"

# A sum, and the promises of which one is broken when it is not zero.
SUMS: dict[str, tuple[str, ...]] = {
    "of each posting": (BALANCED,),
    "orphans": (LINKED, BALANCES, CHAIN),
    "facts of accounts, by entry": (LINKED, BALANCES),
    "running balances": (CHAIN, BALANCES),
    "moved by postings": (MOVES,),
    "left in lots": (LOTS,),
    "used of lots": (USES,),
    "reserved of accounts": (RESERVED,),
    "reserved of lots": (RESERVED,),
    "cleared": (CLEARED,),
}
# What is only counted, to say how much there was.
COUNTED = ("entries", "accounts", "lots")


@dataclass(frozen=True, slots=True)
class Piece:
    """A query whose one row is added to `sums`, in their order. `size` is how many rows it reads, more or less."""

    query: str
    sums: tuple[str, ...]
    parameters: dict[str, Any]
    size: int

    def compute(self) -> dict[str, int]:
        """Ask the database."""
        try:
            with transaction.atomic():
                return self._compute("bigint")
        except DataError:
            return self._compute("numeric")

    def _compute(self, kind: str) -> dict[str, int]:
        with connection.cursor() as cursor:
            cursor.execute(self.query.replace("{kind}", kind), self.parameters)
            row = cursor.fetchone()
        return dict(zip(self.sums, map(int, row), strict=True))


def _hash(key: str, other: str = "0::bigint") -> str:
    """A random number for a pair of keys."""
    return f"hashint8extended({key}, %(seed)s::bigint # {other})"


def _weigh(value: str, *keys: str, when: str = "true", sign: str = "+") -> str:
    """Sum a value, each time it occurs with the weight of its keys."""
    weighed = f"({value})::{{kind}} * ({_hash(*keys)} & {_WEIGHT} | 1)"
    return f"{sign}coalesce(sum({weighed}) FILTER (WHERE {when}), 0)"


def _query(sums: dict[str, str], source: str) -> str:
    return "\n".join(("SELECT", ", ".join(sums.values()), source))


# Whose an account is, of what, and where.
_OWNER = "hashint8extended(coalesce(wallet_id, 0), %(seed)s::bigint # (unit_id << 32))"
_FACTS = f"hashint8extended({{account}}, {_OWNER} # programme_id)"
_OF_ENTRY, _OF_ACCOUNT = _FACTS.format(account="account_id"), _FACTS.format(account="id")

# A running balance with a part that grows by one step each time: what follows from the one before is then as well the
# next in number, and the last of an account says how many there are.
_STEP = "%(step)s::bigint"
_RUNNING = f"balance_after + {_STEP} * seq"
_OWN = "wallet_id IS NOT NULL"
_OF_ENTRIES = {
    "of each posting": _weigh("amount", "posting_id", "unit_id"),
    "orphans": f"""
        count(*) FILTER (WHERE entry.posting_id IS NULL OR posting.id IS NULL OR posting.programme <> entry.programme_id
                            OR {_OWN} AND (seq IS NULL OR balance_after IS NULL)
                            OR wallet_id IS NULL AND {_OF_ENTRY} <> ALL (%(shared)s))
    """,
    "facts of accounts, by entry": f"coalesce(sum({_OF_ENTRY}) FILTER (WHERE {_OWN}), 0)",
    "running balances": (
        _weigh(f"{_RUNNING} - amount - {_STEP}", "seq", "account_id", when=_OWN)
        + _weigh(_RUNNING, "seq + 1", "account_id", when=_OWN, sign="-")
    ),
    "moved by postings": _weigh(
        "amount", "posting_id", "wallet_id", when=f"{_OWN} AND account_id <> ALL (%(arrears)s)"
    ),
    "cleared": _weigh("amount", "unit_id", when="account_id = ANY (%(clearing)s)"),
    "entries": "count(entry.id)",
}
_ENTRIES = """
  FROM (SELECT * FROM ledger_entry WHERE posting_id BETWEEN %(first)s AND %(last)s) entry
  FULL JOIN (SELECT id, programme_id AS programme FROM ledger_posting WHERE id BETWEEN %(first)s AND %(last)s) posting
    ON posting.id = entry.posting_id
"""

_OF_ACCOUNTS = {
    "facts of accounts, by entry": f"-coalesce(sum({_OF_ACCOUNT}::numeric * seq) FILTER (WHERE {_OWN}), 0)",
    "running balances": _weigh(f"balance + {_STEP} * seq", "seq + 1", "id", when=_OWN),
    "left in lots": _weigh("balance", "id", "wallet_id", when="kind = 'MEMBER'"),
    "reserved of accounts": _weigh("held", "id"),
    "accounts": "count(*)",
}
_ACCOUNTS = "FROM ledger_account WHERE id BETWEEN %(first)s AND %(last)s"

_OF_LOTS = {
    "left in lots": _weigh("remaining", "account_id", "wallet_id", sign="-"),
    "used of lots": _weigh("earned - remaining", "id", "wallet_id"),
    "moved by postings": _weigh("earned", "posting_id", "wallet_id", sign="-"),
    "reserved of lots": _weigh("reserved", "id"),
    "lots": "count(*)",
}
_OF_USES = {
    "used of lots": _weigh("amount", "lot_id", "wallet_id", sign="-"),
    "moved by postings": _weigh("amount", "posting_id", "wallet_id"),
}
_OF_HOLDS = {"reserved of accounts": _weigh("amount", "account_id", sign="-")}
_OF_PARTS_OF_HOLDS = {"reserved of lots": _weigh("part.amount", "part.lot_id", sign="-")}

# What is summed up, from where, where that begins and ends, and how long a row of it takes.
_PARTS = (
    (_OF_ENTRIES, _ENTRIES, "postings", 5),
    (_OF_ACCOUNTS, _ACCOUNTS, "ledger_account", 1),
    (_OF_LOTS, "FROM ledger_lot WHERE id BETWEEN %(first)s AND %(last)s", "ledger_lot", 1),
    (_OF_USES, "FROM ledger_lotuse WHERE id BETWEEN %(first)s AND %(last)s", "ledger_lotuse", 1),
)
_WHOLE = (
    ({"cleared": _weigh("amount - taken_back", "unit_id")}, "FROM ledger_purchase WHERE captured > 0"),
    (_OF_HOLDS, "FROM ledger_hold WHERE state = 'HELD'"),
    (
        _OF_PARTS_OF_HOLDS,
        "FROM ledger_holdlot part JOIN ledger_hold hold ON hold.id = part.hold_id WHERE hold.state = 'HELD'",
    ),
)
# Postings also where they are only named.
_ENDS = {
    "postings": """
        SELECT least(min(id), (SELECT min(posting_id) FROM ledger_entry)),
               greatest(max(id), (SELECT max(posting_id) FROM ledger_entry)) FROM ledger_posting
    """,
    "ledger_account": "SELECT min(id), max(id) FROM ledger_account",
    "ledger_lot": "SELECT min(id), max(id) FROM ledger_lot",
    "ledger_lotuse": "SELECT min(id), max(id) FROM ledger_lotuse",
}


def pieces() -> list[Piece]:
    """All there is to compute, with weights drawn anew."""
    drawn: dict[str, Any] = {"seed": secrets.randbits(62), "step": 1 + secrets.randbits(20)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(array_agg(id), '{}') FROM ledger_account WHERE kind = 'ARREARS'")
        (drawn["arrears"],) = cursor.fetchone()
        cursor.execute("SELECT coalesce(array_agg(id), '{}') FROM ledger_account WHERE kind = 'CLEARING'")
        (drawn["clearing"],) = cursor.fetchone()
        query = _query(
            {"": f"coalesce(array_agg({_OF_ACCOUNT}), '{{}}')"}, "FROM ledger_account WHERE wallet_id IS NULL"
        )
        cursor.execute(query, drawn)
        (drawn["shared"],) = cursor.fetchone()
    found = [Piece(_query(sums, source), tuple(sums), drawn, 1) for sums, source in _WHOLE]
    for sums, source, of, weight in _PARTS:
        for first, last, size in _ranges(_ENDS[of]):
            limits = {"first": first, "last": last}
            found.append(Piece(_query(sums, source), tuple(sums), drawn | limits, 1 + size * weight))
    return found


def _ranges(ends: str) -> Iterator[tuple[int, int, int]]:
    """Ranges of ids that leave none out, and how many ids each has between those there are."""
    with connection.cursor() as cursor:
        cursor.execute(ends)
        least, greatest = cursor.fetchone()
    least, greatest = least or 0, greatest or 0
    step = max(_ROWS_AT_ONCE, (greatest - least) // _PIECES_AT_MOST + 1)
    starts = range(least, greatest + 1, step)
    for start in starts:
        first = _LEAST if start == starts[0] else start
        last = _GREATEST if start == starts[-1] else start + step - 1
        yield first, last, min(step, greatest - start + 1)
