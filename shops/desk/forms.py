"""Parts of the desk's forms: amounts in plain numbers, and when a draft begins to count."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kernel.amounts import parse_minor


class AmountField(forms.CharField):
    """A plain decimal number, read exactly as minor units; a comma is as good as a point. 0 is one `or_zero`."""

    def __init__(self, *, decimals: int, or_zero: bool = False, **options: Any) -> None:
        super().__init__(max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **options)
        self.decimals, self.or_zero = decimals, or_zero

    def clean(self, value: Any) -> Any:
        text = super().clean(value).strip().replace(",", ".")
        if not text and not self.required:
            return None
        try:
            minor = parse_minor(text, decimals=self.decimals)
        except ValueError as error:
            example = "1" if self.decimals == 0 else f"1.{'0' * self.decimals}"
            raise ValidationError(
                _("Write a plain number with at most %(decimals)s decimals, such as %(example)s."),
                params={"decimals": self.decimals, "example": example},
            ) from error
        if minor == 0 and self.or_zero:
            return 0
        if minor <= 0:
            raise ValidationError(_("It has to be more than 0."))
        return minor


class PublishForm(forms.Form):
    """When the draft begins to count. Times are read in the active time zone."""

    NOW, LATER = "now", "later"

    when = forms.ChoiceField(
        label=_("When does it begin?"),
        choices=[(NOW, _("Now")), (LATER, _("At a time to come"))],
        initial=NOW,
        widget=forms.RadioSelect,
    )
    effective_from = forms.DateTimeField(
        label=_("It begins"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if (
            values.get("when") == self.LATER
            and not values.get("effective_from")
            and "effective_from" not in self.errors
        ):
            self.add_error("effective_from", _("Say when it begins."))
        return values

    @property
    def begins(self) -> datetime | None:
        """The chosen time; None is now."""
        values = self.cleaned_data
        begins: datetime | None = values["effective_from"] if values["when"] == self.LATER else None
        return begins


def draft_token(edited_at: datetime | None) -> str:
    """Names the state of the draft that a page shows; empty for none."""
    return edited_at.isoformat() if edited_at else ""


def seen_draft(token: str) -> datetime | None:
    """
    The `edited_at` of the draft that a page showed; None if it showed none.

    :raises ValidationError: if the token is not one of ours
    """
    if not token:
        return None
    try:
        return datetime.fromisoformat(token)
    except ValueError as error:
        raise ValidationError(_("The page is out of date: open it again.")) from error
