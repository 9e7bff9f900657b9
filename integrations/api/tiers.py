"""Where a member stands on the programme's ladders of tiers, and tiers that are tried or paid for."""

from typing import Annotated

import msgspec
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from msgspec import Meta
from rest_framework.request import Request

from integrations.api import tier_examples as examples
from integrations.api.base import ApiView, encode, found
from integrations.api.bodies import Instant, Reference, Source
from integrations.api.decoding import BodyReader
from integrations.api.documents.tiers import MemberTiersDocument, TierGrantDocument, grant_document, tiers_document
from integrations.api.members import member_of_number
from integrations.api.payers import payer_of
from integrations.api.payment_bodies import Payer
from integrations.api.schema import created_or_known, idempotent
from integrations.models import Scope
from integrations.services.answers import Answer
from members.models import Member
from members.tiers import services
from members.tiers.progress import progress_of
from members.tiers.queries import required_ladder
from members.tiers.services import Floor

Key = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]*$(?!\n)", examples=["club"])]


class ChallengeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who tries the tier of a ladder's challenge."""

    customer: Payer
    ladder: Key


class PaidTierBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    A tier that was paid for, until `until` (exclusive), or for good with null. `with_household` gives it to everybody
    who is in the customer's household now. `source` and `reference` make it happen once.
    """

    source: Source
    reference: Reference
    customer: Payer
    ladder: Key
    tier: Key
    until: Instant | None = None
    with_household: bool = False


_challenge_reader, _paid_reader = BodyReader(ChallengeBody), BodyReader(PaidTierBody)


class MemberTiersView(ApiView):
    """`/members/{number}/tiers`"""

    scopes = {"GET": Scope.MEMBERS_READ}

    @extend_schema(
        operation_id="read_tiers",
        summary="Read a member's tiers",
        description=(
            "The tier a member is in on each ladder, since when and until when, what is missing to the next one and "
            "what it takes to keep this one. A tier follows a purchase within seconds."
        ),
        responses=MemberTiersDocument,
        tags=["Members"],
    )
    def get(self, _request: Request, number: str) -> HttpResponse:
        now = self.now()
        member = Member.objects.get(pk=member_of_number(self.caller.programme, number).member_id)
        return found(tiers_document(member.number, progress_of(member, at=now), at=now))


class ChallengesView(ApiView):
    """`/tier-challenges`"""

    scopes = {"POST": Scope.MEMBERS_WRITE}
    refusals = frozenset({404})

    @extend_schema(
        operation_id="start_tier_challenge",
        summary="Let a member try a tier",
        description=(
            "The member has the tier of the ladder's challenge at once, and keeps it by meeting its target in time. "
            "Send an `Idempotency-Key`: without one a second request is refused, as nobody tries twice in a row."
        ),
        request=ChallengeBody,
        responses={201: OpenApiResponse(TierGrantDocument, "The tier on trial.")},
        parameters=idempotent(201, location=False),
        examples=examples.CHALLENGE,
        tags=["Members"],
    )
    def post(self, _request: Request) -> HttpResponse:
        body: ChallengeBody = self.read_body(_challenge_reader)
        return self.once("tier challenge", body, lambda: self._start(body))

    def _start(self, body: ChallengeBody) -> Answer:
        now, programme = self.now(), self.caller.programme
        member = Member.objects.get(pk=payer_of(programme, body.customer).member_id)
        ladder = required_ladder(programme.pk, body.ladder)
        grant = services.start_challenge(member=member, ladder=ladder, at=now)
        return Answer(201, encode(grant_document(grant, number=member.number, ladder=ladder.key)))


class PaidTiersView(ApiView):
    """`/paid-tiers`"""

    scopes = {"POST": Scope.MEMBERS_WRITE}
    refusals = frozenset({404})

    @extend_schema(
        operation_id="grant_paid_tier",
        summary="Give a tier that was paid for",
        description=(
            "The member has at least this tier while it is paid for. What they reach by themselves goes on beneath, "
            "and counts if it is higher. The same `source` and `reference` again is the same grant."
        ),
        request=PaidTierBody,
        responses=created_or_known(TierGrantDocument),
        parameters=idempotent(200, 201, location=False),
        examples=examples.PAID_TIER,
        tags=["Members"],
    )
    def post(self, _request: Request) -> HttpResponse:
        body: PaidTierBody = self.read_body(_paid_reader)
        return self.once("paid tier", body, lambda: self._give(body))

    def _give(self, body: PaidTierBody) -> Answer:
        now, programme = self.now(), self.caller.programme
        member = Member.objects.get(pk=payer_of(programme, body.customer).member_id)
        ladder = required_ladder(programme.pk, body.ladder)
        paid = services.grant_paid(
            member=member,
            floor=Floor(ladder, body.tier, body.until),
            reference=f"{body.source}:{body.reference}",
            at=now,
            with_household=body.with_household,
        )
        document = grant_document(paid.grant, number=member.number, ladder=ladder.key)
        return Answer(201 if paid.fresh else 200, encode(document))
