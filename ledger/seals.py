"""
Has anything been changed since it was sealed? Recomputes every seal from the rows there are now.

Who could rewrite the books could rewrite the seals behind it too, from a certain one on: so their hashes go out as
facts (`ledger.sealed`) and can be printed, and one of those can be asked for.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
from django.db import connection

# A hundred parts, of a thousand postings each, are compared at once: memory stays small however large the books.
_POSTINGS_AT_ONCE = 100_000
_BUCKET = 1000
_BEFORE_ALL = -(2**63)
_PRINT_BYTES = 4


class Damage(msgspec.Struct, frozen=True):
    """What does not fit the seal `number` of a programme."""

    programme_id: int
    number: int
    what: str

    def __str__(self) -> str:
        return f"seal {self.number} of programme {self.programme_id}: {self.what}"


class Stretch(msgspec.Struct, frozen=True):
    """The postings of one sealing, the first exclusive."""

    sealing_id: int
    after: int
    until: int


class Row(msgspec.Struct, frozen=True):
    """A row there is now, and the beginning of its hash."""

    name: str
    print: bytes


def damages(*, tell: Callable[[int, int], None]) -> Iterator[Damage]:
    """
    What differs, first seal first; read it in one transaction that sees one state of the books.

    :param tell: called with the number of the posting up to which all is compared, and with the last
    """
    stretches = [
        Stretch(*row)
        for row in _rows("SELECT id, after, until FROM ledger_sealing WHERE sealed_at IS NOT NULL ORDER BY until")
    ]
    greatest = stretches[-1].until if stretches else 0
    last = 0
    for stretch in stretches:
        if stretch.after != last:
            yield Damage(0, 0, f"postings {last + 1} to {stretch.after} are in none")
        last = stretch.until
        yield from _chain(stretch)
        yield from _content(stretch, lambda done: tell(done, greatest))


def count() -> int:
    """How many seals there are."""
    return int(_rows("SELECT count(*) FROM ledger_seal")[0][0])


def is_known(printed: str) -> bool:
    """Whether one of the seals has this hash, which was kept elsewhere."""
    try:
        wanted = bytes.fromhex(printed)
    except ValueError:
        return False
    return bool(_rows("SELECT 1 FROM ledger_seal WHERE hash = %s", wanted))


def _chain(stretch: Stretch) -> Iterator[Damage]:
    found = _rows(
        """
        SELECT seal.programme_id, seal.number, seal.number = coalesce(earlier.number, 0) + 1,
               seal.previous = coalesce(earlier.hash, ''), parts.rows = seal.rows,
               seal.hash = ledger_seal_hash(seal.programme_id, seal.number, %s, %s, seal.rows, seal.previous,
                                            parts.hashes)
          FROM ledger_seal seal
          LEFT JOIN LATERAL (SELECT number, hash FROM ledger_seal WHERE programme_id = seal.programme_id
                                AND number < seal.number ORDER BY number DESC LIMIT 1) earlier ON true
         CROSS JOIN LATERAL (SELECT coalesce(sum(rows), 0) AS rows,
                                    coalesce(string_agg(hash, ''::bytea ORDER BY bucket), '') AS hashes
                               FROM ledger_sealpart WHERE seal_id = seal.id) parts
         WHERE seal.sealing_id = %s ORDER BY seal.programme_id
        """,
        stretch.after,
        stretch.until,
        stretch.sealing_id,
    )
    for programme_id, number, follows, names_previous, counts, hashes in found:
        if not follows:
            yield Damage(programme_id, number, "the one before it is gone")
        elif not names_previous:
            yield Damage(programme_id, number, "it does not name the one before it")
        elif not (counts and hashes):
            yield Damage(programme_id, number, "the seal itself was changed")


def _content(stretch: Stretch, tell: Callable[[int], None]) -> Iterator[Damage]:
    after = stretch.after
    while after < stretch.until:
        until = min((after // _POSTINGS_AT_ONCE + 1) * _POSTINGS_AT_ONCE, stretch.until)
        begin = after or _BEFORE_ALL
        was = {
            (programme_id, bucket): (number, bytes(seal_hash))
            for programme_id, bucket, number, seal_hash in _rows(
                """
                SELECT seal.programme_id, part.bucket, seal.number, part.hash
                  FROM ledger_seal seal JOIN ledger_sealpart part ON part.seal_id = seal.id
                 WHERE seal.sealing_id = %s AND part.bucket <= %s AND (part.bucket >= %s OR %s)
                """,
                stretch.sealing_id,
                (until - 1) // _BUCKET,
                after // _BUCKET,
                after == 0,
            )
        }
        now = {
            (programme_id, bucket): bytes(part_hash)
            for programme_id, bucket, part_hash in _rows(
                "SELECT programme_id, bucket, hash FROM ledger_seal_parts(%s, %s)", begin, until
            )
        }
        for programme_id, bucket in sorted(was.keys() | now.keys()):
            number, sealed = was.get((programme_id, bucket), (0, b""))
            if now.get((programme_id, bucket)) != sealed:
                limits = (max(begin, bucket * _BUCKET if bucket else begin), min(until, (bucket + 1) * _BUCKET))
                yield Damage(programme_id, number, _named(stretch, programme_id, bucket, limits))
        after = until
        tell(after)


def _named(stretch: Stretch, programme_id: int, bucket: int, limits: tuple[int, int]) -> str:
    """Find the first row that differs by the prints of what was sealed."""
    prints = _rows(
        "SELECT part.prints FROM ledger_sealpart part JOIN ledger_seal seal ON seal.id = part.seal_id"
        " WHERE seal.sealing_id = %s AND seal.programme_id = %s AND part.bucket = %s",
        stretch.sealing_id,
        programme_id,
        bucket,
    )
    whole = bytes(prints[0][0]) if prints else b""
    was = [whole[start : start + _PRINT_BYTES] for start in range(0, len(whole), _PRINT_BYTES)]
    now = [
        Row(f"{kind} {row_id}", bytes(row_hash)[:_PRINT_BYTES])
        for kind, row_id, row_hash in _rows(
            "SELECT kind, row_id, hash FROM ledger_seal_rows(%s, %s) WHERE programme_id = %s"
            " ORDER BY posting_id, kind, row_id",
            *limits,
            programme_id,
        )
    ]
    return _difference(was, now)


def _difference(was: Sequence[bytes], now: Sequence[Row]) -> str:
    same = 0
    while same < min(len(was), len(now)) and was[same] == now[same].print:
        same += 1
    behind = 0
    while behind < min(len(was), len(now)) - same and was[-1 - behind] == now[-1 - behind].print:
        behind += 1
    gone, new = len(was) - same - behind, len(now) - same - behind
    place = f"behind {now[same - 1].name}" if same else "at the beginning of a part"
    if gone and new:
        return f"{now[same].name} was changed" if gone == new == 1 else f"{now[same].name} and others were changed"
    if gone:
        return f"{gone} rows were removed {place}"
    return f"{now[same].name} was added" if new else f"the hash of a part was changed, {place}"


def _rows(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
