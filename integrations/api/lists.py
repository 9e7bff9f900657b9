"""Lists: filters by django-filter, pages by cursor."""

from datetime import datetime
from typing import Annotated, Any

import django_filters
import msgspec
from django import forms
from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from integrations.api.refusals import Fault, Refusal
from integrations.models import WebhookDelivery, WebhookEndpoint
from members.models import Identifier, Member
from orders.models import Order

PAGE = 50
LARGEST_PAGE = 100


class NewestFirst(CursorPagination):
    """Pages by id, newest first: stable while new rows arrive, and as quick on the last page as on the first."""

    ordering = "-pk"
    page_size = PAGE
    cursor_query_param = "cursor"

    def get_page_size(self, request: Request) -> int:
        text = request.query_params.get("limit")
        if text is None:
            return PAGE
        if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= LARGEST_PAGE):
            expected = f"a number from 1 to {LARGEST_PAGE}"
            raise Refusal("invalid", faults=[Fault(f"Got {text!r}.", parameter="limit", expected=expected)])
        return int(text)


class InstantField(forms.Field):
    """An instant with its offset, as in bodies."""

    def to_python(self, value: Any) -> datetime | None:
        if not value:
            return None
        try:
            instant: datetime = msgspec.convert(value, Annotated[datetime, msgspec.Meta(tz=True)])
        except msgspec.ValidationError:
            raise forms.ValidationError("Expected an instant such as 2026-03-14T09:30:00+01:00.") from None
        return instant


class InstantFilter(django_filters.Filter):  # type: ignore[misc]  # django-filter has no types
    """Rows before or after an instant."""

    field_class = InstantField


class OrderFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Orders by their own reference, source, member or time."""

    source = django_filters.CharFilter(max_length=40)
    reference = django_filters.CharFilter(max_length=120)
    member = django_filters.CharFilter("member__number", max_length=12)
    placed_from = InstantFilter("placed_at", "gte")
    placed_before = InstantFilter("placed_at", "lt")

    class Meta:
        model = Order
        fields: list[str] = []


class MemberFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Members by number, or by your own number for them."""

    number = django_filters.CharFilter(max_length=12)
    source = django_filters.CharFilter("source", max_length=40)
    external_id = django_filters.CharFilter("external_id", max_length=120)

    class Meta:
        model = Member
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Member]) -> QuerySet[Member]:
        """Source and number must stand in one identifier; a filter each would also find them in two."""
        identifier = {
            name: self.form.cleaned_data[name] for name in ("source", "external_id") if self.form.cleaned_data[name]
        }
        if identifier:
            queryset = queryset.filter(pk__in=Identifier.objects.filter(**identifier).values("member_id"))
        number = self.form.cleaned_data["number"]
        return queryset.filter(number=number) if number else queryset


class DeliveryFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Deliveries by state."""

    state = django_filters.ChoiceFilter(choices=WebhookDelivery.State.choices)

    class Meta:
        model = WebhookDelivery
        fields: list[str] = []


class NoFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """A list that is not filtered."""

    class Meta:
        model = WebhookEndpoint
        fields: list[str] = []


def narrowed(filters: type[django_filters.FilterSet], request: Request, rows: QuerySet[Any]) -> QuerySet[Any]:
    """
    The rows that the query parameters ask for.

    :raises ValidationError: naming each parameter that can't be read or that does not exist
    """
    known = {*filters.base_filters, "cursor", "limit"}
    # A misspelt or empty filter that is ignored gives everything, and the caller believes it was filtered.
    told = f"There is no such parameter; there are {', '.join(sorted(known))}."
    wrong = {name: [told] for name in request.query_params if name not in known}
    wrong |= {
        name: ["Expected a value."] for name in known & set(request.query_params) if not request.query_params[name]
    }
    if wrong:
        raise ValidationError(wrong)
    chosen: Any = filters(request.query_params, queryset=rows, request=request)
    if not chosen.is_valid():
        raise ValidationError(chosen.errors)
    narrowed_rows: QuerySet[Any] = chosen.qs
    return narrowed_rows
