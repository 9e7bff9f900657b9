"""Why something about a household was refused, for who asked."""

from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kernel.errors import DomainError
from kernel.wording import day_text


def sentence_of(refusal: DomainError) -> str:
    """What the member reads; empty for a refusal that is nobody's everyday."""
    if refusal.code == "household_too_soon":
        until = refusal.facts["until"]
        assert isinstance(until, datetime)  # noqa: S101 -- the error says so
        day = day_text(until.date(), language=get_language() or "en")
        return _("Who left a household waits before the next: possible from %(day)s.") % {"day": day}
    return {
        "households_not_offered": _("The programme offers no households any more."),
        "household_unknown": _("They are not in the household any more. Look at who is."),
        "in_household_already": _("They are in a household already. Nobody is in two."),
        "household_full": _("The household is full: nobody else can join or be invited."),
        "invitation_unknown": _("This invitation is over. Ask for another."),
        "not_head_of_household": _("Only the head of the household does that."),
        "head_stays": _("The head hands over first, or dissolves the household."),
        "member_unknown": _("There is no member with this number. Compare it with their card."),
        "insufficient_points": _("That is more than you have. Look at what is left and choose again."),
        "reference_reused": _("That was done already. Look at what is left and choose again."),
        "unit_not_pooled": _("The household takes other things than this."),
        "not_of_pool": _("You are not in the household any more."),
        "amount_not_positive": _("Say how much, as a number such as 100."),
    }.get(refusal.code, "")
