"""The desk's form of one rule: when it holds, what it gives, and up to which limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.admin.limit_forms import LimitRows, StepRows, plain
from campaigns.admin.rule_layout import RuleLayout
from campaigns.admin.rule_parts import (
    ATTRIBUTES,
    BASES,
    EMPTY,
    ENDS,
    MODES,
    OF_EFFECTS,
    OFF_BASES,
    ROUNDINGS,
    SCOPES,
    STEPS_BY,
    STRUCTS,
    base_of,
    kind_of,
    kinds_for,
    read_effect,
)
from campaigns.definitions import EVENT, ORDER, Count, Definition, Effect, Fixed, Mode, PerMoney, Rounding, Rule, Scope
from campaigns.definitions import Words as RuleWords
from campaigns.definitions.discounts import End, Tiered
from campaigns.definitions.effects import FACTOR_ONE, Multiplied
from campaigns.errors import DefinitionInvalid
from campaigns.sentences import rule_sentence
from campaigns.wording import Money
from conditions.errors import ConditionInvalid
from conditions.tree import parse
from conditions.vocabulary import LINE, FieldType, Vocabulary
from kernel.amounts import format_minor
from ledger.queries import Unit
from orders.events.types import DeclaredType, Types, in_use
from shops.desk.conditions import ConditionField
from shops.desk.forms import AmountField
from shops.models import Programme

EVERYTHING: dict[str, Any] = {"all": []}
CHOOSE = [("best", _("What gives most")), ("priority", _("What has priority"))]
SAID = {
    "percent": _("That is more than possible: at most 100 for money off."),
    "factor": _("Write a factor above 1, at most 100."),
    "of_rules": _("Choose rules that give the same points by money or pieces."),
    "of_money": _("Choose an amount of money that it tells."),
    "of_number": _("Choose a number that it tells."),
    "kind": _("An event has no goods: choose something else."),
    "instead_of": _("It can only stand in for a rule with limits, which stands in for no other."),
    "unit": _("Choose a unit of the programme."),
    "trigger": _("This kind of event is retired."),
}
PLACES = {"percent": 2, "factor": 3, "pieces": 3}


@dataclass(frozen=True, slots=True)
class Desk:
    """A rule on its desk: `rule` is None for a new one, which waits for `trigger`."""

    programme: Programme
    units: Mapping[str, Unit]
    types: Types
    definition: Definition
    trigger: str
    rule: Rule | None

    @property
    def about(self) -> DeclaredType | None:
        """The type of events that it waits for; None if it waits for orders."""
        key = self.trigger.removeprefix(EVENT)
        return None if self.trigger == ORDER else self.types.get(key, DeclaredType(key, key))

    @property
    def start(self) -> Rule:
        """The rule, or what a new one begins with."""
        if self.rule is not None:
            return self.rule
        taken = {rule.key for rule in self.definition.rules}
        key = next(key for number in range(1, len(taken) + 2) if (key := f"r{number}") not in taken)
        unit = next((rule.unit for rule in self.definition.rules), next(iter(self.units), "points"))
        one = 10 ** self.decimals(unit)
        money = 10**self.programme.currency_decimals
        effect: Effect = PerMoney(one, money) if self.about is None else Fixed(one)
        return Rule(key, effect, unit=unit, trigger=self.trigger)

    @property
    def words(self) -> Vocabulary:
        """What its condition may ask about: what is not retired, unless it asks for that already."""
        rule = self.start
        known = in_use(self.types)
        every = RuleWords(self.types, self.programme.pk)
        if rule.event and rule.event not in known:
            return every.of(rule)
        words = RuleWords(known, self.programme.pk).of(rule)
        try:
            parse(rule.when or EVERYTHING, words)
        except ConditionInvalid:
            return every.of(rule)
        return words

    def decimals(self, code: str) -> int:
        return self.units[code].decimals if code in self.units else 0

    def counted(self, unit: str) -> dict[Count, int]:
        """With how many decimals limits of a unit are written."""
        places, money = self.decimals(unit), self.programme.currency_decimals
        return {Count.UNITS: places, Count.BALANCE: places, Count.DISCOUNT: money, Count.ORDER_VALUE: money}

    def says(self, rule: Rule) -> str:
        money = Money(self.programme.currency, self.programme.currency_decimals, self.programme.pk)
        return rule_sentence(rule, money, self.types, decimals=self.decimals(rule.unit))


def _whole(label: Any, least: int, most: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=most, required=False)


def _typed(label: Any, choices: Any, kind: Any, **options: Any) -> forms.TypedChoiceField:
    initial = choices[0][0]
    return forms.TypedChoiceField(label=label, choices=choices, coerce=kind, required=False, initial=initial, **options)


class RuleForm(RuleLayout):
    """One rule. Only the fields of the chosen kind are read; what none of them speaks of stays."""

    key = forms.SlugField(label=_("Key"), max_length=40, help_text=_("Its name in decisions and in files."))
    kind = forms.ChoiceField(label=_("What does it give?"), widget=forms.RadioSelect)
    mode = _typed(_("What counts"), MODES, Mode, widget=forms.RadioSelect)
    base = forms.MultipleChoiceField(
        label=_("Counts, too"), choices=BASES, widget=forms.CheckboxSelectMultiple, required=False
    )
    rounding = _typed(_("Rounded"), ROUNDINGS, Rounding)
    scope = _typed(_("What is rounded"), SCOPES, Scope)
    count = _whole(_("Pieces"), 1, 1000)
    buy = _whole(_("Buy"), 0, 1000)
    get = _whole(_("Get"), 1, 1000)
    which = _typed(_("Which of them"), ENDS, End)
    times = _whole(_("Times an order, at most"), 1, 1000)
    by = _typed(_("Counted by"), STEPS_BY, str)
    off_base = _typed(_("Off"), OFF_BASES, str)
    lane = forms.IntegerField(
        label=_("Lane"),
        min_value=1,
        max_value=9,
        required=False,
        help_text=_("Of a lane the best offer wins; lanes add up, 1 first."),
    )
    group = forms.CharField(
        label=_("Group"),
        max_length=40,
        required=False,
        help_text=_("Of all rules with this word, in all campaigns, one gives something. Empty: it goes with all."),
    )
    choose = forms.ChoiceField(label=_("Of the group counts"), choices=CHOOSE)
    priority = forms.IntegerField(label=_("Priority"), min_value=0, max_value=1000, required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, desk: Desk) -> None:
        rule, self.desk = desk.start, desk
        steps = rule.effect.steps if isinstance(rule.effect, Tiered) else ()
        by = rule.effect.by if isinstance(rule.effect, Tiered) else "amount"
        super().__init__(data, initial=_initial(rule, desk))
        asked = data or {}
        unit = str(asked.get("unit") or rule.unit)
        money = desk.programme.currency_decimals
        self._add_amounts(desk.decimals(unit), money)
        self._add_choices(rule, desk)
        places = {"amount": money, "pieces": 0}.get(str(asked.get("by") or by), 0)
        self.limits = LimitRows(data, limits=rule.limits, decimals=desk.counted(unit))
        self.steps = StepRows(data, steps=steps, places=places, money=money)
        self.refused: list[Any] = []

    def _add_amounts(self, points: int, money: int) -> None:
        currency = self.desk.programme.currency
        for name, label, decimals in (
            ("units", _("Points"), points),
            ("per", _("for every (%s)") % currency, money),
            ("pieces", _("for every") if self.desk.about else _("for every (pieces)"), PLACES["pieces"]),
            ("percent", _("Per cent"), PLACES["percent"]),
            ("factor", _("Times"), PLACES["factor"]),
            ("amount", _("Amount off (%s)") % currency, money),
            ("most", _("At most (%s)") % currency, money),
        ):
            self.fields[name] = AmountField(label=label, decimals=decimals, required=False)
        self.fields["price"] = AmountField(
            label=_("cost together (%s)") % currency, decimals=money, or_zero=True, required=False
        )

    def _add_choices(self, rule: Rule, desk: Desk) -> None:
        about, now, money = desk.about, kind_of(rule.effect), desk.programme.currency_decimals
        self.fields["kind"].choices = kinds_for(about, now)  # type: ignore[attr-defined]  # a field of choices
        names = [(code, unit.name) for code, unit in desk.units.items()]
        self.fields["unit"] = forms.ChoiceField(label=_("Of the unit"), choices=names, required=False)
        standing = [one.key for one in desk.definition.rules if one.limits and not one.instead_of and one != rule]
        self.fields["instead_of"] = forms.ChoiceField(
            label=_("Only in place of"),
            choices=[("", _("no other rule")), *((key, key) for key in standing)],
            required=False,
            help_text=_("It gives something where a limit left that one nothing."),
        )
        others = [one for one in desk.definition.rules if isinstance(one.effect, Multiplied) and one.key != rule.key]
        self.fields["of_rules"] = forms.MultipleChoiceField(
            label=_("Of these rules only"),
            choices=[(one.key, f"{one.key}: {desk.says(one)}") for one in others],
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )
        self.fields["when"] = ConditionField(desk.words, money_decimals=money, label=_("Only if"))
        if desk.rule is not None:
            del self.fields["key"]
        if about is None:
            self.fields["lines"] = ConditionField(LINE, money_decimals=money, label=_("Only for lines on which"))
            self.fields["get_lines"] = ConditionField(
                LINE, money_decimals=money, label=_("What they get: lines on which")
            )
            return
        del self.fields["base"], self.fields["scope"]
        self._add_measures(about)

    def _add_measures(self, about: DeclaredType) -> None:
        numbers = {FieldType.NUMBER, FieldType.QUANTITY}
        for name, label, kinds in (
            ("of_money", _("The money"), {FieldType.MONEY}),
            ("of_number", _("The number"), numbers),
        ):
            found = [one for one in about.attributes if one.type in kinds and not one.retired]
            choices = [(one.key, one.label or one.key) for one in found]
            self.fields[name] = forms.ChoiceField(label=label, choices=choices, required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        kind = values.get("kind")
        used = set(ATTRIBUTES[STRUCTS[kind]].values()) if kind else set()
        for name in OF_EFFECTS - used:
            # Whatever stands in the fields of another kind, nobody reads it.
            self.errors.pop(name, None)
            values.pop(name, None)
        for name in sorted(used & set(self.fields)):
            if name not in EMPTY and name not in self.errors and values.get(name) in {None, ""}:
                self.add_error(name, _("This field is required."))
        if kind and not values.get("unit") and not self._takes_off(kind):
            self.add_error("unit", SAID["unit"])
        if values.get("factor") is not None and values["factor"] <= FACTOR_ONE:
            self.add_error("factor", SAID["factor"])
        return values

    def clean_base(self) -> Any:
        return base_of(self.cleaned_data["base"])

    def clean_of_rules(self) -> tuple[str, ...]:
        return tuple(self.cleaned_data["of_rules"])

    def clean_when(self) -> Any:
        return _tree(self.cleaned_data["when"])

    def clean_lines(self) -> Any:
        return _tree(self.cleaned_data["lines"])

    def clean_get_lines(self) -> Any:
        return _tree(self.cleaned_data["get_lines"])

    def clean_buy(self) -> int:
        return self.cleaned_data["buy"] or 0

    def clean_lane(self) -> int:
        return self.cleaned_data["lane"] or 1

    def clean_priority(self) -> int:
        return self.cleaned_data["priority"] or 0

    def is_valid(self) -> bool:
        # Every part is asked, so that every wrong field is told at once.
        parts = [super().is_valid(), self.limits.is_valid()]
        if self.cleaned_data.get("kind") == "tiered_off":
            parts.append(self.steps.is_valid())
        return all(parts) and self.limits.suit(is_discount=self._takes_off(self.cleaned_data["kind"]))

    def _takes_off(self, kind: str) -> bool:
        return "lane" in ATTRIBUTES[STRUCTS[kind]].values()

    @property
    def edited(self) -> Rule:
        """The rule as the valid form says."""
        values, rule = self.cleaned_data, self.desk.start
        steps = {"steps": self.steps.edited} if values["kind"] == "tiered_off" else {}
        return msgspec.structs.replace(
            rule,
            key=values.get("key", rule.key),
            effect=read_effect(values, rule.effect, **steps),
            unit=values["unit"] or rule.unit,
            when=values["when"],
            group=values["group"].strip(),
            choose=values["choose"],
            priority=values["priority"],
            limits=self.limits.edited,
            instead_of=values["instead_of"],
        )

    @property
    def edited_definition(self) -> Definition:
        """The whole definition with the rule in its place; a new one comes last."""
        rule, rules = self.edited, self.desk.definition.rules
        if self.desk.rule is None:
            return msgspec.structs.replace(self.desk.definition, rules=(*rules, rule))
        changed = tuple(rule if known.key == rule.key else known for known in rules)
        return msgspec.structs.replace(self.desk.definition, rules=changed)

    def refuse(self, refusal: DefinitionInvalid) -> None:
        """Tell a refusal at the field that it points to, or above the form."""
        first, *path = str(refusal.facts["pointer"]).strip("/").split("/")
        rules = self.edited_definition.rules
        if first != "rules" or rules[int(path[0])].key != self.edited.key:
            about = rules[int(path[0])].key if first == "rules" else _("The campaign")
            self.refused.append(_("That doesn't go with “%(rule)s”: change that first.") % {"rule": about})
            return
        self._refuse_at(path[1:], refusal)

    def _refuse_at(self, path: list[str], refusal: DefinitionInvalid) -> None:
        name, *rest = path
        if name == "limits":
            self.limits.refuse(rest)
            return
        if name == "effect":
            name, rest = rest[0], rest[1:]
            if name == "steps":
                self.steps.refuse(rest)
                return
            name = ATTRIBUTES[STRUCTS[self.cleaned_data["kind"]]].get(name, name)
        field = self.fields.get(name)
        if isinstance(field, ConditionField):
            pointer = "".join(f"/{part}" for part in rest)
            inside = ConditionInvalid(**{**refusal.facts, "pointer": pointer})
            self.add_error(name, field.blame(inside))
        elif field is not None:
            too_much = _("That is too much: no order could be decided by it.")
            taken = _("Another rule of the campaign has this key.")
            self.add_error(name, taken if name == "key" else SAID.get(name, too_much))
        else:
            self.refused.append(SAID.get(name, _("No order could be decided by this rule.")))


def _tree(tree: Any) -> Any:
    return None if tree == EVERYTHING else tree


def _initial(rule: Rule, desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = {
        "key": rule.key,
        "kind": kind_of(rule.effect),
        "unit": rule.unit,
        "when": rule.when,
        "group": rule.group,
        "choose": rule.choose,
        "priority": rule.priority,
        "instead_of": rule.instead_of,
        "lane": 1,
        "pieces": "1",
        "percent": "",
    }
    money = desk.programme.currency_decimals
    places = {"units": desk.decimals(rule.unit), "per": money, "amount": money, "most": money, "price": money}
    for name, field in ATTRIBUTES[type(rule.effect)].items():
        value = getattr(rule.effect, name)
        if field in PLACES:
            value = plain(value, PLACES[field])
        elif field in places and value is not None:
            value = format_minor(value, decimals=places[field])
        elif field == "base":
            value = [flag for flag, _label in BASES if getattr(value, flag)]
        found[field] = value
    return found
