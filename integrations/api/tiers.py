"""Where a member stands on the programme's ladders of tiers."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from integrations.api.base import ApiView, found
from integrations.api.documents.tiers import MemberTiersDocument, tiers_document
from integrations.api.members import member_of_number
from integrations.models import Scope
from members.models import Member
from members.tiers.progress import progress_of


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
        known = member_of_number(self.caller.programme, number)
        member = Member.objects.get(pk=known.member_id)
        return found(tiers_document(member.number, progress_of(member, at=now), at=now))
