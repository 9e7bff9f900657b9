"""What members send each other, in words: what is possible, what waits for an answer, what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.core import signing
from django.utils.formats import time_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from cockpit.visitor import Visitor
from kernel.errors import DomainError
from kernel.periods import local_day, start_of_day
from kernel.wording import day_text, near_day_text, number_text
from ledger import transfers as ledger
from ledger.errors import (
    InsufficientPoints,
    TransferAmountRefused,
    TransferFeeChanged,
    TransferLimitReached,
    TransferNotOffered,
    TransferNotOpen,
)
from ledger.queries import Unit
from ledger.sending import TransferRules
from ledger.transfer_sentences import amount_text, bounds_sentence, fee_sentence
from ledger.transfers import Allowance, Part, Transfer
from members.masking import masked
from members.models import Member
from members.transferring import Sending, members_of

_SALT = "cockpit.sending"
# As long as somebody may think about it before the question is asked anew.
CONFIRM_WITHIN = timedelta(hours=1)
MOST_PARTS = 4


@dataclass(frozen=True, slots=True)
class ShownUnit:
    """What the member may send of one unit: `facts` are the terms, sentence by sentence."""

    unit: Unit
    have: str
    most: str
    facts: list[str]


@dataclass(frozen=True, slots=True)
class Question:
    """What is about to be sent, to be confirmed: `parts` say what expires when, `token` is what a yes sends back."""

    receiver: str
    initials: str
    amount: str
    fee: str
    costs: str
    left: str
    message: str
    parts: list[str]
    waits_until: str
    token: str


@dataclass(frozen=True, slots=True)
class ShownTransfer:
    """
    One transfer, told to one of its two. `state` is a `Transfer.State`; `until` is there while it waits for an answer,
    and `parts` say what expires when until then.
    """

    id: int
    is_mine: bool
    other: str
    initials: str
    amount: str
    fee: str
    costs: str
    message: str
    state: str
    is_open: bool
    until: str
    parts: list[str]


def units_for(visitor: Visitor) -> dict[Unit, TransferRules]:
    """The units that the programme lets its members send."""
    return ledger.sendable(visitor.programme.pk)


def shown_units(visitor: Visitor, units: Mapping[Unit, TransferRules]) -> list[ShownUnit]:
    """What the member may send now, and on which terms."""
    return [_shown_unit(visitor, unit, rules) for unit, rules in units.items()]


def hint_of(units: Mapping[Unit, TransferRules]) -> str:
    """What an amount may be, where there is one unit only."""
    if len(units) != 1:
        return ""
    ((unit, rules),) = units.items()
    return bounds_sentence(rules, unit)


def waiting(visitor: Visitor) -> list[ShownTransfer]:
    """Offers to and from the member that wait for an answer, the first to end first."""
    return _shown(visitor, ledger.open_offers(visitor.member.wallet_id, at=visitor.at))


def given(visitor: Visitor) -> list[ShownTransfer]:
    """Offers to the member that wait for an answer, without what expires when."""
    rows = ledger.open_offers(visitor.member.wallet_id, at=visitor.at)
    mine = visitor.member.wallet_id
    return _shown(visitor, [row for row in rows if row.to_wallet_id == mine], with_parts=False)


def transfer(visitor: Visitor, transfer_id: int) -> Transfer | None:
    """A transfer that the member sent or was sent; None for anybody else's."""
    return ledger.transfers_of(visitor.member.wallet_id).filter(pk=transfer_id).first()


def shown(visitor: Visitor, row: Transfer) -> ShownTransfer:
    """One transfer as the member reads it."""
    return _shown(visitor, [row])[0]


def question_of(visitor: Visitor, sending: Sending, rules: TransferRules, *, key: str = "") -> Question:
    """What the member has to say yes to. Without a `key` it is a new question."""
    unit, amount, fee = sending.unit, sending.amount, rules.fee(sending.amount)
    parts = ledger.parts_to_send(visitor.member.wallet_id, unit, amount=amount, fee=fee, at=visitor.at)
    free = ledger.allowance_of(visitor.member.wallet_id, unit, rules, programme=visitor.programme, at=visitor.at)
    ends = [part.expires_at for part in parts if part.expires_at]
    until = min([rules.open_until(visitor.at, visitor.programme.zone), *ends]) if rules.needs_acceptance else None
    kept = {
        "sender": visitor.member.pk,
        "receiver": sending.receiver.pk,
        "unit": unit.pk,
        "amount": amount,
        "fee": fee,
        "message": sending.message,
        "key": key or uuid4().hex,
    }
    return Question(
        receiver=masked(sending.receiver),
        initials=_initials(sending.receiver),
        amount=amount_text(amount, unit),
        fee=amount_text(fee, unit) if fee else "",
        costs=amount_text(amount + fee, unit),
        left=amount_text(free.spendable - amount - fee, unit),
        message=sending.message,
        parts=_part_texts(parts, unit, visitor),
        waits_until=_until(until, visitor) if until else "",
        token=signing.dumps(kept, salt=_SALT, compress=True),
    )


def answered(visitor: Visitor, token: str) -> tuple[Sending, str] | None:
    """What a member said yes to, and the key that makes it happen once; None if nobody asked this member lately."""
    try:
        kept: dict[str, Any] = signing.loads(token, salt=_SALT, max_age=CONFIRM_WITHIN)
    except signing.BadSignature:
        return None
    units = {unit.pk: unit for unit in units_for(visitor)}
    receiver = Member.objects.filter(pk=kept["receiver"], programme=visitor.programme).first()
    if kept["sender"] != visitor.member.pk or receiver is None or kept["unit"] not in units:
        return None
    sending = Sending(
        visitor.member, receiver, units[kept["unit"]], kept["amount"], message=kept["message"], fee=kept["fee"]
    )
    return sending, str(kept["key"])


def exceeded(allowance: Allowance, amount: int) -> TransferLimitReached | None:
    """The limit of the sender's that an amount would exceed, if any."""
    if allowance.transfers_left == 0:
        return TransferLimitReached(limit="made_today")
    if allowance.left is not None and amount > allowance.left:
        return TransferLimitReached(limit="sent_this_month", left=allowance.left)
    return None


def refusal_text(refusal: DomainError, unit: Unit) -> str:
    """Why something can't be sent or answered, and what to do."""
    facts = refusal.facts
    if isinstance(refusal, InsufficientPoints):
        return _("With the fee that takes %(required)s. You have %(spendable)s.") % {
            "required": _amount(facts["required"], unit),
            "spendable": _amount(facts["spendable"], unit),
        }
    if isinstance(refusal, TransferLimitReached):
        return _limit_text(refusal, unit)
    rules = ledger.rules_of(unit) if isinstance(refusal, TransferAmountRefused) else None
    if rules is not None:
        return bounds_sentence(rules, unit)
    return {
        TransferFeeChanged.code: _("The fee has changed meanwhile. Look at it again."),
        TransferNotOffered.code: _("This can't be sent any more."),
        TransferNotOpen.code: _("This offer has ended already."),
    }.get(refusal.code, _("That is not possible now."))


def _limit_text(refusal: TransferLimitReached, unit: Unit) -> str:
    facts = refusal.facts
    if facts["limit"] == "made_today":
        return _("You sent as often today as one may. Try again tomorrow.")
    if facts["limit"] == "received_this_month":
        return _("That is more than can be received in this month. Try a smaller amount, or next month.")
    if not facts["left"]:
        return _("You sent as much this month as one may. Next month there is room again.")
    return _("You can send %(left)s more this month.") % {"left": _amount(facts["left"], unit)}


def _shown_unit(visitor: Visitor, unit: Unit, rules: TransferRules) -> ShownUnit:
    allowance = ledger.allowance_of(visitor.member.wallet_id, unit, rules, programme=visitor.programme, at=visitor.at)
    return ShownUnit(
        unit,
        amount_text(allowance.spendable, unit),
        amount_text(allowance.most, unit) if allowance.most else "",
        list(_terms(unit, rules, allowance)),
    )


def _terms(unit: Unit, rules: TransferRules, allowance: Allowance) -> Sequence[str]:
    told = []
    if rules.fee_fixed or rules.fee_permille:
        told.append(fee_sentence(rules, unit))
    if rules.sent_monthly is not None and allowance.left is not None:
        told.append(
            _("This month you can send %(left)s of %(all)s.")
            % {"left": _number(allowance.left, unit), "all": amount_text(rules.sent_monthly, unit)}
        )
    if rules.made_daily is not None and allowance.transfers_left is not None:
        left = allowance.transfers_left
        told.append(
            ngettext("Today you can send %(left)s more time.", "Today you can send %(left)s more times.", left)
            % {"left": left}
        )
    if rules.needs_acceptance:
        told.append(
            ngettext(
                "The other one has %(days)s day to accept. Until then it is kept for them.",
                "The other one has %(days)s days to accept. Until then it is kept for them.",
                rules.days_to_accept,
            )
            % {"days": rules.days_to_accept}
        )
    told.append(_("What you send expires for them when it would have expired for you."))
    return told


def _shown(visitor: Visitor, rows: list[Transfer], *, with_parts: bool = True) -> list[ShownTransfer]:
    if not rows:
        return []
    members = members_of(rows)
    parts = ledger.parts_of([row for row in rows if row.is_open(visitor.at)]) if with_parts else {}
    return [_shown_one(visitor, row, members, parts.get(row.pk, [])) for row in rows]


def _shown_one(visitor: Visitor, row: Transfer, members: Mapping[int, Member], parts: Sequence[Part]) -> ShownTransfer:
    is_mine = row.from_wallet_id == visitor.member.wallet_id
    other = members[row.to_wallet_id if is_mine else row.from_wallet_id]
    is_open = row.is_open(visitor.at)
    return ShownTransfer(
        id=row.pk,
        is_mine=is_mine,
        other=masked(other),
        initials=_initials(other),
        amount=amount_text(row.amount, row.unit),
        fee=amount_text(row.fee, row.unit) if row.fee else "",
        costs=amount_text(row.amount + row.fee, row.unit),
        message=row.message,
        state=row.state_at(visitor.at).value,
        is_open=is_open,
        until=_until(row.ends_at, visitor) if is_open and row.ends_at else "",
        parts=_part_texts(parts, row.unit, visitor),
    )


def _part_texts(parts: Sequence[Part], unit: Unit, visitor: Visitor) -> list[str]:
    """What expires when; of many parts the first, and the rest in one line."""
    shown = parts if len(parts) <= MOST_PARTS else parts[: MOST_PARTS - 1]
    told = [_part_text(part, unit, visitor) for part in shown]
    rest = parts[len(shown) :]
    if rest:
        amount = amount_text(sum(part.amount for part in rest), unit)
        told.append(_("%(amount)s that live longer") % {"amount": amount})
    return told


def _part_text(part: Part, unit: Unit, visitor: Visitor) -> str:
    amount = amount_text(part.amount, unit)
    if part.expires_at is None:
        return _("%(amount)s that never expire") % {"amount": amount}
    last = local_day(part.expires_at - timedelta(microseconds=1), visitor.programme.zone)
    day = day_text(last, language=get_language() or "en")
    return _("%(amount)s good until %(day)s") % {"amount": amount, "day": day}


def _until(end: datetime, visitor: Visitor) -> str:
    """The last day, or where that is not whole its last moment."""
    zone = visitor.programme.zone
    last = local_day(end - timedelta(microseconds=1), zone)
    day = near_day_text(last, language=get_language() or "en")
    if end == start_of_day(local_day(end, zone), zone):
        return day
    return _("%(day)s, %(time)s") % {"day": day, "time": time_format(end.astimezone(zone))}


def _initials(member: Member) -> str:
    words = member.name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "#"


def _number(amount: int, unit: Unit) -> str:
    return number_text(amount, decimals=unit.decimals, language=get_language() or "en")


def _amount(amount: object, unit: Unit) -> str:
    return amount_text(int(str(amount)), unit)
