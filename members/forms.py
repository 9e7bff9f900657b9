"""What is asked about a member, on their card and at the desk."""

from typing import Any

from django import forms
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from members.birthdays import is_a_day
from members.models import Member

UNTOLD = ("", _("Choose"))


class BirthdayForm(forms.Form):
    """A day of the year."""

    day = forms.TypedChoiceField(
        label=_("Day"), choices=[UNTOLD, *((day, str(day)) for day in range(1, 32))], coerce=int
    )
    month = forms.TypedChoiceField(label=_("Month"), choices=[UNTOLD, *MONTHS.items()], coerce=int)

    def __init__(self, told: Any = None, *, member: Member) -> None:
        super().__init__(told, initial={"day": member.birth_day, "month": member.birth_month})

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if "day" in values and "month" in values and not is_a_day(values["month"], values["day"]):
            self.add_error("day", _("This month has no such day."))
        return values
