"""
The books, double entry: every posting moves amounts between accounts and its entries sum to zero per unit.

Rows are written by the SQL functions in `ledger/sql/` only (one round trip, one lock order); Python reads them
through these models. Postings, entries and lot uses are append-only, held by triggers. Hot tables carry `programme`
and `wallet` so that they can be spread over machines, and keep no database foreign keys among themselves:
`verify_ledger` checks them instead.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from ledger.models.units import Unit


class Wallet(models.Model):
    """
    All accounts of one member. It does not know which member: the books survive erasure.

    A pool is filled by other wallets and knows of each lot which one gave it (`LotOrigin`); nothing is earned there.
    """

    programme = models.ForeignKey("shops.Programme", models.PROTECT, related_name="+", verbose_name=_("programme"))
    opened_at = models.DateTimeField(_("opened"))
    is_pool = models.BooleanField(_("pool"), default=False, db_default=False, editable=False)

    class Meta:
        verbose_name = _("wallet")
        verbose_name_plural = _("wallets")
        constraints = [models.UniqueConstraint("programme", "id", name="wallet_belongs_to_one_programme")]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Account(models.Model):
    """
    One balance of one unit.

    `balance`, `held` and `seq` are kept for members' accounts only; the programme's own accounts are summed on read,
    because a cached balance on a shared row would make every posting wait for every other. Wallet and unit are held by
    foreign keys that include the programme, what a row may contain by triggers (`sql/guards.sql`). Decay counts its
    weeks from `earned_at`, and `decayed_at` is the last one that it took.
    """

    class Kind(models.TextChoices):
        MEMBER = "MEMBER", _("member")
        ARREARS = "ARREARS", _("arrears")
        ISSUANCE = "ISSUANCE", _("issuance")
        REDEMPTION = "REDEMPTION", _("redemption")
        BREAKAGE = "BREAKAGE", _("breakage")
        ADJUSTMENT = "ADJUSTMENT", _("adjustments")
        CONVERSION = "CONVERSION", _("conversions")
        CLEARING = "CLEARING", _("payment clearing")
        FEE = "FEE", _("fees")

    programme_id = models.BigIntegerField(_("programme"))
    wallet = models.ForeignKey(
        Wallet,
        models.PROTECT,
        null=True,
        related_name="accounts",
        db_constraint=False,
        db_index=False,
        verbose_name=_("wallet"),
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="accounts", db_constraint=False, db_index=False, verbose_name=_("unit")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    balance = models.BigIntegerField(_("balance"), default=0)
    held = models.BigIntegerField(_("reserved"), default=0)
    seq = models.BigIntegerField(_("number of entries"), default=0)
    earned_at = models.DateTimeField(_("last earned"), null=True)
    decayed_at = models.DateTimeField(_("last decayed"), null=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["wallet", "unit", "kind", "programme_id"], name="account_is_unique", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"


class Posting(models.Model):
    """One atomic, immutable ledger event. `(programme, source, kind, reference)` makes it happen once."""

    class Kind(models.TextChoices):
        ACCRUE = "ACCRUE", _("earned")
        BURN = "BURN", _("spent")
        EXPIRE = "EXPIRE", _("expired")
        REVERSE = "REVERSE", _("undone")
        CLAW_BACK = "CLAW_BACK", _("taken back")
        SETTLE = "SETTLE", _("offset against arrears")
        ADJUST = "ADJUST", _("adjusted")
        TRANSFER = "TRANSFER", _("transferred")
        CONVERT = "CONVERT", _("converted")
        PURCHASE = "PURCHASE", _("bought")

    programme_id = models.BigIntegerField(_("programme"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    source = models.CharField(_("source"), max_length=40)
    reference = models.CharField(_("reference"), max_length=200)
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="corrections",
        db_constraint=False,
        db_index=False,
        verbose_name=_("corrects"),
    )
    actor = models.CharField(_("by"), max_length=60)
    occurred_at = models.DateTimeField(_("happened"))
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now())

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [
            models.UniqueConstraint(
                fields=["programme_id", "source", "kind", "reference"], name="posting_happens_once"
            ),
        ]
        indexes = [models.Index(fields=["corrects"], condition=Q(corrects__isnull=False), name="posting_corrections")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"


class Entry(models.Model):
    """
    One signed amount on one account: plus into it, minus out of it.

    On a member's account `seq` counts its entries without a gap and `balance_after` is the balance behind this
    entry, so a lost update breaks a unique key and history can be checked by one query.
    """

    programme_id = models.BigIntegerField(_("programme"))
    wallet = models.ForeignKey(Wallet, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False)
    posting = models.ForeignKey(Posting, models.PROTECT, related_name="entries", db_constraint=False, db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="entries", db_constraint=False, db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    amount = models.BigIntegerField(_("amount"))
    seq = models.BigIntegerField(_("number"), null=True)
    balance_after = models.BigIntegerField(_("balance"), null=True)

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "seq"], condition=Q(seq__isnull=False), name="entry_numbers_are_unique_in_account"
            ),
            models.UniqueConstraint(fields=["posting", "account"], name="entry_is_one_per_posting_and_account"),
        ]

    def __str__(self) -> str:
        return f"{self.amount:+}"


class Lot(models.Model):
    """Points from one earning that live and expire together. `reserved` is the part of `remaining` that holds keep."""

    programme_id = models.BigIntegerField(_("programme"))
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="lots", db_constraint=False, db_index=False)
    posting = models.ForeignKey(Posting, models.PROTECT, related_name="lots", db_constraint=False)
    earned = models.BigIntegerField(_("earned"))
    remaining = models.BigIntegerField(_("remaining"))
    reserved = models.BigIntegerField(_("reserved"), default=0)
    active_from = models.DateTimeField(_("active from"))
    expires_at = models.DateTimeField(_("expires"), null=True)
    has_own_end = models.BooleanField(_("its rule says when it expires"), default=False, db_default=False)

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        indexes = [
            # Burns walk this in order and stop early.
            models.Index(fields=["account", "expires_at", "id"], condition=Q(remaining__gt=0), name="lot_open"),
            # The expiry run reads this by chunks.
            models.Index(
                fields=["expires_at"], condition=Q(remaining__gt=0, expires_at__isnull=False), name="lot_lapsing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.remaining}/{self.earned}"


class LotUse(models.Model):
    """Which posting took how much out of which lot; a negative amount was put back."""

    programme_id = models.BigIntegerField(_("programme"))
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    posting = models.ForeignKey(Posting, models.PROTECT, related_name="lot_uses", db_constraint=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="uses", db_constraint=False)
    amount = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("lot use")
        verbose_name_plural = _("lot uses")
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="lot_use_moves_something")]

    def __str__(self) -> str:
        return f"{self.amount}"


class Hold(models.Model):
    """Points reserved for a limited time: captured, released, or free again when the time is over."""

    class State(models.TextChoices):
        HELD = "HELD", _("reserved")
        CAPTURED = "CAPTURED", _("captured")
        RELEASED = "RELEASED", _("released")

    programme_id = models.BigIntegerField(_("programme"))
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="holds", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="holds", db_index=False)
    source = models.CharField(_("source"), max_length=40)
    reference = models.CharField(_("reference"), max_length=200)
    amount = models.BigIntegerField(_("amount"))
    captured = models.BigIntegerField(_("captured"), default=0)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.HELD)
    held_at = models.DateTimeField(_("reserved"))
    expires_at = models.DateTimeField(_("until"))
    closed_at = models.DateTimeField(_("closed"), null=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.UniqueConstraint(fields=["programme_id", "source", "reference"], name="hold_happens_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="hold_keeps_something"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("held_at")), name="hold_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(state="HELD", captured=0, closed_at__isnull=True)
                | Q(state="RELEASED", captured=0, closed_at__isnull=False)
                | Q(state="CAPTURED", captured__gt=0, captured__lte=F("amount"), closed_at__isnull=False),
                name="hold_state_fits_its_amounts",
            ),
        ]
        indexes = [models.Index(fields=["account", "expires_at"], condition=Q(state="HELD"), name="hold_open")]

    def __str__(self) -> str:
        return f"{self.amount} {self.get_state_display()}"


class HoldLot(models.Model):
    """Which lots a hold keeps: what was reserved before it expired is honoured when it is captured."""

    hold = models.ForeignKey(Hold, models.PROTECT, related_name="parts")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    amount = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("reserved part of a lot")
        verbose_name_plural = _("reserved parts of lots")
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="hold_part_keeps_something")]

    def __str__(self) -> str:
        return f"{self.amount}"
