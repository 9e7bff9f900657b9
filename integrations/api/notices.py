"""Payment notices: what payment providers say, passed on as it comes."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from integrations.api import examples
from integrations.api.base import ApiView, encode
from integrations.api.decoding import BodyReader
from integrations.api.documents.purchases import NoticeDocument, notice_document
from integrations.api.purchase_bodies import NoticeBody
from integrations.api.purchases import TAGS, amounts_in, money_of
from integrations.api.schema import created_or_known, idempotent
from integrations.models import Scope
from integrations.services.answers import Answer
from ledger.errors import PaymentRefused, PurchaseUnknown
from ledger.purchases import Purchase, purchases
from ledger.services import Notice
from members import buying
from members.buying import Kind

_reader = BodyReader(NoticeBody)


class PaymentNoticesView(ApiView):
    """`/payment-notices`"""

    scopes = {"POST": Scope.POINTS_SELL}
    refusals = frozenset({404})

    @extend_schema(
        operation_id="tell_payment",
        summary="Pass on a payment notice",
        description=(
            "What a payment provider says about a payment: `authorised`, `captured`, `cancelled` or `refunded`. Pass "
            "on every one, in whatever order and however often they come: each counts once, one that says nothing new "
            "changes nothing, and one that can't be so is refused, changes nothing and stays on record at the desk. "
            "The same `provider` and `notice` again gets the first answer."
        ),
        request=NoticeBody,
        responses=created_or_known(NoticeDocument),
        parameters=idempotent(200, 201, location=False),
        examples=examples.NOTICE,
        tags=TAGS,
    )
    def post(self, _request: Request) -> HttpResponse:
        body: NoticeBody = self.read_body(_reader)
        notice, purchase = self._notice(body), self._purchase(body)
        try:
            return self.once("payment notice", body, lambda: self._tell(body, notice, purchase))
        except (PaymentRefused, PurchaseUnknown) as refusal:
            buying.keep(
                programme_id=self.caller.programme.pk,
                purchase_id=purchase.pk if purchase else None,
                notice=notice,
                refusal=refusal,
                at=self.now(),
            )
            raise

    def _tell(self, body: NoticeBody, notice: Notice, purchase: Purchase | None) -> Answer:
        if purchase is None:
            raise PurchaseUnknown(provider=body.provider, payment=body.payment)
        with amounts_in(purchase.unit):
            told = buying.tell(purchase=purchase, notice=notice, at=self.now())
        return Answer(201 if told.fresh else 200, encode(notice_document(notice, told)))

    def _purchase(self, body: NoticeBody) -> Purchase | None:
        known = purchases(self.caller.programme.pk)
        if body.purchase is not None:
            return known.filter(pk=body.purchase).first()
        return known.filter(provider=body.provider, payment=body.payment).first()

    def _notice(self, body: NoticeBody) -> Notice:
        return Notice(
            provider=body.provider,
            name=body.notice,
            kind=Kind(body.kind.upper()),
            actor=self.caller.actor,
            payment=body.payment,
            amount=money_of(body.amount, self.caller.programme),
            currency=body.currency,
            happened_at=body.happened_at,
        )
