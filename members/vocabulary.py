"""What conditions may ask about a member."""

from typing import Any

from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from conditions.vocabulary import MEMBER, FieldType, looked_up
from members.models import Member

_TODAY = "(asked.at AT TIME ZONE asked.zone)::date"
_JOINED = "(member.joined_at AT TIME ZONE asked.zone)::date"
_TO_BIRTHDAY = f"members_days_to({_TODAY}, member.birth_month, member.birth_day)"
_SINCE_BIRTHDAY = f"members_days_since({_TODAY}, member.birth_month, member.birth_day)"
_YEARS = f"greatest(members_years({_JOINED}, {_TODAY}), 0)"
_JOINED_DAY = f"extract(month FROM {_JOINED})::integer, extract(day FROM {_JOINED})::integer"


def declare() -> None:
    """Give the condition language the words of a member; called while the app starts."""
    _of_who_they_are()
    _of_their_days()


def _of_who_they_are() -> None:
    _word("member.number", FieldType.TEXT, _("the member's number"), "member.number")
    statuses = tuple(Member.Status.choices)
    _word("member.status", FieldType.TEXT, _("the member's status"), "member.status", statuses)
    _word("member.has_email", FieldType.FLAG, _("the member has an e-mail address"), "member.email <> ''")
    _word(
        "member.identifiers",
        FieldType.TEXTS,
        _("the systems that know the member"),
        _listed("DISTINCT source", "members_identifier"),
    )
    _word("member.tags", FieldType.TEXTS, _("the member's tags"), _listed("name", "members_tag"))
    _word("member.segments", FieldType.TEXTS, _("the member's segments"), _SEGMENTS)


def _of_their_days() -> None:
    number, flag = FieldType.NUMBER, FieldType.FLAG
    _word("member.joined", FieldType.DATE, _("the day of joining"), f"to_char({_JOINED}, 'YYYY-MM-DD')")
    months = tuple((str(month), label) for month, label in MONTHS.items())
    _word("member.birth_month", FieldType.TEXT, _("the month of birth"), "member.birth_month::text", months)
    _moving("member.days", number, _("the days since joining"), f"greatest({_TODAY} - {_JOINED}, 0)")
    _moving("member.years", number, _("the years of membership"), _YEARS)
    anniversary = f"{_YEARS} > 0 AND members_days_to({_TODAY}, {_JOINED_DAY}) = 0"
    _moving("member.is_anniversary", flag, _("it is the anniversary of joining"), anniversary)
    _moving("member.is_birthday", flag, _("it is the member's birthday"), f"{_TO_BIRTHDAY} = 0")
    _moving("member.days_to_birthday", number, _("the days to the member's birthday"), _TO_BIRTHDAY)
    _moving("member.days_since_birthday", number, _("the days since the member's birthday"), _SINCE_BIRTHDAY)
    around = f"least({_TO_BIRTHDAY}, {_SINCE_BIRTHDAY})"
    _moving("member.days_around_birthday", number, _("the days between now and the member's birthday"), around)


def _moving(name: str, kind: FieldType, label: Any, sql: str) -> None:
    MEMBER.declare(looked_up(name, kind, label, sql, moves=True))


def _listed(what: str, table: str) -> str:
    rows = f"{what}::text FROM {table} WHERE member_id = member.id"
    return f"ARRAY(SELECT {rows} ORDER BY 1)"


def _word(name: str, kind: FieldType, label: Any, sql: str, choices: tuple[tuple[str, Any], ...] = ()) -> None:
    MEMBER.declare(looked_up(name, kind, label, sql, choices))


_SEGMENTS = (
    "ARRAY(SELECT segment.key::text FROM members_segmentmember belongs"
    " JOIN members_segment segment ON segment.id = belongs.segment_id WHERE belongs.member_id = member.id ORDER BY 1)"
)
