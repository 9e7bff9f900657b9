"""Keys that machines come with, the answers they got, and the addresses that are told what happens here."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

LONGEST_LIFE = timedelta(days=366)


class Scope(models.TextChoices):
    """What a key may do; each operation of the API asks for one."""

    ORDERS_WRITE = "orders:write", _("send orders and returns")
    EVENTS_WRITE = "events:write", _("send events, and read which types there are")
    ORDERS_READ = "orders:read", _("read orders and returns")
    POINTS_SPEND = "points:spend", _("quote and hold points for a checkout, capture and refund them")
    POINTS_SELL = "points:sell", _("sell units for money, and say what became of the payments")
    MEMBERS_READ = "members:read", _("read members, their wallets and why they earned")
    MEMBERS_WRITE = "members:write", _("tell what members told you, such as their birthday")
    ADJUSTMENTS_REQUEST = "adjustments:request", _("ask for manual adjustments, which people approve")
    WEBHOOKS = "webhooks", _("manage webhooks")


class ApiKey(models.Model):
    """
    A machine's way in, bound to one programme.

    Only the SHA-256 of the key is stored: a key is 256 random bits, so nothing slower is needed. `prefix` is its public
    beginning, by which people recognise it.
    """

    programme = models.ForeignKey(
        "shops.Programme", models.PROTECT, related_name="api_keys", verbose_name=_("programme")
    )
    name = models.CharField(_("name"), max_length=80, help_text=_("Who uses it, such as “Web shop”."))
    prefix = models.CharField(_("begins with"), max_length=20, unique=True, editable=False)
    sha256 = models.BinaryField(max_length=32, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope), verbose_name=_("may"))
    requests_per_minute = models.PositiveIntegerField(
        _("requests per minute"), default=6000, validators=[MinValueValidator(1), MaxValueValidator(10_000_000)]
    )
    created_at = models.DateTimeField(_("created"), editable=False)
    created_by = models.CharField(_("created by"), max_length=120, editable=False)
    issuer = models.ForeignKey(
        "shops.User",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("answers for it"),
        help_text=_("Can't approve what the key asks for."),
    )
    expires_at = models.DateTimeField(_("expires"), help_text=_("At most a year from its creation."))
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    revoked_by = models.CharField(_("revoked by"), max_length=120, blank=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at"), expires_at__lte=F("created_at") + LONGEST_LIFE),
                name="api_key_lives_at_most_a_year",
            ),
            models.CheckConstraint(
                condition=Q(scopes__len__gte=1, scopes__contained_by=list(Scope.values)),
                name="api_key_scopes_are_known",
            ),
            models.CheckConstraint(
                condition=Q(requests_per_minute__gte=1, requests_per_minute__lte=10_000_000),
                name="api_key_limit_is_sensible",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by="") | ~Q(revoked_at__isnull=True) & ~Q(revoked_by=""),
                name="api_key_revoked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class RateWindow(models.Model):
    """
    How many requests a key was granted in one minute, by all processes together.

    The table is unlogged: after a crash of the database counting begins anew, and no request waits for the disk for it.
    """

    key = models.OneToOneField(ApiKey, models.CASCADE, primary_key=True, related_name="+", db_constraint=False)
    window = models.BigIntegerField(_("minute since 1970"))
    granted = models.BigIntegerField(_("requests granted"))

    class Meta:
        verbose_name = _("rate window")
        verbose_name_plural = _("rate windows")
        constraints = [models.CheckConstraint(condition=Q(granted__gte=0), name="rate_window_counts_up")]

    def __str__(self) -> str:
        return f"{self.granted}"


class StoredAnswer(models.Model):
    """
    What a key was answered under an Idempotency-Key, written in the transaction whose effect it reports.

    `fingerprint` is the SHA-256 of the operation and its body; `body` is sent again byte by byte.
    """

    pk = models.CompositePrimaryKey("api_key_id", "key")
    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    key = models.CharField(_("idempotency key"), max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    status = models.SmallIntegerField(_("status"))
    location = models.CharField(_("location"), max_length=200, blank=True)
    body = models.BinaryField()
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now())

    class Meta:
        verbose_name = _("stored answer")
        verbose_name_plural = _("stored answers")
        # Rows arrive in the order of time, so the sweep of old ones needs no more than this.
        indexes = [BrinIndex(fields=["recorded_at"], name="stored_answer_age")]

    def __str__(self) -> str:
        return self.key


class WebhookEndpoint(models.Model):
    """
    An address that is told what happens in a programme, signed as Standard Webhooks says.

    Secrets are kept encrypted (`integrations.vault`). While `previous_secret` is set each message carries both
    signatures, so a receiver can change over without losing one. `failing_since` is the first failure after the last
    success.
    """

    programme = models.ForeignKey(
        "shops.Programme", models.PROTECT, related_name="webhook_endpoints", verbose_name=_("programme")
    )
    url = models.URLField(_("address"), max_length=500)
    description = models.CharField(_("description"), max_length=120, blank=True)
    event_types = ArrayField(
        models.CharField(max_length=60), verbose_name=_("events"), default=list, blank=True, help_text=_("Empty: all.")
    )
    secret = models.BinaryField(editable=False)
    previous_secret = models.BinaryField(null=True, editable=False)
    previous_secret_until = models.DateTimeField(_("old secret valid until"), null=True, editable=False)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    disabled_because = models.CharField(_("disabled because"), max_length=200, blank=True, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.CheckConstraint(
                condition=Q(previous_secret__isnull=True, previous_secret_until__isnull=True)
                | Q(previous_secret__isnull=False, previous_secret_until__isnull=False),
                name="webhook_old_secret_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(is_enabled=False) | Q(disabled_because=""), name="webhook_enabled_has_no_reason_against"
            ),
        ]

    def __str__(self) -> str:
        return self.description or self.url


class WebhookDelivery(models.Model):
    """
    One event for one endpoint: what is to be sent, and how that went.

    `body` is fixed when the row is written, so every attempt sends the same bytes under the same `message_id`. A
    process that sends it holds it until `leased_until`; when it died, another takes over.
    """

    class State(models.TextChoices):
        WAITING = "WAITING", _("waiting")
        DELIVERED = "DELIVERED", _("delivered")
        DEAD = "DEAD", _("given up")

    endpoint = models.ForeignKey(
        WebhookEndpoint, models.CASCADE, related_name="deliveries", db_index=False, verbose_name=_("webhook")
    )
    event_id = models.BigIntegerField(_("event"))
    event_type = models.CharField(_("type"), max_length=60)
    body = models.TextField(_("body"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True)
    leased_until = models.DateTimeField(_("being sent until"), null=True)
    last_attempt_at = models.DateTimeField(_("last attempt"), null=True)
    last_status = models.PositiveSmallIntegerField(_("last status"), null=True)
    last_answer = models.CharField(_("last answer"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    closed_at = models.DateTimeField(_("closed"), null=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="delivery_is_one_per_event_and_endpoint"),
            models.CheckConstraint(
                condition=Q(state="WAITING", next_attempt_at__isnull=False, closed_at__isnull=True)
                | Q(state__in=["DELIVERED", "DEAD"], next_attempt_at__isnull=True, closed_at__isnull=False),
                name="delivery_waits_for_its_next_attempt_or_is_closed",
            ),
        ]
        indexes = [
            # As small as the backlog: what is due, by endpoint, is read every second.
            models.Index(fields=["endpoint", "next_attempt_at"], condition=Q(state="WAITING"), name="delivery_waiting")
        ]

    def __str__(self) -> str:
        return self.message_id

    @property
    def message_id(self) -> str:
        """The `webhook-id` of every attempt; a test message has a number below zero."""
        return f"evt_{self.event_id}" if self.event_id > 0 else f"test_{-self.event_id}"
