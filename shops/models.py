"""Programmes, shops, devices and the people who work there."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _


def validate_time_zone(name: str) -> None:
    """Accept names of the IANA time zone database only."""
    if name not in available_timezones():
        raise ValidationError(
            _("“%(name)s” is not a time zone; expected a name such as “Europe/Berlin”."), params={"name": name}
        )


class UserAccounts(BaseUserManager["User"]):
    """Creates sign-ins; addresses are stored as typed and compared without case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A sign-in: staff of a programme, or a customer of the cockpit. What it may do is told by its roles."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    is_staff = models.BooleanField(_("may open the admin"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(_("joined"), db_default=Now(), editable=False)

    objects = UserAccounts()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_is_unique_without_case")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return self.name.partition(" ")[0] or self.email


class Programme(models.Model):
    """One loyalty programme. Data of two programmes never mix."""

    class Mode(models.TextChoices):
        LIVE = "LIVE", _("live")
        SANDBOX = "SANDBOX", _("sandbox")

    class RefundOrder(models.TextChoices):
        """What goes back first when goods come back that were paid with points and money."""

        POINTS_FIRST = "POINTS_FIRST", _("points first")
        MONEY_FIRST = "MONEY_FIRST", _("money first")
        PROPORTIONAL = "PROPORTIONAL", _("both, in proportion")

    key = models.SlugField(_("key"), max_length=40, unique=True, help_text=_("Used in addresses and files."))
    name = models.CharField(_("name"), max_length=80)
    mode = models.CharField(_("mode"), max_length=8, choices=Mode, default=Mode.LIVE)
    time_zone = models.CharField(_("time zone"), max_length=40, default="UTC", validators=[validate_time_zone])
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="EUR",
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Three capital letters."))],
    )
    currency_decimals = models.PositiveSmallIntegerField(_("decimals of the currency"), default=2)
    colour = models.CharField(
        _("brand colour"),
        max_length=7,
        default="#1f6f54",
        validators=[RegexValidator(r"^#[0-9a-f]{6}$", _("Like #1f6f54."))],
    )
    refund_order = models.CharField(
        _("refunds give back"), max_length=12, choices=RefundOrder, default=RefundOrder.PROPORTIONAL
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        constraints = [
            models.CheckConstraint(condition=Q(mode__in=["LIVE", "SANDBOX"]), name="programme_mode_is_known"),
            models.CheckConstraint(
                condition=Q(refund_order__in=["POINTS_FIRST", "MONEY_FIRST", "PROPORTIONAL"]),
                name="programme_refund_order_is_known",
            ),
            models.CheckConstraint(
                condition=Q(currency_decimals__lte=4), name="programme_currency_has_at_most_4_decimals"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Shop(models.Model):
    """A place that sells: a store or a web shop."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="shops", verbose_name=_("programme"))
    code = models.SlugField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    time_zone = models.CharField(
        _("time zone"),
        max_length=40,
        blank=True,
        validators=[validate_time_zone],
        help_text=_("Empty: the programme's."),
    )
    is_open = models.BooleanField(_("open"), default=True)

    class Meta:
        verbose_name = _("shop")
        verbose_name_plural = _("shops")
        constraints = [models.UniqueConstraint("programme", "code", name="shop_code_is_unique_in_programme")]

    def __str__(self) -> str:
        return self.name


class Device(models.Model):
    """A phone, tablet or till that staff use in one shop; known by a secret of which only the SHA-256 is stored."""

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="devices", verbose_name=_("shop"))
    name = models.CharField(_("name"), max_length=80)
    token_sha256 = models.BinaryField(max_length=32, unique=True, editable=False)
    enrolled_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("enrolled by"))
    enrolled_at = models.DateTimeField(_("enrolled"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=models.F("enrolled_at")),
                name="device_is_revoked_after_enrolment",
            )
        ]

    def __str__(self) -> str:
        return self.name


class StaffRole(models.Model):
    """What a user may do in a programme, or in one shop of it."""

    class Role(models.TextChoices):
        CASHIER = "CASHIER", _("cashier")
        SHOP_MANAGER = "SHOP_MANAGER", _("shop manager")
        SUPPORT = "SUPPORT", _("support agent")
        MARKETER = "MARKETER", _("marketer")
        ANALYST = "ANALYST", _("analyst")
        APPROVER = "APPROVER", _("approver")
        OWNER = "OWNER", _("system owner")

    user = models.ForeignKey(User, models.CASCADE, related_name="roles", verbose_name=_("user"))
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="staff_roles", verbose_name=_("programme"))
    shop = models.ForeignKey(
        Shop, models.CASCADE, null=True, blank=True, related_name="staff_roles", verbose_name=_("shop")
    )
    role = models.CharField(_("role"), max_length=16, choices=Role)
    granted_by = models.ForeignKey(
        User, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("given by")
    )
    granted_at = models.DateTimeField(_("given"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("staff role")
        verbose_name_plural = _("staff roles")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "programme", "shop", "role"], name="staff_role_is_given_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=~Q(role__in=["CASHIER", "SHOP_MANAGER"]) | Q(shop__isnull=False),
                name="staff_role_of_the_shop_floor_names_its_shop",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class AttemptCount(models.Model):
    """How often somebody tried to sign in at a door in the current window; written by `shops.attempts` only."""

    door = models.CharField(max_length=16)
    subject_sha256 = models.BinaryField(max_length=32)
    tries = models.PositiveSmallIntegerField()
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["door", "subject_sha256"], name="attempts_are_counted_in_one_row"),
            models.CheckConstraint(condition=Q(tries__gte=1), name="attempts_begin_with_one"),
        ]

    def __str__(self) -> str:
        return f"{self.door}: {self.tries}"
