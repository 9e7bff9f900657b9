"""Members of a programme and what identifies them."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from members.attributes.models import MemberAttribute as MemberAttribute  # noqa: PLC0414  # Django finds models here
from members.attributes.models import Tag as Tag  # noqa: PLC0414
from members.households.models import EarningShare as EarningShare  # noqa: PLC0414  # Django finds models here
from members.households.models import Household as Household  # noqa: PLC0414
from members.households.models import HouseholdMember as HouseholdMember  # noqa: PLC0414
from members.households.models import HouseholdTerms as HouseholdTerms  # noqa: PLC0414
from members.households.models import PoolHold as PoolHold  # noqa: PLC0414
from members.segments.models import Segment as Segment  # noqa: PLC0414
from members.segments.models import SegmentMember as SegmentMember  # noqa: PLC0414
from members.segments.models import Touched as Touched  # noqa: PLC0414
from members.tiers.models import LadderVersion as LadderVersion  # noqa: PLC0414
from members.tiers.models import TierCarry as TierCarry  # noqa: PLC0414
from members.tiers.models import TierGrant as TierGrant  # noqa: PLC0414
from members.tiers.models import TierLadder as TierLadder  # noqa: PLC0414
from members.tiers.models import TierMilestone as TierMilestone  # noqa: PLC0414
from members.tiers.models import TierStay as TierStay  # noqa: PLC0414


class Member(models.Model):
    """
    One customer's enrolment in one programme.

    Personal data stand here and nowhere in the books: the member points at a wallet, the wallet never points back.
    `card_ref` is the random reference inside the member's QR code; it rotates and is never the primary key.
    """

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", _("active")
        BLOCKED = "BLOCKED", _("blocked")

    programme = models.ForeignKey(
        "shops.Programme", models.PROTECT, related_name="members", verbose_name=_("programme")
    )
    number = models.CharField(
        _("number"), max_length=12, validators=[RegexValidator(r"^\d{12}$", _("Twelve digits."))], editable=False
    )
    wallet = models.OneToOneField("ledger.Wallet", models.PROTECT, related_name="+", editable=False)
    user = models.ForeignKey(
        "shops.User", models.SET_NULL, null=True, blank=True, related_name="memberships", verbose_name=_("sign-in")
    )
    name = models.CharField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.ACTIVE)
    card_ref = models.BinaryField(max_length=10, unique=True, editable=False)
    joined_at = models.DateTimeField(_("joined"))
    birth_month = models.PositiveSmallIntegerField(_("month of birth"), null=True, editable=False)
    birth_day = models.PositiveSmallIntegerField(_("day of birth"), null=True, editable=False)
    birthday_told_at = models.DateTimeField(_("birthday told"), null=True, editable=False)
    attributes = models.JSONField(_("attributes"), default=dict, editable=False)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint("programme", "number", name="member_number_is_unique_in_programme"),
            models.UniqueConstraint("programme", "user", name="member_is_one_per_sign_in"),
            models.UniqueConstraint(
                "programme", Lower("email"), condition=~Q(email=""), name="member_email_is_unique_in_programme"
            ),
            models.CheckConstraint(condition=Q(status__in=["ACTIVE", "BLOCKED"]), name="member_status_is_known"),
            models.CheckConstraint(
                condition=Q(birth_month__isnull=True, birth_day__isnull=True, birthday_told_at__isnull=True)
                | Q(
                    birth_month__gte=1,
                    birth_month__lte=12,
                    birth_day__gte=1,
                    birth_day__lte=31,
                    birthday_told_at__isnull=False,
                ),
                name="member_birthday_is_a_day_or_unknown",
            ),
        ]
        indexes = [models.Index(fields=["programme", "-joined_at"], name="member_by_joining")]

    def __str__(self) -> str:
        return self.name or self.number

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE

    @property
    def first_name(self) -> str:
        return self.name.partition(" ")[0]


class Identifier(models.Model):
    """The member's name in another system: `(source, external_id)`, such as ("shopify", "6940095564")."""

    programme = models.ForeignKey("shops.Programme", models.PROTECT, related_name="+", verbose_name=_("programme"))
    member = models.ForeignKey(Member, models.CASCADE, related_name="identifiers", verbose_name=_("member"))
    source = models.CharField(_("source"), max_length=40)
    external_id = models.CharField(_("external id"), max_length=120)

    class Meta:
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        constraints = [
            models.UniqueConstraint(fields=["programme", "source", "external_id"], name="identifier_names_one_member")
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.external_id}"


class TokenUse(models.Model):
    """A code of a member's card that was accepted: the row that lets it be accepted once."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False, verbose_name=_("member"))
    purpose = models.PositiveSmallIntegerField(_("purpose"))
    step = models.BigIntegerField(_("step"))
    used_at = models.DateTimeField(_("used"))

    class Meta:
        verbose_name = _("use of a code")
        verbose_name_plural = _("uses of codes")
        constraints = [models.UniqueConstraint(fields=["member", "step", "purpose"], name="token_is_used_once")]

    def __str__(self) -> str:
        return f"{self.step}"


class Visit(models.Model):
    """
    A member standing at a counter: for a few minutes this staff member, on this device, may serve them.

    `method` tells how they were identified; only a shown card allows spending. `nonce` is the device's own name for the
    scan, so that a repeated request gets the same visit.
    """

    class Method(models.TextChoices):
        CARD = "CARD", _("card shown")
        NUMBER = "NUMBER", _("number typed")

    member = models.ForeignKey(Member, models.PROTECT, related_name="visits", verbose_name=_("member"))
    shop = models.ForeignKey("shops.Shop", models.PROTECT, related_name="+", verbose_name=_("shop"))
    device = models.ForeignKey(
        "shops.Device", models.PROTECT, related_name="+", db_index=False, verbose_name=_("device")
    )
    staff = models.ForeignKey("shops.User", models.PROTECT, related_name="+", verbose_name=_("served by"))
    method = models.CharField(_("identified by"), max_length=8, choices=Method)
    token_use = models.OneToOneField(TokenUse, models.PROTECT, null=True, related_name="visit", editable=False)
    nonce = models.CharField(max_length=64, editable=False)
    opened_at = models.DateTimeField(_("opened"))
    expires_at = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        constraints = [
            models.UniqueConstraint(fields=["device", "nonce"], name="visit_is_opened_once"),
            models.CheckConstraint(
                condition=Q(method="CARD", token_use__isnull=False) | Q(method="NUMBER", token_use__isnull=True),
                name="visit_by_card_names_the_code",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("opened_at")), name="visit_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()} #{self.pk}"

    @property
    def may_spend(self) -> bool:
        return self.method == self.Method.CARD


class TypedNumbers(models.Model):
    """How many member numbers a shop typed on one local day: the exact limit against trying numbers out."""

    shop = models.ForeignKey("shops.Shop", models.CASCADE, related_name="+", db_index=False, verbose_name=_("shop"))
    day = models.DateField(_("day"))
    typed = models.PositiveIntegerField(_("typed"))

    class Meta:
        verbose_name = _("typed numbers")
        verbose_name_plural = _("typed numbers")
        constraints = [
            models.UniqueConstraint(fields=["shop", "day"], name="typed_numbers_are_counted_once_a_day"),
            models.CheckConstraint(condition=Q(typed__gt=0), name="typed_numbers_were_typed"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.typed}"
