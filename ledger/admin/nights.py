"""Nightly runs at the desk: how far they are, what they met, and the button that stops them."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger import nightly
from ledger.models import NightlyRun, NightlyStep
from ledger.nightly import runs
from shops.desk.bases import RecordAdmin
from shops.desk.columns import NOTHING, moment
from shops.desk.theme import column
from shops.policy import Act

LABELS = {"over": "success", "at work": "info", "stopped": "warning", "in trouble": "danger"}
NAMES = {
    "over": gettext_lazy("over"),
    "at work": gettext_lazy("at work"),
    "stopped": gettext_lazy("stopped"),
    "in trouble": gettext_lazy("in trouble"),
}


def state_of(run: NightlyRun) -> str:
    """A key of `NAMES`."""
    if run.finished_at:
        return "over"
    if run.stopped_at:
        return "stopped"
    return "in trouble" if run.problem else "at work"


@admin.register(NightlyRun)
class NightlyRunAdmin(RecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.SEE_LEDGER, Act.EDIT_SETUP)
    edit: ClassVar[tuple[Act, ...]] = (Act.EDIT_SETUP,)
    record_template: ClassVar[str] = "ledger/admin/night.html"
    list_display = ("day", "shown_state", "shown_done", moment("at", gettext_lazy("as of")))
    ordering = ("-day", "-pk")

    def get_urls(self) -> list[URLPattern]:
        verbs: dict[str, Callable[[HttpRequest, NightlyRun], None]] = {"stop": self.stop, "resume": self.resume}
        return [
            path(f"<int:run_id>/{verb}/", self.admin_site.admin_view(self._does(act)), name=f"ledger_nightlyrun_{verb}")
            for verb, act in verbs.items()
        ] + super().get_urls()

    def _does(self, act: Callable[[HttpRequest, NightlyRun], None]) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, run_id: int) -> HttpResponse:
            run = self.get_object(request, str(run_id))
            if not self._allows(request, self.edit, run):
                raise PermissionDenied
            if request.method == "POST":
                act(request, run)
            return HttpResponseRedirect(reverse("admin:ledger_nightlyrun_change", args=[run.pk]))

        return view

    def stop(self, request: HttpRequest, run: NightlyRun) -> None:
        """Let the batch at work be the last one."""
        runs.stop(run=run, by=str(request.user), at=timezone.now())
        messages.success(request, _("Stopped. It goes on where it is when you say so."))

    def resume(self, request: HttpRequest, run: NightlyRun) -> None:
        """Take a stopped run up again."""
        runs.go_on(run=run)
        messages.success(request, _("It goes on within a minute."))

    def enrich(self, rows: list[Any]) -> None:
        steps: dict[int, list[NightlyStep]] = {row.pk: [] for row in rows}
        for step in NightlyStep.objects.filter(run__in=rows).order_by("position"):
            steps[step.run_id].append(step)
        for row in rows:
            row.told = [_Told(step) for step in steps[row.pk]]

    def record_page(
        self, request: HttpRequest, row: Any, extra_context: dict[str, Any], *, template: str | None = None
    ) -> HttpResponse:
        state = state_of(row)
        shown = {
            "state": state,
            "state_name": NAMES[state],
            "told": [_Told(step) for step in row.steps.order_by("position")],
            "may_stop": self._allows(request, self.edit, row),
        }
        return super().record_page(request, row, {**shown, **extra_context}, template=template)

    @column(description=gettext_lazy("state"), label=LABELS)
    def shown_state(self, run: NightlyRun) -> tuple[str, Any]:
        state = state_of(run)
        return state, NAMES[state]

    @column(description=gettext_lazy("done"))
    def shown_done(self, run: Any) -> str:
        return ", ".join(f"{told.label}: {told.step.done}" for told in run.told if told.step.done) or NOTHING


class _Told:
    """A step for people."""

    def __init__(self, step: NightlyStep) -> None:
        known = nightly.step_of(step.name)
        self.step = step
        self.label = str(known.label) if known else step.name
        self.is_at_work = step.total is not None and step.finished_at is None
        self.most = max(step.total or 0, step.done)
        self.percent = 100 if step.finished_at or not self.most else step.done * 100 // self.most
