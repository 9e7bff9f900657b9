"""A member's tiers at the desk: where they stand, how they came there, and a tier given by hand with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.periods import end_of_day, local_day
from members.models import Member
from members.tiers import queries, services
from members.tiers.cases import Live, live_ladders
from members.tiers.definitions import read
from members.tiers.models import Cause, LadderVersion, TierGrant, TierStay
from members.tiers.progress import Progress, progress_of
from members.tiers.services import Floor
from shops.desk import panels
from shops.desk.pages import form_page
from shops.desk.panels import Panel, Place
from shops.desk.theme import ThemedAdmin
from shops.policy import Act

EDIT = (Act.EDIT_MEMBERS,)
NEWEST = 8


@dataclass(frozen=True, slots=True)
class Step:
    """One stay: the tier's name and why."""

    stay: TierStay
    name: str

    @property
    def last_day(self) -> datetime | None:
        """An instant of the last day that the tier was to be held."""
        return self.stay.until - timedelta(microseconds=1) if self.stay.until else None


@dataclass(frozen=True, slots=True)
class Given:
    """A tier in force that a person gave, or that was paid for, or tried."""

    grant: TierGrant
    name: str

    @property
    def last_day(self) -> datetime | None:
        return self.grant.until - timedelta(microseconds=1) if self.grant.until else None


class OverrideForm(forms.Form):
    """At least this tier, until when, and why."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, help_text=gettext_lazy("It stays on record beside your name.")
    )
    until = forms.DateField(
        label=gettext_lazy("Up to and with"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Leave it empty for no end."),
    )

    field_order = ("tier", "until", "reason")

    def __init__(self, data: Any, *, ladders: list[Live], today: date) -> None:
        super().__init__(data)
        self.today, self._floors = today, {}
        choices = []
        for live in ladders:
            for tier in live.definition.tiers:
                key = f"{live.ladder.key}/{tier.key}"
                self._floors[key] = (live.ladder, tier.key)
                choices.append((key, tier.name if len(ladders) == 1 else f"{live.ladder.name}: {tier.name}"))
        self.fields["tier"] = forms.ChoiceField(label=_("At least"), choices=choices)
        self.order_fields(self.field_order)

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until is not None and until < self.today:
            raise forms.ValidationError(_("That day is over."))
        return until

    def floor(self, member: Member) -> Floor:
        """What the valid form gives."""
        ladder, tier = self._floors[self.cleaned_data["tier"]]
        until = self.cleaned_data["until"]
        return Floor(ladder, tier, end_of_day(until, member.programme.zone) if until else None)


def override_page(page: ThemedAdmin, request: HttpRequest, member: Member) -> HttpResponse:
    """Ask which tier, until when and why; then put the floor."""
    now = timezone.now()
    ladders = live_ladders(at=now, programme_ids=[member.programme_id])
    if not ladders:
        messages.info(request, _("The programme has no ladder of tiers."))
        return _to(member)
    today = local_day(now, member.programme.zone)
    form = OverrideForm(request.POST if request.method == "POST" else None, ladders=ladders, today=today)
    if not form.is_valid():
        lead = _(
            "The member has at least this tier. What they earn by themselves goes on beneath, and counts if higher."
        )
        title = _("Give %(member)s a tier") % {"member": member}
        return form_page(
            page, request, form, title=title, submit=_("Give the tier"), shown={"lead": lead, "original": member}
        )
    services.override(
        member=member,
        floor=form.floor(member),
        reason=form.cleaned_data["reason"],
        by=str(request.user),
        at=now,
    )
    messages.success(request, _("Given. The member has it from now on."))
    return _to(member)


def end_page(request: HttpRequest, member: Member) -> HttpResponse:
    """Take a tier given by hand away."""
    number = request.POST.get("grant", "")
    grant = (
        TierGrant.objects.filter(pk=int(number), member=member, cause=Cause.MANUAL).first()
        if request.method == "POST" and number.isdecimal()
        else None
    )
    if grant is not None:
        services.end_grant(grant_id=grant.pk, by=str(request.user), at=timezone.now())
        messages.success(request, _("Taken away. The member stands where they earned."))
    return _to(member)


def _to(member: Member) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:members_member_change", args=[member.pk]))


def _tiers(member: Any, at: datetime) -> Mapping[str, object] | None:
    progress = progress_of(member, at=at)
    if not progress:
        return None
    stays = list(queries.stays_of(member)[: NEWEST + 1])
    names = _names([stay.ladder_id for stay in stays])
    return {
        "ladders": [_shown(one) for one in progress],
        "several": len(progress) > 1,
        "steps": [Step(stay, names.get((stay.ladder_id, stay.tier), stay.tier)) for stay in stays[:NEWEST]],
        "is_longer": len(stays) > NEWEST,
        "given": _given(member, but=Cause.MANUAL),
    }


def _by_hand(member: Any, at: datetime) -> Mapping[str, object] | None:
    if not live_ladders(at=at, programme_ids=[member.programme_id]):
        return None
    return {"member": member, "given": _given(member, only=Cause.MANUAL)}


def _given(member: Member, *, only: str = "", but: str = "") -> list[Given]:
    grants = [
        row
        for row in queries.grants_of(member)
        if row.ended_at is None and row.cause != but and (not only or row.cause == only)
    ]
    names = _names([grant.ladder_id for grant in grants])
    return [Given(grant, names.get((grant.ladder_id, grant.tier), grant.tier)) for grant in grants]


def _shown(progress: Progress) -> dict[str, object]:
    goals = [goal for goal in (progress.keep, progress.next) if goal is not None and goal.sentence]
    return {"progress": progress, "cause": Cause(progress.cause).label if progress.cause else "", "goals": goals}


def _names(ladder_ids: list[int]) -> dict[tuple[int, str], str]:
    """What tiers are called, by the latest version that had them."""
    versions = LadderVersion.objects.filter(ladder__in=set(ladder_ids), state=LadderVersion.State.PUBLISHED)
    return {
        (version.ladder_id, tier.key): tier.name
        for version in versions.order_by("effective_from")
        for tier in read(version.definition).tiers
    }


panels.add(
    "members.Member",
    Panel("members/tiers/of_member.html", _tiers, (Act.SEE_MEMBERS,), Place.MAIN, 5),
    Panel("members/tiers/by_hand.html", _by_hand, EDIT, Place.SIDE, 80),
)
