"""What units are worth at the checkout."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0008_refunding"),
    ]

    operations = [
        migrations.CreateModel(
            name="PaymentTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_accepted", models.BooleanField(default=True, verbose_name="accepted")),
                ("units", models.BigIntegerField(verbose_name="units")),
                ("money", models.BigIntegerField(verbose_name="money")),
                ("minimum", models.BigIntegerField(default=1, verbose_name="at least")),
                ("maximum", models.BigIntegerField(blank=True, null=True, verbose_name="at most")),
                ("step", models.BigIntegerField(default=1, verbose_name="in steps of")),
                ("share_percent", models.PositiveSmallIntegerField(default=100, verbose_name="at most of an order")),
                ("earns", models.BooleanField(default=False, verbose_name="earns")),
                (
                    "unit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payment",
                        to="ledger.unit",
                        verbose_name="unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "payment terms",
                "verbose_name_plural": "payment terms",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("money__gt", 0), ("units__gt", 0)), name="payment_is_worth_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("minimum__gt", 0),
                            ("step__gt", 0),
                            models.Q(("maximum__isnull", True), ("maximum__gte", models.F("minimum")), _connector="OR"),
                        ),
                        name="payment_limits_make_sense",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("share_percent__gte", 1), ("share_percent__lte", 100)),
                        name="payment_share_is_a_percentage",
                    ),
                ],
            },
        ),
    ]
