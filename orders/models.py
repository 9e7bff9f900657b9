"""Orders and returns as their sources reported them: facts, never edited."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orders.events.models import Event as Event  # noqa: PLC0414  # Django finds models here
from orders.events.models import EventType as EventType  # noqa: PLC0414
from shops.attributes import Attribute


class Order(models.Model):
    """
    One purchase. `(programme, source, reference)` is its identity, `fingerprint` the SHA-256 of what was reported.

    `lines` is one JSON value (a list of objects with the fields of `orders.facts.Line`), because an order is read
    whole and rows per line cost the hot path a quarter of its speed. `articles` repeats the codes of its goods, so
    that a return finds the sale without opening the lines. Amounts are minor units of `currency`.
    """

    programme_id = models.BigIntegerField(_("programme"))
    member = models.ForeignKey(
        "members.Member", models.PROTECT, null=True, related_name="orders", db_index=False, verbose_name=_("member")
    )
    shop = models.ForeignKey(
        "shops.Shop", models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("shop")
    )
    source = models.CharField(_("source"), max_length=40)
    reference = models.CharField(_("reference"), max_length=120)
    fingerprint = models.BinaryField(max_length=32)
    customer = models.CharField(_("customer as reported"), max_length=170, blank=True)
    channel = models.CharField(_("channel"), max_length=20, blank=True)
    codes = ArrayField(models.CharField(max_length=60), verbose_name=_("codes"), db_default=[])
    currency = models.CharField(_("currency"), max_length=3)
    total = models.BigIntegerField(_("total"))
    lines = models.JSONField(_("lines"))
    articles = ArrayField(models.TextField(), verbose_name=_("articles"), default=list)
    tenders = models.JSONField(_("tenders"), default=list)
    placed_at = models.DateTimeField(_("placed"))
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now())

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [
            models.UniqueConstraint(fields=["programme_id", "source", "reference"], name="order_is_registered_once")
        ]
        indexes = [
            # With what sums of a member's history need: their orders are scattered all over the table.
            models.Index(
                fields=["member", "-placed_at"],
                include=["id", "total"],
                condition=Q(member__isnull=False),
                name="order_of_member",
            ),
            models.Index(fields=["programme_id", "-placed_at"], name="order_by_time"),
        ]

    def __str__(self) -> str:
        return self.reference


class ContextAttribute(Attribute):
    """Something that callers may tell beside an order, such as the weather."""

    class Meta(Attribute.Meta):
        abstract = False
        verbose_name = _("context attribute")
        verbose_name_plural = _("context attributes")


class Delivery(models.Model):
    """When an order reached its customer, as its source reported it: once, and never edited."""

    order = models.OneToOneField(Order, models.PROTECT, related_name="delivery", verbose_name=_("order"))
    delivered_at = models.DateTimeField(_("delivered"))
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now())

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")

    def __str__(self) -> str:
        return f"{self.order}"


class Return(models.Model):
    """
    Goods that came back. `lines` says which order lines and how many (fields of `orders.facts.ReturnedPart`);
    `unmatched` keeps what no earlier sale explains.
    """

    programme_id = models.BigIntegerField(_("programme"))
    member = models.ForeignKey(
        "members.Member", models.PROTECT, null=True, related_name="returns", db_index=False, verbose_name=_("member")
    )
    source = models.CharField(_("source"), max_length=40)
    reference = models.CharField(_("reference"), max_length=120)
    fingerprint = models.BinaryField(max_length=32)
    lines = models.JSONField(_("lines"))
    unmatched = models.JSONField(_("unmatched"), default=list)
    returned_at = models.DateTimeField(_("returned"))
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now())

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        constraints = [
            models.UniqueConstraint(fields=["programme_id", "source", "reference"], name="return_is_registered_once")
        ]
        indexes = [
            models.Index(fields=["member", "-returned_at"], condition=Q(member__isnull=False), name="return_of_member")
        ]

    def __str__(self) -> str:
        return self.reference


class ReturnedLine(models.Model):
    """How much of an order line came back so far, in thousandths of a piece: never more than was sold."""

    programme_id = models.BigIntegerField(_("programme"))
    order = models.ForeignKey(Order, models.PROTECT, related_name="returned_lines", db_index=False)
    line_no = models.IntegerField(_("line"))
    sold = models.BigIntegerField(_("sold"))
    returned = models.BigIntegerField(_("returned"))

    class Meta:
        verbose_name = _("returned line")
        verbose_name_plural = _("returned lines")
        constraints = [
            models.UniqueConstraint(fields=["order", "line_no"], name="returned_line_is_counted_once"),
            models.CheckConstraint(condition=Q(returned__gte=0, returned__lte=F("sold")), name="returned_within_sold"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.line_no}"


class Kept(models.Model):
    """
    What is left of an order of which something came back: kept by a trigger of `ReturnedLine`, never written otherwise.

    `total` is minor units of the order's currency; `is_kept` is false when all goods came back.
    """

    order = models.OneToOneField(Order, models.PROTECT, primary_key=True, related_name="kept")
    total = models.BigIntegerField(_("total"))
    is_kept = models.BooleanField(_("some goods are kept"))

    class Meta:
        db_table = "orders_kept"
        verbose_name = _("what is kept of an order")
        verbose_name_plural = _("what is kept of orders")

    def __str__(self) -> str:
        return f"{self.order_id}"


class ImportRun(models.Model):
    """
    One file, or one of its parts, being read into the programme: how far it is, so that a stopped import goes on.

    A file is known by the SHA-256 of its bytes and the system it comes from, where it does not say so itself.
    `documents` are whole orders and returns; they are committed with their batch.
    """

    programme = models.ForeignKey("shops.Programme", models.PROTECT, related_name="+", verbose_name=_("programme"))
    file_sha256 = models.BinaryField(max_length=32)
    file_name = models.CharField(_("file"), max_length=200)
    format = models.CharField(_("format"), max_length=10)
    source = models.CharField(_("source"), max_length=40, blank=True)
    part = models.PositiveSmallIntegerField(_("part"), default=0)
    parts = models.PositiveSmallIntegerField(_("parts"), default=1)
    documents = models.BigIntegerField(_("documents read"), default=0)
    tally = models.JSONField(_("counted"), default=dict)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "file_sha256", "format", "source", "part"], name="import_of_a_part_is_one_run"
            ),
            models.CheckConstraint(condition=Q(documents__gte=0), name="import_counts_from_zero"),
            models.CheckConstraint(condition=Q(part__lt=F("parts")), name="import_part_is_one_of_its_parts"),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportProblem(models.Model):
    """A row of an imported file that needs a look: what was wrong with it, committed with its batch."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="problems", verbose_name=_("import"))
    row = models.BigIntegerField(_("row"))
    reference = models.CharField(_("reference"), max_length=120)
    problem = models.TextField(_("problem"))

    class Meta:
        verbose_name = _("problem of an import")
        verbose_name_plural = _("problems of imports")

    def __str__(self) -> str:
        return f"{self.row}: {self.problem}"
