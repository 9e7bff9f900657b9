"""The rules of a campaign's draft at the desk: written, moved and removed one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import services
from campaigns.admin.rule_forms import Desk, RuleForm
from campaigns.admin.story import Story, story_of
from campaigns.definitions import EVENT, ORDER, Definition, Rule
from campaigns.errors import DefinitionInvalid, DraftChanged
from campaigns.models import Campaign, CampaignVersion
from ledger.queries import units_of
from orders.events.queries import types_of
from orders.events.types import Types, in_use
from shops.desk.bases import RecordAdmin
from shops.desk.forms import draft_token, seen_draft

RULE, EXAMPLE = "campaigns/admin/rule.html", "campaigns/admin/rule_example.html"
DOWN = "down"


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule in words, and where it can move to."""

    key: str
    sentence: str
    trigger: Any
    query: str
    is_first: bool
    is_last: bool


class RulePages(RecordAdmin):
    """Pages and acts about one rule; all of them work on the draft that their page showed."""

    def rule(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        """Write a rule: the one that the address names, else a new one for what it says."""
        story = story_for(campaign)
        desk = _desk(story, request)
        if desk is None:
            messages.info(request, _("This rule is no longer in the draft."))
            return to(campaign)
        if request.method != "POST":
            return self._rule_page(request, story, RuleForm(desk=desk))
        return self._save_rule(request, campaign, RuleForm(request.POST, desk=desk))

    def _save_rule(self, request: HttpRequest, campaign: Campaign, form: RuleForm) -> HttpResponse:
        """Keep a rule in the draft, or say what it would be."""
        if "example" in request.GET:
            sentence = form.desk.says(form.edited) if form.is_valid() else ""
            return TemplateResponse(request, EXAMPLE, {"sentence": sentence})
        if not form.is_valid() or not self._keep_rule(request, campaign, form):
            return self._rule_page(request, story_for(campaign), form)
        if "publish" in request.POST:
            return to(campaign, "publish")
        messages.success(request, _("Saved as a draft. What customers earn has not changed yet."))
        return to(campaign)

    def _rule_page(self, request: HttpRequest, story: Story, form: RuleForm) -> HttpResponse:
        desk = form.desk
        known = next((rule for rule in story.editable.rules if desk.rule and rule.key == desk.rule.key), None)
        shown = {
            "story": story,
            "form": form,
            "desk": desk,
            "places": {},
            "saved": desk.says(known) if known else "",
            "sentence": desk.says(desk.start) if not form.is_bound else "",
            "trigger": trigger_name(desk.trigger, desk.types),
            "query": urlencode({"key": desk.rule.key} if desk.rule else {"trigger": desk.trigger}),
        }
        return self.record_page(request, story.campaign, shown, template=RULE)

    def _keep_rule(self, request: HttpRequest, campaign: Campaign, form: RuleForm) -> bool:
        try:
            keep(request, campaign, form.edited_definition)
        except DefinitionInvalid as refusal:
            form.refuse(refusal)
        except DraftChanged as refusal:
            messages.error(request, draft_changed(refusal))
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            return True
        return False

    def move_rule(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        """Let two neighbours change places."""
        definition = story_for(campaign).editable
        rules = list(definition.rules)
        place = next((place for place, rule in enumerate(rules) if rule.key == request.POST.get("key")), len(rules))
        other = place + (1 if request.POST.get("to") == DOWN else -1)
        if request.method == "POST" and place < len(rules) and 0 <= other < len(rules):
            rules[place], rules[other] = rules[other], rules[place]
            self._replace(request, campaign, msgspec.structs.replace(definition, rules=tuple(rules)), _("Moved."))
        return to(campaign)

    def remove_rule(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        """Take a rule out of the draft."""
        definition = story_for(campaign).editable
        left = tuple(rule for rule in definition.rules if rule.key != request.POST.get("key"))
        if request.method == "POST" and len(left) < len(definition.rules):
            said = _("Removed from the draft. What customers earn has not changed yet.")
            self._replace(request, campaign, msgspec.structs.replace(definition, rules=left), said)
        return to(campaign)

    def _replace(self, request: HttpRequest, campaign: Campaign, definition: Definition, said: str) -> None:
        try:
            keep(request, campaign, definition)
        except DefinitionInvalid as refusal:
            messages.error(request, _why_not(refusal, definition.rules))
        except DraftChanged as refusal:
            messages.error(request, draft_changed(refusal))
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            messages.success(request, said)


def story_for(campaign: Campaign) -> Story:
    versions = list(CampaignVersion.objects.filter(campaign=campaign).order_by("-effective_from"))
    units = units_of(campaign.programme_id)
    return story_of(campaign, versions, units=units, at=timezone.now())


def keep(request: HttpRequest, campaign: Campaign, definition: Definition) -> None:
    """Save a draft in place of the one that the page showed, unless it is another by now."""
    services.save_draft(
        campaign=campaign,
        definition=definition,
        by=str(request.user),
        at=timezone.now(),
        read_at=seen_draft(request.POST.get("draft", "")),
    )


def listed(story: Story) -> dict[str, object]:
    """The rules of what the desk edits in words, and for what rules can be added."""
    programme, definition = story.campaign.programme, story.editable
    types = types_of(programme.pk)
    desk = Desk(programme, story.units, types, definition, ORDER, None)
    last = len(definition.rules) - 1
    return {
        "rules": [
            Listed(
                rule.key,
                desk.says(rule),
                trigger_name(rule.trigger, types),
                urlencode({"key": rule.key}),
                place == 0,
                place == last,
            )
            for place, rule in enumerate(definition.rules)
        ],
        "triggers": [
            (ORDER, trigger_name(ORDER, types)),
            *((f"{EVENT}{key}", trigger_name(f"{EVENT}{key}", types)) for key in in_use(types)),
        ],
        "draft_token": draft_token(story.draft.edited_at if story.draft else None),
    }


def trigger_name(trigger: str, types: Types) -> Any:
    """What a rule waits for, in words."""
    if trigger == ORDER:
        return gettext_lazy("an order")
    key = trigger.removeprefix(EVENT)
    return types[key].name if key in types else key


def to(campaign: Campaign, page: str = "change") -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(f"admin:campaigns_campaign_{page}", args=[campaign.pk]))


def draft_changed(refusal: DraftChanged) -> str:
    return _("%(name)s changed the draft meanwhile. Nothing was saved: compare with it below, then save again.") % {
        "name": refusal.facts["edited_by"]
    }


def shown_moment(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M %Z}"


def _desk(story: Story, request: HttpRequest) -> Desk | None:
    programme, definition = story.campaign.programme, story.editable
    types = types_of(programme.pk)
    key, trigger = request.GET.get("key"), request.GET.get("trigger", ORDER)
    if key is None:
        is_known = trigger == ORDER or trigger.removeprefix(EVENT) in in_use(types)
        return Desk(programme, story.units, types, definition, trigger if is_known else ORDER, None)
    rule = next((rule for rule in definition.rules if rule.key == key), None)
    return None if rule is None else Desk(programme, story.units, types, definition, rule.trigger, rule)


def _why_not(refusal: DefinitionInvalid, rules: Sequence[Rule]) -> str:
    first, *path = str(refusal.facts["pointer"]).strip("/").split("/")
    if first == "rules" and path:
        return _("“%(rule)s” speaks of this rule: change that one first.") % {"rule": rules[int(path[0])].key}
    return _("A campaign has at least one rule.")
