"""Refusals as people at the counter read them: what happened, and what to do now."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.wording import points
from kernel.errors import DomainError
from ledger import errors as ledger
from members import errors as members
from rewards import errors as rewards

CONFLICT = HTTPStatus.CONFLICT
FORBIDDEN = HTTPStatus.FORBIDDEN
TOO_MANY = HTTPStatus.TOO_MANY_REQUESTS
UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True, slots=True)
class Refusal:
    """A word for across the room, a sentence for what to do, and the status for machines."""

    title: str | Promise
    text: str | Promise
    status: HTTPStatus


def refusal_of(error: DomainError) -> Refusal:
    """The wording of a refusal; an error nobody worded is a fault of ours and goes on as it came."""
    for kind in type(error).__mro__:
        if kind in _FROM_FACTS:
            return _FROM_FACTS[kind](error.facts)
        if kind in _ALWAYS:
            return _ALWAYS[kind]
    raise error


def _used(facts: dict[str, Any]) -> Refusal:
    told = {
        "time": date_format(timezone.localtime(facts["used_at"]), "H:i"),
        "shop": facts["shop"],
        "staff": facts["staff"],
    }
    return Refusal(
        gettext("Already used"),
        gettext("Used at %(time)s in %(shop)s by %(staff)s. The customer's card shows a new code every 15 seconds.")
        % told,
        CONFLICT,
    )


def _missing(facts: dict[str, Any]) -> Refusal:
    missing = points(facts["required"] - facts["spendable"])
    return Refusal(
        gettext("Not enough points"), gettext("%(points)s short. Nothing was spent.") % {"points": missing}, CONFLICT
    )


_FROM_FACTS: dict[type, Callable[[dict[str, Any]], Refusal]] = {members.CardUsed: _used, rewards.NotEnough: _missing}

_ALWAYS: dict[type, Refusal] = {
    members.CardOutdated: Refusal(
        _("Too old"),
        _("This code has run out. Ask the customer to open their card, and scan what it shows now."),
        UNPROCESSABLE,
    ),
    members.CardRefused: Refusal(
        _("Not valid here"),
        _("This is no member's code of this programme. Ask the customer to open their card."),
        UNPROCESSABLE,
    ),
    members.NumberMistyped: Refusal(
        _("Mistyped"), _("A member number has twelve digits, and this is none. Type it again."), UNPROCESSABLE
    ),
    members.MemberUnknown: Refusal(
        _("Unknown number"), _("No member has this number. Ask the customer to read it out again."), UNPROCESSABLE
    ),
    members.TypedNumbersUsedUp: Refusal(
        _("Enough typed for today"),
        _("This shop has typed as many numbers today as it may. Scan the customer's code instead."),
        TOO_MANY,
    ),
    members.MemberBlocked: Refusal(
        _("Blocked"), _("This membership is blocked. The customer can ask customer service why."), FORBIDDEN
    ),
    members.MayNotSpend: Refusal(
        _("Gives, does not spend"),
        _("This customer gives to their household. Its adults spend its points; the customer's own can be used."),
        FORBIDDEN,
    ),
    members.HouseholdRefused: Refusal(
        _("Not with the household"),
        _("The household's points can't be used here. The customer's own can; their card shows the household."),
        CONFLICT,
    ),
    members.HouseholdUnknown: Refusal(
        _("No household"), _("The customer is in no household any more. Their own points can be used."), CONFLICT
    ),
    members.OwnAccount: Refusal(
        _("Your own card"), _("Nobody serves themselves. Ask a colleague to sign in."), FORBIDDEN
    ),
    members.NonceReused: Refusal(_("Scan again"), _("This scan was sent for somebody else before."), CONFLICT),
    members.VisitClosed: Refusal(
        _("Scan again"),
        _("A scan is good for five minutes, at one device, for one person. Scan the customer's code anew."),
        CONFLICT,
    ),
    ledger.PurchaseUnknown: Refusal(
        _("Unknown number"), _("No purchase has this number. Ask the customer to open it on their card."), UNPROCESSABLE
    ),
    ledger.PurchaseNotOffered: Refusal(
        _("Not for sale"), _("This is not for sale any more. Take no money for it."), CONFLICT
    ),
    ledger.PurchaseAmountRefused: Refusal(
        _("Not so much"),
        _("Go back, and choose between the least and the most, in whole steps. Take no money yet."),
        CONFLICT,
    ),
    ledger.PurchaseLimitReached: Refusal(
        _("Enough for this year"),
        _("The customer would buy more this year than they may. Take no money for it."),
        CONFLICT,
    ),
    ledger.PurchaseOverLimit: Refusal(
        _("Enough for this year"),
        _("The customer has bought as much as they may this year. Give the money back."),
        CONFLICT,
    ),
    ledger.PurchasesWaiting: Refusal(
        _("Too many wait"),
        _("The customer has asked for other purchases that are not paid. Take the money for one, or cancel one."),
        CONFLICT,
    ),
    ledger.PurchaseNotOpen: Refusal(
        _("Too late"), _("This purchase was cancelled, or its time is over. Take no money for it."), CONFLICT
    ),
    ledger.PaymentContradicted: Refusal(
        _("Receipt used before"),
        _("Another payment has this receipt number, or this purchase is paid already. Look at the number again."),
        CONFLICT,
    ),
    ledger.PurchaseCaptured: Refusal(
        _("Paid already"), _("What is paid can't be cancelled here. Customer service can refund it."), CONFLICT
    ),
    rewards.OutOfStock: Refusal(_("Sold out"), _("The last one has just been taken. Nothing was spent."), CONFLICT),
    rewards.PaymentNotOffered: Refusal(
        _("Not so much"),
        _("So many points can't pay this bill. Go back, and choose between the least and the most. Nothing was spent."),
        CONFLICT,
    ),
    rewards.NotOffered: Refusal(
        _("Not offered"), _("This reward is not offered any more. Nothing was spent."), CONFLICT
    ),
    rewards.CardNotShown: Refusal(
        _("Code needed"), _("To spend points, the customer has to show their code. Scan it."), FORBIDDEN
    ),
    rewards.AnotherWaiting: Refusal(
        _("Already asked"),
        _("The customer is asked about something already. They can answer on their card, or wait until it is over."),
        CONFLICT,
    ),
    rewards.NumberTriesUsedUp: Refusal(
        _("Too many wrong numbers"), _("Only the customer can say yes now, on their own card."), TOO_MANY
    ),
    rewards.KeyReused: Refusal(_("Try again"), _("This button was used for something else before."), CONFLICT),
    rewards.UndoNotAllowed: Refusal(
        _("Can't be undone"),
        _("Who served can undo for 15 minutes; after that, a manager of the shop can."),
        FORBIDDEN,
    ),
    rewards.RedemptionClosed: Refusal(_("Too late"), _("It has ended otherwise meanwhile."), CONFLICT),
}
