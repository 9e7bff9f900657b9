"""The day a member was born on, without the year: some points live until the end of that month."""

from calendar import monthrange
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.dates import MONTHS

from events import outbox
from members.errors import BirthdayInvalid, BirthdayJustTold
from members.models import Member

# A member who could change it each month would choose how long points live.
CHANGED_AT_MOST_EVERY = timedelta(days=365)
A_LEAP_YEAR = 2024


def is_a_day(month: int, day: int) -> bool:
    """Whether some year has this day."""
    return 1 <= month <= 12 and 1 <= day <= monthrange(A_LEAP_YEAR, month)[1]


def birthday_text(member: Member) -> str:
    """Day and month; empty while nobody told it."""
    return f"{member.birth_day} {MONTHS[member.birth_month]}" if member.birth_month else ""


@transaction.atomic
def tell_birthday(*, member: Member, month: int, day: int, at: datetime, by_the_shop: bool = False) -> Member:
    """
    Note a member's birthday; 29 February is a day. What was earned before keeps its end. The same again is a repeat.

    :raises BirthdayInvalid: if no year has such a day
    :raises BirthdayJustTold: if the member changes it within a year of telling it; the shop may always correct it
    """
    if not is_a_day(month, day):
        raise BirthdayInvalid(month=month, day=day)
    member = Member.objects.select_for_update(no_key=True, of=("self",)).get(pk=member.pk)
    if (member.birth_month, member.birth_day) == (month, day):
        return member
    told_at = member.birthday_told_at
    if told_at is not None and at < told_at + CHANGED_AT_MOST_EVERY and not by_the_shop:
        raise BirthdayJustTold(changeable_from=told_at + CHANGED_AT_MOST_EVERY)
    member.birth_month, member.birth_day, member.birthday_told_at = month, day, at
    member.save(update_fields=["birth_month", "birth_day", "birthday_told_at"])
    outbox.record([outbox.Fact(member.programme_id, "member.birthday_noted", {"member": member.number}, at)])
    return member
