"""Where amounts came from that another wallet gave."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.models.books import Lot, Wallet


class LotOrigin(models.Model):
    """
    Out of which lot of which wallet a lot was moved. It lives as long as that one did, and is told apart from what the
    wallet earned itself: so what was given can be given back.
    """

    programme_id = models.BigIntegerField(_("programme"))
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    lot = models.OneToOneField(Lot, models.PROTECT, related_name="origin", db_constraint=False)
    from_wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    from_lot = models.ForeignKey(Lot, models.PROTECT, related_name="moved", db_constraint=False)

    class Meta:
        verbose_name = _("origin of a lot")
        verbose_name_plural = _("origins of lots")

    def __str__(self) -> str:
        return f"{self.from_wallet_id} → {self.wallet_id}"
