"""A unit's page: what holds for it now, the draft of its next policy, and where all of it is."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger import queries, services
from ledger.admin.payment import payment_page
from ledger.admin.policy_story import policy_story_of
from ledger.admin.purchase_terms import purchase_terms_page
from ledger.admin.transfers import transfers_page
from ledger.errors import NothingToPublish, PolicyBegunAlready, PolicyChanged
from ledger.forms import NewUnitForm, PolicyForm, PolicyPublishForm, UnitForm
from ledger.models import Account, Entry, Unit
from ledger.sentences import expiry_sentence
from shops.desk import panels
from shops.desk.access import access_of
from shops.desk.bases import RecordAdmin
from shops.desk.forms import draft_token, seen_draft
from shops.desk.pages import form_page
from shops.desk.panels import Panel, Place
from shops.desk.theme import column
from shops.policy import Act

EDITORS = (Act.EDIT_CAMPAIGNS, Act.EDIT_SETUP)


@admin.register(Unit)
class UnitAdmin(RecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.SEE_LEDGER, Act.EDIT_SETUP, Act.EDIT_REWARDS)
    edit: ClassVar[tuple[Act, ...]] = EDITORS
    may_add: ClassVar[bool] = True
    may_change: ClassVar[bool] = True
    record_template: ClassVar[str] = "ledger/admin/unit.html"
    list_display = ("name", "code", "klass", "decimals", "shown_expiry")
    search_fields = ("name", "code")
    ordering = ("programme_id", "pk")

    def get_urls(self) -> list[URLPattern]:
        verbs: dict[str, Callable[[HttpRequest, Unit], HttpResponse]] = {
            "publish": self.publish,
            "discard": self.discard,
            "describe": self.describe,
            "payment": partial(payment_page, self),
            "purchase": partial(purchase_terms_page, self),
            "transfers": partial(transfers_page, self),
        }
        return [
            path(f"<int:unit_id>/{verb}/", self.admin_site.admin_view(self._edits(act)), name=f"ledger_unit_{verb}")
            for verb, act in verbs.items()
        ] + super().get_urls()

    def _edits(self, act: Callable[[HttpRequest, Unit], HttpResponse]) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, unit_id: int) -> HttpResponse:
            unit = self.get_object(request, str(unit_id))
            if not self.has_change_permission(request, unit):
                raise PermissionDenied
            return act(request, unit)

        return view

    def enrich(self, rows: list[Any]) -> None:
        in_force = queries.policies_in_force(rows, at=timezone.now())
        for row in rows:
            row.policy = in_force[row.pk]

    @column(description=gettext_lazy("expiry"))
    def shown_expiry(self, unit: Any) -> str:
        return expiry_sentence(unit.policy.expiry, unit.name)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewUnitForm(request.POST or None, programmes=access_of(request).programmes_of(*self.edit))
        if request.method != "POST" or not form.is_valid() or form.programme is None:
            return form_page(self, request, form, title=_("Add a unit"), submit=_("Add the unit"))
        values = form.cleaned_data
        unit = services.open_unit(
            programme_id=form.programme.pk,
            code=values["code"],
            name=values["name"],
            klass=values["klass"],
            decimals=values["decimals"],
            symbol=values["symbol"],
        )
        services.describe_unit(
            unit=unit, name=values["name"], symbol=values["symbol"], spend_order=values["spend_order"]
        )
        messages.success(
            request, _("“%(name)s” can be granted by rules. It never expires unless you say when.") % values
        )
        return _to(unit)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method != "POST":
            return super().change_view(request, object_id, form_url, extra_context)
        unit = self.get_object(request, object_id)
        if not self.has_change_permission(request, unit):
            raise PermissionDenied
        return self.save(request, unit)

    def record_page(
        self, request: HttpRequest, row: Any, extra_context: dict[str, Any], *, template: str | None = None
    ) -> HttpResponse:
        story = extra_context.get("story") or policy_story_of(row, at=timezone.now())
        shown = {
            "story": story,
            "may_edit": self.has_change_permission(request, row),
            "form": PolicyForm(unit=row, policy=story.editable),
            "draft_token": draft_token(story.draft.edited_at if story.draft else None),
        }
        return super().record_page(request, row, {**shown, **extra_context}, template=template)

    def save(self, request: HttpRequest, unit: Unit) -> HttpResponse:
        """Keep the form as the draft."""
        story = policy_story_of(unit, at=timezone.now())
        form = PolicyForm(request.POST, unit=unit, policy=story.editable)
        if not form.is_valid() or not self._keep(request, unit, form):
            return self.record_page(request, unit, {"story": story, "form": form})
        if "publish" in request.POST:
            return _to(unit, "publish")
        messages.success(request, _("Saved as a draft. Nothing has changed for customers yet."))
        return _to(unit)

    def _keep(self, request: HttpRequest, unit: Unit, form: PolicyForm) -> bool:
        try:
            services.save_policy_draft(
                unit=unit,
                policy=form.edited,
                by=str(request.user),
                at=timezone.now(),
                read_at=seen_draft(request.POST.get("draft", "")),
            )
        except PolicyChanged as refusal:
            messages.error(request, _changed(refusal))
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            return True
        return False

    def describe(self, request: HttpRequest, unit: Unit) -> HttpResponse:
        """Keep how the unit is called, and which lots pay first."""
        form = UnitForm(request.POST or None, initial=_described(unit))
        if request.method != "POST" or not form.is_valid():
            return form_page(self, request, form, title=_("Name, symbol and order"), submit=_("Save"))
        services.describe_unit(unit=unit, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return _to(unit)

    def publish(self, request: HttpRequest, unit: Unit) -> HttpResponse:
        """Ask, then freeze the draft as the policy in force."""
        story = policy_story_of(unit, at=timezone.now())
        if story.draft is None:
            messages.info(request, _("There is no draft to publish."))
            return _to(unit)
        with timezone.override(unit.programme.zone):
            form = PolicyPublishForm(request.POST or None)
            if request.method == "POST" and form.is_valid() and self._publish(request, unit, form):
                return _to(unit)
        return self.record_page(
            request, unit, {"form": form, "story": story}, template="ledger/admin/publish_policy.html"
        )

    def _publish(self, request: HttpRequest, unit: Unit, form: PolicyPublishForm) -> bool:
        try:
            policy = services.publish_policy(
                unit=unit,
                by=str(request.user),
                at=timezone.now(),
                effective_from=form.begins,
                extends=form.cleaned_data["existing"] == PolicyPublishForm.EXTEND,
                read_at=seen_draft(request.POST.get("draft", "")),
            )
        except PolicyBegunAlready as refusal:
            earliest: Any = refusal.facts["earliest"]
            said = _("It can't begin before %(earliest)s: what customers were promised until then stays.")
            form.add_error("effective_from", said % {"earliest": _shown(earliest)})
            return False
        except PolicyChanged as refusal:
            messages.error(request, _changed(refusal))
        except NothingToPublish:
            messages.info(request, _("There is no draft to publish: somebody published or discarded it."))
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            said = _("Version %(number)s is published and counts from %(when)s.")
            messages.success(request, said % {"number": policy.number, "when": _shown(policy.effective_from)})
        return True

    def discard(self, request: HttpRequest, unit: Unit) -> HttpResponse:
        """Throw the draft away."""
        if request.method != "POST":
            return _to(unit)
        try:
            services.discard_policy_draft(unit=unit)
        except NothingToPublish:
            messages.info(request, _("There is no draft to discard."))
        else:
            messages.success(request, _("The draft is gone. What is in force stays."))
        return _to(unit)


def _described(unit: Unit) -> dict[str, Any]:
    return {"name": unit.name, "symbol": unit.symbol, "spend_order": unit.spend_order}


def _to(unit: Unit, page: str = "change") -> HttpResponse:
    return HttpResponseRedirect(reverse(f"admin:ledger_unit_{page}", args=[unit.pk]))


def _changed(refusal: PolicyChanged) -> str:
    said = _("%(name)s changed this policy while you did. Look at it again before you go on; nothing was saved.")
    return said % {"name": refusal.facts["edited_by"]}


def _shown(moment: datetime | None) -> str:
    return "" if moment is None else f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def _trial_balance(unit: Any, _at: datetime) -> Mapping[str, object]:
    sums = dict(
        Entry.objects.filter(unit=unit, programme_id=unit.programme_id)
        .values_list("account__kind")
        .annotate(total=Sum("amount"))
    )
    always = (Account.Kind.MEMBER, Account.Kind.ISSUANCE, Account.Kind.REDEMPTION, Account.Kind.BREAKAGE)
    rows = [(kind.label, sums.get(kind, 0)) for kind in Account.Kind if kind in sums or kind in always]
    return {"unit": unit, "rows": rows, "total": sum(total for _label, total in rows)}


panels.add("ledger.Unit", Panel("ledger/admin/trial_balance.html", _trial_balance, (Act.SEE_LEDGER,), Place.SIDE, 10))
