"""The desk's form of a reward."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext_lazy as _

from kernel.amounts import format_minor, parse_minor
from ledger.queries import units_of
from rewards.models import Reward
from rewards.services.catalogue import Offer
from shops.models import Programme

MOST_PIECES = 2**31 - 1


class RewardForm(forms.Form):
    """
    What customers see, what it costs, and how many are left.

    `stock_seen` is the stock the page was drawn with: somebody else may take a piece while the form is open.
    """

    name = forms.CharField(label=_("Name"), max_length=80)
    description = forms.CharField(
        label=_("Description"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One or two sentences that customers read."),
    )
    price = forms.CharField(
        label=_("Price in points"), max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    stock = forms.IntegerField(
        label=_("Pieces in stock"),
        min_value=0,
        required=False,
        validators=[MaxValueValidator(MOST_PIECES)],
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text=_("Empty: no limit."),
    )
    is_offered = forms.BooleanField(label=_("Offered: customers see it and tills hand it out"), required=False)
    stock_seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, programme: Programme, reward: Reward | None = None) -> None:
        self._reward = reward
        self._unit = reward.unit if reward else units_of(programme.pk)[0]
        super().__init__(data, initial=self._initial())

    def clean_price(self) -> int:
        try:
            price = parse_minor(self.cleaned_data["price"].strip(), decimals=self._unit.decimals)
        except ValueError as error:
            raise ValidationError(_("Write a plain number of points, such as 100.")) from error
        if price <= 0:
            raise ValidationError(_("A reward costs at least one point."))
        return price

    def clean_stock_seen(self) -> int | None:
        text = self.cleaned_data["stock_seen"]
        if text and not text.isdecimal():
            raise ValidationError(_("The page is out of date: open it again."))
        return int(text) if text else None

    @property
    def offer(self) -> Offer:
        """What the valid form says."""
        values = self.cleaned_data
        return Offer(values["name"], values["price"], values["description"], values["is_offered"])

    def refuse_stock(self, stock: Any) -> None:
        """Say that the count is out of date; the next try is about the `stock` told now."""
        left = _("no limit") if stock is None else stock
        self.add_error(
            "stock",
            _("The stock moved while you were editing: now it is %(left)s. Count again and save.") % {"left": left},
        )
        self.data = {**self.data, "stock_seen": "" if stock is None else str(stock)}

    def _initial(self) -> dict[str, Any]:
        reward = self._reward
        if reward is None:
            return {"is_offered": True}
        return {
            "name": reward.name,
            "description": reward.description,
            "price": format_minor(reward.price, decimals=self._unit.decimals),
            "stock": reward.stock,
            "is_offered": reward.is_offered,
            "stock_seen": "" if reward.stock is None else reward.stock,
        }


class NewRewardForm(RewardForm):
    """A reward that is to be: it gets its key, and its programme where there is a choice."""

    key = forms.SlugField(
        label=_("Key"),
        max_length=40,
        help_text=_("Names it in the API, such as free-coffee. It can't be changed later."),
    )
    field_order = ("programme", "name", "key")

    def __init__(self, data: Any = None, *, programmes: list[Programme]) -> None:
        self._programmes = programmes
        super().__init__(data, programme=programmes[0])
        if len(programmes) > 1:
            self.fields["programme"] = forms.ModelChoiceField(
                label=_("Programme"), queryset=Programme.objects.filter(pk__in=[row.pk for row in programmes])
            )
            self.order_fields(self.field_order)

    @property
    def programme(self) -> Programme:
        chosen: Programme = self.cleaned_data.get("programme") or self._programmes[0]
        return chosen
