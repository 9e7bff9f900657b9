"""Attributes are told, tags put and taken."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from events import outbox
from members.attributes.models import MemberAttribute, Tag
from members.errors import AttributeUnknown, AttributeValueInvalid, TagInvalid
from members.models import Member
from shops import attributes

MOST_TAGS = 50
_LONGEST_TAG = 40


@transaction.atomic
def set_attributes(*, member: Member, values: Mapping[str, Any], at: datetime) -> Member:
    """
    Note what is known about a member, by key; null forgets it. Other keys stay. The same again is a repeat.

    :raises AttributeUnknown: for a key that the programme did not declare
    :raises AttributeValueInvalid: for a value that is none of its type; nothing was written
    """
    types = dict(MemberAttribute.objects.filter(programme=member.programme_id).values_list("key", "type"))
    for key, value in values.items():
        _check(key, value, types)
    member = Member.objects.select_for_update(no_key=True, of=("self",)).get(pk=member.pk)
    told = {**member.attributes, **values}
    kept = {key: value for key, value in sorted(told.items()) if value is not None}
    if kept == member.attributes:
        return member
    member.attributes = kept
    member.save(update_fields=["attributes"])
    outbox.record([outbox.Fact(member.programme_id, "member.attributes_noted", {"member": member.number}, at)])
    return member


@transaction.atomic
def change_tags(*, member: Member, add: Collection[str] = (), remove: Collection[str] = (), at: datetime) -> list[str]:
    """
    Put tags on a member and take others off; return those the member has then. Repeating it changes nothing.

    :raises TagInvalid: for a tag that is empty or longer than 40 characters, or when there would be more than 50
    """
    wanted = {_tag(name) for name in add}
    Member.objects.select_for_update(no_key=True, of=("self",)).get(pk=member.pk)
    has = set(Tag.objects.filter(member=member).values_list("name", flat=True))
    left = (has - set(remove)) | wanted
    if len(left) > MOST_TAGS:
        raise TagInvalid(most=MOST_TAGS)
    Tag.objects.filter(member=member, name__in=has - left).delete()
    Tag.objects.bulk_create(Tag(member=member, name=name, since=at) for name in sorted(left - has))
    if left != has:
        outbox.record([outbox.Fact(member.programme_id, "member.tagged", _tagged(member, has, left), at)])
    return sorted(left)


def _tagged(member: Member, before: set[str], after: set[str]) -> dict[str, Any]:
    return {"member": member.number, "added": sorted(after - before), "removed": sorted(before - after)}


def _tag(name: str) -> str:
    tag = name.strip()
    if not 0 < len(tag) <= _LONGEST_TAG or "\0" in tag:
        raise TagInvalid(tag=name)
    return tag


def _check(key: str, value: Any, types: Mapping[str, str]) -> None:
    if key not in types:
        raise AttributeUnknown(key=key, known=sorted(types))
    if value is None:
        return
    try:
        attributes.read(types[key], value)
    except ValueError as error:
        raise AttributeValueInvalid(key=key, expected=str(error)) from error
