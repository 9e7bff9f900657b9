"""Who fills a pool."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledger.models.books import Wallet


class PoolMember(models.Model):
    """
    A wallet that fills a pool, or did until `left_at`: from then on all that is or becomes free of its lots goes home.

    Written by verbs (`sql/pooling.sql`) under the lock of the pool.
    """

    programme_id = models.BigIntegerField(_("programme"))
    pool = models.ForeignKey(Wallet, models.PROTECT, related_name="pool_members", db_index=False)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="pools")
    joined_at = models.DateTimeField(_("joined"))
    left_at = models.DateTimeField(_("left"), null=True)

    class Meta:
        verbose_name = _("member of a pool")
        verbose_name_plural = _("members of pools")
        constraints = [
            models.UniqueConstraint(fields=["pool", "wallet"], name="pool_knows_a_wallet_once"),
            models.CheckConstraint(condition=~Q(pool=F("wallet")), name="pool_does_not_fill_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.wallet_id} → {self.pool_id}"
