"""Why postings of transfers exist, in words: what the books can't say, as they do not know whose wallets they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kernel.wording import number_text
from ledger.transfer_sentences import amount_text
from ledger.transfers import Transfer, by_posting
from members.masking import masked
from members.models import Member
from members.transferring import members_of


@dataclass(frozen=True, slots=True)
class Told:
    """One transfer as its sender, its receiver and anybody else reads it."""

    sent: str
    received: str
    by_others: str

    def to(self, amount: int | None) -> str:
        """For whom it changed so much; None for anybody else."""
        if amount is None:
            return self.by_others
        return self.received if amount > 0 else self.sent


def reasons_of(posting_ids: Sequence[int]) -> dict[int, Told]:
    """By posting id; postings that move something else than a transfer are left out. Two queries."""
    found = by_posting(posting_ids)
    members = members_of(list(found.values()))
    return {
        posting_id: _told(row, members[row.from_wallet_id], members[row.to_wallet_id])
        for posting_id, row in found.items()
    }


def _told(row: Transfer, sender: Member, receiver: Member) -> Told:
    facts = {
        "amount": amount_text(row.amount, row.unit),
        "sender": masked(sender),
        "receiver": masked(receiver),
        "fee": number_text(row.fee, decimals=row.unit.decimals, language=get_language() or "en"),
        "message": row.message,
    }
    received = (
        _("Received from %(sender)s: %(amount)s. “%(message)s”")
        if row.message
        else _("Received from %(sender)s: %(amount)s")
    )
    if row.fee:
        sent = _("Sent to %(receiver)s: %(amount)s (fee %(fee)s)")
        by_others = _("%(sender)s sent %(receiver)s %(amount)s (fee %(fee)s)")
    else:
        sent = _("Sent to %(receiver)s: %(amount)s")
        by_others = _("%(sender)s sent %(receiver)s %(amount)s")
    return Told(sent % facts, received % facts, by_others % facts)
