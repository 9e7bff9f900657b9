"""Households: members who fill one pool and spend it together."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from integrations.api import household_examples as examples
from integrations.api.base import ApiView, encode, found
from integrations.api.decoding import BodyReader
from integrations.api.documents.exchanges import AmountOfUnit
from integrations.api.documents.households import (
    ContributionDocument,
    HouseholdDocument,
    InvitationDocument,
    household_document,
    invitation_document,
)
from integrations.api.household_bodies import (
    ActorBody,
    ContributionBody,
    FoundBody,
    InviteBody,
    RemoveBody,
    RoleBody,
    ShareBody,
)
from integrations.api.members import member_of_number
from integrations.api.payers import amount_of, payer_of, spendable_unit
from integrations.api.schema import created_or_known, idempotent
from integrations.models import Scope
from integrations.services.answers import Answer
from kernel.amounts import format_minor
from ledger.errors import InsufficientPoints
from members.errors import HouseholdUnknown
from members.households import queries
from members.households import services as households
from members.households.models import Household, HouseholdMember
from members.models import Member

TAGS = ["Households"]
_found_reader, _invite_reader, _actor_reader = BodyReader(FoundBody), BodyReader(InviteBody), BodyReader(ActorBody)
_remove_reader, _role_reader, _share_reader = BodyReader(RemoveBody), BodyReader(RoleBody), BodyReader(ShareBody)
_contribution_reader = BodyReader(ContributionBody)
_IS_NOW = {200: OpenApiResponse(HouseholdDocument, "The household as it is now.")}


class HouseholdView(ApiView):
    """What all about households share."""

    scopes = {"GET": Scope.MEMBERS_READ, "POST": Scope.POINTS_SPEND}
    refusals = frozenset({404})

    def actor(self, body: Any) -> Member:
        return Member.objects.get(pk=payer_of(self.caller.programme, body.customer).member_id)

    def insider(self, body: Any, household_id: int) -> Member:
        """Who acts; in this household."""
        household, member = self.known(household_id), self.actor(body)
        place = queries.place_of(member)
        if place is None or place.household_id != household.pk:
            raise HouseholdUnknown(member=member.number)
        return member

    def known(self, household_id: int) -> Household:
        household = Household.objects.filter(pk=household_id, programme=self.caller.programme).first()
        if household is None:
            raise Http404
        return household

    def document(self, household_id: int) -> HouseholdDocument:
        now = self.now()
        return household_document(queries.overview_of(self.known(household_id), at=now), at=now)

    def changed(self, name: str, body: Any, household_id: int, act: Callable[[Member], object]) -> HttpResponse:
        """What somebody in a household does once, and the household after it."""

        def do() -> Answer:
            act(self.insider(body, household_id))
            return Answer(200, encode(self.document(household_id)))

        return self.once(f"{name} {household_id}", body, do)


class HouseholdsView(HouseholdView):
    """`/households`"""

    scopes = {"POST": Scope.POINTS_SPEND}

    @extend_schema(
        operation_id="found_household",
        summary="Form a household",
        description=(
            "Opens a household with an empty pool, led by the customer. Send an `Idempotency-Key`: without one a "
            "second request is refused, as nobody is in two households."
        ),
        request=FoundBody,
        responses={201: OpenApiResponse(HouseholdDocument, "The new household.")},
        parameters=idempotent(201),
        examples=examples.FOUND,
        tags=TAGS,
    )
    def post(self, _request: Request) -> HttpResponse:
        body: FoundBody = self.read_body(_found_reader)
        return self.once("found household", body, lambda: self._found(body))

    def _found(self, body: FoundBody) -> Answer:
        household = households.found(head=self.actor(body), name=body.name, at=self.now())
        location = reverse("api:household", args=[household.pk])
        return Answer(201, encode(self.document(household.pk)), location)


class OneHouseholdView(HouseholdView):
    """`/households/{id}`"""

    scopes = {"GET": Scope.MEMBERS_READ}

    @extend_schema(
        operation_id="read_household",
        summary="Read a household",
        description="Who is in it, what its pool has, and whose that is.",
        responses=HouseholdDocument,
        tags=TAGS,
    )
    def get(self, _request: Request, household_id: int) -> HttpResponse:
        return found(self.document(household_id))


class MembersHouseholdView(HouseholdView):
    """`/members/{number}/household`"""

    scopes = {"GET": Scope.MEMBERS_READ}

    @extend_schema(
        operation_id="read_household_of_member",
        summary="Read a member's household",
        description="The household that a member is in; 404 for a member who is in none.",
        responses=HouseholdDocument,
        tags=TAGS,
    )
    def get(self, _request: Request, number: str) -> HttpResponse:
        place = queries.place_of(Member.objects.get(pk=member_of_number(self.caller.programme, number).member_id))
        if place is None:
            raise Http404
        return found(self.document(place.household_id))


class InvitationsView(HouseholdView):
    """`/households/{id}/invitations`"""

    scopes = {"POST": Scope.POINTS_SPEND}

    @extend_schema(
        operation_id="invite_to_household",
        summary="Invite a member",
        description="Asks a member, by number, to join; open for 14 days. Asking again renews the invitation.",
        request=InviteBody,
        responses={201: OpenApiResponse(InvitationDocument, "The invitation.")},
        parameters=idempotent(201, location=False),
        examples=examples.INVITE,
        tags=TAGS,
    )
    def post(self, _request: Request, household_id: int) -> HttpResponse:
        body: InviteBody = self.read_body(_invite_reader)
        return self.once(f"invite {household_id}", body, lambda: self._invite(body, household_id))

    def _invite(self, body: InviteBody, household_id: int) -> Answer:
        head = self.insider(body, household_id)
        asked = households.invite(by=head, number=body.member, role=body.role.upper(), at=self.now())
        return Answer(201, encode(invitation_document(asked)))


class AnswerView(HouseholdView):
    """What is said to an invitation."""

    scopes = {"POST": Scope.POINTS_SPEND}

    def said(self, name: str, invitation_id: int, act: Callable[[Member], object]) -> HttpResponse:
        body: ActorBody = self.read_body(_actor_reader)

        def do() -> Answer:
            act(self.actor(body))
            row = HouseholdMember.objects.select_related("member").get(pk=invitation_id)
            return Answer(200, encode(invitation_document(row)))

        return self.once(f"{name} {invitation_id}", body, do)


_ANSWERED: dict[str, Any] = {
    "request": ActorBody,
    "responses": {200: OpenApiResponse(InvitationDocument, "The invitation as it is now.")},
    "parameters": idempotent(200, location=False),
    "examples": examples.ACTOR,
    "tags": TAGS,
}


class AcceptInvitationView(AnswerView):
    """`/household-invitations/{id}/accept`"""

    @extend_schema(
        operation_id="accept_household_invitation",
        summary="Accept an invitation",
        description="The invited member joins the household. Accepting again changes nothing.",
        **_ANSWERED,
    )
    def post(self, _request: Request, invitation_id: int) -> HttpResponse:
        return self.said(
            "accept",
            invitation_id,
            lambda member: households.accept(member=member, invitation_id=invitation_id, at=self.now()),
        )


class DeclineInvitationView(AnswerView):
    """`/household-invitations/{id}/decline`"""

    @extend_schema(
        operation_id="decline_household_invitation",
        summary="Decline an invitation",
        description="The invited member does not join. Declining again changes nothing.",
        **_ANSWERED,
    )
    def post(self, _request: Request, invitation_id: int) -> HttpResponse:
        return self.said(
            "decline",
            invitation_id,
            lambda member: households.decline(member=member, invitation_id=invitation_id, at=self.now()),
        )


class ContributionsView(HouseholdView):
    """`/households/{id}/contributions`"""

    scopes = {"POST": Scope.POINTS_SPEND}

    @extend_schema(
        operation_id="contribute_to_household",
        summary="Give to a household",
        description=(
            "Moves an amount of the customer's to the pool, soonest to expire first; it lives as long there and stays "
            "the customer's until it is spent. The same `source` and `reference` again gives nothing more."
        ),
        request=ContributionBody,
        responses=created_or_known(ContributionDocument),
        parameters=idempotent(200, 201, location=False),
        examples=examples.CONTRIBUTION,
        tags=TAGS,
    )
    def post(self, _request: Request, household_id: int) -> HttpResponse:
        body: ContributionBody = self.read_body(_contribution_reader)
        return self.once(f"contribute {household_id}", body, lambda: self._contribute(body, household_id))

    def _contribute(self, body: ContributionBody, household_id: int) -> Answer:
        unit = spendable_unit(self.caller.programme, body.unit)
        amount, member = amount_of(body.amount, unit), self.insider(body, household_id)
        try:
            moved = households.contribute(
                member=member,
                unit=unit,
                amount=amount,
                source="household",
                key=f"{body.source}:{body.reference}",
                at=self.now(),
                actor=self.caller.actor,
            )
        except InsufficientPoints as refusal:
            facts = {name: format_minor(int(str(fact)), decimals=unit.decimals) for name, fact in refusal.facts.items()}
            raise InsufficientPoints(**facts, unit=unit.code) from refusal
        given = AmountOfUnit(unit.code, format_minor(amount, decimals=unit.decimals))
        document = ContributionDocument(household_id, member.number, moved.posting_id, given)
        return Answer(201 if moved.fresh else 200, encode(document))


class LeaveView(HouseholdView):
    """`/households/{id}/leave`"""

    scopes = {"POST": Scope.POINTS_SPEND}

    @extend_schema(
        operation_id="leave_household",
        summary="Leave a household",
        description=(
            "What is left of what the customer gave is theirs alone again, with the same expiry; what open holds keep "
            "follows when they end. The head hands over first, or dissolves."
        ),
        request=ActorBody,
        responses=_IS_NOW,
        parameters=idempotent(200, location=False),
        examples=examples.ACTOR,
        tags=TAGS,
    )
    def post(self, _request: Request, household_id: int) -> HttpResponse:
        body: ActorBody = self.read_body(_actor_reader)
        return self.changed("leave", body, household_id, lambda member: households.leave(member=member, at=self.now()))


class RemoveView(HouseholdView):
    """`/households/{id}/remove`"""

    scopes = {"POST": Scope.POINTS_SPEND}

    @extend_schema(
        operation_id="remove_from_household",
        summary="Remove a member from a household",
        description="The head removes somebody, as if they had left.",
        request=RemoveBody,
        responses=_IS_NOW,
        parameters=idempotent(200, location=False),
        examples=examples.REMOVE,
        tags=TAGS,
    )
    def post(self, _request: Request, household_id: int) -> HttpResponse:
        body: RemoveBody = self.read_body(_remove_reader)
        return self.changed(
            "remove", body, household_id, lambda head: households.remove(by=head, number=body.member, at=self.now())
        )


class RoleView(HouseholdView):
    """`/households/{id}/role`"""

    scopes = {"POST": Scope.POINTS_SPEND}

    @extend_schema(
        operation_id="change_household_role",
        summary="Change a role",
        description="The head makes somebody an adult, a contributor, or the head.",
        request=RoleBody,
        responses=_IS_NOW,
        parameters=idempotent(200, location=False),
        examples=examples.ROLE,
        tags=TAGS,
    )
    def post(self, _request: Request, household_id: int) -> HttpResponse:
        body: RoleBody = self.read_body(_role_reader)
        return self.changed(
            "role",
            body,
            household_id,
            lambda head: households.change_role(by=head, number=body.member, role=body.role.upper(), at=self.now()),
        )


class ShareView(HouseholdView):
    """`/households/{id}/share`"""

    scopes = {"POST": Scope.POINTS_SPEND}

    @extend_schema(
        operation_id="set_household_share",
        summary="Set the automatic share",
        description="How much of what the customer newly earns goes to the pool by itself, once it is active.",
        request=ShareBody,
        responses=_IS_NOW,
        parameters=idempotent(200, location=False),
        examples=examples.SHARE,
        tags=TAGS,
    )
    def post(self, _request: Request, household_id: int) -> HttpResponse:
        body: ShareBody = self.read_body(_share_reader)
        return self.changed(
            "share", body, household_id, lambda member: households.set_share(member=member, percent=body.percent)
        )


class DissolveView(HouseholdView):
    """`/households/{id}/dissolve`"""

    scopes = {"POST": Scope.POINTS_SPEND}

    @extend_schema(
        operation_id="dissolve_household",
        summary="Dissolve a household",
        description="Everybody leaves, and what is left of what each gave is theirs alone again.",
        request=ActorBody,
        responses=_IS_NOW,
        parameters=idempotent(200, location=False),
        examples=examples.ACTOR,
        tags=TAGS,
    )
    def post(self, _request: Request, household_id: int) -> HttpResponse:
        body: ActorBody = self.read_body(_actor_reader)
        return self.changed("dissolve", body, household_id, lambda head: households.dissolve(by=head, at=self.now()))
