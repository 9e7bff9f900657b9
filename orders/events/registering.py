"""Events, once each."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, ClassVar

import msgspec

from members.queries import FoundMember, MemberKey, who_are
from orders.events.builtin import BUILT_IN, OURS
from orders.events.errors import EventContradicted, EventInvalid
from orders.events.facts import EventDraft
from orders.events.queries import asking_types
from orders.events.types import Happening, Types, read_payload
from roundtrips import Change, Question, both
from shops.models import Programme
from shops.queries import FoundShop, shops_named

_encode = msgspec.json.Encoder(order="deterministic").encode


class RegisteredEvent(msgspec.Struct, frozen=True):
    """An event that is on record. `fresh` is false when it was before; `member` is None for a guest."""

    KIND: ClassVar[str] = "event"

    id: int
    fresh: bool
    draft: EventDraft
    happening: Happening
    member: FoundMember | None

    @property
    def happened_at(self) -> datetime:
        return self.draft.occurred_at

    @property
    def subject(self) -> Happening:
        return self.happening

    @property
    def told(self) -> dict[str, Any]:
        """What the caller told beside it: all that it tells is in its payload."""
        return {}

    @property
    def named(self) -> dict[str, Any]:
        """How facts name it."""
        return {
            "id": self.id,
            "type": self.draft.type,
            "source": self.draft.source,
            "reference": self.draft.reference,
        }


class KnownEvent(msgspec.Struct, frozen=True):
    """An event that is on record already; `fingerprint` is in hexadecimal digits."""

    source: str
    reference: str
    id: int
    fingerprint: str


class EventCircumstances(msgspec.Struct, frozen=True):
    """
    What registering needs to know: who the customers are, which events are on record by `(source, reference)`, shops by
    code, the types by key, and an id for each event that is not.
    """

    members: dict[MemberKey, FoundMember]
    known: dict[tuple[str, str], KnownEvent]
    shops: dict[str, FoundShop]
    types: Types
    event_ids: list[int]

    def zone_of(self, shop_code: str) -> str:
        """The time zone of a shop; empty for the programme's."""
        shop = self.shops.get(shop_code)
        return shop.time_zone if shop else ""


_decode_known = msgspec.json.Decoder(list[KnownEvent]).decode
Refused = EventInvalid | EventContradicted


def event_circumstances_of(*, programme: Programme, drafts: Sequence[EventDraft]) -> Question[EventCircumstances]:
    """What is to be asked before events can be registered."""
    keys = [_member_key(draft) for draft in drafts if draft.customer]
    asked = both(
        both(who_are(programme_id=programme.pk, keys=keys), _known(programme.pk, drafts)),
        both(
            both(
                shops_named(programme.pk, {draft.shop_code for draft in drafts if draft.shop_code}),
                asking_types(programme.pk),
            ),
            Question(("orders_new_event_ids(%s)",), (len(drafts),), itemgetter(0)),
        ),
    )

    def read(row: Sequence[Any]) -> EventCircumstances:
        (members, known), ((shops, types), event_ids) = asked.read(row)
        return EventCircumstances(members, known, shops, types, event_ids)

    return Question(asked.columns, asked.parameters, read)


def register_events(
    *, programme: Programme, drafts: Sequence[EventDraft], circumstances: EventCircumstances
) -> tuple[list[RegisteredEvent | Refused], list[Change]]:
    """
    An answer per draft in the given order, and the change that makes them true.

    The same `(source, reference)` with the same content is a repeat; with another content it is a refusal, and so is
    an event that does not fit its type. Occasions that Laurel brings along come from Laurel only. Sound events beside
    a refused one are registered.
    """
    known = dict(circumstances.known)
    free_ids = iter(circumstances.event_ids)
    answers: list[RegisteredEvent | Refused] = []
    fresh: list[tuple[RegisteredEvent, str]] = []
    for draft in drafts:
        try:
            happening = _read(draft, circumstances, programme.currency_decimals)
            fingerprint = _fingerprint(draft, happening)
            earlier = known.get((draft.source, draft.reference))
            _check(draft, fingerprint, earlier, circumstances.types)
        except (EventInvalid, EventContradicted) as refusal:
            answers.append(refusal)
            continue
        member = circumstances.members.get(_member_key(draft)) if draft.customer else None
        event_id = earlier.id if earlier else next(free_ids)
        row = RegisteredEvent(event_id, earlier is None, draft, happening, member)
        answers.append(row)
        if earlier is None:
            # A reference that stands twice in one batch is registered for its first draft only.
            known[draft.source, draft.reference] = KnownEvent(draft.source, draft.reference, event_id, fingerprint)
            fresh.append((row, fingerprint))
    return answers, _registering(programme.pk, fresh, circumstances.shops)


def _read(draft: EventDraft, around: EventCircumstances, decimals: int) -> Happening:
    declared = around.types.get(draft.type)
    if declared is None or (draft.type in BUILT_IN) is not (draft.source == OURS):
        raise EventInvalid(pointer="/type", problem=draft.type, expected=_open(around.types))
    if draft.shop_code and draft.shop_code not in around.shops:
        raise EventInvalid(pointer="/shop", problem=draft.shop_code, expected="the code of a shop of this programme")
    return Happening(draft.type, read_payload(declared, draft.payload, decimals=decimals), draft.shop_code)


def _check(draft: EventDraft, fingerprint: str, earlier: KnownEvent | None, types: Types) -> None:
    if earlier is not None and earlier.fingerprint != fingerprint:
        raise EventContradicted(source=draft.source, reference=draft.reference)
    if earlier is None and types[draft.type].retired:
        # What was reported while the type was in use may be repeated for ever.
        raise EventInvalid(pointer="/type", problem=f"{draft.type}, which is retired", expected=_open(types))


def _open(types: Types) -> str:
    own = sorted(key for key, declared in types.items() if key not in BUILT_IN and not declared.retired)
    return f"one of {', '.join(own)}" if own else "a type that the programme declared; it has none yet"


def _fingerprint(draft: EventDraft, happening: Happening) -> str:
    """Of the values, not of how they were written: 1.5 and "1.50" are one quantity."""
    return hashlib.sha256(_encode(msgspec.structs.replace(draft, payload=happening.payload))).hexdigest()


def _member_key(draft: EventDraft) -> MemberKey:
    return MemberKey(draft.customer_source, draft.customer)


def _known(programme_id: int, drafts: Sequence[EventDraft]) -> Question[dict[tuple[str, str], KnownEvent]]:
    return Question(
        ("orders_known_events(%s, %s, %s)",),
        (programme_id, [draft.source for draft in drafts], [draft.reference for draft in drafts]),
        lambda row: {(event.source, event.reference): event for event in _decode_known(row[0])},
    )


def _registering(
    programme_id: int, fresh: Sequence[tuple[RegisteredEvent, str]], shops: Mapping[str, FoundShop]
) -> list[Change]:
    """In order of identity, so that two batches with the same events wait for each other and never in a circle."""
    if not fresh:
        return []
    ordered = sorted(fresh, key=lambda entry: (entry[0].draft.source, entry[0].draft.reference))
    stored = [_stored(row, fingerprint, shops) for row, fingerprint in ordered]
    return [
        Change(
            "orders_register_events(%s, %s)",
            (programme_id, _encode(stored).decode()),
            overtaken_by=frozenset({"event_is_registered_once"}),
        )
    ]


def _stored(row: RegisteredEvent, fingerprint: str, shops: Mapping[str, FoundShop]) -> dict[str, Any]:
    draft = row.draft
    return {
        "id": row.id,
        "member_id": row.member.member_id if row.member else None,
        "shop_id": shops[draft.shop_code].id if draft.shop_code else None,
        "type": draft.type,
        "source": draft.source,
        "reference": draft.reference,
        "fingerprint": fingerprint,
        "customer": f"{draft.customer_source}:{draft.customer}" if draft.customer else "",
        "payload": row.happening.payload,
        "occurred_at": draft.occurred_at,
    }
