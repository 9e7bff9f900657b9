"""Orders paid with points."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0003_functions"),
        ("ledger", "0009_payment_terms"),
        ("orders", "0006_functions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("programme_id", models.BigIntegerField(verbose_name="programme")),
                ("place", models.PositiveSmallIntegerField(verbose_name="tender")),
                ("points", models.BigIntegerField(verbose_name="points")),
                ("value", models.BigIntegerField(verbose_name="value")),
                ("earns", models.BooleanField(verbose_name="earns")),
                ("refund_order", models.CharField(max_length=12, verbose_name="refund order")),
                (
                    "hold",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.hold"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="orders.order",
                        verbose_name="order",
                    ),
                ),
                (
                    "posting",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
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
            ],
            options={
                "verbose_name": "payment with points",
                "verbose_name_plural": "payments with points",
                "constraints": [
                    models.UniqueConstraint(fields=("order", "place"), name="payment_is_one_per_tender"),
                    models.CheckConstraint(
                        condition=models.Q(("points__gt", 0), ("value__gt", 0)), name="payment_pays_something"
                    ),
                ],
            },
        ),
        migrations.RunSQL((SQL / "paying.sql").read_text()),
    ]
