"""
Who may do what: the role matrix, read from the database on every question so that a change counts at once.

A superuser is the system owner of every programme, and no more than that.
"""

from collections.abc import Iterable
from enum import StrEnum

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from shops.models import Programme, Shop, StaffRole, User

Role = StaffRole.Role


class Act(StrEnum):
    """Everything that needs a role."""

    SERVE_AT_COUNTER = "serve_at_counter"
    UNDO_OWN_REDEMPTION = "undo_own_redemption"
    UNDO_ANY_REDEMPTION = "undo_any_redemption"
    SEE_MEMBERS = "see_members"
    EDIT_MEMBERS = "edit_members"
    CLOSE_HOUSEHOLDS = "close_households"
    SEE_ORDERS = "see_orders"
    SEE_LEDGER = "see_ledger"
    REQUEST_ADJUSTMENT = "request_adjustment"
    APPROVE_ADJUSTMENT = "approve_adjustment"
    REFUND_PURCHASE = "refund_purchase"
    END_TRANSFER = "end_transfer"
    SEE_REPORTS = "see_reports"
    EDIT_CAMPAIGNS = "edit_campaigns"
    EDIT_REWARDS = "edit_rewards"
    SEE_INTEGRATIONS = "see_integrations"
    EDIT_SETUP = "edit_setup"


ROLES_FOR: dict[Act, frozenset[Role]] = {
    Act.SERVE_AT_COUNTER: frozenset({Role.CASHIER, Role.SHOP_MANAGER}),
    Act.UNDO_OWN_REDEMPTION: frozenset({Role.CASHIER, Role.SHOP_MANAGER}),
    Act.UNDO_ANY_REDEMPTION: frozenset({Role.SHOP_MANAGER}),
    Act.SEE_MEMBERS: frozenset({Role.SUPPORT, Role.MARKETER}),
    Act.EDIT_MEMBERS: frozenset({Role.SUPPORT}),
    Act.CLOSE_HOUSEHOLDS: frozenset({Role.SUPPORT}),
    Act.SEE_ORDERS: frozenset({Role.SUPPORT, Role.MARKETER, Role.ANALYST}),
    Act.SEE_LEDGER: frozenset({Role.SUPPORT, Role.ANALYST, Role.APPROVER, Role.MARKETER}),
    # Two people by two roles, and no owner's shortcut: an owner who has to may give somebody else the role.
    Act.REQUEST_ADJUSTMENT: frozenset({Role.SUPPORT}),
    Act.APPROVE_ADJUSTMENT: frozenset({Role.APPROVER}),
    # Takes points and books money that went back: nobody gains by it, and it is on record who did it.
    Act.REFUND_PURCHASE: frozenset({Role.SUPPORT}),
    # On behalf of a member who asks for it; an owner who has to may give somebody the role.
    Act.END_TRANSFER: frozenset({Role.SUPPORT}),
    Act.SEE_REPORTS: frozenset({Role.SUPPORT, Role.MARKETER, Role.ANALYST, Role.APPROVER}),
    Act.EDIT_CAMPAIGNS: frozenset({Role.MARKETER}),
    Act.EDIT_REWARDS: frozenset({Role.MARKETER}),
    Act.SEE_INTEGRATIONS: frozenset({Role.OWNER}),
    Act.EDIT_SETUP: frozenset({Role.OWNER}),
}


def may(user: User | AnonymousUser, act: Act, programme: Programme, shop: Shop | None = None) -> bool:
    """Say whether `user` may do `act` in `programme` (and in `shop`, for roles bound to a shop)."""
    if not user.is_authenticated or not user.is_active:
        return False
    if user.is_superuser and Role.OWNER in ROLES_FOR[act]:
        return True
    place = Q(shop__isnull=True) if shop is None else Q(shop__isnull=True) | Q(shop=shop)
    return _roles(user, act).filter(place, programme=programme).exists()


def programmes_for(user: User | AnonymousUser, acts: Iterable[Act]) -> QuerySet[Programme]:
    """The programmes in which `user` may do at least one of `acts`."""
    if not user.is_authenticated or not user.is_active:
        return Programme.objects.none()
    roles = {role for act in acts for role in ROLES_FOR[act]}
    if user.is_superuser and Role.OWNER in roles:
        return Programme.objects.all()
    return Programme.objects.filter(pk__in=StaffRole.objects.filter(user=user, role__in=roles).values("programme_id"))


def programme_ids_by_act(user: User | AnonymousUser) -> dict[Act, frozenset[int]]:
    """Every act with the programmes in which `user` may do it: all answers that a page needs, at once."""
    held = dict.fromkeys(Role, frozenset[int]())
    if user.is_authenticated and user.is_active:
        rows = StaffRole.objects.filter(user=user, shop__isnull=True).values_list("role", "programme_id")
        for role, programme_id in rows:
            held[Role(role)] |= {programme_id}
        if user.is_superuser:
            held[Role.OWNER] = frozenset(Programme.objects.values_list("pk", flat=True))
    return {act: frozenset[int]().union(*(held[role] for role in roles)) for act, roles in ROLES_FOR.items()}


def shops_for(user: User | AnonymousUser, act: Act) -> QuerySet[Shop]:
    """The open shops in which `user` may do `act`."""
    if not user.is_authenticated or not user.is_active:
        return Shop.objects.none()
    roles = _roles(user, act)
    return Shop.objects.filter(
        Q(pk__in=roles.filter(shop__isnull=False).values("shop_id"))
        | Q(programme_id__in=roles.filter(shop__isnull=True).values("programme_id")),
        is_open=True,
    )


def _roles(user: User, act: Act) -> QuerySet[StaffRole]:
    return StaffRole.objects.filter(user_id=user.pk, role__in=ROLES_FOR[act])
