"""A campaign's page: what it does now, its draft, its versions, and the switch that stops it."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import services
from campaigns.admin.rules import RulePages, draft_changed, keep, listed, shown_moment, story_for, to
from campaigns.admin.settings_forms import NewCampaignForm, SettingsForm
from campaigns.admin.story import Story, story_of
from campaigns.definitions import Definition, PerMoney, Rule
from campaigns.errors import (
    CampaignExists,
    DefinitionInvalid,
    DraftChanged,
    EffectiveInThePast,
    NothingToPublish,
    VersionUnknown,
)
from campaigns.models import Campaign, CampaignVersion
from ledger.queries import Unit, units_in, units_of
from shops.desk.access import access_of
from shops.desk.columns import NOTHING
from shops.desk.forms import PublishForm, draft_token, seen_draft
from shops.desk.pages import form_page
from shops.desk.theme import column
from shops.policy import Act

FIRST_RULE = "r1"
STATUS_LABELS = {"live": "success", "scheduled": "info", "draft": "default", "stopped": "danger"}
STATUS_NAMES = {
    "live": gettext_lazy("live"),
    "scheduled": gettext_lazy("scheduled"),
    "draft": gettext_lazy("draft"),
    "stopped": gettext_lazy("stopped"),
}


@admin.register(Campaign)
class CampaignAdmin(RulePages):
    see: ClassVar[tuple[Act, ...]] = (Act.SEE_REPORTS,)
    edit: ClassVar[tuple[Act, ...]] = (Act.EDIT_CAMPAIGNS,)
    may_add: ClassVar[bool] = True
    may_change: ClassVar[bool] = True
    record_template: ClassVar[str] = "campaigns/admin/campaign.html"
    list_display = ("name", "shown_status", "shown_sentence", "shown_version")
    list_select_related = ("programme",)
    search_fields = ("name", "key")
    ordering = ("programme_id", "pk")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("programme")

    def get_urls(self) -> list[URLPattern]:
        verbs: dict[str, Callable[[HttpRequest, Campaign], HttpResponse]] = {
            "publish": self.publish,
            "discard": self.discard,
            "restore": self.restore,
            "stop": self.stop,
            "resume": self.resume,
            "rule": self.rule,
            "move_rule": self.move_rule,
            "remove_rule": self.remove_rule,
        }
        return [
            path(
                f"<int:campaign_id>/{verb.replace('_', '-')}/",
                self.admin_site.admin_view(self._edits(act)),
                name=f"campaigns_campaign_{verb}",
            )
            for verb, act in verbs.items()
        ] + super().get_urls()

    def _edits(self, act: Callable[[HttpRequest, Campaign], HttpResponse]) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, campaign_id: int) -> HttpResponse:
            campaign = self.get_object(request, str(campaign_id))
            if not self.has_change_permission(request, campaign):
                raise PermissionDenied
            return act(request, campaign)

        return view

    def enrich(self, rows: list[Any]) -> None:
        versions: dict[int, list[CampaignVersion]] = defaultdict(list)
        for version in CampaignVersion.objects.filter(campaign__in=rows).order_by("-effective_from"):
            versions[version.campaign_id].append(version)
        units: dict[int, list[Unit]] = defaultdict(list)
        for unit in units_in([row.programme_id for row in rows]):
            units[unit.programme_id].append(unit)
        now = timezone.now()
        for row in rows:
            row.story = story_of(row, versions[row.pk], units=units[row.programme_id], at=now)

    @column(description=gettext_lazy("state"), label=STATUS_LABELS)
    def shown_status(self, campaign: Any) -> tuple[str, Any]:
        return campaign.story.status, STATUS_NAMES[campaign.story.status]

    @column(description=gettext_lazy("what it does now"))
    def shown_sentence(self, campaign: Any) -> str:
        story: Story = campaign.story
        return story.says(story.in_force) if story.in_force else NOTHING

    @column(description=gettext_lazy("version"))
    def shown_version(self, campaign: Any) -> str:
        shown = str(campaign.story.in_force.number) if campaign.story.in_force else NOTHING
        return _("%(version)s, and a draft") % {"version": shown} if campaign.story.draft else shown

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method != "POST":
            return super().change_view(request, object_id, form_url, extra_context)
        campaign = self.get_object(request, object_id)
        if not self.has_change_permission(request, campaign):
            raise PermissionDenied
        return self.save(request, campaign)

    def record_page(
        self, request: HttpRequest, row: Any, extra_context: dict[str, Any], *, template: str | None = None
    ) -> HttpResponse:
        story = extra_context.get("story") or story_for(row)
        may_edit = self.has_change_permission(request, row)
        shown: dict[str, Any] = {
            "story": story,
            "status_name": STATUS_NAMES[story.status],
            "may_edit": may_edit,
            "draft_token": draft_token(story.draft.edited_at if story.draft else None),
        }
        if template is None and may_edit:
            shown |= listed(story)
            shown["form"] = extra_context.get("form") or _settings_form(story)
        return super().record_page(request, row, {**shown, **extra_context}, template=template)

    def save(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        """Keep what holds for all rules together in the draft."""
        story = story_for(campaign)
        form = _settings_form(story, request.POST)
        if not form.is_valid() or not self._keep(request, campaign, form):
            return self.record_page(request, campaign, {"form": form})
        messages.success(request, _("Saved as a draft. What customers earn has not changed yet."))
        return to(campaign)

    def _keep(self, request: HttpRequest, campaign: Campaign, form: SettingsForm) -> bool:
        try:
            keep(request, campaign, form.edited)
        except DefinitionInvalid as refusal:
            form.refuse(refusal)
        except DraftChanged as refusal:
            messages.error(request, draft_changed(refusal))
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            return True
        return False

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Begin with one rule for orders: its page says the rest."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewCampaignForm(request.POST or None, programmes=access_of(request).programmes_of(*self.edit))
        if request.method == "POST" and form.is_valid():
            made = _create(form, by=str(request.user))
            if made is not None:
                messages.success(request, _("The campaign is made. Say now what its first rule gives."))
                return HttpResponseRedirect(
                    reverse("admin:campaigns_campaign_rule", args=[made.pk]) + f"?key={FIRST_RULE}"
                )
        return form_page(self, request, form, title=_("Add a campaign"), submit=_("Go on"))

    def publish(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        """Ask, then freeze the draft as the version in force."""
        story = story_for(campaign)
        if story.draft is None:
            messages.info(request, _("There is no draft to publish."))
            return to(campaign)
        with timezone.override(campaign.programme.zone):
            form = PublishForm(request.POST or None)
            if request.method == "POST" and form.is_valid():
                published = self._publish(request, campaign, form)
                if published is not None:
                    return published
        return self.record_page(
            request, campaign, {"form": form, "story": story}, template="campaigns/admin/publish.html"
        )

    def _publish(self, request: HttpRequest, campaign: Campaign, form: PublishForm) -> HttpResponse | None:
        try:
            version = services.publish_draft(
                campaign=campaign,
                by=str(request.user),
                at=timezone.now(),
                effective_from=form.begins,
                read_at=seen_draft(request.POST.get("draft", "")),
            )
        except EffectiveInThePast as refusal:
            earliest: Any = refusal.facts["earliest"]
            form.add_error(
                "effective_from",
                _("It can't begin before %(earliest)s: what customers were promised until then stays.")
                % {"earliest": shown_moment(earliest)},
            )
        except DraftChanged as refusal:
            messages.error(request, draft_changed(refusal))
            return to(campaign)
        except NothingToPublish:
            messages.info(request, _("There is no draft to publish: somebody published or discarded it."))
            return to(campaign)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
            return to(campaign)
        else:
            messages.success(request, _published(version))
            return to(campaign)
        return None

    def discard(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        if request.method == "POST" and not story_for(campaign).published:
            messages.info(request, _("This is the first draft: there would be nothing left of the campaign."))
        elif request.method == "POST":
            try:
                services.discard_draft(campaign=campaign)
                messages.success(request, _("The draft was thrown away. What customers earn has not changed."))
            except NothingToPublish:
                messages.info(request, _("There was no draft any more."))
        return to(campaign)

    def restore(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        """Make an earlier version the draft, and show what going back to it would change."""
        number = request.POST.get("number", "")
        if request.method != "POST" or not number.isdecimal():
            return to(campaign)
        try:
            services.restore_version(
                campaign=campaign,
                number=int(number),
                by=str(request.user),
                at=timezone.now(),
                read_at=seen_draft(request.POST.get("draft", "")),
            )
        except DraftChanged as refusal:
            messages.error(request, draft_changed(refusal))
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        except VersionUnknown:
            messages.info(request, _("There is no such version."))
        except DefinitionInvalid:
            messages.error(request, _("That version speaks of what there is not any more. Nothing was changed."))
        else:
            return to(campaign, "publish")
        return to(campaign)

    def stop(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        if request.method == "POST":
            services.stop_campaign(campaign=campaign, by=str(request.user), at=timezone.now())
            messages.warning(request, _("Stopped. Until you resume it, orders earn nothing from this campaign."))
        return to(campaign)

    def resume(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        if request.method == "POST":
            services.resume_campaign(campaign=campaign, by=str(request.user), at=timezone.now())
            messages.success(request, _("Resumed. Orders earn again from now on."))
        return to(campaign)


def _published(version: CampaignVersion) -> str:
    begins = version.effective_from
    if begins is not None and version.published_at is not None and begins > version.published_at:
        return _("Version %(number)s is published and begins %(when)s.") % {
            "number": version.number,
            "when": shown_moment(begins),
        }
    return _("Version %(number)s is live.") % {"number": version.number}


def _settings_form(story: Story, data: Any = None) -> SettingsForm:
    programme = story.campaign.programme
    return SettingsForm(data, definition=story.editable, programme=programme, decimals=story.decimals)


def _create(form: NewCampaignForm, *, by: str) -> Campaign | None:
    programme, values = form.programme, form.cleaned_data
    unit = next(iter(units_of(programme.pk)), None)
    if unit is None:
        form.add_error(None, _("The programme has no unit yet: add one that campaigns can give."))
        return None
    effect = PerMoney(10**unit.decimals, 10**programme.currency_decimals)
    definition = Definition((Rule(FIRST_RULE, effect, unit=unit.code),))
    try:
        return services.create_campaign(
            programme=programme,
            key=values["key"],
            name=values["name"],
            definition=definition,
            by=by,
            at=timezone.now(),
        )
    except CampaignExists:
        form.add_error("key", _("Another campaign has this key."))
        return None
