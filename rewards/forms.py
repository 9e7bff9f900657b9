"""The desk's form of a reward."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kernel.amounts import format_minor, parse_minor
from ledger.queries import units_of
from rewards.models import Reward
from rewards.services.catalogue import Offer
from shops.models import Programme

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Reward]
else:
    ModelForm = forms.ModelForm


class RewardForm(ModelForm):
    """
    What customers see, what it costs, and how many are left.

    `stock_seen` is the stock the page was drawn with: somebody else may take a piece while the form is open.
    `programmes` are those a new reward can belong to; the page sets them.
    """

    programmes: ClassVar[list[Programme]] = []

    price = forms.CharField(label=_("price"), max_length=20, help_text=_("In points, such as 100."))
    stock_seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Reward
        fields = ("programme", "unit", "name", "key", "description", "price", "stock", "is_offered")
        help_texts = {
            "key": _("Names the reward in addresses and in the API. It can't be changed later."),
            "description": _("One or two sentences that customers read."),
            "stock": _("How many pieces are left. Empty: no limit."),
            "is_offered": _("Customers see it and tills can hand it out."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._complete()
        stock = self.instance.stock
        self.initial["stock_seen"] = "" if stock is None else str(stock)
        if self.instance.pk:
            self.initial["price"] = format_minor(self.instance.price, decimals=self.instance.unit.decimals)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        self._clean_unit(values)
        self._clean_price(values)
        self._clean_stock(values)
        return values

    @property
    def offer(self) -> Offer:
        """What the valid form says."""
        values = self.cleaned_data
        return Offer(values["name"], values["price"], values["description"], values["is_offered"])

    @property
    def stock_was(self) -> int | None:
        """The stock that the page showed."""
        text = self.cleaned_data["stock_seen"]
        return int(text) if text else None

    def _complete(self) -> None:
        """Leave out questions with one possible answer."""
        if self.instance.pk:
            return
        if len(self.programmes) == 1:
            self.instance.programme = self.programmes[0]
            self.fields.pop("programme", None)
            units = list(units_of(self.instance.programme_id))
            if len(units) == 1:
                self.instance.unit = units[0]
                self.fields.pop("unit", None)

    def _clean_unit(self, values: dict[str, Any]) -> None:
        programme, unit = values.get("programme"), values.get("unit")
        if programme and unit and unit.programme_id != programme.pk:
            self.add_error("unit", _("This unit belongs to another programme."))

    def _clean_price(self, values: dict[str, Any]) -> None:
        unit = values.get("unit") or (self.instance.unit if self.instance.unit_id else None)
        if unit is None or "price" not in values:
            return
        try:
            price = parse_minor(str(values["price"]).strip(), decimals=unit.decimals)
        except ValueError:
            self.add_error("price", _("Write a plain number of points, such as 100."))
            return
        if price <= 0:
            self.add_error("price", _("A reward costs at least one point."))
        values["price"] = price

    def _clean_stock(self, values: dict[str, Any]) -> None:
        if not self.instance.pk:
            return
        seen = values.get("stock_seen", "")
        if seen and not seen.isdecimal():
            raise ValidationError(_("The page is out of date: open it again."))
        current = Reward.objects.values_list("stock", flat=True).get(pk=self.instance.pk)
        if values.get("stock") != self.stock_was and current != self.stock_was:
            self.add_error("stock", stock_moved(current))


def stock_moved(stock: int | None) -> Any:
    """What to tell somebody whose count is out of date."""
    left = _("no limit") if stock is None else stock
    return _("The stock moved while you were editing: now it is %(left)s. Count again and save.") % {"left": left}
