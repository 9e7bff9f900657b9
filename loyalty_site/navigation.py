"""The admin's sidebar, in the order of the marketer's work. Each room's pages are named here and nowhere else."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.adjustments import open_adjustments
from shops.desk.access import access_of
from shops.policy import Act

# Group, then (title, icon, page, the acts of which one opens it).
_Page = tuple[Any, str, str, tuple[Act, ...]]
_PAGES: tuple[tuple[Any, tuple[_Page, ...]], ...] = (
    (
        "",
        (
            (gettext_lazy("Today"), "today", "index", tuple(Act)),
            (gettext_lazy("Members"), "group", "members_member_changelist", (Act.SEE_MEMBERS,)),
            (gettext_lazy("Households"), "family_home", "members_household_changelist", (Act.SEE_MEMBERS,)),
            (gettext_lazy("Segments"), "groups", "members_segment_changelist", (Act.SEE_MEMBERS,)),
            (gettext_lazy("Campaigns"), "campaign", "campaigns_campaign_changelist", (Act.SEE_REPORTS,)),
            (gettext_lazy("Tiers"), "military_tech", "members_tierladder_changelist", (Act.SEE_REPORTS,)),
        ),
    ),
    (
        gettext_lazy("Rewards"),
        (
            (gettext_lazy("Catalogue"), "redeem", "rewards_reward_changelist", (Act.SEE_REPORTS,)),
            (gettext_lazy("Redemptions"), "task_alt", "rewards_redemption_changelist", (Act.SEE_MEMBERS,)),
        ),
    ),
    (
        gettext_lazy("Orders"),
        (
            (gettext_lazy("Orders"), "receipt_long", "orders_order_changelist", (Act.SEE_ORDERS,)),
            (gettext_lazy("Returns"), "assignment_return", "orders_return_changelist", (Act.SEE_ORDERS,)),
            (gettext_lazy("Events of members"), "celebration", "orders_event_changelist", (Act.SEE_ORDERS,)),
            (gettext_lazy("Types of events"), "category", "orders_eventtype_changelist", (Act.SEE_REPORTS,)),
        ),
    ),
    (
        gettext_lazy("Books"),
        (
            (
                gettext_lazy("Adjustments"),
                "exposure",
                "ledger_adjustment_changelist",
                (Act.REQUEST_ADJUSTMENT, Act.APPROVE_ADJUSTMENT),
            ),
            (gettext_lazy("Purchases"), "shopping_bag", "ledger_purchase_changelist", (Act.SEE_LEDGER,)),
            (gettext_lazy("Transfers"), "send", "ledger_transfer_changelist", (Act.SEE_MEMBERS,)),
            (gettext_lazy("Postings"), "menu_book", "ledger_posting_changelist", (Act.SEE_LEDGER,)),
            (gettext_lazy("Seals"), "verified", "ledger_seal_changelist", (Act.SEE_LEDGER,)),
            (gettext_lazy("Units"), "toll", "ledger_unit_changelist", (Act.SEE_LEDGER, Act.EDIT_SETUP)),
            (gettext_lazy("Conversions"), "currency_exchange", "ledger_conversionterms_changelist", (Act.SEE_LEDGER,)),
            (
                gettext_lazy("Terms of households"),
                "real_estate_agent",
                "members_householdterms_changelist",
                (Act.SEE_LEDGER, Act.EDIT_SETUP),
            ),
            (gettext_lazy("Nights"), "nightlight", "ledger_nightlyrun_changelist", (Act.SEE_LEDGER, Act.EDIT_SETUP)),
        ),
    ),
    (
        gettext_lazy("Shops and staff"),
        (
            (gettext_lazy("Shops"), "storefront", "shops_shop_changelist", (Act.EDIT_SETUP,)),
            (gettext_lazy("Devices"), "smartphone", "shops_device_changelist", (Act.EDIT_SETUP,)),
            (gettext_lazy("Roles"), "badge", "shops_staffrole_changelist", (Act.EDIT_SETUP,)),
            (gettext_lazy("Sign-ins"), "person", "shops_user_changelist", (Act.EDIT_SETUP,)),
        ),
    ),
    (
        gettext_lazy("Integrations"),
        (
            (gettext_lazy("API keys"), "key", "integrations_apikey_changelist", (Act.SEE_INTEGRATIONS,)),
            (gettext_lazy("Webhooks"), "webhook", "integrations_webhookendpoint_changelist", (Act.SEE_INTEGRATIONS,)),
            (gettext_lazy("Deliveries"), "outbox", "integrations_webhookdelivery_changelist", (Act.SEE_INTEGRATIONS,)),
            (gettext_lazy("Events"), "bolt", "events_outboxevent_changelist", (Act.SEE_INTEGRATIONS,)),
            (gettext_lazy("Imports"), "upload_file", "orders_importrun_changelist", (Act.SEE_INTEGRATIONS,)),
        ),
    ),
    (
        gettext_lazy("Settings"),
        (
            (gettext_lazy("Programme"), "tune", "shops_programme_changelist", (Act.EDIT_SETUP,)),
            (
                gettext_lazy("Member attributes"),
                "badge",
                "members_memberattribute_changelist",
                (Act.EDIT_CAMPAIGNS, Act.EDIT_SETUP),
            ),
            (
                gettext_lazy("Context of orders"),
                "cloud",
                "orders_contextattribute_changelist",
                (Act.EDIT_CAMPAIGNS, Act.EDIT_SETUP),
            ),
        ),
    ),
)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups of links that the person may open."""
    return [
        {"title": str(title), "separator": bool(title), "items": list(_links(request, pages))}
        for title, pages in _PAGES
    ]


def _links(request: HttpRequest, pages: tuple[_Page, ...]) -> Iterator[dict[str, Any]]:
    access = access_of(request)
    for title, icon, page, acts in pages:
        if access.allows(*acts):
            yield _link(title, icon, page) | _badge(request, page)


def _link(title: Any, icon: str, page: str) -> dict[str, Any]:
    return {"title": str(title), "icon": icon, "link": reverse(f"admin:{page}")}


def _badge(request: HttpRequest, page: str) -> dict[str, Any]:
    """How many requests wait for somebody who may decide; asked for those only."""
    deciding = access_of(request).programme_ids(Act.APPROVE_ADJUSTMENT)
    if page != "ledger_adjustment_changelist" or not deciding:
        return {}
    waiting = open_adjustments(sorted(deciding), at=timezone.now())
    return {"badge": waiting.exclude(requested_by_id=request.user.pk).count(), "badge_variant": "primary"}


def programme_names(request: HttpRequest) -> str:
    """What stands below the mark: the programme one works for."""
    return ", ".join(programme.name for programme in access_of(request).programmes)


def environment(_request: HttpRequest) -> list[str] | None:
    """A label on every page that shows made-up data."""
    return [_("Demo"), "warning"] if settings.DEMO else None
