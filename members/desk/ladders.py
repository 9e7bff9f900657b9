"""Ladders of tiers at the desk: what is live, the draft, who would move, and publishing it."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.desk.ladder_forms import LadderForm, NewLadderForm
from members.desk.ladder_story import LadderStory, story_of
from members.tiers import services
from members.tiers.definitions import Definition, Tier, read
from members.tiers.errors import LadderBeginsTooEarly, LadderDraftChanged, LadderExists, LadderInvalid, NoLadderDraft
from members.tiers.models import LadderVersion, TierLadder
from members.tiers.previewing import Preview, preview
from shops.desk.access import access_of
from shops.desk.bases import RecordAdmin
from shops.desk.columns import NOTHING
from shops.desk.forms import PublishForm, draft_token, seen_draft
from shops.desk.pages import form_page
from shops.desk.theme import column
from shops.models import Programme
from shops.policy import Act

State = LadderVersion.State


@admin.register(TierLadder)
class TierLadderAdmin(RecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.SEE_REPORTS,)
    edit: ClassVar[tuple[Act, ...]] = (Act.EDIT_CAMPAIGNS,)
    may_add: ClassVar[bool] = True
    may_change: ClassVar[bool] = True
    record_template: ClassVar[str] = "members/tiers/ladder.html"
    list_display = ("name", "shown_tiers", "shown_version")
    list_select_related = ("programme",)
    search_fields = ("name", "key")
    ordering = ("programme_id", "pk")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("programme")

    def get_urls(self) -> list[URLPattern]:
        verbs: dict[str, Callable[[HttpRequest, TierLadder], HttpResponse]] = {
            "publish": self.publish,
            "discard": self.discard,
        }
        return [
            path(
                f"<int:ladder_id>/{verb}/",
                self.admin_site.admin_view(self._edits(act)),
                name=f"members_tierladder_{verb}",
            )
            for verb, act in verbs.items()
        ] + super().get_urls()

    def _edits(self, act: Callable[[HttpRequest, TierLadder], HttpResponse]) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, ladder_id: int) -> HttpResponse:
            ladder = self.get_object(request, str(ladder_id))
            if not self.has_change_permission(request, ladder):
                raise PermissionDenied
            return act(request, ladder)

        return view

    def enrich(self, rows: list[Any]) -> None:
        versions: dict[int, list[LadderVersion]] = {row.pk: [] for row in rows}
        for version in LadderVersion.objects.filter(ladder__in=rows).order_by("-effective_from"):
            versions[version.ladder_id].append(version)
        now = timezone.now()
        for row in rows:
            row.in_force = next(
                (one for one in versions[row.pk] if one.effective_from and one.effective_from <= now), None
            )
            row.has_draft = any(one.state == State.DRAFT for one in versions[row.pk])

    @column(description=gettext_lazy("tiers"))
    def shown_tiers(self, ladder: Any) -> str:
        if ladder.in_force is None:
            return NOTHING
        return " · ".join(tier.name for tier in read(ladder.in_force.definition).tiers)

    @column(description=gettext_lazy("version"))
    def shown_version(self, ladder: Any) -> str:
        shown = str(ladder.in_force.number) if ladder.in_force else NOTHING
        return _("%(version)s, and a draft") % {"version": shown} if ladder.has_draft else shown

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Begin with one tier for everybody: the ladder's page says the rest."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        programmes = access_of(request).programmes_of(*self.edit)
        form = NewLadderForm(request.POST or None, programmes=programmes)
        if request.method == "POST" and form.is_valid():
            made = self._create(request, form, form.programme)
            if made is not None:
                return _to(made)
        return form_page(self, request, form, title=_("Add a ladder of tiers"), submit=_("Go on"))

    def _create(self, request: HttpRequest, form: NewLadderForm, programme: Programme) -> TierLadder | None:
        values = form.cleaned_data
        try:
            return services.create_ladder(
                programme=programme,
                key=values["key"],
                name=values["name"],
                definition=Definition((Tier("base", values["first"]),)),
                by=str(request.user),
                at=timezone.now(),
            )
        except LadderExists:
            form.add_error("key", _("Another ladder has this key."))
            return None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method != "POST":
            return super().change_view(request, object_id, form_url, extra_context)
        ladder = self.get_object(request, object_id)
        if not self.has_change_permission(request, ladder):
            raise PermissionDenied
        return self.save(request, ladder)

    def record_page(
        self, request: HttpRequest, row: Any, extra_context: dict[str, Any], *, template: str | None = None
    ) -> HttpResponse:
        story = extra_context.get("story") or story_of(row, at=timezone.now())
        may_edit = self.has_change_permission(request, row)
        shown = {
            "story": story,
            "may_edit": may_edit,
            "form": LadderForm(definition=story.editable, metrics=story.metrics) if may_edit else None,
            "draft_token": draft_token(story.draft.edited_at if story.draft else None),
        }
        return super().record_page(request, row, {**shown, **extra_context}, template=template)

    def save(self, request: HttpRequest, ladder: TierLadder) -> HttpResponse:
        """Keep the form as the draft."""
        story = story_of(ladder, at=timezone.now())
        form = LadderForm(request.POST, definition=story.editable, metrics=story.metrics)
        if not form.is_valid() or not self._keep(request, ladder, form):
            return self.record_page(request, ladder, {"story": story, "form": form})
        if "publish" in request.POST:
            return _to(ladder, "publish")
        messages.success(request, _("Saved as a draft. Nothing has changed for customers yet."))
        return _to(ladder)

    def _keep(self, request: HttpRequest, ladder: TierLadder, form: LadderForm) -> bool:
        try:
            services.save_draft(
                ladder=ladder,
                definition=form.edited,
                by=str(request.user),
                at=timezone.now(),
                read_at=seen_draft(request.POST.get("draft", "")),
            )
        except LadderInvalid as refusal:
            form.refuse(refusal)
        except LadderDraftChanged as refusal:
            messages.error(request, _changed(refusal))
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            return True
        return False

    def publish(self, request: HttpRequest, ladder: TierLadder) -> HttpResponse:
        """Show who would move, ask, then freeze the draft as the version in force."""
        story = story_of(ladder, at=timezone.now())
        if story.draft is None:
            messages.info(request, _("There is no draft to publish."))
            return _to(ladder)
        with timezone.override(ladder.programme.zone):
            form = PublishForm(request.POST or None)
            if request.method == "POST" and form.is_valid() and self._publish(request, ladder, form):
                return _to(ladder)
        shown = preview(story.draft, at=timezone.now())
        context = {"form": form, "story": story, "preview": shown, "moves": _moves(shown, story)}
        return self.record_page(request, ladder, context, template="members/tiers/publish.html")

    def _publish(self, request: HttpRequest, ladder: TierLadder, form: PublishForm) -> bool:
        try:
            version = services.publish_draft(
                ladder=ladder,
                by=str(request.user),
                at=timezone.now(),
                effective_from=form.begins,
                read_at=seen_draft(request.POST.get("draft", "")),
            )
        except LadderBeginsTooEarly:
            form.add_error("effective_from", _("It can't begin in the past, or before the version that is to come."))
            return False
        except LadderDraftChanged as refusal:
            messages.error(request, _changed(refusal))
        except NoLadderDraft:
            messages.info(request, _("There is no draft to publish: somebody published or discarded it."))
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            said = _("Version %(number)s is published. Members move when it begins, within minutes.")
            messages.success(request, said % {"number": version.number})
        return True

    def discard(self, request: HttpRequest, ladder: TierLadder) -> HttpResponse:
        """Throw the draft away."""
        if request.method != "POST":
            return _to(ladder)
        if not LadderVersion.objects.filter(ladder=ladder, state=State.PUBLISHED).exists():
            messages.info(request, _("This is the first draft: there would be nothing left of the ladder."))
            return _to(ladder)
        try:
            services.discard_draft(ladder=ladder)
        except NoLadderDraft:
            messages.info(request, _("There is no draft to discard."))
        else:
            messages.success(request, _("The draft is gone. What is in force stays."))
        return _to(ladder)


def _moves(shown: Preview, story: LadderStory) -> list[dict[str, object]]:
    names = {tier.key: tier.name for told in reversed(story.published) for tier in read(told.version.definition).tiers}
    names |= {tier.key: tier.name for tier in story.editable.tiers} | {"": _("no tier")}
    return [
        {
            "before": names.get(move.before, move.before),
            "after": names.get(move.after, move.after),
            "count": move.count,
            "is_up": move.is_up,
            "some": move.some,
            "more": move.count - len(move.some),
        }
        for move in shown.moves
    ]


def _to(ladder: TierLadder, page: str = "change") -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(f"admin:members_tierladder_{page}", args=[ladder.pk]))


def _changed(refusal: LadderDraftChanged) -> str:
    said = _("%(name)s changed the draft meanwhile. Nothing was saved: look at it again before you go on.")
    return said % {"name": refusal.facts["edited_by"]}
