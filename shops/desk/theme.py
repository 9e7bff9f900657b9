"""The admin theme's classes, for the type checker as Django's own: the theme ships no types."""

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass

    from django.contrib.admin import AdminSite as ThemedSite
    from django.contrib.admin import ModelAdmin
    from django.contrib.admin.forms import AdminAuthenticationForm as ThemedSignIn
    from django.core.paginator import Paginator

    @dataclass
    class SearchResult:
        title: str
        description: str
        link: Any
        icon: str

    ThemedAdmin = ModelAdmin[Any]
    EndlessPaginator = Paginator[Any]
    Column = TypeVar("Column", bound=Callable[..., Any])

    def column(
        *,
        description: Any = None,
        ordering: Any = None,
        boolean: bool | None = None,
        header: bool | None = None,
        label: bool | dict[str, str] | None = None,
    ) -> Callable[[Column], Column]: ...
else:
    from unfold.admin import ModelAdmin as ThemedAdmin
    from unfold.dataclasses import SearchResult
    from unfold.decorators import display as column
    from unfold.forms import AuthenticationForm as ThemedSignIn
    from unfold.paginator import InfinitePaginator as EndlessPaginator
    from unfold.sites import UnfoldAdminSite as ThemedSite

__all__ = ["EndlessPaginator", "SearchResult", "ThemedAdmin", "ThemedSignIn", "ThemedSite", "column"]
