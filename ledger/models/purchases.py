"""Units that are bought with money: what they cost, each purchase, and what payment providers said about it."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledger.models.books import Posting, Wallet
from ledger.models.units import Unit


class PurchaseTerms(models.Model):
    """
    One version of what a unit costs; the highest `number` is in force, and a purchase keeps the one it was made under.

    Each `step` minor units of the unit cost `price` minor units of the programme's currency, each purchase `fee`
    besides. `minimum` and `maximum` bound one purchase, `max_per_year` what a member buys in a calendar year of the
    programme's zone. Within `withdrawal_days` what was not used can be given back; 0 is no such right.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="purchase_terms", verbose_name=_("unit"))
    number = models.PositiveIntegerField(_("version"))
    is_offered = models.BooleanField(_("offered"))
    step = models.BigIntegerField(_("in steps of"))
    price = models.BigIntegerField(_("price of a step"))
    fee = models.BigIntegerField(_("fee of a purchase"), default=0)
    minimum = models.BigIntegerField(_("at least"))
    maximum = models.BigIntegerField(_("at most"))
    max_per_year = models.BigIntegerField(_("at most in a calendar year"), null=True)
    withdrawal_days = models.PositiveSmallIntegerField(_("days to withdraw"), default=0)
    set_by = models.CharField(_("set by"), max_length=120)
    set_at = models.DateTimeField(_("set"))

    class Meta:
        verbose_name = _("purchase terms")
        verbose_name_plural = _("purchase terms")
        constraints = [
            models.UniqueConstraint("unit", "number", name="purchase_terms_are_numbered"),
            models.CheckConstraint(
                condition=Q(step__gt=0, price__gt=0, fee__gte=0), name="purchase_terms_cost_something"
            ),
            models.CheckConstraint(
                condition=Q(minimum__gt=0, maximum__gte=F("minimum"), maximum__lte=10**12)
                & (Q(max_per_year__isnull=True) | Q(max_per_year__gte=F("minimum"))),
                name="purchase_terms_limits_make_sense",
            ),
            models.CheckConstraint(condition=Q(withdrawal_days__lte=366), name="purchase_terms_withdrawal_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.number}"


class Purchase(models.Model):
    """
    An amount of a unit for money: `price` for it and the `fee` make the `total`, in minor units of `currency`.

    Nothing is in the wallet before `captured` (the `total`, or 0). `refunded` is the money that went back so far and
    `taken_back` the units that left for it. `counts_in` is the calendar year whose limit it uses. `provider` and
    `payment` name the money; `number` is what members read out in a shop. Which state follows which is held by a
    trigger (`sql/purchasing.sql`).
    """

    class State(models.TextChoices):
        REQUESTED = "REQUESTED", _("waiting for the payment")
        AUTHORISED = "AUTHORISED", _("authorised")
        CAPTURED = "CAPTURED", _("paid")
        REFUNDED = "REFUNDED", _("refunded")
        CANCELLED = "CANCELLED", _("cancelled")

    programme_id = models.BigIntegerField(_("programme"))
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="+", db_index=False, verbose_name=_("wallet"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False, verbose_name=_("unit"))
    terms = models.ForeignKey(
        PurchaseTerms, models.PROTECT, related_name="purchases", db_index=False, verbose_name=_("terms")
    )
    number = models.CharField(_("number"), max_length=8)
    source = models.CharField(_("source"), max_length=40)
    reference = models.CharField(_("reference"), max_length=200)
    amount = models.BigIntegerField(_("amount"))
    price = models.BigIntegerField(_("price"))
    fee = models.BigIntegerField(_("fee"))
    total = models.BigIntegerField(_("total"))
    currency = models.CharField(_("currency"), max_length=3)
    provider = models.CharField(_("provider"), max_length=40, blank=True)
    payment = models.CharField(_("payment"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.REQUESTED)
    requested_at = models.DateTimeField(_("asked for"))
    expires_at = models.DateTimeField(_("until"))
    authorised_at = models.DateTimeField(_("authorised"), null=True)
    captured_at = models.DateTimeField(_("paid"), null=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)
    refunded_at = models.DateTimeField(_("last refunded"), null=True)
    counts_in = models.SmallIntegerField(_("counts in the year"), null=True)
    withdraw_until = models.DateTimeField(_("can be withdrawn until"), null=True)
    captured = models.BigIntegerField(_("money paid"), default=0)
    refunded = models.BigIntegerField(_("money given back"), default=0)
    taken_back = models.BigIntegerField(_("amount taken back"), default=0)
    posting = models.OneToOneField(Posting, models.PROTECT, null=True, related_name="purchase", db_constraint=False)

    class Meta:
        verbose_name = _("purchase")
        verbose_name_plural = _("purchases")
        constraints = [
            models.UniqueConstraint(fields=["programme_id", "source", "reference"], name="purchase_happens_once"),
            models.UniqueConstraint(fields=["programme_id", "number"], name="purchase_number_is_unique"),
            models.UniqueConstraint(
                fields=["programme_id", "provider", "payment"],
                condition=~Q(payment=""),
                name="payment_pays_one_purchase",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, price__gt=0, fee__gte=0, total=F("price") + F("fee")),
                name="purchase_total_is_price_and_fee",
            ),
            models.CheckConstraint(
                condition=Q(refunded__gte=0, refunded__lte=F("captured"), taken_back__gte=0)
                & Q(taken_back__lte=F("amount")),
                name="purchase_gives_back_what_was_paid",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("requested_at")), name="purchase_request_ends"),
            models.CheckConstraint(
                condition=Q(
                    state="REQUESTED",
                    counts_in__isnull=True,
                    authorised_at__isnull=True,
                    captured_at__isnull=True,
                    cancelled_at__isnull=True,
                )
                | Q(
                    ~Q(payment=""),
                    state="AUTHORISED",
                    counts_in__isnull=False,
                    authorised_at__isnull=False,
                    captured_at__isnull=True,
                    cancelled_at__isnull=True,
                )
                | Q(state="CANCELLED", captured_at__isnull=True, cancelled_at__isnull=False)
                | Q(
                    ~Q(payment=""),
                    state__in=["CAPTURED", "REFUNDED"],
                    counts_in__isnull=False,
                    captured_at__isnull=False,
                    cancelled_at__isnull=True,
                ),
                name="purchase_state_fits_its_times",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["REQUESTED", "AUTHORISED", "CANCELLED"],
                    captured=0,
                    refunded=0,
                    taken_back=0,
                    posting__isnull=True,
                    refunded_at__isnull=True,
                )
                | Q(
                    Q(refunded_at__isnull=True, refunded=0) | Q(refunded_at__isnull=False, refunded__gt=0),
                    state="CAPTURED",
                    captured=F("total"),
                    refunded__lt=F("total"),
                    posting__isnull=False,
                )
                | Q(
                    state="REFUNDED",
                    captured=F("total"),
                    refunded=F("total"),
                    taken_back=F("amount"),
                    posting__isnull=False,
                    refunded_at__isnull=False,
                ),
                name="purchase_state_fits_its_amounts",
            ),
        ]
        indexes = [
            models.Index(fields=["wallet", "unit", "counts_in"], name="purchase_of_wallet"),
            models.Index(fields=["programme_id", "captured_at"], name="purchase_by_payment"),
        ]

    def __str__(self) -> str:
        return f"{self.number[:4]}-{self.number[4:]}"

    def has_lapsed(self, at: datetime) -> bool:
        """Whether nobody paid in time. The row still says REQUESTED: a payment made in time may be told late."""
        return self.state == self.State.REQUESTED and self.expires_at <= at


class PaymentNotice(models.Model):
    """
    What somebody said about a payment: a provider, a till, the desk or the member. Append-only.

    `(provider, notice)` counts once. One that was refused stands here with the code of its `refusal`, and may come
    again. `amount` is money: of the payment, or all that was given back so far; `fingerprint` tells a repeat from
    another notice under the same name. `changed` says whether it was news, `state` is that of the purchase behind it.
    """

    class Kind(models.TextChoices):
        AUTHORISED = "AUTHORISED", _("payment authorised")
        CAPTURED = "CAPTURED", _("payment made")
        CANCELLED = "CANCELLED", _("cancelled")
        REFUNDED = "REFUNDED", _("money given back")
        WITHDRAWN = "WITHDRAWN", _("withdrawn by the member")

    programme_id = models.BigIntegerField(_("programme"))
    purchase = models.ForeignKey(
        Purchase, models.PROTECT, null=True, related_name="notices", verbose_name=_("purchase")
    )
    provider = models.CharField(_("told by"), max_length=40)
    notice = models.CharField(_("notice"), max_length=200)
    kind = models.CharField(_("what happened"), max_length=10, choices=Kind)
    payment = models.CharField(_("payment"), max_length=200, blank=True)
    amount = models.BigIntegerField(_("amount"), null=True)
    happened_at = models.DateTimeField(_("happened"))
    told_at = models.DateTimeField(_("told"))
    actor = models.CharField(_("by"), max_length=60)
    fingerprint = models.BinaryField(max_length=32)
    changed = models.BooleanField(_("was news"), default=False)
    state = models.CharField(_("state behind it"), max_length=10, choices=Purchase.State, blank=True)
    refusal = models.CharField(_("refused because"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("payment notice")
        verbose_name_plural = _("payment notices")
        constraints = [
            models.UniqueConstraint(
                fields=["programme_id", "provider", "notice", "refusal"], name="payment_notice_counts_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.notice}"
