"""What members ask of the night."""

from django.utils.translation import gettext_lazy as _

from ledger import nightly, transfers
from ledger.nightly import Batch, NightlyRun, Step
from members import transferring


def register() -> None:
    """Add the steps; called when the app starts."""
    nightly.add(nightly.OFFERS, Step("offers", _("Close offers that nobody answered in time"), _over, _close))


def _over(run: NightlyRun) -> int:
    return transfers.lapsing(run.programme_id, at=run.at)


def _close(run: NightlyRun, _cursor: int) -> Batch:
    closed = transferring.lapse(programme_id=run.programme_id, at=run.at)
    return Batch(closed, 1 if closed else None)
