"""Members turn amounts of one unit into another."""

from datetime import datetime

from django.db import transaction

from events import outbox
from kernel.amounts import format_minor
from ledger import services as ledger
from ledger.queries import ConversionTerms
from ledger.services import Converted
from members.models import Member


@transaction.atomic
def exchange(  # noqa: PLR0913 -- the verb names every part of a posting
    *, member: Member, terms: ConversionTerms, chunks: int | None, source: str, key: str, at: datetime, actor: str
) -> Converted:
    """
    Convert whole chunks of a member's wallet, all there are if `chunks` is None. `(source, key)` makes it happen once.

    :raises ConversionNotOffered: if members may not do this themselves
    :raises AmountNotPositive: if `chunks` is below one
    :raises InsufficientPoints: if the wallet has less
    :raises ReferenceReused: if the key stands for another conversion
    """
    done = ledger.convert(
        wallet_id=member.wallet_id,
        terms=terms,
        chunks=chunks,
        source=source,
        reference=key,
        at=at,
        actor=actor,
        birth_month=member.birth_month,
    )
    if done.fresh:
        taken, given = terms.source_unit, terms.target_unit
        payload = {
            "member": member.number,
            "posting": done.posting_id,
            "from": {"unit": taken.code, "amount": format_minor(done.taken, decimals=taken.decimals)},
            "to": {"unit": given.code, "amount": format_minor(done.given, decimals=given.decimals)},
        }
        outbox.record([outbox.Fact(member.programme_id, "points.converted", payload, at)])
    return done
