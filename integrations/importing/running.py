"""Batches of documents on the same road as a single order."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

import msgspec
from django.db import OperationalError, transaction
from psycopg.errors import DeadlockDetected

from campaigns import services as campaigns
from campaigns.services import Accepted, AcceptedReturn
from integrations.importing.documents import Bought, Broken, Document, Left, Returned
from integrations.importing.wording import problem_of
from kernel.errors import DomainError
from members import services as members
from orders import services as orders
from orders.facts import PIECE, format_quantity
from orders.models import ImportRun
from orders.services import RowProblem
from shops.models import Programme

BATCH = 500
ATTEMPTS = 5
ACTOR = "import"

_Who = tuple[str, str, str]


class Progress(msgspec.Struct, frozen=True):
    """How far the import is: documents of the file, and what was counted so far."""

    documents: int
    tally: Counter[str]


def run_import(
    *,
    programme: Programme,
    run: ImportRun,
    documents: Iterable[Document],
    batch_size: int,
    now: Callable[[], datetime],
) -> Iterator[Progress]:
    """
    Read what is left of a file into the programme, yielding after every committed batch.

    Stop any time: what was yielded is in the books, the rest is not, and the next run goes on behind it. Customers
    of a source that the programme does not know yet become members. Sound documents beside a refused one are taken.
    """
    position = run.documents
    rest = islice(iter(documents), position, None)
    while batch := list(islice(rest, batch_size)):
        progress = _take_patiently(programme, run, position, batch)
        position += len(batch)
        yield progress
    orders.finish_import(run=run, at=now())


def _take_patiently(programme: Programme, run: ImportRun, position: int, batch: Sequence[Document]) -> Progress:
    """A batch that waits in a circle with somebody who sells to the same customers just now is tried again."""
    for _ in range(ATTEMPTS - 1):
        try:
            return _take_once(programme, run, position, batch)
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected):
                raise
    return _take_once(programme, run, position, batch)


@transaction.atomic
def _take_once(programme: Programme, run: ImportRun, position: int, batch: Sequence[Document]) -> Progress:
    # Another process may read the same part, such as one whose parent was killed: neither takes what is taken.
    found = orders.lock_import(run=run)
    tally: Counter[str] = Counter(found.tally)
    problems: list[RowProblem] = []
    _take(programme, batch[max(0, found.documents - position) :], tally, problems)
    done = max(found.documents, position + len(batch))
    orders.checkpoint(run=run, documents=done, tally=tally, problems=problems)
    return Progress(done, tally)


def _take(programme: Programme, batch: Sequence[Document], tally: Counter[str], problems: list[RowProblem]) -> None:
    for document in batch:
        if isinstance(document, Left):
            tally[f"left out: {document.reason}"] += 1
        if isinstance(document, Broken):
            tally["unreadable documents"] += 1
            problems += [RowProblem(fault.row, document.reference, fault.problem) for fault in document.faults]
    _enrol(programme, [document for document in batch if isinstance(document, Bought)], tally)
    for bought, returned in _waves(batch):
        _take_orders(programme, bought, tally, problems)
        _take_returns(programme, returned, tally, problems)


def _enrol(programme: Programme, bought: Sequence[Bought], tally: Counter[str]) -> None:
    by_source: dict[str, dict[str, datetime]] = defaultdict(dict)
    for document in bought:
        draft = document.draft
        if draft.customer and draft.customer_source:
            by_source[draft.customer_source].setdefault(draft.customer, draft.placed_at)
    for source, first_seen in by_source.items():
        tally["new members"] += members.enrol_unknown(programme=programme, source=source, first_seen=first_seen)


def _waves(batch: Sequence[Document]) -> Iterator[tuple[list[Bought], list[Returned]]]:
    """
    Split a batch so that orders before returns within a wave, and waves one after another, keep every customer's
    order of time.

    A purchase behind a return of the same customer goes to the next wave; different customers never wait for each
    other.
    """
    buyers: dict[tuple[str, str], _Who] = {}
    wave_of: dict[_Who, int] = defaultdict(int)
    came_back: dict[_Who, int] = defaultdict(lambda: -1)
    waves: dict[int, tuple[list[Bought], list[Returned]]] = defaultdict(lambda: ([], []))
    for document in batch:
        if isinstance(document, Bought):
            who = _customer(document) or (document.draft.source, document.draft.reference, "guest")
            buyers[document.draft.source, document.draft.reference] = who
            if came_back[who] == wave_of[who]:
                wave_of[who] += 1
            waves[wave_of[who]][0].append(document)
        elif isinstance(document, Returned):
            # Who brings back an order of this batch goes behind its buyer, named or not.
            sold_to = buyers.get((document.draft.source, document.draft.order_reference))
            who = sold_to or _customer(document) or ("", "", "nobody")
            came_back[who] = wave_of[who]
            waves[wave_of[who]][1].append(document)
    for number in sorted(waves):
        yield waves[number]


def _customer(document: Bought | Returned) -> _Who | None:
    draft = document.draft
    return (draft.customer_source, draft.customer, "") if draft.customer else None


def _take_orders(
    programme: Programme, bought: Sequence[Bought], tally: Counter[str], problems: list[RowProblem]
) -> None:
    if not bought:
        return
    answers = campaigns.accept_orders(programme=programme, drafts=[document.draft for document in bought], actor=ACTOR)
    for document, answer in zip(bought, answers, strict=True):
        if isinstance(answer, DomainError):
            tally["refused orders"] += 1
            problems.append(_refused(document, answer, programme))
        else:
            _count_order(document, answer, tally)


def _count_order(document: Bought, answer: Accepted, tally: Counter[str]) -> None:
    if not answer.fresh:
        tally["orders known before"] += 1
        return
    tally["orders"] += 1
    tally["order lines"] += document.lines
    tally["orders of guests"] += answer.member_number is None
    tally["points earned"] += sum(earned.grant.granted for earned in answer.earned)


def _take_returns(
    programme: Programme, returned: Sequence[Returned], tally: Counter[str], problems: list[RowProblem]
) -> None:
    if not returned:
        return
    answers = campaigns.accept_returns(
        programme=programme, drafts=[document.draft for document in returned], actor=ACTOR
    )
    for document, answer in zip(returned, answers, strict=True):
        if isinstance(answer, DomainError):
            tally["refused returns"] += 1
            problems.append(_refused(document, answer, programme))
        else:
            _count_return(document, answer, tally, problems)


def _refused(document: Bought | Returned, refusal: DomainError, programme: Programme) -> RowProblem:
    problem = problem_of(refusal, decimals=programme.currency_decimals)
    return RowProblem(document.row, document.draft.reference, problem)


def _count_return(document: Returned, answer: AcceptedReturn, tally: Counter[str], problems: list[RowProblem]) -> None:
    if not answer.fresh:
        tally["returns known before"] += 1
        return
    tally["returns"] += 1
    tally["returned lines"] += len(document.draft.lines)
    tally["returned pieces matched"] += sum(part.quantity for part in answer.registered.parts) // PIECE
    tally["points taken back"] += sum(item.amount for item in answer.taken_back)
    for line in answer.registered.unmatched:
        tally["returned lines without a sale"] += 1
        tally["returned pieces without a sale"] += line.quantity // PIECE
        problems.append(
            RowProblem(
                document.row,
                document.draft.reference,
                f"{format_quantity(line.quantity)} of {line.sku or 'an article without a code'} came back,"
                " but no earlier purchase of this customer explains it",
            )
        )
