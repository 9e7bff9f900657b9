"""Parts of the desk's form of a ladder: tiers, and milestones beside them, in plain numbers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from kernel.amounts import format_minor, parse_minor
from members.tiers.definitions import KEY_LENGTH, MOST_QUOTAS, Milestone, Quota, Requirement, Tier
from members.tiers.metrics import Metric

ANY, ALL = "any", "all"
ROLES = [(ANY, _("is enough")), (ALL, _("is needed in any case"))]
REQUIREMENTS = (
    ("entry", _("To reach it"), _("Empty: in the first tier is everybody, a higher one is only given or paid for.")),
    ("keep", _("To keep it"), _("Empty: it takes as much as reaching it.")),
    ("lifetime", _("For life"), _("Counted over all time. Empty: nobody has it for life.")),
)


@dataclass(frozen=True, slots=True)
class Slot:
    """One quota of a requirement, as fields. The first alone is needed anyway, whatever its role."""

    metric: BoundField
    amount: BoundField
    role: BoundField
    has_role: bool
    is_spare: bool


@dataclass(frozen=True, slots=True)
class Slots:
    """A requirement as fields."""

    name: str
    label: Any
    hint: Any
    slots: tuple[Slot, ...]
    is_said: bool
    is_open: bool


class MetricForm(forms.Form):
    """A form with amounts of metrics."""

    def __init__(self, data: Any, *, prefix: str, initial: dict[str, Any], metrics: Mapping[str, Metric]) -> None:
        super().__init__(data, prefix=prefix, initial=initial)
        self.metrics = metrics

    def add_amount(self, name: str, *, what: Any, how_many: Any) -> None:
        """A metric and an amount of it, which may be left empty."""
        choices = [("", _("nothing")), *((metric.name, metric.label) for metric in self.metrics.values())]
        self.fields[f"{name}_metric"] = forms.ChoiceField(label=what, choices=choices, required=False)
        self.fields[f"{name}_amount"] = forms.CharField(
            label=how_many, max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"})
        )

    def amount_of(self, name: str) -> Quota | None:
        """What the fields say; an error is left at the one that is wrong."""
        metric, text = self.cleaned_data.get(f"{name}_metric", ""), self.cleaned_data.get(f"{name}_amount", "").strip()
        if not metric and not text:
            return None
        if not metric or not text:
            missing = f"{name}_amount" if metric else f"{name}_metric"
            self.add_error(missing, _("Say both, what is counted and how much of it."))
            return None
        try:
            amount = parse_minor(text.replace(",", "."), decimals=self.metrics[metric].decimals)
        except ValueError:
            amount = 0
        if amount <= 0:
            said = _("Write a plain number above 0, with at most %(decimals)s decimals.")
            error = ValidationError(said, params={"decimals": self.metrics[metric].decimals})
            self.add_error(f"{name}_amount", error)
            return None
        return Quota(metric, amount)


class TierRow(MetricForm):
    """One tier. A row without a name is none."""

    name = forms.CharField(label=_("Name"), max_length=KEY_LENGTH, required=False)
    place = forms.IntegerField(label=_("Place, 1 is the lowest"), min_value=1, max_value=99, required=False)

    def __init__(self, data: Any, *, place: int, tier: Tier | None, metrics: Mapping[str, Metric]) -> None:
        initial: dict[str, Any] = {"name": tier.name if tier else "", "place": place}
        counts, said = {}, {}
        for name, _label, _hint in REQUIREMENTS:
            requirement: Requirement | None = getattr(tier, name) if tier else None
            roles = [(ALL, quota) for quota in requirement.all_of] if requirement else []
            roles += [(ANY, quota) for quota in requirement.any_of] if requirement else []
            counts[name], said[name] = min(MOST_QUOTAS, len(roles) + 1), len(roles)
            for number, (role, quota) in enumerate(roles):
                decimals = metrics[quota.metric].decimals if quota.metric in metrics else 0
                initial |= {
                    f"{name}_{number}_metric": quota.metric,
                    f"{name}_{number}_amount": format_minor(quota.at_least, decimals=decimals),
                    f"{name}_{number}_role": role,
                }
        super().__init__(data, prefix=f"tier-{place}", initial=initial, metrics=metrics)
        self.tier, self.counts, self.said = tier, counts, said
        for name, _label, _hint in REQUIREMENTS:
            for number in range(counts[name]):
                self.add_amount(f"{name}_{number}", what=_("Counted"), how_many=_("At least"))
                self.fields[f"{name}_{number}_role"] = forms.ChoiceField(
                    label=_("It"), choices=ROLES, required=False, initial=ANY
                )

    @property
    def requirements(self) -> Iterator[Slots]:
        for name, label, hint in REQUIREMENTS:
            said = self.said[name]
            slots = tuple(
                Slot(
                    self[f"{name}_{number}_metric"],
                    self[f"{name}_{number}_amount"],
                    self[f"{name}_{number}_role"],
                    has_role=said > 1 or number > 0,
                    is_spare=number >= said,
                )
                for number in range(self.counts[name])
            )
            is_wrong = any(field.startswith(name) for field in self.errors)
            is_open = said > 0 or is_wrong or (name == "entry" and self.tier is None)
            yield Slots(name, label, hint, slots, is_said=said > 0, is_open=is_open)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        self.read = {name: self._requirement(name) for name, _label, _hint in REQUIREMENTS}
        if not values.get("name", "").strip() and any(self.read.values()):
            self.add_error("name", _("Give the tier a name, or empty the whole row."))
        return values

    def _requirement(self, name: str) -> Requirement | None:
        quotas: dict[str, list[Quota]] = {ANY: [], ALL: []}
        for number in range(self.counts[name]):
            quota = self.amount_of(f"{name}_{number}")
            if quota is not None:
                quotas[self.cleaned_data.get(f"{name}_{number}_role") or ANY].append(quota)
        found = Requirement(tuple(quotas[ANY]), tuple(quotas[ALL]))
        return found if found.quotas else None

    @property
    def is_used(self) -> bool:
        return bool(self.cleaned_data.get("name", "").strip())

    def edited(self, taken: Sequence[str]) -> Tier:
        """The tier as the valid row says. Its key stays, a new one gets one of its own."""
        name = self.cleaned_data["name"].strip()
        key = self.tier.key if self.tier else _own_key(name, taken)
        return Tier(key, name, self.read["entry"], self.read["keep"], self.read["lifetime"])


class MilestoneRow(MetricForm):
    """One milestone. A row without a name is none."""

    name = forms.CharField(label=_("Name"), max_length=KEY_LENGTH, required=False)
    repeats = forms.BooleanField(label=_("At every so many, not only once"), required=False)
    over_all_time = forms.BooleanField(label=_("Counted over all time"), required=False)

    def __init__(self, data: Any, *, place: int, mark: Milestone | None, metrics: Mapping[str, Metric]) -> None:
        initial: dict[str, Any] = {}
        if mark is not None:
            decimals = metrics[mark.metric].decimals if mark.metric in metrics else 0
            initial = {
                "name": mark.name,
                "at_metric": mark.metric,
                "at_amount": format_minor(mark.at, decimals=decimals),
                "repeats": mark.repeats,
                "over_all_time": mark.over_all_time,
            }
        super().__init__(data, prefix=f"mark-{place}", initial=initial, metrics=metrics)
        self.mark = mark
        self.add_amount("at", what=_("Counted"), how_many=_("At"))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        self.quota = self.amount_of("at")
        if values.get("name", "").strip() and self.quota is None and not self.errors:
            self.add_error("at_amount", _("Say what is counted, and how much of it."))
        if self.quota is not None and not values.get("name", "").strip():
            self.add_error("name", _("Give the milestone a name, or empty the whole row."))
        return values

    @property
    def is_used(self) -> bool:
        return bool(self.cleaned_data.get("name", "").strip()) and self.quota is not None

    def edited(self, taken: Sequence[str]) -> Milestone:
        """The milestone as the valid row says."""
        if self.quota is None:
            raise ValueError("a row that is not used is no milestone")
        values, name = self.cleaned_data, self.cleaned_data["name"].strip()
        key = self.mark.key if self.mark else _own_key(name, taken)
        return Milestone(key, name, self.quota.metric, self.quota.at_least, values["repeats"], values["over_all_time"])


def _own_key(name: str, taken: Sequence[str]) -> str:
    plain = slugify(name)[: KEY_LENGTH - 4] or "tier"
    numbered = (f"{plain}-{number}" for number in range(2, 100))
    return plain if plain not in taken else next(key for key in numbered if key not in taken)
