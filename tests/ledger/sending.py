"""Transfers for tests, with everything beside the point made up."""

import itertools
from datetime import datetime
from typing import Any

from ledger import services as ledger
from ledger.models import Transfer
from ledger.sending import TransferRules
from ledger.services import NewTransfer, Sent
from tests.ledger.books import NOON, TestWallet

_numbers = itertools.count(1)


def may_be_sent(unit: Any, *, is_offered: bool = True, **rules: Any) -> None:
    """Let members send a unit: at once, unless `needs_acceptance` says otherwise."""
    ledger.offer_transfers(
        unit=unit, rules=TransferRules(**{"needs_acceptance": False, **rules}), is_offered=is_offered
    )


def send(
    giver: TestWallet,
    receiver: TestWallet,
    amount: int,
    *,
    at: datetime = NOON,
    ref: str = "",
    message: str = "",
    fee: int | None = None,
) -> Sent:
    return ledger.send(
        asked=NewTransfer(giver.wallet_id, receiver.wallet_id, giver.unit, amount, message, fee),
        programme=giver.unit.programme,
        source="test",
        reference=ref or f"transfer {next(_numbers)}",
        at=at,
        actor="test",
    )


def offer(giver: TestWallet, receiver: TestWallet, amount: int, *, at: datetime = NOON) -> Transfer:
    """An offer that waits, where the unit's terms ask for a yes."""
    made = send(giver, receiver, amount, at=at).transfer
    assert made.state == Transfer.State.OFFERED
    return made


def accept(transfer: Transfer, *, at: datetime = NOON) -> Sent:
    return ledger.accept_transfer(transfer_id=transfer.pk, at=at, actor="receiver")


def decline(transfer: Transfer, *, at: datetime = NOON) -> Sent:
    return ledger.decline_transfer(transfer_id=transfer.pk, at=at, actor="receiver")


def withdraw(transfer: Transfer, *, at: datetime = NOON) -> Sent:
    return ledger.withdraw_transfer(transfer_id=transfer.pk, at=at, actor="sender")


def lapse(programme: Any, *, at: datetime) -> list[int]:
    return [row.pk for row in ledger.lapse_transfers(programme_id=programme.pk, at=at)]
