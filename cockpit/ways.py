"""What a member can do beyond showing the card: the doors that stand open, each with a word on what is behind it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cockpit.buying import is_selling
from cockpit.sending import units_for
from cockpit.visitor import Visitor
from ledger import queries as ledger
from members.households import queries as households

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Way:
    """A door: the name of its page and of its icon, what it is called, and what it is for."""

    page: str
    icon: str
    title: Text
    note: Text
    badge: Text = ""


def ways_of(visitor: Visitor) -> list[Way]:
    """Those that are open to the member now."""
    ways = [_household(visitor)]
    if units_for(visitor):
        ways.append(Way("cockpit:send", "send", _("Send"), _("Give another member some of what you have")))
    if ledger.conversions_offered(visitor.programme.pk).exists():
        ways.append(Way("cockpit:exchange", "refresh", _("Exchange"), _("Turn what you have into something else")))
    if is_selling(visitor):
        ways.append(Way("cockpit:buy", "plus", _("Buy"), _("Add to what you have, for money")))
    return [way for way in ways if way]


def _household(visitor: Visitor) -> Way | None:
    page, icon = "cockpit:household", "home"
    place = households.place_of(visitor.member)
    if place is not None:
        return Way(page, icon, place.household.name, _("What you have together"))
    if households.terms_of(visitor.programme) is None:
        return None
    is_invited = households.invitations_of(visitor.member, at=visitor.at).exists()
    note = _("Collect and spend together with your family")
    return Way(page, icon, _("Household"), note, _("You are invited") if is_invited else "")
