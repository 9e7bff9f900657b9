"""What the desk asks about adjustments."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.amounts import format_minor, parse_minor
from kernel.periods import end_of_day
from ledger.adjustments import Adjustment, normal_expiry
from ledger.queries import Unit, units_in
from ledger.services import AdjustmentDraft, AdjustmentPart
from members import adjustment_file, queries
from members.adjustment_file import Reading
from members.models import Member
from shops.models import Programme

ADD, TAKE = "add", "take"
USUAL, DAY, NEVER = "usual", "day", "never"
MATCHES_SHOWN = 5
LARGEST_FILE = 1_000_000


class _Asking(forms.Form):
    """What every request says; `token` is its reference, so that a form sent twice asks once."""

    unit = forms.ModelChoiceField(label=gettext_lazy("What"), queryset=Unit.objects.none(), empty_label=None)
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        choices=lambda: [(code, capfirst(name)) for code, name in Adjustment.Reason.choices],
    )
    wording = forms.CharField(
        label=gettext_lazy("What the member reads"),
        max_length=200,
        help_text=gettext_lazy("In their history, behind “Adjusted by the shop:”."),
    )
    note = forms.CharField(
        label=gettext_lazy("Internal note"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For who approves: what happened, and where it is on record."),
    )
    token = forms.CharField(max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, programmes: Sequence[Programme], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._programmes = {programme.pk: programme for programme in programmes}
        self.fields["token"].initial = uuid4().hex
        units: Any = self.fields["unit"]
        units.queryset = units_in(list(self._programmes))
        units.label_from_instance = self._unit_name
        self.order_fields(self.field_order)

    @property
    def chosen_unit(self) -> Unit:
        unit: Unit = self.cleaned_data["unit"]
        return unit

    @property
    def programme(self) -> Programme:
        return self._programmes[self.chosen_unit.programme_id]

    def draft_of(self, parts: Sequence[AdjustmentPart]) -> AdjustmentDraft:
        values = self.cleaned_data
        return AdjustmentDraft(
            unit_id=self.chosen_unit.pk,
            reason=values["reason"],
            wording=values["wording"],
            note=values["note"],
            parts=parts,
        )

    def _unit_name(self, unit: Unit) -> str:
        if len(self._programmes) == 1:
            return unit.name
        return f"{unit.name} ({self._programmes[unit.programme_id].name})"


class AskForm(_Asking):
    """One member, one amount."""

    who = forms.CharField(
        label=gettext_lazy("Member"),
        max_length=120,
        help_text=gettext_lazy("Number, e-mail address, name or external id."),
    )
    direction = forms.ChoiceField(
        label=gettext_lazy("Add or take"),
        choices=[(ADD, gettext_lazy("Add")), (TAKE, gettext_lazy("Take"))],
        initial=ADD,
        widget=forms.RadioSelect,
    )
    amount = forms.CharField(
        label=gettext_lazy("Amount"), max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    expiry = forms.ChoiceField(
        label=gettext_lazy("What is added expires"),
        choices=[
            (USUAL, gettext_lazy("as usual")),
            (DAY, gettext_lazy("after a chosen last day")),
            (NEVER, gettext_lazy("never")),
        ],
        initial=USUAL,
        widget=forms.RadioSelect,
    )
    last_day = forms.DateField(
        label=gettext_lazy("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    field_order = ("who", "unit", "direction", "amount", "expiry", "last_day", "reason", "wording", "note")

    member: Member
    part: AdjustmentPart

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._at = at

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if "unit" in values:
            member = self._cleaned_member(values)
            amount = self._cleaned_amount(values)
            expires_at = self._cleaned_expiry(values, member) if amount > 0 else None
            if not self.errors:
                chosen = amount > 0 and values.get("expiry") != USUAL
                self.part = AdjustmentPart(self.member.wallet_id, amount, expires_at, has_own_end=chosen)
        return values

    def _cleaned_member(self, values: dict[str, Any]) -> Member | None:
        said = str(values.get("who", "")).strip()
        if not said:
            return None
        digits = said.replace(" ", "")
        found = list(
            queries.search([self.programme.pk], digits if digits.isdecimal() else said).order_by("pk")[
                : MATCHES_SHOWN + 1
            ]
        )
        if not found:
            self.add_error("who", _("Nobody in this programme is found by “%(said)s”.") % {"said": said})
        elif len(found) > 1:
            names = ", ".join(
                f"{member.name or _('without a name')} {member.number}" for member in found[:MATCHES_SHOWN]
            )
            more = ", …" if len(found) > MATCHES_SHOWN else ""
            self.add_error("who", _("Several are found: %(names)s. Type the number.") % {"names": names + more})
        else:
            self.member = found[0]
            return self.member
        return None

    def _cleaned_amount(self, values: dict[str, Any]) -> int:
        decimals = self.chosen_unit.decimals
        try:
            amount = parse_minor(str(values.get("amount", "")).strip(), decimals=decimals)
        except ValueError:
            amount = 0
        if amount <= 0 and "amount" in values:
            example = format_minor(250 * 10**decimals, decimals=decimals)
            self.add_error("amount", _("Expected a number above zero such as %(example)s.") % {"example": example})
        return -amount if values.get("direction") == TAKE else amount

    def _cleaned_expiry(self, values: dict[str, Any], member: Member | None) -> datetime | None:
        zone = self.programme.zone
        if values.get("expiry") == NEVER:
            return None
        if values.get("expiry") == USUAL:
            month = member.birth_month if member else None
            return normal_expiry(self.chosen_unit, at=self._at, zone=zone, birth_month=month)
        day: date | None = values.get("last_day")
        ends = end_of_day(day, zone) if day and day < date.max else None
        if ends is None or ends <= self._at:
            self.add_error("last_day", _("Choose a day that is not over."))
        return ends


class _FileInput(forms.FileInput):
    """The theme writes a chosen file's name into the first text field nearby: this brings one that nobody sees."""

    def render(self, *args: Any, **kwargs: Any) -> SafeString:
        return format_html('<span><span>{}</span><input type="text" hidden></span>', super().render(*args, **kwargs))


class FileForm(_Asking):
    """Many members, from a file: uploaded first, then sent along as its text."""

    upload = forms.FileField(
        label=gettext_lazy("CSV file"),
        required=False,
        widget=_FileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=gettext_lazy("At most 10,000 rows."),
    )
    rows = forms.CharField(required=False, strip=False, widget=forms.HiddenInput, max_length=LARGEST_FILE)
    field_order = ("upload", "unit", "reason", "wording", "note")

    reading: Reading

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._at = at

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("upload"):
            values["rows"] = self._text_of(values["upload"])
            # So that the next step of the page has it without the file.
            self.data = {**dict(self.data.items()), "rows": values["rows"]}
        if not values.get("rows"):
            if "upload" not in self.errors:
                self.add_error("upload", _("Choose a file."))
        elif not self.errors:
            self.reading = adjustment_file.read(
                values["rows"], programme=self.programme, unit=self.chosen_unit, at=self._at
            )
        return values

    def _text_of(self, upload: Any) -> str:
        if upload.size > LARGEST_FILE:
            self.add_error("upload", _("The file is larger than a megabyte."))
            return ""
        text = adjustment_file.decoded(upload.read())
        if text is None or "\0" in text:
            self.add_error("upload", _("The file is not a CSV file in UTF-8: save it again in that encoding."))
        return text or ""


class DecisionForm(forms.Form):
    """A decision on a request, by somebody whose password was asked for lately."""

    payload = forms.CharField(widget=forms.HiddenInput, max_length=64)
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Who asked reads it. Needed to reject."),
    )
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=gettext_lazy("Asked once in five minutes, so that nobody decides in your name."),
    )

    def __init__(self, *args: Any, is_confirmed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_confirmed:
            del self.fields["password"]

    @property
    def payload_sha256(self) -> bytes:
        """The digest of what was on the screen; empty if it is none."""
        try:
            return bytes.fromhex(self.cleaned_data["payload"])
        except ValueError:
            return b""


class LimitForm(forms.Form):
    """What one person may ask for within 24 hours."""

    limit = forms.CharField(
        label=gettext_lazy("Limit for one person within 24 hours"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text=gettext_lazy("Plus and minus added up. Empty: no limit; each request still takes two people."),
    )

    def __init__(self, *args: Any, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if unit.adjustment_limit is not None:
            self.fields["limit"].initial = format_minor(unit.adjustment_limit, decimals=unit.decimals)
        self._decimals = unit.decimals

    def clean_limit(self) -> int | None:
        said = self.cleaned_data["limit"].strip()
        if not said:
            return None
        try:
            limit = parse_minor(said, decimals=self._decimals)
        except ValueError:
            limit = -1
        if limit < 0:
            raise forms.ValidationError(_("Expected a number such as 1000, or nothing."))
        return limit
