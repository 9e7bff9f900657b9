"""Ladders, where members stand on them, and what lifts them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from members.tiers.standing.facts import Cause as Why


class Cause(models.TextChoices):
    """Why a member is in a tier."""

    ENTERED = Why.ENTERED.value, _("everybody begins here")
    EARNED = Why.EARNED.value, _("reached")
    KEPT = Why.KEPT.value, _("kept")
    GRACE = Why.GRACE.value, _("grace period")
    DROPPED = Why.DROPPED.value, _("not kept")
    MANUAL = Why.MANUAL.value, _("given by hand")
    CHALLENGE = Why.CHALLENGE.value, _("challenge")
    PAID = Why.PAID.value, _("paid for")
    LIFETIME = Why.LIFETIME.value, _("for life")


class TierLadder(models.Model):
    """The tiers of a programme that belong together. A member is in at most one of them at a time."""

    programme = models.ForeignKey(
        "shops.Programme", models.PROTECT, related_name="ladders", verbose_name=_("programme")
    )
    key = models.SlugField(_("key"), max_length=40)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("ladder of tiers")
        verbose_name_plural = _("ladders of tiers")
        constraints = [models.UniqueConstraint("programme", "key", name="ladder_key_is_unique_in_programme")]

    def __str__(self) -> str:
        return self.name


class LadderVersion(models.Model):
    """
    What a ladder says from `effective_from` until the next version. Frozen by the database once published.

    `definition` is the JSON form of `members.tiers.definitions.Definition`. Members are reviewed by a new version one
    after the other: `reviewed_upto` is the last one, `reviewed_at` when all were.
    """

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("draft")
        PUBLISHED = "PUBLISHED", _("published")

    ladder = models.ForeignKey(TierLadder, models.PROTECT, related_name="versions", verbose_name=_("ladder of tiers"))
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    definition = models.JSONField(_("definition"))
    effective_from = models.DateTimeField(_("in force from"), null=True)
    edited_by = models.CharField(_("edited by"), max_length=120)
    edited_at = models.DateTimeField(_("edited"))
    published_by = models.CharField(_("published by"), max_length=120, blank=True)
    published_at = models.DateTimeField(_("published"), null=True)
    reviewed_upto = models.BigIntegerField(_("reviewed up to member"), default=0)
    reviewed_at = models.DateTimeField(_("reviewed"), null=True)

    class Meta:
        verbose_name = _("version of a ladder")
        verbose_name_plural = _("versions of ladders")
        constraints = [
            models.UniqueConstraint("ladder", "number", name="ladder_version_number_is_unique"),
            models.UniqueConstraint(fields=["ladder"], condition=Q(state="DRAFT"), name="ladder_has_one_draft"),
            models.UniqueConstraint(
                fields=["ladder", "effective_from"], condition=Q(state="PUBLISHED"), name="ladder_version_begins_alone"
            ),
            models.CheckConstraint(
                condition=Q(state="DRAFT", effective_from__isnull=True, published_at__isnull=True)
                | Q(state="PUBLISHED", effective_from__isnull=False, published_at__isnull=False),
                name="ladder_version_published_has_its_times",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ladder} {self.number}"


class TierGrant(models.Model):
    """
    A floor under a member: a tier given by hand, paid for, on trial, or held for life. Until `until`, or for ever.

    `reference` is the giver's own name for it, so that it is given once; `given_with` the grant of the member of the
    household who paid.
    """

    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="tier_grants", db_index=False, verbose_name=_("member")
    )
    ladder = models.ForeignKey(
        TierLadder, models.PROTECT, related_name="+", db_index=False, verbose_name=_("ladder of tiers")
    )
    tier = models.CharField(_("tier"), max_length=40)
    cause = models.CharField(_("cause"), max_length=9, choices=Cause)
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    given_by = models.CharField(_("given by"), max_length=120, blank=True)
    reference = models.CharField(_("reference"), max_length=170, blank=True)
    given_with = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", verbose_name=_("given with"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    ended_by = models.CharField(_("ended by"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("granted tier")
        verbose_name_plural = _("granted tiers")
        constraints = [
            models.UniqueConstraint(
                fields=["ladder", "reference"],
                condition=~Q(reference="") & Q(given_with__isnull=True),
                name="tier_grant_is_given_once",
            ),
            models.UniqueConstraint(
                fields=["ladder", "member"],
                condition=Q(cause="MANUAL", ended_at__isnull=True),
                name="tier_is_given_by_hand_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(cause__in=["MANUAL", "CHALLENGE", "PAID", "LIFETIME"]), name="tier_grant_cause_is_known"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="tier_grant_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=~Q(cause="MANUAL") | (~Q(reason="") & ~Q(given_by="")), name="tier_by_hand_says_why_and_who"
            ),
        ]
        indexes = [models.Index(fields=["member", "ladder"], name="tier_grant_of_member")]

    def __str__(self) -> str:
        return self.tier


class TierStay(models.Model):
    """
    A member in a tier, from `since` to `ended_at` (open: now). History is never edited; a stay can only end.

    `until` is when it was to end, `cause` why it is. What the member held by what they did alone stands in `own_…`
    (empty tier: nothing); it lies beneath where a grant lifts them. Something may happen by itself at `due_at`.
    """

    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="tier_stays", db_index=False, verbose_name=_("member")
    )
    ladder = models.ForeignKey(
        TierLadder, models.PROTECT, related_name="+", db_index=False, verbose_name=_("ladder of tiers")
    )
    version = models.ForeignKey(
        LadderVersion, models.PROTECT, related_name="+", db_index=False, verbose_name=_("version")
    )
    tier = models.CharField(_("tier"), max_length=40)
    entered_at = models.DateTimeField(_("in this tier since"))
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    cause = models.CharField(_("cause"), max_length=9, choices=Cause)
    own_tier = models.CharField(max_length=40, blank=True)
    own_since = models.DateTimeField(null=True)
    own_until = models.DateTimeField(null=True)
    own_cause = models.CharField(max_length=9, choices=Cause, blank=True)
    own_former = models.CharField(max_length=40, blank=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("stay in a tier")
        verbose_name_plural = _("stays in tiers")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "ladder"],
                condition=Q(ended_at__isnull=True),
                name="member_is_in_one_tier_of_a_ladder",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("since")), name="stay_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(own_tier="", own_since__isnull=True, own_until__isnull=True, own_cause="")
                | (~Q(own_tier="") & Q(own_since__isnull=False) & ~Q(own_cause="")),
                name="stay_own_tier_is_whole",
            ),
        ]
        indexes = [
            # Both what is held now and what was held at an instant are one probe.
            models.Index(fields=["member", "ladder", "-since"], name="stay_of_member"),
            models.Index(fields=["due_at"], condition=Q(ended_at__isnull=True, due_at__isnull=False), name="stay_due"),
        ]

    def __str__(self) -> str:
        return self.tier


class TierCarry(models.Model):
    """What counts for a member besides, in the window that begins at `window_from`; follows returns while it can."""

    member = models.ForeignKey("members.Member", models.PROTECT, related_name="+", db_index=False)
    ladder = models.ForeignKey(TierLadder, models.PROTECT, related_name="+", db_index=False)
    window_from = models.DateTimeField(_("window from"))
    metric = models.CharField(_("metric"), max_length=80)
    amount = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("carried surplus")
        verbose_name_plural = _("carried surpluses")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "ladder", "window_from", "metric"], name="carry_is_one_per_window"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="carry_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.amount}"


class TierMilestone(models.Model):
    """A milestone that a member reached: the `number`th time in the window from `window_from` (none: all time)."""

    member = models.ForeignKey("members.Member", models.PROTECT, related_name="milestones", db_index=False)
    ladder = models.ForeignKey(TierLadder, models.PROTECT, related_name="+", db_index=False)
    milestone = models.CharField(_("milestone"), max_length=40)
    name = models.CharField(_("name"), max_length=40)
    window_from = models.DateTimeField(_("window from"), null=True)
    number = models.PositiveSmallIntegerField(_("number"), default=1)
    reached_at = models.DateTimeField(_("reached"))

    class Meta:
        verbose_name = _("reached milestone")
        verbose_name_plural = _("reached milestones")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "ladder", "milestone", "window_from", "number"],
                name="milestone_is_reached_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.name
