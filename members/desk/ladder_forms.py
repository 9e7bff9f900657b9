"""The desk's form of a ladder of tiers: its tiers, its window, and what happens at the end of a tier."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.amounts import format_minor
from ledger.errors import PolicyInvalid
from ledger.policies import month_and_day
from members.desk.household_forms import ProgrammeForm
from members.desk.tier_forms import MetricForm, MilestoneRow, TierRow
from members.tiers.definitions import (
    AllTime,
    CalendarMonth,
    CalendarYear,
    Challenge,
    Definition,
    Drop,
    FiscalYear,
    ForEver,
    Grace,
    Lasting,
    MembershipYear,
    Reserve,
    RestOfPeriod,
    Rolling,
    Rollover,
    Share,
    SinceEntry,
    Span,
    UntilDay,
    Validity,
    WhileMet,
    Window,
    check,
)
from members.tiers.errors import LadderInvalid
from members.tiers.metrics import Metric

WINDOWS = [
    ("calendar_year", _("A calendar year")),
    ("fiscal_year", _("A year from a day of your choice")),
    ("membership_year", _("A year from the day each member joined")),
    ("calendar_month", _("A calendar month")),
    ("rolling", _("The last months or days")),
    ("since_entry", _("Since the tier was reached or renewed")),
    ("all_time", _("All time")),
]
VALIDITIES = [
    ("rest_of_period", _("The rest of that period, and whole periods after it")),
    ("lasting", _("So long from the day it was reached")),
    ("until_day", _("Up to a day of a later year")),
    ("while_met", _("As long as enough counts")),
    ("for_ever", _("For ever")),
]
SPANS = [(Span.MONTHS.value, _("months")), (Span.DAYS.value, _("days"))]
DROPS = [
    (Drop.EARNED.value, _("The tier they earned")),
    (Drop.ONE.value, _("One tier lower")),
    (Drop.FORMER.value, _("The tier they had before")),
]
ROLLOVERS = [
    ("", _("It is lost")),
    ("share", _("It counts in the next period")),
    ("reserve", _("It is kept in reserve")),
]
# What a refusal of the definition points to, by field.
FIELDS = {
    "/window/begins": "begins",
    "/window/count": "window_count",
    "/validity/kind": "validity",
    "/validity/further": "further",
    "/validity/count": "validity_count",
    "/validity/day": "validity_day",
    "/validity/years": "validity_years",
    "/grace/count": "grace_count",
    "/drop": "drop",
    "/rollover": "rollover",
    "/rollover/kind": "rollover",
    "/rollover/percent": "percent",
    "/challenge": "challenge_tier",
    "/challenge/tier": "challenge_tier",
    "/challenge/days": "challenge_days",
    "/challenge/once_in_years": "challenge_years",
    "/challenge/target/at_least": "challenge_amount",
}
SAID = {
    "validity": _("That does not go with the time in which it is counted."),
    "drop": _("Where tiers are held as long as enough counts, falling by steps needs a grace period."),
    "rollover": _("Nothing is left over where the time that counts has no end."),
    "challenge_tier": _("Choose a tier above the first, in a ladder whose tiers last."),
}


def _number(label: Any, most: int, least: int = 1) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=most, required=False)


class RulesForm(MetricForm):
    """How members move."""

    window = forms.ChoiceField(label=_("In which time is it counted?"), choices=WINDOWS, widget=forms.RadioSelect)
    window_count = _number(_("The last"), 3660)
    window_span = forms.ChoiceField(label=_("Counted in"), choices=SPANS, required=False)
    begins = forms.CharField(
        label=_("It begins on"), max_length=5, required=False, help_text=_("Month and day, such as 04-01.")
    )
    validity = forms.ChoiceField(label=_("How long is a tier held?"), choices=VALIDITIES, widget=forms.RadioSelect)
    further = _number(_("Whole periods after it"), 24, 0)
    validity_count = _number(_("For"), 3660)
    validity_span = forms.ChoiceField(label=_("Counted in"), choices=SPANS, required=False)
    validity_month_end = forms.BooleanField(label=_("To the end of that month"), required=False)
    validity_day = forms.CharField(
        label=_("Up to and with"), max_length=5, required=False, help_text=_("Month and day, such as 02-29.")
    )
    validity_years = _number(_("Years after it was reached"), 20)
    has_grace = forms.BooleanField(label=_("Give some time to those who did not keep it"), required=False)
    grace_count = _number(_("Grace period"), 3660)
    grace_span = forms.ChoiceField(label=_("Counted in"), choices=SPANS, required=False)
    grace_month_end = forms.BooleanField(label=_("To the end of that month"), required=False)
    drop = forms.ChoiceField(label=_("Where do they fall to?"), choices=DROPS, widget=forms.RadioSelect)
    rollover = forms.ChoiceField(
        label=_("What happens to what was more than a tier takes?"),
        choices=ROLLOVERS,
        widget=forms.RadioSelect,
        required=False,
    )
    percent = _number(_("Per cent of it"), 100)
    has_challenge = forms.BooleanField(label=_("Let members try a tier"), required=False)
    challenge_days = _number(_("Days"), 366)
    challenge_years = _number(_("Once in so many years"), 50)

    def __init__(self, data: Any, *, definition: Definition, metrics: Mapping[str, Metric]) -> None:
        super().__init__(data, prefix="rules", initial=_initial(definition, metrics), metrics=metrics)
        tiers = [(tier.key, tier.name) for tier in definition.tiers]
        self.fields["challenge_tier"] = forms.ChoiceField(label=_("Tier on trial"), choices=tiers, required=False)
        self.add_amount("challenge", what=_("Kept by"), how_many=_("At least"))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for field, asked in (
            ("window_count", values.get("window") == "rolling"),
            ("begins", values.get("window") == "fiscal_year"),
            ("further", values.get("validity") == "rest_of_period"),
            ("validity_count", values.get("validity") == "lasting"),
            ("validity_day", values.get("validity") == "until_day"),
            ("validity_years", values.get("validity") == "until_day"),
            ("grace_count", values.get("has_grace")),
            ("percent", values.get("rollover") == "share"),
            ("challenge_days", values.get("has_challenge")),
            ("challenge_years", values.get("has_challenge")),
        ):
            if asked and field not in self.errors and values.get(field) in {None, ""}:
                self.add_error(field, _("Say it here."))
            if asked and field in {"begins", "validity_day"} and values.get(field):
                self._check_day(field, values[field])
        self.target = self.amount_of("challenge") if values.get("has_challenge") else None
        if values.get("has_challenge") and self.target is None and "challenge_amount" not in self.errors:
            self.add_error("challenge_amount", _("Say what is counted, and how much of it."))
        return values

    def _check_day(self, field: str, text: str) -> None:
        try:
            month_and_day(text)
        except PolicyInvalid:
            self.add_error(field, _("Write month and day, such as 12-31."))

    @property
    def edited_window(self) -> Window:
        values = self.cleaned_data
        plain: dict[str, Window] = {
            "calendar_year": CalendarYear(),
            "calendar_month": CalendarMonth(),
            "membership_year": MembershipYear(),
            "since_entry": SinceEntry(),
            "all_time": AllTime(),
        }
        if values["window"] == "rolling":
            return Rolling(values["window_count"], Span(values["window_span"] or Span.MONTHS))
        return FiscalYear(values["begins"]) if values["window"] == "fiscal_year" else plain[values["window"]]

    @property
    def edited_validity(self) -> Validity:
        values = self.cleaned_data
        match values["validity"]:
            case "rest_of_period":
                return RestOfPeriod(values["further"])
            case "lasting":
                span = Span(values["validity_span"] or Span.MONTHS)
                return Lasting(values["validity_count"], span, values["validity_month_end"])
            case "until_day":
                return UntilDay(values["validity_day"], values["validity_years"])
            case kind:
                return WhileMet() if kind == "while_met" else ForEver()

    @property
    def edited_grace(self) -> Grace | None:
        values = self.cleaned_data
        if not values["has_grace"]:
            return None
        return Grace(values["grace_count"], Span(values["grace_span"] or Span.MONTHS), values["grace_month_end"])

    @property
    def edited_rollover(self) -> Rollover | None:
        values = self.cleaned_data
        if values["rollover"] == "share":
            return Share(values["percent"])
        return Reserve() if values["rollover"] == "reserve" else None

    @property
    def edited_challenge(self) -> Challenge | None:
        values = self.cleaned_data
        if self.target is None:
            return None
        return Challenge(values["challenge_tier"], values["challenge_days"], self.target, values["challenge_years"])


class LadderForm:
    """All of a definition, and some rows more to fill."""

    def __init__(self, data: Any = None, *, definition: Definition, metrics: Mapping[str, Metric]) -> None:
        self.metrics = metrics
        self.rules = RulesForm(data, definition=definition, metrics=metrics)
        levels = [*definition.tiers, None]
        self.tiers = [TierRow(data, place=place, tier=tier, metrics=metrics) for place, tier in enumerate(levels, 1)]
        marks = [*definition.milestones, None]
        self.marks = [
            MilestoneRow(data, place=place, mark=mark, metrics=metrics) for place, mark in enumerate(marks, 1)
        ]
        self.refused: list[Any] = []

    def is_valid(self) -> bool:
        # Every part is asked, so that every wrong field is told at once.
        parts = [self.rules, *self.tiers, *self.marks]
        if not all([part.is_valid() for part in parts]):  # noqa: C419
            return False
        try:
            check(self.edited, metrics=self.metrics)
        except LadderInvalid as refusal:
            self.refuse(refusal)
            return False
        return True

    def refuse(self, refusal: LadderInvalid) -> None:
        """Tell a refusal at the field that it points to, or above the form."""
        pointer = str(refusal.facts["pointer"])
        field = FIELDS.get(pointer)
        if field is not None:
            self.rules.add_error(field, SAID.get(field, _("That is not possible here.")))
        elif pointer.startswith("/tiers") and pointer.endswith("/keep"):
            self.refused.append(_("A tier that can be kept can be reached, too: say what it takes."))
        elif pointer.startswith("/milestones"):
            self.refused.append(_("Count milestones over all time: the time in which tiers count has no beginning."))
        elif pointer == "/tiers":
            self.refused.append(_("A ladder has one to twelve tiers. Give the first one a name."))
        else:
            self.refused.append(_("Nobody could stand on this ladder; look at its tiers again."))

    @property
    def edited(self) -> Definition:
        """The definition as the valid form says; tiers in the order of their places."""
        rows = sorted((row for row in self.tiers if row.is_used), key=lambda row: row.cleaned_data.get("place") or 99)
        keys = [row.tier.key for row in rows if row.tier]
        levels = []
        for row in rows:
            levels.append(row.edited(keys))
            keys.append(levels[-1].key)
        marks_taken = [row.mark.key for row in self.marks if row.mark]
        marks = []
        for mark_row in self.marks:
            if mark_row.is_used:
                marks.append(mark_row.edited(marks_taken))
                marks_taken.append(marks[-1].key)
        rules = self.rules
        return Definition(
            tuple(levels),
            rules.edited_window,
            rules.edited_validity,
            rules.edited_grace,
            Drop(rules.cleaned_data["drop"]),
            rules.edited_rollover,
            tuple(marks),
            rules.edited_challenge,
        )


class NewLadderForm(ProgrammeForm):
    """A ladder to be, with a first tier for everybody; its page says the rest."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("As customers may read it, such as Club."))
    key = forms.SlugField(label=_("Key"), max_length=40, help_text=_("Its name in the API and in files, such as club."))
    first = forms.CharField(
        label=_("First tier"), max_length=40, help_text=_("Everybody begins there, such as Green or Member.")
    )


def _initial(definition: Definition, metrics: Mapping[str, Metric]) -> dict[str, Any]:
    window, validity, grace = definition.window, definition.validity, definition.grace
    found: dict[str, Any] = {
        "window": type(window).__struct_config__.tag,
        "validity": type(validity).__struct_config__.tag,
        "drop": definition.drop.value,
        "further": 1,
        "has_grace": grace is not None,
        "rollover": "",
    }
    if isinstance(window, Rolling):
        found |= {"window_count": window.count, "window_span": window.span.value}
    if isinstance(window, FiscalYear):
        found["begins"] = window.begins
    found |= _initial_validity(validity)
    if grace is not None:
        found |= {"grace_count": grace.count, "grace_span": grace.span.value, "grace_month_end": grace.to_month_end}
    if isinstance(definition.rollover, Share):
        found |= {"rollover": "share", "percent": definition.rollover.percent}
    elif isinstance(definition.rollover, Reserve):
        found["rollover"] = "reserve"
    return found | _initial_challenge(definition.challenge, metrics)


def _initial_validity(validity: Validity) -> dict[str, Any]:
    match validity:
        case RestOfPeriod(further):
            return {"further": further}
        case Lasting(count, span, to_month_end):
            return {"validity_count": count, "validity_span": span.value, "validity_month_end": to_month_end}
        case UntilDay(day, years):
            return {"validity_day": day, "validity_years": years}
        case _:
            return {}


def _initial_challenge(challenge: Challenge | None, metrics: Mapping[str, Metric]) -> dict[str, Any]:
    if challenge is None:
        return {"challenge_years": 1}
    quota = challenge.target
    decimals = metrics[quota.metric].decimals if quota.metric in metrics else 0
    return {
        "has_challenge": True,
        "challenge_tier": challenge.tier,
        "challenge_days": challenge.days,
        "challenge_years": challenge.once_in_years,
        "challenge_metric": quota.metric,
        "challenge_amount": format_minor(quota.at_least, decimals=decimals),
    }
