"""The desk's forms of a unit: its policy in plain words, and what a new one does to points that members have."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kernel.amounts import format_minor, parse_minor
from ledger.errors import PolicyInvalid
from ledger.models import Unit
from ledger.policies import (
    Activation,
    Activity,
    AfterDays,
    AtOnce,
    BirthMonth,
    Dates,
    Decay,
    Expiry,
    Inactivity,
    Never,
    OnDelivery,
    Policy,
    Rolling,
    RoundUp,
    Span,
    Sweep,
    check,
    month_and_day,
)
from ledger.sentences import month_name
from shops.desk.forms import AmountField, PublishForm
from shops.models import Programme

EXPIRIES = [
    ("rolling", _("So long after they were earned")),
    ("inactivity", _("So long after the last activity")),
    ("dates", _("On fixed days of the year")),
    ("sweep", _("All together on one day")),
    ("birth_month", _("At the end of the birth month, years later")),
    ("never", _("Never")),
]
SPANS = [(Span.DAYS.value, _("days")), (Span.MONTHS.value, _("months")), (Span.YEARS.value, _("years"))]
ROUNDINGS = [
    ("", _("to the day")),
    (RoundUp.MONTH.value, _("to the end of the month")),
    (RoundUp.QUARTER.value, _("to the end of the quarter")),
    (RoundUp.HALF_YEAR.value, _("to the end of the half-year")),
    (RoundUp.YEAR.value, _("to the end of the year")),
]
ACTIVITIES = [
    (Activity.EARN.value, _("Earning")),
    (Activity.SPEND.value, _("Spending")),
    (Activity.VISIT.value, _("Showing the card in a shop")),
    (Activity.BUY.value, _("Buying points or topping up with money")),
]
ACTIVATIONS = [
    ("at_once", _("At once")),
    ("after_days", _("Some days later, when goods can't come back any more")),
    ("on_delivery", _("When the order is reported as delivered")),
]
# What a refusal of the policy points to, by field.
FIELDS = {
    "/expiry/count": "count",
    "/expiry/round_up": "rounding",
    "/expiry/round_to_month": "rounding",
    "/expiry/activities": "activities",
    "/expiry/days": "days",
    "/expiry/at_least_days": "at_least_days",
    "/expiry/years": "years",
    "/activation/days": "wait_days",
    "/decay/after_weeks": "decay_after",
    "/decay/share_permille": "decay_share",
    "/decay/fixed": "decay_fixed",
    "/decay/rest_after_weeks": "decay_rest",
}


class UnitForm(forms.Form):
    """How a unit is called, and which lots pay first."""

    name = forms.CharField(
        label=_("Name"), max_length=40, help_text=_("As customers read it, such as Points or Stars.")
    )
    symbol = forms.CharField(
        label=_("Symbol"), max_length=8, required=False, help_text=_("Stands beside amounts, such as ★. May be empty.")
    )
    spend_order = forms.ChoiceField(label=_("What is spent first?"), choices=Unit.SpendOrder, widget=forms.RadioSelect)


class NewUnitForm(UnitForm):
    """A unit to be: what it counts can't be changed once there is anything of it."""

    code = forms.SlugField(
        label=_("Code"), max_length=20, help_text=_("Its name in the API and in files, such as points or credit.")
    )
    klass = forms.ChoiceField(label=_("What is it?"), choices=Unit.Klass, widget=forms.RadioSelect)
    decimals = forms.IntegerField(
        label=_("Decimals"), min_value=0, max_value=4, help_text=_("0 for whole points, 2 for credit in euro and cent.")
    )

    field_order = ("programme", "name", "code", "klass", "decimals", "symbol", "spend_order")

    def __init__(self, data: Mapping[str, Any] | None = None, *, programmes: Sequence[Programme]) -> None:
        super().__init__(data, initial={"klass": Unit.Klass.POINTS, "decimals": 0, "spend_order": "SOONEST"})
        self._programmes = {str(programme.pk): programme for programme in programmes}
        if len(programmes) > 1:
            choices = [(key, programme.name) for key, programme in self._programmes.items()]
            self.fields["programme"] = forms.ChoiceField(label=_("Programme"), choices=choices)
            self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        taken = Unit.objects.filter(programme=self.programme, code=values.get("code", ""))
        if "programme" not in self.errors and taken.exists():
            self.add_error("code", _("Another unit has this code."))
        return values

    @property
    def programme(self) -> Programme | None:
        """The chosen programme; the only one if there is no choice."""
        if "programme" in self.fields:
            return self._programmes.get(self.cleaned_data.get("programme", ""))
        return next(iter(self._programmes.values()))


class DaysField(forms.CharField):
    """Days of the year as `MM-DD`, separated by commas."""

    def clean(self, value: Any) -> Any:
        days = [part.strip() for part in super().clean(value).split(",") if part.strip()]
        for day in days:
            try:
                month_and_day(day)
            except PolicyInvalid as error:
                raise ValidationError(
                    _("“%(day)s” is not a day of the year; write month and day, such as 12-31."), params={"day": day}
                ) from error
        return tuple(days)


class PolicyForm(forms.Form):
    """How amounts of a unit come to life and end."""

    expiry = forms.ChoiceField(label=_("When do they expire?"), choices=EXPIRIES, widget=forms.RadioSelect)
    count = forms.IntegerField(label=_("After"), min_value=0, required=False)
    span = forms.ChoiceField(label=_("Counted in"), choices=SPANS, required=False)
    rounding = forms.ChoiceField(label=_("Rounded up"), required=False)
    activities = forms.MultipleChoiceField(
        label=_("What keeps them alive?"), choices=ACTIVITIES, widget=forms.CheckboxSelectMultiple, required=False
    )
    days = DaysField(
        label=_("Days of the year"), required=False, help_text=_("Month and day, such as 12-31. Several with commas.")
    )
    at_least_days = forms.IntegerField(
        label=_("At least so many days away"),
        min_value=0,
        required=False,
        help_text=_("Nobody earns in the evening what is gone in the morning."),
    )
    sweep_day = forms.DateField(
        label=_("The last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    years = forms.IntegerField(label=_("Calendar years later"), min_value=1, required=False)
    activation = forms.ChoiceField(label=_("When can they be spent?"), choices=ACTIVATIONS, widget=forms.RadioSelect)
    wait_days = forms.IntegerField(label=_("Days, at most"), min_value=1, required=False)
    last_day = forms.DateField(
        label=_("The programme's last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Nothing lives longer. Leave empty if no end is planned."),
    )
    decays = forms.BooleanField(label=_("Silent accounts lose a part every week"), required=False)
    decay_after = forms.IntegerField(label=_("After weeks without earning"), min_value=1, required=False)
    decay_share = forms.DecimalField(
        label=_("Percent of the balance, a week"), min_value=0, max_value=100, decimal_places=1, required=False
    )
    decay_rest = forms.IntegerField(label=_("All of it after weeks"), min_value=1, required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, unit: Unit, policy: Policy) -> None:
        super().__init__(data, initial=_initial(policy, unit.decimals))
        rounding: Any = self.fields["rounding"]
        rounding.choices = [*ROUNDINGS, *((str(month), _to_the_end_of(month)) for month in range(1, 13))]
        self.fields["decay_fixed"] = AmountField(decimals=unit.decimals, label=_("At least, a week"), required=False)
        self.unit = unit

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for name in _needed(values):
            if values.get(name) in (None, "", (), []) and name not in self.errors:
                self.add_error(name, _("This is needed."))
        if not self.errors:
            try:
                policy = _policy(values)
                check(policy)
                values["policy"] = policy
            except PolicyInvalid as refusal:
                self.refuse(refusal)
        return values

    def refuse(self, refusal: PolicyInvalid) -> None:
        """Tell a refusal at the field that it points to."""
        field = FIELDS.get(str(refusal.facts["pointer"]))
        said = _("Expected %(expected)s.") % {"expected": refusal.facts["expected"]}
        self.add_error(field, said)

    @property
    def edited(self) -> Policy:
        """The policy as the valid form says."""
        policy: Policy = self.cleaned_data["policy"]
        return policy


class PolicyPublishForm(PublishForm):
    """When the policy begins, and what it does to what members have."""

    KEEP, EXTEND = "keep", "extend"

    existing = forms.ChoiceField(
        label=_("What about points that members have by then?"),
        choices=[
            (KEEP, _("They keep the end they were earned with")),
            (EXTEND, _("They live as long as new ones would, if that is longer; never shorter")),
        ],
        initial=KEEP,
        widget=forms.RadioSelect,
    )


def _needed(values: Mapping[str, Any]) -> list[str]:
    needed = {
        "rolling": ["count"],
        "inactivity": ["count", "activities"],
        "dates": ["days"],
        "sweep": ["sweep_day"],
        "birth_month": ["years"],
    }.get(values.get("expiry", ""), [])
    if values.get("activation") in ("after_days", "on_delivery"):
        needed = [*needed, "wait_days"]
    return [*needed, "decay_after"] if values.get("decays") else needed


def _policy(values: Mapping[str, Any]) -> Policy:
    return Policy(
        expiry=_expiry(values),
        activation=_activation(values),
        last_day=values["last_day"],
        decay=_decay(values) if values["decays"] else None,
    )


def _expiry(values: Mapping[str, Any]) -> Expiry:
    rounding = values["rounding"]
    month = int(rounding) if rounding.isdecimal() else None
    round_up = RoundUp(rounding) if rounding and month is None else None
    span = Span(values["span"] or Span.DAYS)
    activities = tuple(Activity(activity) for activity in values["activities"])
    chosen: dict[str, Callable[[], Expiry]] = {
        "rolling": lambda: Rolling(values["count"], span, round_up, month),
        "inactivity": lambda: Inactivity(values["count"], span, round_up, month, activities),
        "dates": lambda: Dates(values["days"], values["at_least_days"] or 0),
        "sweep": lambda: Sweep(values["sweep_day"]),
        "birth_month": lambda: BirthMonth(values["years"]),
        "never": Never,
    }
    return chosen[values["expiry"]]()


def _activation(values: Mapping[str, Any]) -> Activation:
    match values["activation"]:
        case "after_days":
            return AfterDays(values["wait_days"])
        case "on_delivery":
            return OnDelivery(values["wait_days"])
        case _:
            return AtOnce()


def _decay(values: Mapping[str, Any]) -> Decay:
    return Decay(
        after_weeks=values["decay_after"],
        share_permille=parse_minor(str(values["decay_share"] or 0), decimals=1),
        fixed=values["decay_fixed"] or 0,
        rest_after_weeks=values["decay_rest"],
    )


def _initial(policy: Policy, decimals: int) -> dict[str, Any]:
    expiry, decay = policy.expiry, policy.decay
    initial: dict[str, Any] = {
        "expiry": msgspec.to_builtins(expiry)["kind"],
        "activation": msgspec.to_builtins(policy.activation)["kind"],
        "last_day": policy.last_day,
        "span": Span.MONTHS.value,
        "activities": [activity.value for activity in Activity],
        "decays": decay is not None,
    }
    match expiry:
        case Rolling() | Inactivity():
            rounding = expiry.round_up.value if expiry.round_up else str(expiry.round_to_month or "")
            initial |= {"count": expiry.count, "span": expiry.span.value, "rounding": rounding}
            if isinstance(expiry, Inactivity):
                initial["activities"] = [activity.value for activity in expiry.activities]
        case Dates(days, at_least_days):
            initial |= {"days": ", ".join(days), "at_least_days": at_least_days}
        case Sweep(day):
            initial["sweep_day"] = day
        case BirthMonth(years):
            initial["years"] = years
    match policy.activation:
        case AfterDays(wait) | OnDelivery(wait):
            initial["wait_days"] = wait
    if decay is not None:
        initial |= {
            "decay_after": decay.after_weeks,
            "decay_share": format_minor(decay.share_permille, decimals=1),
            "decay_fixed": format_minor(decay.fixed, decimals=decimals) if decay.fixed else "",
            "decay_rest": decay.rest_after_weeks,
        }
    return initial


def _to_the_end_of(month: int) -> str:
    return _("to the end of the next %(month)s") % {"month": month_name(month)}
