"""The catalogue and its redemptions for the desk."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kernel.wording import number_text
from rewards.errors import RewardExists, StockMoved
from rewards.forms import NewRewardForm, RewardForm
from rewards.models import Redemption, Reward
from rewards.services import catalogue
from shops.desk import panels
from shops.desk.access import access_of
from shops.desk.bases import EditableRecordAdmin, RecordAdmin
from shops.desk.columns import member_column, moment
from shops.desk.filters import period_of
from shops.desk.pages import form_page
from shops.desk.panels import Panel, Place
from shops.desk.theme import column
from shops.policy import Act

LATELY = timedelta(days=30)
STATE_LABELS = {
    "RESERVED": "warning",
    "REDEEMED": "success",
    "VOIDED": "default",
    "EXPIRED": "default",
    "REFUNDED": "danger",
}


@admin.register(Reward)
class RewardAdmin(EditableRecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.SEE_REPORTS,)
    edit: ClassVar[tuple[Act, ...]] = (Act.EDIT_REWARDS,)
    may_add: ClassVar[bool] = True
    saved: ClassVar[Any] = _("Saved. Customers see it from now on.")
    record_template: ClassVar[str] = "rewards/admin/reward.html"
    list_display = ("name", "shown_price", "shown_stock", "shown_redeemed", "shown_offered")
    list_select_related = ("unit",)
    list_filter = ("is_offered",)
    search_fields = ("name", "key")
    ordering = ("name", "pk")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("unit", "programme")

    def enrich(self, rows: list[Any]) -> None:
        redeemed = dict(
            Redemption.objects.filter(reward__in=rows, state=Redemption.State.REDEEMED)
            .values_list("reward")
            .annotate(count=Count("pk"))
        )
        for row in rows:
            row.redeemed = redeemed.get(row.pk, 0)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewRewardForm(request.POST or None, programmes=access_of(request).programmes_of(*self.edit))
        added = self._add(form) if request.method == "POST" and form.is_valid() else None
        if added is None:
            return form_page(self, request, form, title=_("Add a reward"), submit=_("Add the reward"))
        messages.success(request, _("“%(name)s” is in the catalogue.") % {"name": added.name})
        return _to(added)

    def _add(self, form: NewRewardForm) -> Reward | None:
        key, stock = form.cleaned_data["key"], form.cleaned_data["stock"]
        try:
            return catalogue.add_reward(programme=form.programme, key=key, offer=form.offer, stock=stock)
        except RewardExists:
            form.add_error("key", _("Another reward has this key."))
            return None

    def form_of(self, request: HttpRequest, row: Any, data: Any = None) -> RewardForm:
        return RewardForm(data, programme=row.programme, reward=row)

    def apply(self, request: HttpRequest, row: Any, form: Any) -> bool:
        stock, seen = form.cleaned_data["stock"], form.cleaned_data["stock_seen"]
        try:
            catalogue.change_reward(reward=row, offer=form.offer, stock=stock, stock_seen=seen)
        except StockMoved as refusal:
            form.refuse_stock(refusal.facts["stock"])
            return False
        return True

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
    list_select_related = ("reward__unit", "unit", "member", "shop", "staff", "device")
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
        return redemption.reward.name if redemption.reward else str(_("part of the bill"))

    @column(description=_("state"), ordering="state", label=STATE_LABELS)
    def shown_state(self, redemption: Redemption) -> tuple[str, Any]:
        state = redemption.state_at(timezone.now())
        return state, state.label


def _to(reward: Reward) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:rewards_reward_change", args=[reward.pk]))


def _use(reward: Any, at: datetime) -> Mapping[str, object]:
    taken = Redemption.objects.filter(reward=reward, reserved_at__lte=at)
    sums = taken.aggregate(
        redeemed=Count("pk", filter=Q(state=Redemption.State.REDEEMED)),
        lately=Count("pk", filter=Q(state=Redemption.State.REDEEMED, redeemed_at__gt=at - LATELY)),
        waiting=Count("pk", filter=Q(state=Redemption.State.RESERVED, expires_at__gt=at)),
        undone=Count("pk", filter=Q(state=Redemption.State.REFUNDED)),
    )
    return {**sums, "days": LATELY.days}


def _steps(redemption: Any, at: datetime) -> Mapping[str, object]:
    return {"state": redemption.state_at(at)}


def _latest(member: Any, at: datetime) -> Mapping[str, object]:
    shown = 5
    redemptions = list(
        Redemption.objects.filter(member=member)
        .select_related("reward__unit", "unit", "shop")
        .order_by("-reserved_at")[: shown + 1]
    )
    return {
        "redemptions": [(redemption, redemption.state_at(at)) for redemption in redemptions[:shown]],
        "has_more": len(redemptions) > shown,
        "number": member.number,
    }


panels.add("rewards.Reward", Panel("rewards/admin/use.html", _use, (Act.SEE_REPORTS,), Place.SIDE, 10))
panels.add("rewards.Redemption", Panel("rewards/admin/steps.html", _steps, (Act.SEE_MEMBERS,), Place.MAIN, 10))
panels.add("members.Member", Panel("rewards/admin/latest.html", _latest, (Act.SEE_MEMBERS,), Place.SIDE, 30))
