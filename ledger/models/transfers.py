"""What members may send each other, and what they sent."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledger.models.books import Hold, Posting, Wallet
from ledger.models.units import Unit


class TransferTerms(models.Model):
    """
    On which terms members send a unit to each other. Amounts are minor units; an empty limit is none.

    `minimum`, `maximum` and `step` bound one transfer; `sent_monthly` and `received_monthly` what a member sends and
    receives in a calendar month, `made_daily` how many transfers one begins in a local day. The sender pays a fee of
    `fee_fixed` and `fee_permille` of the amount beside it. Where it `needs_acceptance`, the receiver has until the end
    of the `days_to_accept`-th day after.
    """

    unit = models.OneToOneField(Unit, models.PROTECT, related_name="transfer_terms", verbose_name=_("unit"))
    is_offered = models.BooleanField(_("members may send it"), default=True)
    minimum = models.BigIntegerField(_("at least"), default=1)
    maximum = models.BigIntegerField(_("at most"), null=True, blank=True)
    step = models.BigIntegerField(_("in steps of"), default=1)
    sent_monthly = models.BigIntegerField(_("sent in a month, at most"), null=True, blank=True)
    made_daily = models.PositiveIntegerField(_("transfers a day, at most"), null=True, blank=True)
    received_monthly = models.BigIntegerField(_("received in a month, at most"), null=True, blank=True)
    fee_fixed = models.BigIntegerField(_("fee"), default=0)
    fee_permille = models.PositiveSmallIntegerField(_("fee per mille"), default=0)
    needs_acceptance = models.BooleanField(_("the receiver has to accept"), default=True)
    days_to_accept = models.PositiveSmallIntegerField(_("days to accept"), default=7)

    class Meta:
        verbose_name = _("terms of transfers")
        verbose_name_plural = _("terms of transfers")
        constraints = [
            models.CheckConstraint(
                condition=Q(minimum__gt=0, step__gt=0) & (Q(maximum__isnull=True) | Q(maximum__gte=F("minimum"))),
                name="transfer_bounds_make_sense",
            ),
            models.CheckConstraint(
                condition=(Q(sent_monthly__isnull=True) | Q(sent_monthly__gt=0))
                & (Q(made_daily__isnull=True) | Q(made_daily__gt=0))
                & (Q(received_monthly__isnull=True) | Q(received_monthly__gt=0)),
                name="transfer_limits_allow_something",
            ),
            models.CheckConstraint(
                condition=Q(fee_fixed__gte=0, fee_permille__lte=1000), name="transfer_fee_is_a_part_of_it"
            ),
            models.CheckConstraint(
                condition=Q(days_to_accept__gte=1, days_to_accept__lte=90), name="transfer_offer_has_days"
            ),
        ]

    def __str__(self) -> str:
        return str(self.unit)


class Transfer(models.Model):
    """
    What one member sent to another: `DONE` at once, or an offer that waits for the receiver.

    An open offer keeps amount and fee in a hold of the sender's until `ends_at`, the end of the receiver's time or the
    instant at which the first of these points expires, whichever comes first. Once it is over it is `LAPSED`, whether
    or not the night has written that down (`state_at`). The database lets an offer end once and nothing else change
    (`sql/transfers.sql`); rows are written by its verbs alone.
    """

    class State(models.TextChoices):
        OFFERED = "OFFERED", _("waits for an answer")
        ACCEPTED = "ACCEPTED", _("accepted")
        DECLINED = "DECLINED", _("declined")
        WITHDRAWN = "WITHDRAWN", _("withdrawn")
        LAPSED = "LAPSED", _("lapsed")
        DONE = "DONE", _("sent")

    programme = models.ForeignKey("shops.Programme", models.PROTECT, related_name="+", verbose_name=_("programme"))
    from_wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="+", db_index=False, verbose_name=_("from"))
    to_wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="+", db_index=False, verbose_name=_("to"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    amount = models.BigIntegerField(_("amount"))
    fee = models.BigIntegerField(_("fee"))
    message = models.CharField(_("message"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=40)
    reference = models.CharField(_("reference"), max_length=200)
    made_by = models.CharField(_("made by"), max_length=60)
    made_at = models.DateTimeField(_("made"))
    ends_at = models.DateTimeField(_("open until"), null=True)
    state = models.CharField(_("state"), max_length=9, choices=State)
    ended_by = models.CharField(_("ended by"), max_length=60, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    hold = models.OneToOneField(Hold, models.PROTECT, null=True, related_name="+", verbose_name=_("hold"))
    posting = models.OneToOneField(
        Posting, models.PROTECT, null=True, related_name="transfer", db_constraint=False, verbose_name=_("posting")
    )

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            models.UniqueConstraint(fields=["programme", "source", "reference"], name="transfer_is_made_once"),
            models.CheckConstraint(condition=Q(amount__gt=0, fee__gte=0), name="transfer_moves_something"),
            models.CheckConstraint(condition=~Q(from_wallet=F("to_wallet")), name="transfer_is_between_two"),
            models.CheckConstraint(
                condition=Q(state="DONE", hold__isnull=True, ends_at__isnull=True, posting__isnull=False)
                & Q(ended_at=F("made_at"))
                | Q(state="OFFERED", hold__isnull=False, ends_at__gt=F("made_at"), posting__isnull=True)
                & Q(ended_at__isnull=True)
                | Q(state="ACCEPTED", hold__isnull=False, ended_at__lt=F("ends_at"), posting__isnull=False)
                | Q(state__in=["DECLINED", "WITHDRAWN"], hold__isnull=False, ended_at__lt=F("ends_at"))
                & Q(posting__isnull=True)
                | Q(state="LAPSED", hold__isnull=False, ended_at=F("ends_at"), posting__isnull=True),
                name="transfer_state_fits",
            ),
        ]
        indexes = [
            models.Index(fields=["from_wallet", "unit", "made_at"], name="transfer_sent"),
            models.Index(fields=["to_wallet", "unit", "ended_at"], name="transfer_received"),
            models.Index(fields=["programme", "ends_at"], condition=Q(state="OFFERED"), name="transfer_lapsing"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    def state_at(self, at: datetime) -> "Transfer.State":
        """Its state at an instant: an offer whose time is over has lapsed, whether or not that is written down."""
        if self.is_open(at) or self.state != self.State.OFFERED:
            return self.State(self.state)
        return self.State.LAPSED

    def is_open(self, at: datetime) -> bool:
        return self.state == self.State.OFFERED and self.ends_at is not None and at < self.ends_at
