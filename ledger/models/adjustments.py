"""Manual adjustments: what somebody asked for, and what another person said to it."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Adjustment(models.Model):
    """
    A request to add points to wallets or take them out, bound to its exact content.

    Its content never changes: `payload_sha256` is made over it and its lines by `ledger_adjustment_digest`, and what is
    approved is this very digest. Nothing is posted before somebody else approves, which the database sees to as well
    (`sql/adjusting.sql`). `plus` and `minus` are the sums of the lines, both positive. `requested_by` is the person who
    answers for the request: the one at the desk, or who made the key that came with it, if anybody is known.
    """

    class Reason(models.TextChoices):
        GOODWILL = "GOODWILL", _("goodwill")
        CORRECTION = "CORRECTION", _("correction of a mistake")
        COMPLAINT = "COMPLAINT", _("complaint")
        MIGRATION = "MIGRATION", _("taken over from another programme")
        OTHER = "OTHER", _("other")

    class State(models.TextChoices):
        OPEN = "OPEN", _("open")
        APPROVED = "APPROVED", _("approved")
        REJECTED = "REJECTED", _("rejected")
        WITHDRAWN = "WITHDRAWN", _("withdrawn")

    programme = models.ForeignKey("shops.Programme", models.PROTECT, related_name="+", verbose_name=_("programme"))
    unit = models.ForeignKey("ledger.Unit", models.PROTECT, related_name="+", verbose_name=_("unit"))
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    wording = models.CharField(_("what the member reads"), max_length=200)
    note = models.CharField(_("internal note"), max_length=500, blank=True)
    line_count = models.PositiveIntegerField(_("members"))
    plus = models.BigIntegerField(_("added"))
    minus = models.BigIntegerField(_("taken"))
    payload_sha256 = models.BinaryField(max_length=32)
    source = models.CharField(_("source"), max_length=40)
    reference = models.CharField(_("reference"), max_length=200)
    requested_by = models.ForeignKey(
        "shops.User", models.PROTECT, null=True, related_name="+", verbose_name=_("answers for it")
    )
    requested_via = models.CharField(_("asked by"), max_length=120)
    requested_at = models.DateTimeField(_("asked"))
    lapses_at = models.DateTimeField(_("lapses"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(
        "shops.User", models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    decision_note = models.CharField(_("note on the decision"), max_length=500, blank=True)
    stopped_at = models.DateTimeField(_("posting stopped"), null=True)

    class Meta:
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")
        constraints = [
            models.UniqueConstraint(fields=["programme", "source", "reference"], name="adjustment_is_asked_once"),
            models.CheckConstraint(condition=~Q(wording=""), name="adjustment_says_why"),
            models.CheckConstraint(
                condition=Q(line_count__gte=1, plus__gte=0, minus__gte=0), name="adjustment_asks_for_something"
            ),
            models.CheckConstraint(condition=Q(lapses_at__gt=F("requested_at")), name="adjustment_has_time"),
            models.CheckConstraint(
                condition=~Q(state__in=["APPROVED", "REJECTED"])
                | Q(requested_by__isnull=True)
                | ~Q(decided_by=F("requested_by")),
                name="adjustment_takes_two",
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN", decided_by__isnull=True, decided_at__isnull=True, decision_note="")
                | Q(
                    state__in=["APPROVED", "REJECTED", "WITHDRAWN"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="adjustment_decision_has_a_name",
            ),
            models.CheckConstraint(
                condition=~Q(state="WITHDRAWN") | Q(decided_by=F("requested_by")),
                name="adjustment_is_withdrawn_by_who_asked",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True) | Q(state="APPROVED"), name="adjustment_stops_what_is_posted"
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "requested_at"], name="adjustment_lately"),
            models.Index(fields=["programme", "-id"], name="adjustment_newest"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    def is_open(self, at: datetime) -> bool:
        """Whether it can still be decided: lapsed is lapsed from the very second on."""
        return self.state == self.State.OPEN and at < self.lapses_at

    def has_lapsed(self, at: datetime) -> bool:
        return self.state == self.State.OPEN and at >= self.lapses_at


class AdjustmentLine(models.Model):
    """
    What one wallet gets (plus) or loses (minus).

    `wording` is empty where the request's holds. `refusal` is the code of what kept the line from being posted when
    that was last tried.
    """

    adjustment = models.ForeignKey(Adjustment, models.PROTECT, related_name="lines", verbose_name=_("adjustment"))
    no = models.PositiveIntegerField(_("number"))
    wallet = models.ForeignKey("ledger.Wallet", models.PROTECT, related_name="+", verbose_name=_("wallet"))
    amount = models.BigIntegerField(_("amount"))
    expires_at = models.DateTimeField(_("expires"), null=True)
    has_own_end = models.BooleanField(_("somebody chose when it expires"))
    wording = models.CharField(_("what the member reads"), max_length=200, blank=True)
    posting = models.OneToOneField(
        "ledger.Posting", models.PROTECT, null=True, related_name="+", db_constraint=False, verbose_name=_("posting")
    )
    refusal = models.CharField(_("not posted because"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("line of an adjustment")
        verbose_name_plural = _("lines of adjustments")
        constraints = [
            models.UniqueConstraint(fields=["adjustment", "no"], name="adjustment_line_has_its_number"),
            models.UniqueConstraint(fields=["adjustment", "wallet"], name="adjustment_names_a_wallet_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="adjustment_line_moves_something"),
            models.CheckConstraint(
                condition=Q(amount__gt=0) | Q(expires_at__isnull=True), name="adjustment_line_taken_never_expires"
            ),
            models.CheckConstraint(
                condition=Q(posting__isnull=True) | Q(refusal=""), name="adjustment_line_is_posted_or_refused"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount:+}"
