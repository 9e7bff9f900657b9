"""Units bought with money: terms, purchases, and what was said about their payments."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0010_moving"),
    ]

    operations = [
        migrations.CreateModel(
            name="PurchaseTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("is_offered", models.BooleanField(verbose_name="offered")),
                ("step", models.BigIntegerField(verbose_name="in steps of")),
                ("price", models.BigIntegerField(verbose_name="price of a step")),
                ("fee", models.BigIntegerField(default=0, verbose_name="fee of a purchase")),
                ("minimum", models.BigIntegerField(verbose_name="at least")),
                ("maximum", models.BigIntegerField(verbose_name="at most")),
                ("max_per_year", models.BigIntegerField(null=True, verbose_name="at most in a calendar year")),
                ("withdrawal_days", models.PositiveSmallIntegerField(default=0, verbose_name="days to withdraw")),
                ("set_by", models.CharField(max_length=120, verbose_name="set by")),
                ("set_at", models.DateTimeField(verbose_name="set")),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="purchase_terms",
                        to="ledger.unit",
                        verbose_name="unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "purchase terms",
                "verbose_name_plural": "purchase terms",
            },
        ),
        migrations.CreateModel(
            name="Purchase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("programme_id", models.BigIntegerField(verbose_name="programme")),
                ("number", models.CharField(max_length=8, verbose_name="number")),
                ("source", models.CharField(max_length=40, verbose_name="source")),
                ("reference", models.CharField(max_length=200, verbose_name="reference")),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                ("price", models.BigIntegerField(verbose_name="price")),
                ("fee", models.BigIntegerField(verbose_name="fee")),
                ("total", models.BigIntegerField(verbose_name="total")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("provider", models.CharField(blank=True, max_length=40, verbose_name="provider")),
                ("payment", models.CharField(blank=True, max_length=200, verbose_name="payment")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("REQUESTED", "waiting for the payment"),
                            ("AUTHORISED", "authorised"),
                            ("CAPTURED", "paid"),
                            ("REFUNDED", "refunded"),
                            ("CANCELLED", "cancelled"),
                        ],
                        default="REQUESTED",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("requested_at", models.DateTimeField(verbose_name="asked for")),
                ("expires_at", models.DateTimeField(verbose_name="until")),
                ("authorised_at", models.DateTimeField(null=True, verbose_name="authorised")),
                ("captured_at", models.DateTimeField(null=True, verbose_name="paid")),
                ("cancelled_at", models.DateTimeField(null=True, verbose_name="cancelled")),
                ("refunded_at", models.DateTimeField(null=True, verbose_name="last refunded")),
                ("counts_in", models.SmallIntegerField(null=True, verbose_name="counts in the year")),
                ("withdraw_until", models.DateTimeField(null=True, verbose_name="can be withdrawn until")),
                ("captured", models.BigIntegerField(default=0, verbose_name="money paid")),
                ("refunded", models.BigIntegerField(default=0, verbose_name="money given back")),
                ("taken_back", models.BigIntegerField(default=0, verbose_name="amount taken back")),
                (
                    "posting",
                    models.OneToOneField(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="purchase",
                        to="ledger.posting",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.unit",
                        verbose_name="unit",
                    ),
                ),
                (
                    "wallet",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.wallet",
                        verbose_name="wallet",
                    ),
                ),
                (
                    "terms",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="purchases",
                        to="ledger.purchaseterms",
                        verbose_name="terms",
                    ),
                ),
            ],
            options={
                "verbose_name": "purchase",
                "verbose_name_plural": "purchases",
            },
        ),
        migrations.CreateModel(
            name="PaymentNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("programme_id", models.BigIntegerField(verbose_name="programme")),
                ("provider", models.CharField(max_length=40, verbose_name="told by")),
                ("notice", models.CharField(max_length=200, verbose_name="notice")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("AUTHORISED", "payment authorised"),
                            ("CAPTURED", "payment made"),
                            ("CANCELLED", "cancelled"),
                            ("REFUNDED", "money given back"),
                            ("WITHDRAWN", "withdrawn by the member"),
                        ],
                        max_length=10,
                        verbose_name="what happened",
                    ),
                ),
                ("payment", models.CharField(blank=True, max_length=200, verbose_name="payment")),
                ("amount", models.BigIntegerField(null=True, verbose_name="amount")),
                ("happened_at", models.DateTimeField(verbose_name="happened")),
                ("told_at", models.DateTimeField(verbose_name="told")),
                ("actor", models.CharField(max_length=60, verbose_name="by")),
                ("fingerprint", models.BinaryField(max_length=32)),
                ("changed", models.BooleanField(default=False, verbose_name="was news")),
                (
                    "state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("REQUESTED", "waiting for the payment"),
                            ("AUTHORISED", "authorised"),
                            ("CAPTURED", "paid"),
                            ("REFUNDED", "refunded"),
                            ("CANCELLED", "cancelled"),
                        ],
                        max_length=10,
                        verbose_name="state behind it",
                    ),
                ),
                ("refusal", models.CharField(blank=True, max_length=40, verbose_name="refused because")),
                (
                    "purchase",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="ledger.purchase",
                        verbose_name="purchase",
                    ),
                ),
            ],
            options={
                "verbose_name": "payment notice",
                "verbose_name_plural": "payment notices",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme_id", "provider", "notice", "refusal"), name="payment_notice_counts_once"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="purchaseterms",
            constraint=models.UniqueConstraint(
                models.F("unit"), models.F("number"), name="purchase_terms_are_numbered"
            ),
        ),
        migrations.AddConstraint(
            model_name="purchaseterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("fee__gte", 0), ("price__gt", 0), ("step__gt", 0)),
                name="purchase_terms_cost_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchaseterms",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("maximum__gte", models.F("minimum")),
                    ("maximum__lte", 1000000000000),
                    ("minimum__gt", 0),
                    models.Q(
                        ("max_per_year__isnull", True), ("max_per_year__gte", models.F("minimum")), _connector="OR"
                    ),
                ),
                name="purchase_terms_limits_make_sense",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchaseterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("withdrawal_days__lte", 366)), name="purchase_terms_withdrawal_ends"
            ),
        ),
        migrations.AddIndex(
            model_name="purchase",
            index=models.Index(fields=["wallet", "unit", "counts_in"], name="purchase_of_wallet"),
        ),
        migrations.AddIndex(
            model_name="purchase",
            index=models.Index(fields=["programme_id", "captured_at"], name="purchase_by_payment"),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.UniqueConstraint(
                fields=("programme_id", "source", "reference"), name="purchase_happens_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.UniqueConstraint(fields=("programme_id", "number"), name="purchase_number_is_unique"),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.UniqueConstraint(
                condition=models.Q(("payment", ""), _negated=True),
                fields=("programme_id", "provider", "payment"),
                name="payment_pays_one_purchase",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount__gt", 0),
                    ("fee__gte", 0),
                    ("price__gt", 0),
                    ("total", django.db.models.expressions.CombinedExpression(models.F("price"), "+", models.F("fee"))),
                ),
                name="purchase_total_is_price_and_fee",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("refunded__gte", 0),
                    ("refunded__lte", models.F("captured")),
                    ("taken_back__gte", 0),
                    ("taken_back__lte", models.F("amount")),
                ),
                name="purchase_gives_back_what_was_paid",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("requested_at"))), name="purchase_request_ends"
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("authorised_at__isnull", True),
                        ("cancelled_at__isnull", True),
                        ("captured_at__isnull", True),
                        ("counts_in__isnull", True),
                        ("state", "REQUESTED"),
                    ),
                    models.Q(
                        models.Q(("payment", ""), _negated=True),
                        ("authorised_at__isnull", False),
                        ("cancelled_at__isnull", True),
                        ("captured_at__isnull", True),
                        ("counts_in__isnull", False),
                        ("state", "AUTHORISED"),
                    ),
                    models.Q(("cancelled_at__isnull", False), ("captured_at__isnull", True), ("state", "CANCELLED")),
                    models.Q(
                        models.Q(("payment", ""), _negated=True),
                        ("cancelled_at__isnull", True),
                        ("captured_at__isnull", False),
                        ("counts_in__isnull", False),
                        ("state__in", ["CAPTURED", "REFUNDED"]),
                    ),
                    _connector="OR",
                ),
                name="purchase_state_fits_its_times",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("captured", 0),
                        ("posting__isnull", True),
                        ("refunded", 0),
                        ("refunded_at__isnull", True),
                        ("state__in", ["REQUESTED", "AUTHORISED", "CANCELLED"]),
                        ("taken_back", 0),
                    ),
                    models.Q(
                        models.Q(
                            models.Q(("refunded", 0), ("refunded_at__isnull", True)),
                            models.Q(("refunded__gt", 0), ("refunded_at__isnull", False)),
                            _connector="OR",
                        ),
                        ("captured", models.F("total")),
                        ("posting__isnull", False),
                        ("refunded__lt", models.F("total")),
                        ("state", "CAPTURED"),
                    ),
                    models.Q(
                        ("captured", models.F("total")),
                        ("posting__isnull", False),
                        ("refunded", models.F("total")),
                        ("refunded_at__isnull", False),
                        ("state", "REFUNDED"),
                        ("taken_back", models.F("amount")),
                    ),
                    _connector="OR",
                ),
                name="purchase_state_fits_its_amounts",
            ),
        ),
        migrations.RunSQL((SQL / "purchasing.sql").read_text()),
    ]
