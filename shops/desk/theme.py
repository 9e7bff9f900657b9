"""The admin theme's classes, for the type checker as Django's own: the theme ships no types."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite as ThemedSite
    from django.contrib.admin import ModelAdmin
    from django.contrib.admin.forms import AdminAuthenticationForm as ThemedSignIn

    ThemedAdmin = ModelAdmin[Any]
else:
    from unfold.admin import ModelAdmin as ThemedAdmin
    from unfold.forms import AuthenticationForm as ThemedSignIn
    from unfold.sites import UnfoldAdminSite as ThemedSite

__all__ = ["ThemedAdmin", "ThemedSignIn", "ThemedSite"]
