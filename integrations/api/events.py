"""Events and their types."""

from collections.abc import Sequence

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from campaigns import services as campaigns
from campaigns.answers import AcceptedEvent
from integrations.api import event_examples as examples
from integrations.api.base import ApiView, encode, found
from integrations.api.decoding import BodyReader
from integrations.api.documents.events import (
    EventAnswer,
    EventResult,
    EventResults,
    EventTypes,
    event_answer,
    event_type_document,
    refused,
)
from integrations.api.event_bodies import EventBody, EventsBody, each_draft, event_draft
from integrations.api.refusals import Refusal, refusal_of
from integrations.api.schema import created_or_known, idempotent
from integrations.models import Scope
from integrations.services.answers import Answer
from kernel.errors import DomainError
from orders.events.builtin import BUILT_IN
from orders.events.facts import EventDraft
from orders.events.queries import types_of
from orders.events.types import Types
from roundtrips import Change

_reader = BodyReader(EventBody)
_batch_reader = BodyReader(EventsBody)


class EventsView(ApiView):
    """`/events`"""

    scopes = {"POST": Scope.EVENTS_WRITE}
    planned = frozenset({"POST"})

    @extend_schema(
        operation_id="send_event",
        summary="Send an event",
        description=(
            "Puts something that a customer did on record and answers what it earned and why, or which condition "
            "failed. The same event again gets the same answer with status 200; the same reference with another "
            "content is refused."
        ),
        request=EventBody,
        responses=created_or_known(EventAnswer),
        parameters=idempotent(200, 201, location=False),
        examples=examples.EVENT,
        tags=["Events"],
    )
    def post(self, _request: Request) -> HttpResponse:
        body: EventBody = self.read_body(_reader)
        caller = self.caller
        draft = event_draft(body)

        def plan() -> tuple[Answer, Sequence[Change]]:
            accepted, changes = campaigns.plan_event(programme=caller.programme, draft=draft, actor=caller.actor)
            # Asked behind the plan: types only grow, so the event's own is among them.
            types = types_of(caller.programme.pk)
            document = event_answer(accepted, types[accepted.type], draft.payload, caller.programme)
            return Answer(status=201 if accepted.fresh else 200, body=encode(document)), changes

        return self.once_by_plan("event", body, plan)


class EventBatchView(ApiView):
    """`/events/batch`"""

    scopes = {"POST": Scope.EVENTS_WRITE}
    planned = frozenset({"POST"})

    @extend_schema(
        operation_id="send_events",
        summary="Send many events",
        description=(
            "Up to 500 events in one request and one transaction. Each is answered by itself, in the sequence of the "
            "request: what is refused keeps nothing else from being accepted. The whole request again is safe."
        ),
        request=EventsBody,
        responses={200: OpenApiResponse(EventResults, "A result for each event.")},
        parameters=idempotent(200, location=False),
        examples=examples.EVENTS,
        tags=["Events"],
    )
    def post(self, _request: Request) -> HttpResponse:
        body: EventsBody = self.read_body(_batch_reader)
        caller = self.caller
        given = each_draft(body)
        drafts = [draft for draft in given if isinstance(draft, EventDraft)]

        def plan() -> tuple[Answer, Sequence[Change]]:
            answers, changes = campaigns.plan_events(programme=caller.programme, drafts=drafts, actor=caller.actor)
            types = types_of(caller.programme.pk)
            waiting = iter(answers)
            results = [
                refused(draft, index)
                if isinstance(draft, Refusal)
                else self._result(draft, next(waiting), types, index)
                for index, draft in enumerate(given)
            ]
            return Answer(status=200, body=encode(EventResults(results))), changes

        return self.once_by_plan("events", body, plan)

    def _result(self, draft: EventDraft, answer: AcceptedEvent | DomainError, types: Types, index: int) -> EventResult:
        if isinstance(answer, DomainError):
            return refused(refusal_of(answer, self.decimals), index)
        document = event_answer(answer, types[answer.type], draft.payload, self.caller.programme)
        return EventResult(201 if answer.fresh else 200, document, None)


class EventTypesView(ApiView):
    """`/event-types`"""

    scopes = {"GET": Scope.EVENTS_WRITE}

    @extend_schema(
        operation_id="list_event_types",
        summary="List types of events",
        description=(
            "What events your programme takes and what they may carry, and which occasions Laurel notices itself."
        ),
        responses=EventTypes,
        tags=["Events"],
    )
    def get(self, _request: Request) -> HttpResponse:
        types = types_of(self.caller.programme.pk)
        return found(
            EventTypes(
                [
                    event_type_document(declared, built_in=key in BUILT_IN, decimals=self.decimals)
                    for key, declared in sorted(types.items())
                ]
            )
        )
