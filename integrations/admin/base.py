"""What the pages of this room share."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from shops.desk.bases import RecordAdmin
from shops.policy import Act

OWNERS = (Act.SEE_INTEGRATIONS,)
Verb = Callable[[HttpRequest, Any], HttpResponse]


class IntegrationAdmin(RecordAdmin):
    """Pages of system owners, with buttons that post to `<id>/<verb>/`."""

    see: ClassVar[tuple[Act, ...]] = OWNERS
    edit: ClassVar[tuple[Act, ...]] = OWNERS

    def verbs(self) -> dict[str, Verb]:
        return {}

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path(f"<int:row_id>/{verb}/", self.admin_site.admin_view(self._posted(act)), name=f"{name}_{verb}")
            for verb, act in self.verbs().items()
        ] + super().get_urls()

    def _posted(self, act: Verb) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, row_id: int) -> HttpResponse:
            row = self.get_object(request, str(row_id))
            return act(request, row) if request.method == "POST" else self.to(row)

        return view

    def to(self, row: Any) -> HttpResponseRedirect:
        name = f"{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(f"admin:{name}", args=[row.pk]))
