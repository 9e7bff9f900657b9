"""The desk's form of a campaign: rates in plain numbers."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.definitions import Definition, Fixed, Mode, PerMoney, Rule
from campaigns.errors import DefinitionInvalid
from kernel.amounts import format_minor
from shops.desk.forms import AmountField
from shops.models import Programme

MODES = [
    (Mode.BLOCK.value, _("Whole amounts only: the rest of a basket earns nothing")),
    (Mode.CONTINUOUS.value, _("Every part counts, the points are rounded down")),
]


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
        initial = {}
        if isinstance(effect, PerMoney | Fixed):
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
            if isinstance(rule.effect, PerMoney | Fixed)
        ]
        self._definition = definition

    def is_valid(self) -> bool:
        # Every rate is asked, so that every wrong field is told at once.
        return all([rate.is_valid() for rate in self.rates])  # noqa: C419

    def refuse(self, refusal: DefinitionInvalid) -> None:
        """Tell a refusal at the field that it points to: `/rules/0/effect/units` is the first rule's points."""
        _rules, position, *_above, name = str(refusal.facts["pointer"]).strip("/").split("/")
        wrong = self._definition.rules[int(position)].key
        rate = next(rate for rate in self.rates if rate.rule.key == wrong)
        if name in rate.fields:
            rate.add_error(name, _("That is too much: no order could be decided by it."))
        else:
            rate.add_error(None, _("What this rule asks about is retired. Nothing was saved."))

    @property
    def edited(self) -> Definition:
        """The definition as the valid form says."""
        edited = {rate.rule.key: rate.edited for rate in self.rates}
        rules = tuple(edited.get(rule.key, rule) for rule in self._definition.rules)
        return msgspec.structs.replace(self._definition, rules=rules)
