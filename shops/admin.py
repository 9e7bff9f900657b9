"""Programmes, shops, devices and staff, for system owners."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shops import services
from shops.desk import panels
from shops.desk.access import access_of, person_of
from shops.desk.bases import DeskAdmin, EditableRecordAdmin, RecordAdmin
from shops.desk.columns import moment
from shops.desk.pages import form_page
from shops.desk.panels import Panel, Place
from shops.desk.theme import column
from shops.errors import LastOwner
from shops.forms import HireForm, NewShopForm, PasswordForm, ProgrammeForm, ShopForm, SignInForm
from shops.models import Device, Programme, Shop, StaffRole, User
from shops.policy import Act, Role


@admin.register(Programme)
class ProgrammeAdmin(EditableRecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.EDIT_SETUP,)
    edit: ClassVar[tuple[Act, ...]] = (Act.EDIT_SETUP,)
    programme_lookup: ClassVar[str] = "pk"
    list_display = ("name", "key", "mode", "time_zone", "currency")
    ordering = ("name", "pk")

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return list(self.list_display)

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return []

    def form_of(self, request: HttpRequest, row: Any, data: Any = None) -> ProgrammeForm:
        names = ("name", "time_zone", "colour", "refund_order")
        return ProgrammeForm(data, initial={name: getattr(row, name) for name in names})

    def apply(self, request: HttpRequest, row: Any, form: Any) -> bool:
        services.change_programme(programme=row, **form.cleaned_data)
        return True


@admin.register(Shop)
class ShopAdmin(EditableRecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.EDIT_SETUP,)
    edit: ClassVar[tuple[Act, ...]] = (Act.EDIT_SETUP,)
    may_add: ClassVar[bool] = True
    list_display = ("name", "code", "time_zone", "is_open")
    list_filter = ("is_open",)
    search_fields = ("name", "code")
    ordering = ("name", "pk")

    def form_of(self, request: HttpRequest, row: Any, data: Any = None) -> ShopForm:
        return ShopForm(data, initial={"name": row.name, "time_zone": row.time_zone, "is_open": row.is_open})

    def apply(self, request: HttpRequest, row: Any, form: Any) -> bool:
        services.change_shop(shop=row, **form.cleaned_data)
        return True

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewShopForm(request.POST or None, programmes=access_of(request).programmes_of(*self.edit))
        if request.method != "POST" or not form.is_valid():
            return form_page(self, request, form, title=_("Open a shop"), submit=_("Open the shop"))
        values = form.cleaned_data
        shop = services.open_shop(
            programme=form.programme, code=values["code"], name=values["name"], time_zone=values["time_zone"]
        )
        messages.success(request, _("“%(name)s” is open.") % {"name": shop.name})
        return HttpResponseRedirect(reverse("admin:shops_shop_changelist"))


@admin.register(Device)
class DeviceAdmin(RecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.EDIT_SETUP,)
    programme_lookup: ClassVar[str] = "shop__programme_id"
    record_template: ClassVar[str] = "shops/admin/device.html"
    list_display = ("name", "shop", "shown_state", moment("enrolled_at", gettext_lazy("enrolled")), "enrolled_by")
    list_select_related = ("shop", "enrolled_by")
    search_fields = ("name", "shop__name")
    ordering = ("-enrolled_at", "-pk")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("shop", "enrolled_by")

    def get_urls(self) -> list[URLPattern]:
        revoke = path("<int:device_id>/revoke/", self.admin_site.admin_view(self.revoke), name="shops_device_revoke")
        return [revoke, *super().get_urls()]

    def revoke(self, request: HttpRequest, device_id: int) -> HttpResponse:
        device = self.get_object(request, str(device_id))
        if request.method == "POST":
            services.revoke_device(device=device, at=timezone.now())
            messages.success(request, _("“%(name)s” is refused from now on.") % {"name": device})
        return HttpResponseRedirect(reverse("admin:shops_device_change", args=[device.pk]))

    @column(description=gettext_lazy("state"), label={"known": "success", "revoked": "danger"})
    def shown_state(self, device: Device) -> tuple[str, str]:
        return ("revoked", _("revoked")) if device.revoked_at else ("known", _("in use"))


@admin.register(StaffRole)
class StaffRoleAdmin(DeskAdmin):
    """Giving and taking roles; a role is never edited, only taken and given anew."""

    see: ClassVar[tuple[Act, ...]] = (Act.EDIT_SETUP,)
    edit: ClassVar[tuple[Act, ...]] = (Act.EDIT_SETUP,)
    may_add: ClassVar[bool] = True
    may_delete: ClassVar[bool] = True
    list_display = ("shown_person", "shown_role", "shop", "shown_sign_in")
    list_select_related = ("user", "shop", "programme")
    list_filter = ("role",)
    search_fields = ("user__name", "user__email")
    fields = ("user", "role", "programme", "shop")
    ordering = ("user__name", "user__email", "pk")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        programmes = access_of(request).programmes_of(*self.edit)
        form = HireForm(request.POST or None, programmes=programmes)
        if request.method != "POST" or not form.is_valid():
            return form_page(self, request, form, title=_("Give somebody a role"), submit=_("Give the role"))
        values = form.cleaned_data
        granted = services.hire(
            email=values["email"],
            name=values["name"],
            password=values["password"],
            programme=form.programme,
            role=Role(values["role"]),
            shop=values["shop"],
            by=person_of(request),
        )
        messages.success(
            request,
            _("%(person)s is %(role)s now.") % {"person": granted.user, "role": granted.get_role_display()},
        )
        return HttpResponseRedirect(reverse("admin:shops_staffrole_changelist"))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        services.revoke_role(role=obj)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except LastOwner:
            messages.error(request, _("Nobody could give roles any more: make somebody else system owner before."))
            return HttpResponseRedirect(reverse("admin:shops_staffrole_changelist"))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        # Taking a role away removes nothing else, and Django's own permissions are not asked.
        return [str(role) for role in objs], {self.opts.verbose_name: len(objs)}, set(), []

    @column(description=gettext_lazy("person"), header=True, ordering="user__name")
    def shown_person(self, role: StaffRole) -> list[Any]:
        return [str(role.user), role.user.email, str(role.user)[:1].upper()]

    @column(description=gettext_lazy("role"), ordering="role")
    def shown_role(self, role: StaffRole) -> str:
        return str(role.get_role_display())

    @column(description=gettext_lazy("signs in"), boolean=True)
    def shown_sign_in(self, role: StaffRole) -> bool:
        return role.user.is_active


@admin.register(User)
class UserAdmin(EditableRecordAdmin):
    """
    The sign-ins of staff; customers are no business of this page.

    Who also works for programmes that the person at the desk does not own is seen and not touched.
    """

    see: ClassVar[tuple[Act, ...]] = (Act.EDIT_SETUP,)
    edit: ClassVar[tuple[Act, ...]] = (Act.EDIT_SETUP,)
    record_template: ClassVar[str] = "shops/admin/sign_in.html"
    list_display = ("shown_person", "shown_roles", "is_active", moment("last_login", gettext_lazy("last sign-in")))
    list_filter = ("is_active",)
    search_fields = ("name", "email")
    ordering = ("name", "email", "pk")

    def get_queryset(self, request: HttpRequest) -> Any:
        ids = access_of(request).programme_ids(*self.edit)
        own = StaffRole.objects.filter(programme_id__in=ids)
        return (
            super(DeskAdmin, self)
            .get_queryset(request)
            .filter(Q(pk__in=own.values("user_id")))
            .prefetch_related(Prefetch("roles", own.select_related("shop", "programme"), to_attr="own_roles"))
        )

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return list(self.list_display)

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return list(self.list_filter)

    def _allows(self, request: HttpRequest, acts: tuple[Act, ...], row: Any) -> bool:
        return access_of(request).allows(*acts)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not super().has_change_permission(request, obj):
            return False
        return obj is None or self._is_ours(request, obj)

    def _is_ours(self, request: HttpRequest, user: User) -> bool:
        if request.user.is_superuser:
            return True
        ids = access_of(request).programme_ids(*self.edit)
        return not user.is_superuser and not StaffRole.objects.filter(user=user).exclude(programme_id__in=ids).exists()

    def get_urls(self) -> list[URLPattern]:
        password = path(
            "<int:user_id>/password/", self.admin_site.admin_view(self.password), name="shops_user_password"
        )
        return [password, *super().get_urls()]

    def password(self, request: HttpRequest, user_id: int) -> HttpResponse:
        user = self.get_object(request, str(user_id))
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        form = PasswordForm(request.POST or None, user=user)
        if request.method != "POST" or not form.is_valid():
            title = _("New password for %(person)s") % {"person": user}
            return form_page(self, request, form, title=title, submit=_("Set the password"), shown={"original": user})
        services.give_password(user=user, password=form.cleaned_data["password"])
        messages.success(request, _("The password is set. Whoever was signed in with the old one is signed out."))
        return HttpResponseRedirect(reverse("admin:shops_user_change", args=[user.pk]))

    def programme_id_of(self, row: Any) -> int:
        # Somebody may have roles in several: the page is drawn for the first that the person at the desk owns.
        return int(row.own_roles[0].programme_id)

    def form_of(self, request: HttpRequest, row: Any, data: Any = None) -> SignInForm:
        # Nobody can lock themselves out.
        return SignInForm(
            data, initial={"name": row.name, "is_active": row.is_active}, may_switch=row.pk != request.user.pk
        )

    def apply(self, request: HttpRequest, row: Any, form: Any) -> bool:
        services.change_sign_in(
            user=row, name=form.cleaned_data["name"], is_active=form.cleaned_data.get("is_active", row.is_active)
        )
        return True

    @column(description=gettext_lazy("person"), header=True, ordering="name")
    def shown_person(self, user: User) -> list[Any]:
        return [str(user), user.email, str(user)[:1].upper()]

    @column(description=gettext_lazy("roles"))
    def shown_roles(self, user: Any) -> str:
        return ", ".join(
            f"{role.get_role_display()} ({role.shop or role.programme})" for role in getattr(user, "own_roles", [])
        )


def _roles(user: Any, _at: datetime) -> Mapping[str, object]:
    return {"roles": user.own_roles, "user": user}


def _settled(programme: Any, _at: datetime) -> Mapping[str, object]:
    return {"row": programme}


def _device(device: Any, _at: datetime) -> Mapping[str, object]:
    return {"device": device}


panels.add("shops.Programme", Panel("shops/admin/settled.html", _settled, (Act.EDIT_SETUP,), Place.SIDE, 10))
panels.add("shops.User", Panel("shops/admin/roles.html", _roles, (Act.EDIT_SETUP,), Place.SIDE, 10))
panels.add("shops.Device", Panel("shops/admin/device_facts.html", _device, (Act.EDIT_SETUP,), Place.MAIN, 10))
