"""The desk's forms of a campaign: rates in plain numbers, and when they begin."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from campaigns.definitions import Definition, Mode, PerMoney, Rule
from campaigns.errors import DefinitionInvalid
from kernel.amounts import format_minor, parse_minor
from shops.models import Programme

MODES = [
    (Mode.BLOCK.value, _("Whole amounts only: the rest of a basket earns nothing")),
    (Mode.CONTINUOUS.value, _("Every part counts, the points are rounded down")),
]


class AmountField(forms.CharField):
    """A plain decimal number, read exactly as minor units; a comma is as good as a point."""

    def __init__(self, *, decimals: int, **options: Any) -> None:
        super().__init__(max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **options)
        self.decimals = decimals

    def clean(self, value: Any) -> Any:
        text = super().clean(value).strip().replace(",", ".")
        try:
            minor = parse_minor(text, decimals=self.decimals)
        except ValueError as error:
            example = "1" if self.decimals == 0 else f"1.{'0' * self.decimals}"
            raise ValidationError(
                _("Write a plain number with at most %(decimals)s decimals, such as %(example)s."),
                params={"decimals": self.decimals, "example": example},
            ) from error
        if minor <= 0:
            raise ValidationError(_("It has to be more than 0."))
        return minor


class RateForm(forms.Form):
    """What one rule gives; conditions and keys stay as they are."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        rule: Rule,
        programme: Programme,
        unit_decimals: int,
    ) -> None:
        effect = rule.effect
        initial = {"units": format_minor(effect.units, decimals=unit_decimals)}
        if isinstance(effect, PerMoney):
            initial |= {
                "per": format_minor(effect.per, decimals=programme.currency_decimals),
                "mode": effect.mode.value,
            }
        super().__init__(data, prefix=rule.key, initial=initial)
        self.rule = rule
        self.is_per_money = isinstance(effect, PerMoney)
        self.fields["units"] = AmountField(decimals=unit_decimals, label=_("Points"))
        if self.is_per_money:
            self.fields["per"] = AmountField(
                decimals=programme.currency_decimals, label=_("for every (%s)") % programme.currency
            )
            self.fields["mode"] = forms.ChoiceField(label=_("What counts"), choices=MODES, widget=forms.RadioSelect)

    @property
    def edited(self) -> Rule:
        """The rule as the valid form says."""
        values = self.cleaned_data
        effect: Any = self.rule.effect
        changed = {"units": values["units"]}
        if self.is_per_money:
            changed |= {"per": values["per"], "mode": Mode(values["mode"])}
        return msgspec.structs.replace(self.rule, effect=msgspec.structs.replace(effect, **changed))


class DraftForm:
    """The rates of all rules of a definition, and the draft that the page was drawn with."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        definition: Definition,
        programme: Programme,
        decimals: Mapping[str, int],
    ) -> None:
        self.rates = [
            RateForm(data, rule=rule, programme=programme, unit_decimals=decimals.get(rule.unit, 0))
            for rule in definition.rules
        ]

    def is_valid(self) -> bool:
        # Every rate is asked, so that every wrong field is told at once.
        return all([rate.is_valid() for rate in self.rates])  # noqa: C419

    def refuse(self, refusal: DefinitionInvalid) -> None:
        """Tell a refusal at the field that it points to: `/rules/0/effect/units` is the first rule's points."""
        _rules, position, _effect, name = str(refusal.facts["pointer"]).strip("/").split("/")
        self.rates[int(position)].add_error(name, _("That is too much: no order could be decided by it."))

    @property
    def edited(self) -> Definition:
        """The definition as the valid form says."""
        return Definition(rules=tuple(rate.edited for rate in self.rates))


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
