"""Members and their wallets, without personal data."""

from datetime import timedelta

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from integrations.api import examples
from integrations.api.base import ApiView, encode, found
from integrations.api.bodies import BirthdayBody
from integrations.api.decoding import BodyReader
from integrations.api.documents.members import (
    BirthdayDocument,
    MemberPage,
    WalletDocument,
    birthday_document,
    member_document,
    wallet_document,
)
from integrations.api.lists import MemberFilter, NewestFirst, narrowed
from integrations.api.schema import filters_of, idempotent
from integrations.models import Scope
from integrations.services.answers import Answer
from ledger import queries as ledger
from members.birthdays import tell_birthday
from members.errors import MemberUnknown
from members.models import Member
from members.numbers import is_valid_number
from members.queries import FoundMember, MemberKey, find_many
from shops.models import Programme

_birthday_reader = BodyReader(BirthdayBody)
EXPIRING_WITHIN = timedelta(days=90)


class MembersView(ApiView):
    """`/members`"""

    scopes = {"GET": Scope.MEMBERS_READ}

    @extend_schema(
        operation_id="list_members",
        summary="Find members",
        description="Members of your programme, newest first. By your own number: `?source=webshop&external_id=694`.",
        parameters=filters_of(MemberFilter),
        responses=MemberPage,
        tags=["Members"],
    )
    def get(self, request: Request) -> HttpResponse:
        rows = Member.objects.filter(programme=self.caller.programme).prefetch_related("identifiers")
        pages = NewestFirst()
        page = pages.paginate_queryset(narrowed(MemberFilter, request, rows), request) or []
        documents = [member_document(member) for member in page]
        return found(MemberPage(pages.get_next_link(), pages.get_previous_link(), documents))


class BirthdayView(ApiView):
    """`/members/{number}/birthday`"""

    scopes = {"PUT": Scope.MEMBERS_WRITE}

    @extend_schema(
        operation_id="tell_birthday",
        summary="Tell a birthday",
        description=(
            "Day and month, as the member told you; nobody needs the year. Points whose policy ends with the month of "
            "birth live by it from now on; what was earned before keeps its end. The same day again changes nothing."
        ),
        request=BirthdayBody,
        responses=BirthdayDocument,
        parameters=idempotent(200, location=False),
        examples=examples.BIRTHDAY,
        tags=["Members"],
    )
    def put(self, _request: Request, number: str) -> HttpResponse:
        body: BirthdayBody = self.read_body(_birthday_reader)
        return self.once(f"birthday {number}", body, lambda: self._told(number, body))

    def _told(self, number: str, body: BirthdayBody) -> Answer:
        known = member_of_number(self.caller.programme, number)
        member = tell_birthday(
            member=Member.objects.get(pk=known.member_id),
            month=body.month,
            day=body.day,
            at=self.now(),
            by_the_shop=True,
        )
        return Answer(200, encode(birthday_document(member)))


class WalletView(ApiView):
    """`/members/{number}/wallet`"""

    scopes = {"GET": Scope.MEMBERS_READ}

    @extend_schema(
        operation_id="read_wallet",
        summary="Read a wallet",
        description="What a member can spend now, what is reserved, pending or owed, and what expires within 90 days.",
        responses=WalletDocument,
        tags=["Members"],
    )
    def get(self, _request: Request, number: str) -> HttpResponse:
        now = self.now()
        member = member_of_number(self.caller.programme, number)
        document = wallet_document(
            number=member.number,
            at=now,
            balances=ledger.balances_of(member.wallet_id, at=now),
            expiring=ledger.expiring(member.wallet_id, at=now, within=EXPIRING_WITHIN),
        )
        return found(document)


def member_of_number(programme: Programme, number: str) -> FoundMember:
    """:raises MemberUnknown: if no member of the programme has this number"""
    key = MemberKey("", number)
    member = find_many(programme_id=programme.pk, keys=[key]).get(key) if is_valid_number(number) else None
    if member is None:
        raise MemberUnknown(number=number)
    return member
