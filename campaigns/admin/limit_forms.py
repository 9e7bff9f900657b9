"""Rows of the desk's forms of rules: limits, and the steps of a discount."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.definitions import Count, Limit, Per
from campaigns.definitions.discounts import Step
from kernel.amounts import format_minor
from shops.desk.forms import AmountField

COUNTS = [
    (Count.UNITS.value, _("points")),
    (Count.EXECUTIONS.value, _("times")),
    (Count.DISCOUNT.value, _("money taken off")),
    (Count.ORDER_VALUE.value, _("value of the orders")),
    (Count.BALANCE.value, _("points in the member's balance")),
]
WHOSE = [
    (Per.MEMBER.value, _("each member")),
    (Per.ALL.value, _("all members together")),
    (Per.SHOP.value, _("each shop")),
    (Per.ORDER.value, _("each order")),
]
PERIODS = [
    ("", _("for ever")),
    ("day", _("a day")),
    ("week", _("a week")),
    ("month", _("a month")),
    ("quarter", _("a quarter")),
    ("year", _("a year")),
]
OVER = [
    ("left", _("They get what is left")),
    ("reject", _("They get nothing")),
    ("pause", _("They get what is left, and the campaign stops")),
]
SAID_OF_LIMITS = {
    "most": _("That is too much."),
    "period": _("An order is no period: choose “for ever”."),
    "per": _("A balance is each member's, for ever."),
    "count": _("An order has a rule only once: limit points or money."),
}


class LimitRow(forms.Form):
    """One limit. A row without a number is none."""

    count = forms.ChoiceField(label=_("Of"), choices=COUNTS)
    per = forms.ChoiceField(label=_("For"), choices=WHOSE)
    period = forms.ChoiceField(label=_("Within"), choices=PERIODS, required=False)
    over = forms.ChoiceField(label=_("Who would go beyond"), choices=OVER)
    gives_back = forms.BooleanField(label=_("Returned goods make room again"), required=False)

    def __init__(
        self, data: Mapping[str, Any] | None, *, prefix: str, limit: Limit | None, decimals: Mapping[Count, int]
    ) -> None:
        known = limit or Limit(Count.UNITS, 0, per=Per.MEMBER)
        places = decimals.get(known.count, 0)
        initial = {
            "most": plain(known.most, places) if limit else "",
            "count": known.count.value,
            "per": known.per.value,
            "period": known.period,
            "over": known.over,
            "gives_back": known.gives_back,
        }
        super().__init__(data, prefix=prefix, initial=initial)
        counted = data.get(self.add_prefix("count")) if data is not None else known.count.value
        read_as = decimals.get(Count(counted), 0) if counted in {count.value for count in Count} else 0
        self.fields["most"] = AmountField(label=_("At most"), decimals=read_as, required=False)
        self.order_fields(["most", "count", "per", "period", "over", "gives_back"])
        self.is_spare = limit is None

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and not self.data.get(self.add_prefix("most"), "").strip():
            # A row that says no number is no limit, whatever else stands in it.
            self.errors.clear()

    @property
    def edited(self) -> Limit | None:
        values = self.cleaned_data
        if values.get("most") is None:
            return None
        return Limit(
            Count(values["count"]),
            values["most"],
            Per(values["per"]),
            values["period"],
            values["over"],
            values["gives_back"],
        )


class LimitRows:
    """All limits of a rule or of a campaign, and two rows more to fill."""

    def __init__(
        self, data: Mapping[str, Any] | None, *, limits: Sequence[Limit], decimals: Mapping[Count, int]
    ) -> None:
        shown = [*limits, None, None]
        while data is not None and f"limit-{len(shown)}-most" in data:
            shown.append(None)
        self.rows = [
            LimitRow(data, prefix=f"limit-{number}", limit=limit, decimals=decimals)
            for number, limit in enumerate(shown)
        ]

    def is_valid(self) -> bool:
        return all([row.is_valid() for row in self.rows])  # noqa: C419 - every wrong field is told at once

    def suit(self, *, is_discount: bool) -> bool:
        """Tell of limits that could never be reached: on points of what takes money off, or the other way round."""
        pointless = {Count.UNITS, Count.BALANCE} if is_discount else {Count.DISCOUNT}
        said = _("It takes money off and gives no points.") if is_discount else _("It takes no money off.")
        wrong = [row for row in self.rows if (limit := row.edited) and limit.count in pointless]
        for row in wrong:
            row.add_error("count", said)
        return not wrong

    def refuse(self, path: Sequence[str]) -> None:
        """Tell a refusal of the limit at `path` (its place among the limits, and what of it) at its field."""
        row = [row for row in self.rows if row.edited is not None][int(path[0])]
        if len(path) > 1:
            row.add_error(path[1], SAID_OF_LIMITS[path[1]])
        else:
            row.add_error("most", _("Another limit counts the same."))

    @property
    def edited(self) -> tuple[Limit, ...]:
        return tuple(limit for row in self.rows if (limit := row.edited) is not None)


class StepRow(forms.Form):
    """One step of a discount that grows. An empty row is none."""

    def __init__(
        self, data: Mapping[str, Any] | None, *, prefix: str, step: Step | None, places: int, money: int
    ) -> None:
        initial = {}
        if step is not None:
            initial = {
                "least": format_minor(step.least, decimals=places),
                "percent": plain(step.percent, 2) if step.percent else "",
                "amount": format_minor(step.amount, decimals=money) if step.amount else "",
            }
        super().__init__(data, prefix=prefix, initial=initial)
        self.fields["least"] = AmountField(label=_("From"), decimals=places, or_zero=True, required=False)
        self.fields["percent"] = AmountField(label=_("Per cent off"), decimals=2, required=False)
        self.fields["amount"] = AmountField(label=_("or an amount off"), decimals=money, required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        least, percent, amount = (values.get(name) for name in ("least", "percent", "amount"))
        if percent is not None and amount is not None:
            self.add_error("amount", _("Say a percentage or an amount, not both."))
        if least is None and (percent is not None or amount is not None) and "least" not in self.errors:
            self.add_error("least", _("Say from where on."))
        if least is not None and percent is None and amount is None and not self.errors:
            self.add_error("percent", _("Say how much is taken off."))
        return values

    @property
    def edited(self) -> Step | None:
        values = self.cleaned_data
        if values.get("least") is None:
            return None
        return Step(values["least"], values["percent"] or 0, values["amount"] or 0)


class StepRows:
    """The steps of a discount, and some rows more to fill."""

    def __init__(self, data: Mapping[str, Any] | None, *, steps: Sequence[Step], places: int, money: int) -> None:
        shown: list[Step | None] = [*steps, None]
        shown += [None] * max(0, 3 - len(shown))
        while data is not None and f"step-{len(shown)}-least" in data:
            shown.append(None)
        self.rows = [
            StepRow(data, prefix=f"step-{number}", step=step, places=places, money=money)
            for number, step in enumerate(shown)
        ]

    def is_valid(self) -> bool:
        return all([row.is_valid() for row in self.rows])  # noqa: C419 - every wrong field is told at once

    def refuse(self, path: Collection[str]) -> None:
        """Tell a refusal of the step at `path` at its field; without one, at the first row."""
        place, name = [*path, "0", "least"][:2] if path else ("0", "least")
        row = [row for row in self.rows if row.edited is not None or place == "0"][int(place)]
        said = _("Begin each step above the one before.") if name == "least" else _("That is more than possible.")
        row.add_error(name, said if path else _("Say at least one step."))

    @property
    def edited(self) -> tuple[Step, ...]:
        return tuple(step for row in self.rows if (step := row.edited) is not None)


def plain(minor: int, decimals: int) -> str:
    """A decimal number without the zeros that say nothing: 1500 with 3 decimals is "1.5"."""
    text = format_minor(minor, decimals=decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text
