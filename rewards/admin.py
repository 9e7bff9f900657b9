"""The catalogue and its redemptions for the desk."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kernel.wording import number_text
from rewards.errors import StockMoved
from rewards.forms import RewardForm, stock_moved
from rewards.models import Redemption, Reward
from rewards.services import catalogue
from shops.desk import panels
from shops.desk.access import access_of
from shops.desk.bases import DeskAdmin, RecordAdmin
from shops.desk.columns import member_column, moment
from shops.desk.filters import period_of
from shops.desk.panels import Panel, Place
from shops.desk.theme import column
from shops.policy import Act

STATE_LABELS = {
    "RESERVED": "warning",
    "REDEEMED": "success",
    "VOIDED": "default",
    "EXPIRED": "default",
    "REFUNDED": "danger",
}


@admin.register(Reward)
class RewardAdmin(DeskAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.SEE_REPORTS,)
    edit: ClassVar[tuple[Act, ...]] = (Act.EDIT_REWARDS,)
    may_add: ClassVar[bool] = True
    may_change: ClassVar[bool] = True
    form = RewardForm
    list_display = ("name", "shown_price", "shown_stock", "shown_redeemed", "shown_offered")
    list_select_related = ("unit",)
    list_filter = ("is_offered",)
    search_fields = ("name", "key")
    ordering = ("name", "pk")
    prepopulated_fields = {"key": ("name",)}

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        asked = ["name", "description", ("price", "stock"), "is_offered"]
        if obj is None:
            asked.insert(1, "key")
            if len(access_of(request).programmes_of(*self.edit)) > 1:
                asked[0:0] = ["programme", "unit"]
            return [(None, {"fields": [*asked, "stock_seen"]})]
        if not self.has_change_permission(request, obj):
            return [(None, {"fields": asked})]
        return [(None, {"fields": [*asked, "stock_seen"]})]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        return {"key": ("name",)} if obj is None else {}

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002  # Django's signature
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.programmes = access_of(request).programmes_of(*self.edit)
        return form

    def enrich(self, rows: list[Any]) -> None:
        redeemed = dict(
            Redemption.objects.filter(reward__in=rows, state=Redemption.State.REDEEMED)
            .values_list("reward")
            .annotate(count=Count("pk"))
        )
        for row in rows:
            row.redeemed = redeemed.get(row.pk, 0)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  # Django's signature
        if not isinstance(form, RewardForm):
            raise TypeError(form)
        if change:
            catalogue.change_reward(
                reward=obj, offer=form.offer, stock=form.cleaned_data["stock"], stock_seen=form.stock_was
            )
            return
        added = catalogue.add_reward(
            programme=obj.programme,
            key=obj.key,
            offer=form.offer,
            stock=form.cleaned_data["stock"],
            unit_code=obj.unit.code,
        )
        obj.pk = added.pk

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except StockMoved as refusal:
            # A piece went between the form's check and the write: nothing was saved.
            messages.error(request, stock_moved(refusal.facts["stock"]))  # type: ignore[arg-type]
            return HttpResponseRedirect(request.get_full_path())

    @column(description=_("price"), ordering="price")
    def shown_price(self, reward: Reward) -> str:
        price = number_text(reward.price, decimals=reward.unit.decimals, language=get_language() or "en")
        return f"{price} {reward.unit.name}"

    @column(
        description=_("in stock"), ordering="stock", label={"none": "danger", "some": "default", "no limit": "default"}
    )
    def shown_stock(self, reward: Reward) -> tuple[str, Any]:
        if reward.stock is None:
            return "no limit", _("no limit")
        if reward.stock == 0:
            return "none", _("sold out")
        return "some", number_text(reward.stock, language=get_language() or "en")

    @column(description=_("redeemed"))
    def shown_redeemed(self, reward: Any) -> str:
        return number_text(reward.redeemed, language=get_language() or "en")

    @column(description=_("offered"), ordering="is_offered", boolean=True)
    def shown_offered(self, reward: Reward) -> bool:
        return reward.is_offered


@admin.register(Redemption)
class RedemptionAdmin(RecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.SEE_MEMBERS,)
    record_template: ClassVar[str] = "rewards/admin/redemption.html"
    list_display = ("shown_reward", "shown_state", "shop", "staff", moment("reserved_at", _("reserved")))
    list_select_related = ("reward__unit", "member", "shop", "staff", "device")
    list_filter = ("state", period_of("reserved_at", _("reserved")))
    search_fields = ("=member__number", "reward__name")
    search_help_text = _("Number of the member, or name of the reward")
    ordering = ("-reserved_at", "-pk")

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        reward, *rest = super().get_list_display(request)
        return [reward, member_column(access_of(request)), *rest]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.list_select_related)

    @column(description=_("reward"), ordering="reward__name")
    def shown_reward(self, redemption: Redemption) -> str:
        return redemption.reward.name

    @column(description=_("state"), ordering="state", label=STATE_LABELS)
    def shown_state(self, redemption: Redemption) -> tuple[str, Any]:
        state = redemption.state_at(timezone.now())
        return state, state.label


def _steps(redemption: Any, at: datetime) -> Mapping[str, object]:
    return {"state": redemption.state_at(at)}


def _latest(member: Any, at: datetime) -> Mapping[str, object]:
    shown = 5
    redemptions = list(
        Redemption.objects.filter(member=member)
        .select_related("reward__unit", "shop")
        .order_by("-reserved_at")[: shown + 1]
    )
    return {
        "redemptions": [(redemption, redemption.state_at(at)) for redemption in redemptions[:shown]],
        "has_more": len(redemptions) > shown,
        "number": member.number,
    }


panels.add("rewards.Redemption", Panel("rewards/admin/steps.html", _steps, (Act.SEE_MEMBERS,), Place.MAIN, 10))
panels.add("members.Member", Panel("rewards/admin/latest.html", _latest, (Act.SEE_MEMBERS,), Place.SIDE, 30))
