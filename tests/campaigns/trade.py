"""Words for tests about trade: a programme with a standing campaign, members, orders and returns."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from campaigns import services as campaigns
from campaigns.definitions import Definition, Effect, Mode, PerMoney, Rule
from campaigns.engine import Decision, RuleInForce, decide
from campaigns.models import Campaign
from campaigns.services import Accepted, AcceptedReturn
from conditions.situation import Situation
from ledger import services as ledger
from ledger.models import Lot
from ledger.queries import balances_of, entries_of, unit_of
from ledger.verification import verify
from members import services as members
from members.models import Member
from orders.facts import PIECE, Line, LineKind, OrderDraft, Purchase, ReturnDraft, ReturnLine, Tender, TenderKind
from shops.models import Programme

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 9, 12, tzinfo=UTC)


def decided(bought: Purchase, rules: Sequence[RuleInForce], **known: Any) -> Decision:
    """What rules say about a purchase, with all that they ask for beside it."""
    return decide(Situation(bought, bought.placed_at, known), rules)


def a_programme(key: str = "grocer", **fields: Any) -> Programme:
    """A programme in euro and Berlin whose whole points last 365 days; it gives nothing yet."""
    programme = Programme.objects.create(key=key, name=key.title(), **{"time_zone": "Europe/Berlin"} | fields)
    ledger.open_programme_books(programme_id=programme.pk)
    return programme


def per_money(units: int = 1, per: int = 100, mode: Mode = Mode.BLOCK) -> PerMoney:
    return PerMoney(units=units, per=per, mode=mode)


def rules(*effects: Effect, **fields: Any) -> Definition:
    """A definition with a rule for each effect, named r1, r2, ..."""
    return Definition(
        rules=tuple(Rule(key=f"r{number}", effect=effect, **fields) for number, effect in enumerate(effects, 1))
    )


def a_campaign(
    programme: Programme,
    definition: Definition | Effect | None = None,
    key: str = "standing",
    since: datetime = NEW_YEAR,
) -> Campaign:
    """A published campaign; without a definition 1 point per whole euro."""
    what = definition or per_money()
    campaign = campaigns.create_campaign(
        programme=programme,
        key=key,
        name=key.title(),
        definition=what if isinstance(what, Definition) else rules(what),
        by="Mara",
        at=since,
    )
    campaigns.publish_draft(campaign=campaign, by="Mara", at=since)
    return campaign


def change(campaign: Campaign, definition: Definition | Effect, at: datetime) -> None:
    """Publish a new version, in force from `at`."""
    what = definition if isinstance(definition, Definition) else rules(definition)
    campaigns.save_draft(campaign=campaign, definition=what, by="Mara", at=at)
    campaigns.publish_draft(campaign=campaign, by="Mara", at=at)


def a_member(programme: Programme, external_id: str = "ada") -> Member:
    return members.enrol(
        programme=programme, at=NEW_YEAR, name=external_id.title(), identifiers=[("till", external_id)]
    )


def goods(amount: int, no: int = 1, sku: str = "BREAD", pieces: int = 1, **fields: Any) -> Line:
    return Line(no=no, sku=sku, quantity=pieces * PIECE, amount=amount, **fields)


def line(kind: LineKind, amount: int, no: int = 9, sku: str = "") -> Line:
    return Line(no=no, sku=sku or kind.upper(), quantity=PIECE, amount=amount, kind=kind)


def paid(kind: TenderKind, amount: int) -> Tender:
    return Tender(kind=kind, amount=amount)


def order(*lines: Line | int, reference: str = "1", at: datetime = NOON, **fields: Any) -> OrderDraft:
    """An order of Ada's; a plain number is a line of goods of that amount."""
    named = tuple(goods(item, no) if isinstance(item, int) else item for no, item in enumerate(lines, 1))
    given = {"source": "till", "currency": "EUR", "customer_source": "till", "customer": "ada"} | fields
    return OrderDraft(reference=reference, placed_at=at, lines=named, **given)


def buy(programme: Programme, *lines: Line | int, **fields: Any) -> Accepted:
    return campaigns.accept_order(programme=programme, draft=order(*lines, **fields), actor="test")


def back(
    *what: tuple[int, int] | tuple[int, str], of: str = "", reference: str = "R1", at: datetime = LATER, **fields: Any
) -> ReturnDraft:
    """
    A return: `(pieces, line number)` of order `of`, or `(pieces, article)` of Ada's purchases when none is named.
    """
    lines = tuple(
        ReturnLine(pieces * PIECE, line_no=item) if isinstance(item, int) else ReturnLine(pieces * PIECE, sku=item)
        for pieces, item in what
    )
    given = {"source": "till"} | ({} if of else {"customer_source": "till", "customer": "ada"}) | fields
    return ReturnDraft(reference=reference, returned_at=at, lines=lines, order_reference=of, **given)


def bring_back(programme: Programme, *what: Any, **fields: Any) -> AcceptedReturn:
    return campaigns.accept_return(programme=programme, draft=back(*what, **fields), actor="test")


def taken(answer: AcceptedReturn) -> int:
    return sum(item.amount for item in answer.taken_back)


def granted(answer: Accepted) -> int:
    return sum(earned.grant.granted for earned in answer.earned)


def spend(member: Member, amount: int, at: datetime = NOON, reference: str = "coffee") -> int:
    return ledger.burn(
        programme_id=member.programme_id,
        wallet_id=member.wallet_id,
        unit_id=unit_of(member.programme_id, "points").pk,
        amount=amount,
        source="test",
        reference=reference,
        at=at,
        actor="test",
    )


def wallet(member: Member, at: datetime = LATER) -> tuple[int, int]:
    """What the member can spend and what they owe."""
    points = [balance for balance in balances_of(member.wallet_id, at=at) if balance.unit.code == "points"]
    return (points[0].spendable, points[0].owed) if points else (0, 0)


def lots_of(member: Member) -> list[Lot]:
    """The member's lots, oldest first."""
    return list(Lot.objects.filter(wallet_id=member.wallet_id).order_by("pk"))


def history(member: Member) -> list[tuple[str, int]]:
    """The member's entries, oldest first: what happened and how much it moved, arrears included."""
    return [(entry.posting.kind, entry.amount) for entry in reversed(entries_of(member.wallet_id))]


def books_are_sound() -> bool:
    return list(verify(tell=lambda _: None)) == []
