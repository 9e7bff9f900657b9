"""Amounts that members send each other: at once, or as offers that wait for the receiver's yes."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from ledger.errors import (
    InsufficientPoints,
    ReferenceReused,
    TransferAmountRefused,
    TransferFeeChanged,
    TransferLimitReached,
    TransferNotOffered,
    TransferNotOpen,
    UnitNotMovable,
    WalletsNotApart,
)
from ledger.models import Transfer, TransferTerms, Unit
from ledger.sending import TransferRules
from ledger.services.living import before_spending
from ledger.services.references import refused_when_reused
from ledger.transfers import rules_of, stored_rules
from shops.models import Programme


@dataclass(frozen=True, slots=True)
class NewTransfer:
    """
    Who sends whom how much, in minor units, with which words. `fee` is what the sender was told; None takes what it is.
    """

    from_wallet_id: int
    to_wallet_id: int
    unit: Unit
    amount: int
    message: str = ""
    fee: int | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A transfer as it is now; `fresh` is false when the same request had done this before."""

    transfer: Transfer
    fresh: bool


@transaction.atomic
def offer_transfers(*, unit: Unit, rules: TransferRules, is_offered: bool = True) -> TransferTerms:
    """
    Say on which terms a unit can be sent from now on; offers that are open keep theirs.

    :raises UnitNotMovable: if the unit only counts towards something
    """
    if unit.klass == Unit.Klass.QUALIFYING:
        raise UnitNotMovable(unit=unit.code)
    terms, _ = TransferTerms.objects.update_or_create(
        unit=unit,
        defaults={
            "is_offered": is_offered,
            "minimum": rules.minimum,
            "maximum": rules.maximum,
            "step": rules.step,
            "sent_monthly": rules.sent_monthly,
            "made_daily": rules.made_daily,
            "received_monthly": rules.received_monthly,
            "fee_fixed": rules.fee_fixed,
            "fee_permille": rules.fee_permille,
            "needs_acceptance": rules.needs_acceptance,
            "days_to_accept": rules.days_to_accept,
        },
    )
    return terms


@transaction.atomic
def send(*, asked: NewTransfer, programme: Programme, source: str, reference: str, at: datetime, actor: str) -> Sent:
    """
    Send an amount to another wallet of the programme, or offer it where the receiver has to accept.

    An offer keeps amount and fee until it is answered. It is open until the end of the receiver's time or until the
    first of its points expires.

    :raises WalletsNotApart: if both are one wallet
    :raises TransferNotOffered: if members may not send this unit
    :raises TransferAmountRefused: if one transfer may not be of this amount
    :raises TransferFeeChanged: if it costs something else than the sender was told
    :raises TransferLimitReached: if a limit of the sender's or the receiver's would be exceeded
    :raises InsufficientPoints: if the wallet has less than amount and fee at `at`
    :raises ReferenceReused: if the reference stands for another transfer
    """
    known = Transfer.objects.filter(programme=programme, source=source, reference=reference).first()
    if known is not None:
        return _same(known, asked)
    if asked.from_wallet_id == asked.to_wallet_id:
        raise WalletsNotApart(wallet_id=asked.from_wallet_id)
    rules = _rules_for(asked)
    fee = rules.fee(asked.amount)
    _count_silence(asked.from_wallet_id, asked.to_wallet_id, asked.unit.pk, at)
    with connection.cursor() as cursor, refused_when_reused():
        cursor.execute(
            "SELECT transfer, fresh, refused, used, spendable"
            "  FROM ledger_send(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                asked.from_wallet_id,
                asked.to_wallet_id,
                asked.unit.pk,
                asked.amount,
                fee,
                asked.message,
                source,
                reference,
                at,
                rules.open_until(at, programme.zone) if rules.needs_acceptance else None,
                actor[:60],
                programme.time_zone,
                rules.sent_monthly,
                rules.made_daily,
                rules.received_monthly,
            ],
        )
        transfer_id, fresh, refused, used, spendable = cursor.fetchone()
    if refused == "points":
        raise InsufficientPoints(required=asked.amount + fee, spendable=spendable)
    if refused is not None:
        raise _limit_reached(refused, rules, asked.amount, used)
    made = Transfer.objects.get(pk=transfer_id)
    return Sent(made, fresh=True) if fresh else _same(made, asked)


def accept_transfer(*, transfer_id: int, at: datetime, actor: str) -> Sent:
    """
    Take an offer: the receiver gets the very points that it kept. Accepting again changes nothing.

    :raises TransferNotOpen: if it ended otherwise, or its time is over at `at`
    :raises TransferLimitReached: if the receiver would get more this month than the unit allows
    """
    offer = _of(transfer_id)
    rules, _is_offered = stored_rules(offer.unit) or (TransferRules(), False)
    # What is found to be over is written down, though the answer is a refusal.
    with transaction.atomic(), connection.cursor() as cursor:
        _count_silence(offer.from_wallet_id, offer.to_wallet_id, offer.unit_id, at)
        cursor.execute(
            "SELECT posting, used FROM ledger_take_offer(%s, %s, %s, %s, %s)",
            [transfer_id, at, actor[:60], offer.programme.time_zone, rules.received_monthly],
        )
        posting_id, used = cursor.fetchone()
    if used is not None:
        raise _limit_reached("received_this_month", rules, offer.amount, used)
    return _ended(transfer_id, Transfer.State.ACCEPTED, fresh=posting_id is not None, at=at)


def decline_transfer(*, transfer_id: int, at: datetime, actor: str) -> Sent:
    """
    Say no to an offer; its points are free again. Declining again changes nothing.

    :raises TransferNotOpen: if it ended otherwise, or its time is over at `at`
    """
    return _end(transfer_id, Transfer.State.DECLINED, at, actor)


def withdraw_transfer(*, transfer_id: int, at: datetime, actor: str) -> Sent:
    """
    Take an offer back; its points are free again. Withdrawing again changes nothing.

    :raises TransferNotOpen: if it ended otherwise, or its time is over at `at`
    """
    return _end(transfer_id, Transfer.State.WITHDRAWN, at, actor)


def lapse_transfers(*, programme_id: int, at: datetime, limit: int = 200) -> list[Transfer]:
    """Write down the next offers of a programme whose time is over at `at`; return them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_lapse_offers(%s, %s, %s)", [programme_id, at, limit])
        (ids,) = cursor.fetchone()
    return list(Transfer.objects.filter(pk__in=ids).select_related("unit").order_by("pk"))


def _end(transfer_id: int, state: Transfer.State, at: datetime, actor: str) -> Sent:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_end_offer(%s, %s, %s, %s)", [transfer_id, state, at, actor[:60]])
        (ended,) = cursor.fetchone()
    return _ended(transfer_id, state, fresh=ended, at=at)


def _ended(transfer_id: int, state: Transfer.State, *, fresh: bool, at: datetime) -> Sent:
    transfer = _of(transfer_id)
    if transfer.state != state:
        now = transfer.state_at(at)
        # A hold that is gone while the offer seems open: to a clock ahead of ours its time was over.
        shown = Transfer.State.LAPSED if now == Transfer.State.OFFERED else now
        raise TransferNotOpen(transfer=transfer_id, state=shown.value, ended_at=transfer.ended_at or transfer.ends_at)
    return Sent(transfer, fresh)


def _rules_for(asked: NewTransfer) -> TransferRules:
    rules = rules_of(asked.unit)
    if rules is None:
        raise TransferNotOffered(unit=asked.unit.code)
    if not rules.fits(asked.amount):
        raise TransferAmountRefused(
            amount=asked.amount, minimum=rules.least, maximum=rules.maximum, step=rules.step, unit=asked.unit.code
        )
    fee = rules.fee(asked.amount)
    if asked.fee not in {None, fee}:
        raise TransferFeeChanged(told=asked.fee, fee=fee)
    return rules


def _same(known: Transfer, asked: NewTransfer) -> Sent:
    """A repeat is one only if it sends the same to the same."""
    earlier = (known.from_wallet_id, known.to_wallet_id, known.unit_id, known.amount, known.message)
    if earlier != (asked.from_wallet_id, asked.to_wallet_id, asked.unit.pk, asked.amount, asked.message):
        raise ReferenceReused(reference=known.reference)
    return Sent(known, fresh=False)


def _limit_reached(limit: str, rules: TransferRules, amount: int, used: int) -> TransferLimitReached:
    caps = {
        "sent_this_month": rules.sent_monthly,
        "made_today": rules.made_daily,
        "received_this_month": rules.received_monthly,
    }
    cap = caps[limit] or 0
    asked = 1 if limit == "made_today" else amount
    return TransferLimitReached(limit=limit, at_most=cap, used=used, left=max(cap - used, 0), asked=asked)


def _count_silence(giver_id: int, receiver_id: int, unit_id: int, at: datetime) -> None:
    """What silent wallets lost until now is counted from what they had until now."""
    for wallet_id in sorted((giver_id, receiver_id)):
        before_spending(wallet_id=wallet_id, unit_id=unit_id, at=at)


def _of(transfer_id: int) -> Transfer:
    return Transfer.objects.select_related("unit", "programme").get(pk=transfer_id)
