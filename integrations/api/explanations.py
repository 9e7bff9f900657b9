"""Why the books say what they say, and what became of an operation whose answer was lost."""

import msgspec
from django.http import Http404, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from campaigns.queries import explanations
from integrations.api.base import ApiView, found, is_idempotency_key
from integrations.api.documents.members import ExplanationDocument, OperationDocument
from integrations.api.documents.values import utc
from integrations.models import Scope
from integrations.services import answers
from ledger.queries import postings


class ExplanationView(ApiView):
    """`/postings/{id}/explanation`"""

    scopes = {"GET": Scope.MEMBERS_READ}

    @extend_schema(
        operation_id="explain_posting",
        summary="Explain a posting",
        description="Why a posting exists, in one sentence from stored facts, in the language of `Accept-Language`.",
        responses=ExplanationDocument,
        tags=["Members"],
    )
    def get(self, _request: Request, posting_id: int) -> HttpResponse:
        programme = self.caller.programme
        if not postings([programme.pk]).filter(pk=posting_id).exists():
            raise Http404
        explanation = explanations([posting_id], programme=programme)[posting_id]
        document = ExplanationDocument(
            posting=posting_id,
            why=explanation.sentence,
            order=explanation.order_id,
            reference=explanation.order_reference or None,
            expires_at=utc(explanation.expires_at),
        )
        return found(document)


class OperationView(ApiView):
    """`/operations/{key}`"""

    @extend_schema(
        operation_id="read_operation",
        summary="Ask what became of an operation",
        description=(
            "When the connection broke before the answer came: what was answered under this Idempotency-Key of yours. "
            "404 means that nothing was done under it; sending the request again is safe either way."
        ),
        responses=OperationDocument,
        tags=["Operations"],
    )
    def get(self, _request: Request, key: str) -> HttpResponse:
        stored = answers.find(api_key_id=self.caller.key_id, key=key) if is_idempotency_key(key) else None
        if stored is None:
            raise Http404
        document = OperationDocument(
            key=stored.key,
            status=stored.status,
            location=stored.location or None,
            recorded_at=stored.recorded_at,
            body=msgspec.Raw(bytes(stored.body)),
        )
        return found(document)
