"""What members reserve of their household's pool; the payer stays the member."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from ledger import services as ledger
from ledger.services import Reserved
from members.households.models import PoolHold
from members.households.queries import required_pool, spending_pool
from members.models import Member


@transaction.atomic
def reserve(  # noqa: PLR0913 -- the verb names every part of a posting
    *, member: Member, unit_id: int, amount: int, source: str, reference: str, at: datetime, until: datetime
) -> Reserved:
    """
    Keep an amount of the pool of the member's household until `until`, for this member.

    :raises HouseholdUnknown: if the member is in no household
    :raises MemberBlocked: if the member is blocked
    :raises MayNotSpend: if the member only contributes
    :raises DomainError: as `ledger.services.reserve`
    """
    pool_id = required_pool(member)
    # Behind the lock nobody leaves, joins or changes roles any more.
    ledger.lock_wallets([pool_id, member.wallet_id])
    member.refresh_from_db(fields=["status"])
    pool_id = required_pool(member)
    reserved = ledger.reserve(
        programme_id=member.programme_id,
        wallet_id=pool_id,
        unit_id=unit_id,
        amount=amount,
        source=source,
        reference=reference,
        at=at,
        until=until,
    )
    PoolHold.objects.get_or_create(hold_id=reserved.hold_id, defaults={"member": member})
    return reserved


def spender_of(hold_id: int) -> Member:
    """Who reserved a hold on a pool."""
    return PoolHold.objects.select_related("member").get(hold=hold_id).member


def may_pay_with(*, wallet_id: int, hold_wallet_ids: Sequence[int]) -> bool:
    """Whether the member of a wallet may pay with holds on these: their own, and the pool that they may spend."""
    others = set(hold_wallet_ids) - {wallet_id}
    return not others or others == {spending_pool(wallet_id=wallet_id)}
