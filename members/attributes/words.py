"""A programme's own attributes of members as words of conditions."""

from conditions.vocabulary import MEMBER, Expression, Field, FieldType, looked_up
from members.attributes.models import MemberAttribute

PREFIX = "member.custom."
_READ = {FieldType.NUMBER: "(member.attributes->>%s)::bigint", FieldType.FLAG: "(member.attributes->>%s)::boolean"}
_AS_TEXT = "member.attributes->>%s"


def declare() -> None:
    """Give the condition language what programmes keep about members; called while the app starts."""
    MEMBER.declare_by_programme(PREFIX, _words)


def _words(programme_id: int) -> dict[str, Field]:
    words = map(_word, MemberAttribute.objects.filter(programme=programme_id))
    return {word.name: word for word in words}


def _word(attribute: MemberAttribute) -> Field:
    kind = FieldType(attribute.type)
    told = Expression(_READ.get(kind, _AS_TEXT), (attribute.key,))
    if attribute.default is not None:
        told = Expression(f"coalesce({told.text}, %s)", (attribute.key, attribute.default))
    return looked_up(f"{PREFIX}{attribute.key}", kind, attribute.label, told)
