"""The desk's pages of attributes that programmes declare for themselves."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shops.attributes import LONGEST_TEXT, Attribute, Kind, Value, declare, rename
from shops.desk.access import access_of
from shops.desk.bases import EditableRecordAdmin
from shops.desk.columns import NOTHING
from shops.desk.pages import form_page
from shops.desk.theme import column
from shops.errors import AttributeInvalid
from shops.models import Programme
from shops.policy import Act

_ANSWERS = [("", gettext_lazy("not known")), ("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))]


class LabelForm(forms.Form):
    """What of an attribute may change."""

    label = forms.CharField(label=gettext_lazy("Label"), max_length=60)


class NewAttributeForm(LabelForm):
    """An attribute that was not there before. Its key, type and default stay as they are said here."""

    key = forms.RegexField(
        r"^[a-z][a-z0-9_]*$",
        label=gettext_lazy("Key"),
        max_length=40,
        help_text=gettext_lazy("Systems and rules name it by this; it never changes."),
        error_messages={"invalid": gettext_lazy("Small letters, digits and _, beginning with a letter.")},
    )
    type = forms.ChoiceField(label=gettext_lazy("What it holds"), choices=Kind.choices)
    default = forms.CharField(
        label=gettext_lazy("Where nothing was told"),
        required=False,
        max_length=LONGEST_TEXT,
        help_text=gettext_lazy(
            "Rules take this instead; leave it empty for nothing. A date is 2026-12-24, a flag yes or no."
        ),
    )
    field_order = ("programme", "label", "key", "type", "default")

    def __init__(self, data: Mapping[str, Any] | None = None, *, programmes: Sequence[Programme]) -> None:
        super().__init__(data)
        self._programmes = {str(programme.pk): programme for programme in programmes}
        choices = [(key, programme.name) for key, programme in self._programmes.items()]
        self.fields["programme"] = forms.ChoiceField(label=gettext_lazy("Programme"), choices=choices)
        if len(choices) == 1:
            self.fields["programme"].widget = forms.HiddenInput()
            self.fields["programme"].initial = choices[0][0]
        self.order_fields(self.field_order)

    @property
    def programme(self) -> Programme:
        return self._programmes[self.cleaned_data["programme"]]

    @property
    def default_value(self) -> Value | None:
        """As its type has it; what is none of its type stays text, which is refused."""
        return value_of(self.cleaned_data["type"], self.cleaned_data["default"])


class AttributeAdmin(EditableRecordAdmin):
    """Attributes of one kind of things; subclasses say of which."""

    see: ClassVar[tuple[Act, ...]] = (Act.EDIT_CAMPAIGNS, Act.EDIT_SETUP)
    edit: ClassVar[tuple[Act, ...]] = (Act.EDIT_CAMPAIGNS, Act.EDIT_SETUP)
    may_add: ClassVar[bool] = True
    record_template: ClassVar[str] = "shops/admin/attribute.html"
    list_display = ("label", "key", "type", "shown_default")
    search_fields = ("label", "key")
    ordering = ("label", "pk")

    @column(description=gettext_lazy("where nothing was told"))
    def shown_default(self, attribute: Attribute) -> str:
        return shown(attribute.default)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewAttributeForm(request.POST or None, programmes=access_of(request).programmes_of(*self.edit))
        if request.method != "POST" or not form.is_valid() or (added := self._declare(form)) is None:
            return form_page(self, request, form, title=_("Add an attribute"), submit=_("Add the attribute"))
        messages.success(request, _("Added. Rules and segments can ask for it from now on."))
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(name, args=[added.pk]))

    def _declare(self, form: NewAttributeForm) -> Attribute | None:
        values = form.cleaned_data
        model: type[Attribute] = self.model
        try:
            return declare(
                model,
                programme=form.programme,
                key=values["key"],
                kind=values["type"],
                label=values["label"],
                default=form.default_value,
            )
        except AttributeInvalid as refusal:
            if refusal.facts["is_taken"]:
                form.add_error("key", _("Choose another key: this one is taken."))
            else:
                form.add_error("default", _("That is no value of this type."))
        return None

    def form_of(self, request: HttpRequest, row: Any, data: Any = None) -> LabelForm:
        return LabelForm(data, initial={"label": row.label})

    def apply(self, request: HttpRequest, row: Any, form: Any) -> bool:
        rename(attribute=row, label=form.cleaned_data["label"])
        return True

    def record_page(
        self, request: HttpRequest, row: Any, extra_context: dict[str, Any], *, template: str | None = None
    ) -> HttpResponse:
        return super().record_page(request, row, {"shown": shown(row.default), **extra_context}, template=template)


def field_of(attribute: Attribute, value: Value | None) -> forms.Field:
    """A control for a value of an attribute, filled in with the one that is known."""
    options: dict[str, Any] = {"label": attribute.label, "required": False, "initial": value}
    if attribute.type == Kind.FLAG:
        return forms.ChoiceField(**options | {"choices": _ANSWERS, "initial": _answer(value)})
    if attribute.type == Kind.NUMBER:
        return forms.IntegerField(**options, min_value=-(10**15), max_value=10**15)
    if attribute.type == Kind.DATE:
        return forms.DateField(**options, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    return forms.CharField(**options, max_length=LONGEST_TEXT)


def told(attribute: Attribute, cleaned: Any) -> Value | None:
    """What a control says, as the attribute holds it; None for nothing."""
    return value_of(attribute.type, "" if cleaned is None else str(cleaned))


def value_of(kind: str, text: str) -> Value | None:
    """A value as people write it; what is none of its type stays text."""
    if kind == Kind.FLAG and text in {"yes", "no"}:
        return text == "yes"
    if kind == Kind.NUMBER and text.removeprefix("-").isdecimal():
        return int(text)
    return text or None


def shown(value: Value | None) -> str:
    """A value for people."""
    if value is None:
        return NOTHING
    return (_("yes") if value else _("no")) if isinstance(value, bool) else str(value)


def _answer(value: Value | None) -> str:
    return "" if value is None else "yes" if value else "no"
