"""Transfers between members: sent at once, or offered and then accepted, declined or withdrawn."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import django_filters
import msgspec
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from msgspec import Meta
from rest_framework.request import Request

from integrations.api import examples
from integrations.api.base import ApiView, encode, found
from integrations.api.bodies import Nothing, Reference, Source
from integrations.api.decoding import BodyReader
from integrations.api.documents.transfers import (
    TransferDocument,
    TransferPage,
    TransferQuoteDocument,
    quote_document,
    transfer_document,
)
from integrations.api.lists import NewestFirst, narrowed
from integrations.api.members import member_of_number
from integrations.api.payers import amount_of, payer_of, unit_of_code
from integrations.api.payment_bodies import Payer, Points, UnitCode
from integrations.api.schema import created_or_known, filters_of, idempotent
from integrations.models import Scope
from integrations.services.answers import Answer
from kernel.amounts import format_minor
from ledger import transfers as ledger
from ledger.errors import (
    InsufficientPoints,
    TransferAmountRefused,
    TransferFeeChanged,
    TransferLimitReached,
    TransferNotOffered,
)
from ledger.queries import Unit
from ledger.services import Sent
from ledger.transfers import Transfer
from members import transferring
from members.models import Member
from members.transferring import LONGEST_MESSAGE, Sending, members_of

SOURCE = "api"
Message = Annotated[str, Meta(max_length=LONGEST_MESSAGE, description="What the receiver reads.")]
Act = Callable[..., Sent]


class TransferBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    Who sends whom how much. `source` and `reference` make it happen once. With a `fee`, the transfer is refused if it
    costs something else.
    """

    source: Source
    reference: Reference
    sender: Payer = msgspec.field(name="from")
    receiver: Payer = msgspec.field(name="to")
    unit: UnitCode
    amount: Points
    message: Message = ""
    fee: Points | None = None


class TransferQuoteBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to quote: what a member may send of a unit, and with an `amount` what that costs and what arrives."""

    sender: Payer = msgspec.field(name="from")
    unit: UnitCode
    amount: Points | None = None


_reader, _quote_reader, _nothing = BodyReader(TransferBody), BodyReader(TransferQuoteBody), BodyReader(Nothing)


class TransferFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Transfers by the state that they are in now."""

    state = django_filters.ChoiceFilter(choices=Transfer.State.choices, method="by_state")

    class Meta:
        model = Transfer
        fields: list[str] = []

    def by_state(self, rows: QuerySet[Transfer], _name: str, state: str) -> QuerySet[Transfer]:
        """An offer whose time is over has lapsed, whether or not that is written down."""
        over = Q(state=Transfer.State.OFFERED, ends_at__lte=timezone.now())
        if state == Transfer.State.LAPSED:
            return rows.filter(Q(state=state) | over)
        return rows.filter(state=state).exclude(over)


class TransfersView(ApiView):
    """`/transfers`"""

    scopes = {"POST": Scope.POINTS_SPEND}
    refusals = frozenset({404})

    @extend_schema(
        operation_id="transfer_points",
        summary="Send points to another member",
        description=(
            "Gives points of one member to another, as the unit's terms allow. Where the receiver has to accept, the "
            "answer is an offer (`OFFERED`) that keeps the points until `open_until`. The points expire when they "
            "would have expired. The same `source` and `reference` again is the same transfer."
        ),
        request=TransferBody,
        responses=created_or_known(TransferDocument),
        parameters=idempotent(200, 201),
        examples=examples.TRANSFER,
        tags=["Transfers"],
    )
    def post(self, _request: Request) -> HttpResponse:
        body: TransferBody = self.read_body(_reader)
        return self.once("transfer", body, lambda: self._send(body))

    def _send(self, body: TransferBody) -> Answer:
        programme, now = self.caller.programme, self.now()
        unit = unit_of_code(programme, body.unit)
        amount = amount_of(body.amount, unit)
        fee = None if body.fee is None else amount_of(body.fee, unit, least=0)
        sender, receiver = (payer_of(programme, name) for name in (body.sender, body.receiver))
        both = Member.objects.select_related("programme").in_bulk([sender.member_id, receiver.member_id])
        with _amounts_in(unit):
            sent = transferring.send(
                sending=Sending(both[sender.member_id], both[receiver.member_id], unit, amount, body.message, fee),
                source=SOURCE,
                key=f"{body.source}:{body.reference}",
                at=now,
                actor=self.caller.actor,
            )
        document = transfer_document(sent.transfer, members_of([sent.transfer]), at=now)
        location = reverse("api:transfer", args=[sent.transfer.pk])
        return Answer(201 if sent.fresh else 200, encode(document), location)


class OneTransferView(ApiView):
    """What all about one transfer share, and `/transfers/{id}` itself."""

    scopes = {"GET": Scope.MEMBERS_READ}

    @extend_schema(
        operation_id="read_transfer",
        summary="Read a transfer",
        description="A transfer as it is now. An offer whose time is over reads as lapsed from the first second.",
        responses=TransferDocument,
        tags=["Transfers"],
    )
    def get(self, _request: Request, transfer_id: int) -> HttpResponse:
        return found(self.document(self.known(transfer_id)))

    def known(self, transfer_id: int) -> Transfer:
        row = ledger.transfers().filter(pk=transfer_id, programme=self.caller.programme).first()
        if row is None:
            raise Http404
        return row

    def document(self, row: Transfer) -> TransferDocument:
        return transfer_document(row, members_of([row]), at=self.now())


class AnsweringView(OneTransferView):
    """A view that ends an offer. The same end again is the same answer."""

    scopes = {"POST": Scope.POINTS_SPEND}
    http_method_names = ["post"]

    def end(self, operation: str, transfer_id: int, act: Act) -> HttpResponse:
        body: Nothing = self.read_body(_nothing)
        return self.once(f"{operation} {transfer_id}", body, lambda: self._end(transfer_id, act))

    def _end(self, transfer_id: int, act: Act) -> Answer:
        row = self.known(transfer_id)
        with _amounts_in(row.unit):
            ended = act(transfer=row, at=self.now(), actor=self.caller.actor)
        return Answer(200, encode(self.document(ended.transfer)))


class AcceptView(AnsweringView):
    """`/transfers/{id}/accept`"""

    @extend_schema(
        operation_id="accept_transfer",
        summary="Accept an offer",
        description="The receiver says yes: the points that the offer kept are theirs.",
        request=Nothing,
        responses=TransferDocument,
        parameters=idempotent(200, location=False),
        examples=examples.NO_BODY,
        tags=["Transfers"],
    )
    def post(self, _request: Request, transfer_id: int) -> HttpResponse:
        return self.end("accept", transfer_id, transferring.accept)


class DeclineView(AnsweringView):
    """`/transfers/{id}/decline`"""

    @extend_schema(
        operation_id="decline_transfer",
        summary="Decline an offer",
        description="The receiver says no: the points are the sender's again.",
        request=Nothing,
        responses=TransferDocument,
        parameters=idempotent(200, location=False),
        examples=examples.NO_BODY,
        tags=["Transfers"],
    )
    def post(self, _request: Request, transfer_id: int) -> HttpResponse:
        return self.end("decline", transfer_id, transferring.decline)


class WithdrawView(AnsweringView):
    """`/transfers/{id}/withdraw`"""

    @extend_schema(
        operation_id="withdraw_transfer",
        summary="Withdraw an offer",
        description="The sender takes the offer back, and the points with it.",
        request=Nothing,
        responses=TransferDocument,
        parameters=idempotent(200, location=False),
        examples=examples.NO_BODY,
        tags=["Transfers"],
    )
    def post(self, _request: Request, transfer_id: int) -> HttpResponse:
        return self.end("withdraw", transfer_id, transferring.withdraw)


class MemberTransfersView(ApiView):
    """`/members/{number}/transfers`"""

    scopes = {"GET": Scope.MEMBERS_READ}

    @extend_schema(
        operation_id="list_transfers",
        summary="List a member's transfers",
        description="What a member sent and was sent, newest first. What waits for an answer: `?state=OFFERED`.",
        parameters=filters_of(TransferFilter),
        responses=TransferPage,
        tags=["Transfers"],
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        member = member_of_number(self.caller.programme, number)
        pages = NewestFirst()
        rows = narrowed(TransferFilter, request, ledger.transfers_of(member.wallet_id))
        page: list[Any] = list(pages.paginate_queryset(rows, request) or [])
        members, now = members_of(page), self.now()
        documents = [transfer_document(row, members, at=now) for row in page]
        return found(TransferPage(pages.get_next_link(), pages.get_previous_link(), documents))


class TransferQuotesView(ApiView):
    """`/transfer-quotes`"""

    scopes = {"POST": Scope.POINTS_SPEND}
    refusals = frozenset({404})

    @extend_schema(
        operation_id="quote_transfer",
        summary="Quote a transfer",
        description=(
            "What a member may send of a unit now, what is left of the limits, and for an `amount` its fee and when "
            "what arrives expires. Nothing is kept."
        ),
        request=TransferQuoteBody,
        responses={200: OpenApiResponse(TransferQuoteDocument, "The quote.")},
        parameters=idempotent(200, location=False),
        examples=examples.TRANSFER_QUOTE,
        tags=["Transfers"],
    )
    def post(self, _request: Request) -> HttpResponse:
        body: TransferQuoteBody = self.read_body(_quote_reader)
        return self.once("transfer quote", body, lambda: self._quote(body))

    def _quote(self, body: TransferQuoteBody) -> Answer:
        programme, now = self.caller.programme, self.now()
        unit = unit_of_code(programme, body.unit)
        amount = None if body.amount is None else amount_of(body.amount, unit)
        sender = payer_of(programme, body.sender)
        rules = ledger.rules_of(unit)
        if rules is None:
            raise TransferNotOffered(unit=unit.code)
        allowance = ledger.allowance_of(sender.wallet_id, unit, rules, programme=programme, at=now)
        parts = []
        if amount is not None and amount + rules.fee(amount) <= allowance.spendable:
            fee = rules.fee(amount)
            parts = ledger.parts_to_send(sender.wallet_id, unit, amount=amount, fee=fee, at=now)
        return Answer(200, encode(quote_document(unit, rules, allowance, amount=amount, parts=parts)))


_AMOUNTS = frozenset(
    {"required", "spendable", "amount", "minimum", "maximum", "step", "told", "fee", "at_most", "used", "left", "asked"}
)


@contextmanager
def _amounts_in(unit: Unit) -> Iterator[None]:
    """Refusals say their amounts as the unit is written; transfers are counted as they are."""
    try:
        yield
    except (InsufficientPoints, TransferAmountRefused, TransferFeeChanged, TransferLimitReached) as refusal:
        if refusal.facts.get("limit") == "made_today":
            raise
        facts = {
            name: format_minor(value, decimals=unit.decimals) if name in _AMOUNTS and isinstance(value, int) else value
            for name, value in refusal.facts.items()
        }
        raise type(refusal)(**facts | {"unit": unit.code}) from refusal
