"""Households, who is in them, and what of an earning goes to them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class HouseholdTerms(models.Model):
    """
    Whether a programme offers households, and how: at most `max_members` in one, after leaving one `rest_days` until
    the next, and which units are pooled, never qualifying ones.
    """

    programme = models.OneToOneField(
        "shops.Programme", models.PROTECT, related_name="household_terms", verbose_name=_("programme")
    )
    is_offered = models.BooleanField(_("members may form households"), default=False)
    max_members = models.PositiveSmallIntegerField(_("members at most"), default=6)
    rest_days = models.PositiveSmallIntegerField(_("days between two households"), default=30)
    units = models.ManyToManyField("ledger.Unit", related_name="+", verbose_name=_("what is pooled"))

    class Meta:
        verbose_name = _("terms of households")
        verbose_name_plural = _("terms of households")
        constraints = [
            models.CheckConstraint(
                condition=Q(max_members__gte=2, max_members__lte=20), name="household_size_makes_sense"
            ),
            models.CheckConstraint(condition=Q(rest_days__lte=365), name="household_rest_makes_sense"),
        ]

    def __str__(self) -> str:
        return str(self.programme)


class Household(models.Model):
    """Some members and their pool, a wallet of its own. Closed when everybody left; the pool is empty then."""

    programme = models.ForeignKey("shops.Programme", models.PROTECT, related_name="+", verbose_name=_("programme"))
    name = models.CharField(_("name"), max_length=60)
    pool = models.OneToOneField("ledger.Wallet", models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(_("since"))
    closed_at = models.DateTimeField(_("closed"), null=True)

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")
        indexes = [models.Index(fields=["programme", "-created_at"], name="household_newest")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class HouseholdMember(models.Model):
    """
    One member in one household, from the invitation to the end; who comes back gets another row.

    The head invites, removes, gives roles and dissolves; head and adults spend; contributors, such as children, give
    and see. `share_percent` is the part of what the member newly earns that goes to the pool by itself.
    """

    class Role(models.TextChoices):
        HEAD = "HEAD", _("head")
        ADULT = "ADULT", _("adult")
        CONTRIBUTOR = "CONTRIBUTOR", _("contributor")

    class State(models.TextChoices):
        INVITED = "INVITED", _("invited")
        ACTIVE = "ACTIVE", _("member")
        DECLINED = "DECLINED", _("declined")
        WITHDRAWN = "WITHDRAWN", _("invitation withdrawn")
        LEFT = "LEFT", _("left")
        REMOVED = "REMOVED", _("removed")

    household = models.ForeignKey(Household, models.PROTECT, related_name="people", verbose_name=_("household"))
    member = models.ForeignKey("members.Member", models.PROTECT, related_name="households", verbose_name=_("member"))
    role = models.CharField(_("role"), max_length=11, choices=Role)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.INVITED)
    share_percent = models.PositiveSmallIntegerField(_("automatic share"), default=0)
    invited_at = models.DateTimeField(_("invited"))
    lapses_at = models.DateTimeField(_("invitation until"), null=True)
    joined_at = models.DateTimeField(_("joined"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("member of a household")
        verbose_name_plural = _("members of households")
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(state="ACTIVE"), name="member_is_in_one_household"),
            models.UniqueConstraint(
                fields=["household"], condition=Q(state="ACTIVE", role="HEAD"), name="household_has_one_head"
            ),
            models.UniqueConstraint(
                fields=["household", "member"], condition=Q(state="INVITED"), name="household_invites_a_member_once"
            ),
            models.CheckConstraint(condition=Q(share_percent__lte=100), name="household_share_is_a_percentage"),
            models.CheckConstraint(
                condition=Q(state="INVITED", joined_at__isnull=True, ended_at__isnull=True)
                | Q(state="ACTIVE", joined_at__isnull=False, ended_at__isnull=True)
                | Q(state__in=["DECLINED", "WITHDRAWN"], joined_at__isnull=True, ended_at__isnull=False)
                | Q(state__in=["LEFT", "REMOVED"], joined_at__isnull=False, ended_at__isnull=False),
                name="household_member_state_fits_its_times",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("invited_at")),
                name="household_member_ends_after_the_beginning",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} ({self.get_role_display()})"

    @property
    def is_head(self) -> bool:
        return self.role == self.Role.HEAD

    @property
    def may_spend(self) -> bool:
        """By role; whether the member is blocked is another matter."""
        return self.role != self.Role.CONTRIBUTOR


class EarningShare(models.Model):
    """
    What of one earning goes to the pool by itself, once it is active: at most `amount`, in the unit's minor units.

    One row per earning's posting, so it is given once; with nothing to give it only keeps the pool alive. `given` is
    what it came to when `done_at`.
    """

    person = models.ForeignKey(HouseholdMember, models.PROTECT, related_name="shares", verbose_name=_("member"))
    posting_id = models.BigIntegerField(_("earning"), unique=True)
    unit = models.ForeignKey("ledger.Unit", models.PROTECT, related_name="+", verbose_name=_("unit"))
    amount = models.BigIntegerField(_("at most"))
    earned_at = models.DateTimeField(_("earned"))
    is_noted = models.BooleanField(_("the pool knows of it"), default=False)
    given = models.BigIntegerField(_("given"), default=0)
    done_at = models.DateTimeField(_("done"), null=True)

    class Meta:
        verbose_name = _("automatic contribution")
        verbose_name_plural = _("automatic contributions")
        indexes = [models.Index(fields=["id"], condition=Q(done_at__isnull=True), name="earning_share_waiting")]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=0, given__gte=0, given__lte=F("amount")), name="earning_share_within_amount"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.posting_id}: {self.amount}"


class PoolHold(models.Model):
    """Who reserved something of a pool."""

    hold = models.OneToOneField("ledger.Hold", models.PROTECT, related_name="+", verbose_name=_("hold"))
    member = models.ForeignKey("members.Member", models.PROTECT, related_name="+", verbose_name=_("member"))

    class Meta:
        verbose_name = _("hold on a pool")
        verbose_name_plural = _("holds on pools")

    def __str__(self) -> str:
        return f"{self.member} {self.hold_id}"
