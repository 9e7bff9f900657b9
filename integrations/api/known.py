"""What a programme keeps about its members: attributes it declared, and tags."""

from typing import Annotated

import msgspec
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from msgspec import Meta
from rest_framework.request import Request

from integrations.api.base import ApiView, encode, found
from integrations.api.bodies import PRINTABLE
from integrations.api.decoding import BodyReader
from integrations.api.members import member_of_number
from integrations.api.schema import idempotent
from integrations.models import Scope
from integrations.services.answers import Answer
from members.attributes.services import change_tags, set_attributes
from members.models import Member, Tag

AttributeKey = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_]*$(?!\n)")]
Told = Annotated[str, Meta(max_length=200, pattern=PRINTABLE)] | int | bool | None
TagName = Annotated[str, Meta(min_length=1, max_length=40, pattern=PRINTABLE, examples=["vip"])]


class AttributesBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Values by the keys that your programme declared; null forgets one. Keys that are left out stay as they are."""

    attributes: Annotated[dict[AttributeKey, Told], Meta(min_length=1, max_length=100)]


class TagsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tags to put on the member and tags to take off; what is in both is put on."""

    add: Annotated[list[TagName], Meta(max_length=50)] = []
    remove: Annotated[list[TagName], Meta(max_length=50)] = []


class AttributesDocument(msgspec.Struct, frozen=True):
    """What is known about the member, by key."""

    member: str
    attributes: dict[str, str | int | bool]


class TagsDocument(msgspec.Struct, frozen=True):
    """The member's tags, in the order of the alphabet."""

    member: str
    tags: list[str]


_attributes_reader, _tags_reader = BodyReader(AttributesBody), BodyReader(TagsBody)
ATTRIBUTES = [OpenApiExample("A size", value={"attributes": {"shirt": "XL"}}, request_only=True)]
TAGS = [OpenApiExample("One on, one off", value={"add": ["vip"], "remove": ["newcomer"]}, request_only=True)]


class AttributesView(ApiView):
    """`/members/{number}/attributes`"""

    scopes = {"PUT": Scope.MEMBERS_WRITE}

    @extend_schema(
        operation_id="set_member_attributes",
        summary="Set attributes",
        description=(
            "What your programme keeps about its members and asks for in rules and segments, such as a size or a "
            "favourite shop. The programme declares the keys and their types; the same values again change nothing."
        ),
        request=AttributesBody,
        responses=AttributesDocument,
        parameters=idempotent(200, location=False),
        examples=ATTRIBUTES,
        tags=["Members"],
    )
    def put(self, _request: Request, number: str) -> HttpResponse:
        body: AttributesBody = self.read_body(_attributes_reader)
        return self.once(f"attributes {number}", body, lambda: self._set(number, body))

    def _set(self, number: str, body: AttributesBody) -> Answer:
        known = member_of_number(self.caller.programme, number)
        member = set_attributes(member=Member.objects.get(pk=known.member_id), values=body.attributes, at=self.now())
        return Answer(200, encode(AttributesDocument(member.number, member.attributes)))


class TagsView(ApiView):
    """`/members/{number}/tags`"""

    scopes = {"GET": Scope.MEMBERS_READ, "PUT": Scope.MEMBERS_WRITE}

    @extend_schema(
        operation_id="read_member_tags",
        summary="Read tags",
        description="The words that people and rules put on a member.",
        responses=TagsDocument,
        tags=["Members"],
    )
    def get(self, _request: Request, number: str) -> HttpResponse:
        known = member_of_number(self.caller.programme, number)
        tags = Tag.objects.filter(member=known.member_id).order_by("name").values_list("name", flat=True)
        return found(TagsDocument(known.number, list(tags)))

    @extend_schema(
        operation_id="change_member_tags",
        summary="Change tags",
        description="Put tags on a member and take others off. The same again changes nothing.",
        request=TagsBody,
        responses=TagsDocument,
        parameters=idempotent(200, location=False),
        examples=TAGS,
        tags=["Members"],
    )
    def put(self, _request: Request, number: str) -> HttpResponse:
        body: TagsBody = self.read_body(_tags_reader)
        return self.once(f"tags {number}", body, lambda: self._change(number, body))

    def _change(self, number: str, body: TagsBody) -> Answer:
        known = member_of_number(self.caller.programme, number)
        member = Member.objects.get(pk=known.member_id)
        tags = change_tags(member=member, add=body.add, remove=body.remove, at=self.now())
        return Answer(200, encode(TagsDocument(member.number, tags)))
