"""Returns, once each, matched to what was sold."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from kernel.errors import DomainError
from members.queries import FoundMember, MemberKey, find_many
from orders.allocation import GOODS
from orders.errors import LineUnknown, OrderInvalid, OrderUnknown, ReturnContradicted, ReturnExceedsSale
from orders.facts import Line, ReturnDraft, ReturnedPart, ReturnLine
from orders.matching import Returned, Sold, match, nothing_returned
from shops.models import Programme

_encode = msgspec.json.Encoder().encode
_decode_lines = msgspec.json.Decoder(tuple[Line, ...]).decode
_decode_parts = msgspec.json.Decoder(tuple[ReturnedPart, ...]).decode
_decode_unmatched = msgspec.json.Decoder(tuple[ReturnLine, ...]).decode


class RegisteredReturn(msgspec.Struct, frozen=True):
    """
    A return that is on record. `parts` are the order lines it takes back, `unmatched` what no earlier sale explains.

    `returned` is what came back so far, this return included, by order and line. `member_number` is None for a guest.
    """

    return_id: int
    fresh: bool
    draft: ReturnDraft
    parts: tuple[ReturnedPart, ...]
    unmatched: tuple[ReturnLine, ...]
    returned: dict[int, dict[int, int]]
    member_number: str | None


class _SoldLine(msgspec.Struct, frozen=True):
    placed_at: datetime
    order: tuple[str, str]
    sold: Sold


class _Who(msgspec.Struct, frozen=True):
    member_id: int | None = None
    number: str | None = None


class _Fresh(msgspec.Struct, frozen=True):
    draft: ReturnDraft
    who: _Who
    parts: tuple[ReturnedPart, ...]
    unmatched: tuple[ReturnLine, ...]


class _Shelf(msgspec.Struct):
    """What can come back: sold lines by member and by order, and how much of each came back already."""

    buyer: dict[tuple[str, str], _Who]
    by_article: dict[tuple[int, str], list[_SoldLine]]
    by_order: dict[tuple[str, str], dict[int, Sold]]
    returned: Returned
    sold: dict[tuple[int, int], int]


def register_returns(*, programme: Programme, drafts: Sequence[ReturnDraft]) -> list[RegisteredReturn | DomainError]:
    """
    Put returns on record in the given order; an answer per draft.

    :returns: per draft the record or the refusal: `ReturnContradicted`, `OrderUnknown`, `LineUnknown`,
        `ReturnExceedsSale`, `OrderInvalid`. Sound returns beside a refused one are registered.
    """
    members = find_many(
        programme_id=programme.pk,
        keys=[MemberKey(draft.customer_source, draft.customer) for draft in drafts if draft.customer],
    )
    # A shelf that is locked and read first makes two returns of one order wait for each other, and the second see
    # the first.
    shelf = _load(programme.pk, drafts, members)
    known = _known(programme.pk, drafts)
    answers: list[RegisteredReturn | DomainError] = []
    fresh: list[_Fresh] = []
    for draft in drafts:
        member = members.get(MemberKey(draft.customer_source, draft.customer)) if draft.customer else None
        identity = (draft.source, draft.reference)
        if identity in known:
            answers.append(_repeat(draft, known[identity]))
            continue
        try:
            parts, unmatched = _match(draft, member, shelf)
        except DomainError as refusal:
            answers.append(refusal)
            continue
        row = _Fresh(draft, _whose(draft, member, shelf), parts, unmatched)
        known[identity] = (0, _fingerprint(draft), parts, unmatched, row.who.number)
        fresh.append(row)
        answers.append(_registered(row, _so_far(parts, shelf.returned)))
    ids = _insert(programme.pk, fresh)
    _count(programme.pk, [part for row in fresh for part in row.parts], shelf.sold)
    return [
        msgspec.structs.replace(
            answer, return_id=ids.get((answer.draft.source, answer.draft.reference), answer.return_id)
        )
        if isinstance(answer, RegisteredReturn)
        else answer
        for answer in answers
    ]


def _whose(draft: ReturnDraft, member: FoundMember | None, shelf: _Shelf) -> _Who:
    """A return of a named order belongs to its buyer, whoever brings it."""
    if draft.order_reference:
        return shelf.buyer[draft.source, draft.order_reference]
    return _Who(member.member_id, member.number) if member else _Who()


def _registered(row: _Fresh, returned: dict[int, dict[int, int]]) -> RegisteredReturn:
    return RegisteredReturn(
        return_id=0,
        fresh=True,
        draft=row.draft,
        parts=row.parts,
        unmatched=row.unmatched,
        returned=returned,
        member_number=row.who.number,
    )


def _fingerprint(draft: ReturnDraft) -> bytes:
    return hashlib.sha256(_encode(draft)).digest()


_Known = tuple[int, bytes, tuple[ReturnedPart, ...], tuple[ReturnLine, ...], str | None]


def _repeat(draft: ReturnDraft, known: _Known) -> RegisteredReturn | ReturnContradicted:
    return_id, fingerprint, parts, unmatched, number = known
    if fingerprint != _fingerprint(draft):
        return ReturnContradicted(source=draft.source, reference=draft.reference)
    return RegisteredReturn(
        return_id=return_id,
        fresh=False,
        draft=draft,
        parts=parts,
        unmatched=unmatched,
        returned={},
        member_number=number,
    )


def _match(
    draft: ReturnDraft, member: FoundMember | None, shelf: _Shelf
) -> tuple[tuple[ReturnedPart, ...], tuple[ReturnLine, ...]]:
    _check(draft)
    if draft.order_reference:
        return _match_order(draft, shelf), ()
    parts: list[ReturnedPart] = []
    unmatched: list[ReturnLine] = []
    for line in draft.lines:
        bought = shelf.by_article.get((member.member_id, line.sku), []) if member else []
        earlier = (item.sold for item in bought if item.placed_at <= draft.returned_at)
        found, left = match(earlier, line.quantity, shelf.returned)
        parts += found
        if left:
            unmatched.append(msgspec.structs.replace(line, quantity=left))
    return tuple(parts), tuple(unmatched)


def _check(draft: ReturnDraft) -> None:
    if not draft.lines:
        raise OrderInvalid(pointer="/lines", problem="empty", expected="at least one line")
    for index, line in enumerate(draft.lines):
        if line.quantity <= 0:
            raise OrderInvalid(pointer=f"/lines/{index}/quantity", problem=line.quantity, expected="more than 0")


def _match_order(draft: ReturnDraft, shelf: _Shelf) -> tuple[ReturnedPart, ...]:
    lines = shelf.by_order.get((draft.source, draft.order_reference))
    if lines is None:
        raise OrderUnknown(source=draft.source, reference=draft.order_reference)
    asked: dict[int, int] = defaultdict(int)
    for line in draft.lines:
        if line.line_no is None or line.line_no not in lines:
            raise LineUnknown(line=line.line_no)
        asked[line.line_no] += line.quantity
    for line_no, quantity in asked.items():
        sold = lines[line_no]
        before = shelf.returned[sold.order_id][line_no]
        if before + quantity > sold.quantity:
            raise ReturnExceedsSale(line=line_no, sold=sold.quantity, returned=before, asked=quantity)
    for line_no, quantity in asked.items():
        shelf.returned[lines[line_no].order_id][line_no] += quantity
    return tuple(ReturnedPart(lines[line_no].order_id, line_no, quantity) for line_no, quantity in asked.items())


def _so_far(parts: Iterable[ReturnedPart], returned: Returned) -> dict[int, dict[int, int]]:
    return {
        order_id: {line_no: quantity for line_no, quantity in returned[order_id].items() if quantity}
        for order_id in {part.order_id for part in parts}
    }


_CANDIDATES = """
SELECT sold.id, sold.member_id, member.number, sold.source, sold.reference, sold.placed_at, sold.lines::text
  FROM orders_order sold LEFT JOIN members_member member ON member.id = sold.member_id
 WHERE sold.id IN (
       SELECT candidate.id FROM orders_order candidate
         JOIN json_to_recordset(%(wanted)s::json) AS wanted (member_id bigint, articles text[])
           ON candidate.member_id = wanted.member_id AND candidate.articles && wanted.articles
        WHERE candidate.programme_id = %(programme)s
       UNION
       SELECT named.id FROM orders_order named
         JOIN unnest(%(sources)s::text[], %(references)s::text[]) AS wanted (source, reference)
           ON named.programme_id = %(programme)s AND named.source = wanted.source
          AND named.reference = wanted.reference)
 ORDER BY sold.id FOR NO KEY UPDATE OF sold
"""


def _load(programme_id: int, drafts: Sequence[ReturnDraft], members: Mapping[MemberKey, FoundMember]) -> _Shelf:
    wanted: dict[int, set[str]] = defaultdict(set)
    for draft in drafts:
        member = members.get(MemberKey(draft.customer_source, draft.customer)) if draft.customer else None
        if member and not draft.order_reference:
            wanted[member.member_id].update(line.sku for line in draft.lines)
    named = {(draft.source, draft.order_reference) for draft in drafts if draft.order_reference}
    shelf = _Shelf({}, defaultdict(list), {}, nothing_returned(), {})
    if not wanted and not named:
        return shelf
    with connection.cursor() as cursor:
        cursor.execute(
            _CANDIDATES,
            {
                "programme": programme_id,
                "wanted": _encode(
                    [{"member_id": member_id, "articles": articles} for member_id, articles in wanted.items()]
                ).decode(),
                "sources": [source for source, _ in named],
                "references": [reference for _, reference in named],
            },
        )
        rows = cursor.fetchall()
        order_ids = [row[0] for row in rows]
        cursor.execute(
            "SELECT order_id, line_no, returned FROM orders_returnedline WHERE order_id = ANY(%s)", [order_ids]
        )
        for order_id, line_no, returned in cursor.fetchall():
            shelf.returned[order_id][line_no] = returned
    for order_id, member_id, number, source, reference, placed_at, lines in rows:
        who = _Who(member_id, number)
        articles = None if (source, reference) in named else wanted[member_id]
        _shelve(shelf, (source, reference), who, placed_at, (order_id, lines), articles)
    for sold in shelf.by_article.values():
        # By reference among orders of one instant: ids depend on the batch in which they arrived.
        sold.sort(key=lambda item: (item.placed_at, item.order, -item.sold.line_no), reverse=True)
    return shelf


def _shelve(
    shelf: _Shelf,
    identity: tuple[str, str],
    who: _Who,
    placed_at: datetime,
    stored: tuple[int, str],
    articles: set[str] | None,
) -> None:
    """Put the lines of an order on the shelf, those of some articles only unless the order itself is named."""
    order_id, lines = stored
    shelf.buyer[identity] = who
    by_line = shelf.by_order.setdefault(identity, {})
    for line in _decode_lines(lines):
        if articles is not None and line.sku not in articles:
            continue
        sold = Sold(order_id, line.no, line.quantity)
        by_line[line.no] = sold
        shelf.sold[order_id, line.no] = line.quantity
        if who.member_id is not None and line.kind in GOODS:
            shelf.by_article[who.member_id, line.sku].append(_SoldLine(placed_at, identity, sold))


def _known(programme_id: int, drafts: Sequence[ReturnDraft]) -> dict[tuple[str, str], _Known]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT earlier.source, earlier.reference, earlier.id, earlier.fingerprint, earlier.lines::text,
                   earlier.unmatched::text, member.number
              FROM orders_return earlier LEFT JOIN members_member member ON member.id = earlier.member_id
             WHERE earlier.programme_id = %s
               AND (earlier.source, earlier.reference) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
            """,
            [programme_id, [draft.source for draft in drafts], [draft.reference for draft in drafts]],
        )
        return {
            (row[0], row[1]): (row[2], bytes(row[3]), _decode_parts(row[4]), _decode_unmatched(row[5]), row[6])
            for row in cursor.fetchall()
        }


def _insert(programme_id: int, fresh: Sequence[_Fresh]) -> dict[tuple[str, str], int]:
    if not fresh:
        return {}
    rows = sorted(fresh, key=lambda row: (row.draft.source, row.draft.reference))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO orders_return (programme_id, member_id, source, reference, fingerprint, lines, unmatched,
                                       returned_at)
            SELECT %s, member_id, source, reference, decode(fingerprint, 'hex'), lines, unmatched, returned_at
              FROM json_to_recordset(%s::json)
                AS row (member_id bigint, source text, reference text, fingerprint text, lines jsonb, unmatched jsonb,
                        returned_at timestamptz)
            RETURNING source, reference, id
            """,
            [programme_id, _encode([_stored(row) for row in rows]).decode()],
        )
        return {(source, reference): return_id for source, reference, return_id in cursor.fetchall()}


def _stored(row: _Fresh) -> dict[str, Any]:
    return {
        "member_id": row.who.member_id,
        "source": row.draft.source,
        "reference": row.draft.reference,
        "fingerprint": _fingerprint(row.draft).hex(),
        "lines": row.parts,
        "unmatched": row.unmatched,
        "returned_at": row.draft.returned_at,
    }


def _count(programme_id: int, parts: Iterable[ReturnedPart], sold: Mapping[tuple[int, int], int]) -> None:
    """Count what came back; the table refuses more than was sold whatever was read before."""
    totals: dict[tuple[int, int], int] = defaultdict(int)
    for part in parts:
        totals[part.order_id, part.line_no] += part.quantity
    if not totals:
        return
    keys = sorted(totals)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO orders_returnedline (programme_id, order_id, line_no, sold, returned)
            SELECT %s, row.* FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::bigint[]) AS row
            ON CONFLICT (order_id, line_no) DO UPDATE SET returned = orders_returnedline.returned + excluded.returned
            """,
            [
                programme_id,
                [order_id for order_id, _ in keys],
                [line_no for _, line_no in keys],
                [sold[key] for key in keys],
                [totals[key] for key in keys],
            ],
        )
