"""Paying with points in words: what was paid, and why points left or came back."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from campaigns.wording import Money, points, shown
from ledger.queries import Unit
from rewards.models import Redemption


def payment_sentence(kind: str, paid: Mapping[str, Any], *, order: str, returned: str) -> str:
    """
    One sentence about a spending at a checkout, or about what came back of it.

    `paid` holds the `checkout` as its system names it, the `unit` (empty for points) and the `shop`, if it is known.
    `order` and `returned` are references, empty without one.
    """
    facts = {**paid, "order": order, "return": returned}
    if kind == "BURN":
        return _spent(facts)
    if returned:
        return _("Given back because goods of order %(order)s came back (return %(return)s).") % facts
    if order:
        return _("Given back because the payment for order %(order)s was refunded.") % facts
    return _("Given back because the payment for checkout %(checkout)s was refunded.") % facts


def _spent(facts: Mapping[str, Any]) -> str:
    if not facts["order"]:
        said = (
            _("Paid from %(unit)s at checkout %(checkout)s.")
            if facts["unit"]
            else _("Paid with points at checkout %(checkout)s.")
        )
    elif facts["shop"]:
        said = (
            _("Paid from %(unit)s for order %(order)s at %(shop)s.")
            if facts["unit"]
            else _("Paid with points for order %(order)s at %(shop)s.")
        )
    else:
        said = (
            _("Paid from %(unit)s for order %(order)s.")
            if facts["unit"]
            else _("Paid with points for order %(order)s.")
        )
    return said % facts


def till_sentence(kind: str, *, shop: str) -> str:
    """One sentence about points that paid a part of the bill at a till, or came back of it."""
    if kind == "BURN":
        return _("Paid a part of the bill at %(shop)s.") % {"shop": shop}
    return _("Given back because the payment at %(shop)s was undone.") % {"shop": shop}


def amount_of(minor: int, unit: Unit) -> str:
    """An amount with its word: "100 points", "12.50 Wallet"."""
    if unit.klass == Unit.Klass.POINTS:
        return points(minor, unit.decimals)
    return f"{shown(minor, unit.decimals)} {unit.name}"


def redeemed_name(redemption: Redemption) -> str:
    """What a redemption gives: the reward's name, or a part of the bill. It was read with its shop's programme."""
    if redemption.reward:
        return redemption.reward.name
    programme = redemption.shop.programme
    value = Money(programme.currency, programme.currency_decimals).show(redemption.value or 0)
    return _("%(value)s of the bill") % {"value": value}
