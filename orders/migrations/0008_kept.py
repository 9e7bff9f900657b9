"""What is kept of orders of which something came back."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("orders", "0008_events")]
    operations = [
        migrations.CreateModel(
            name="Kept",
            fields=[
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="kept",
                        serialize=False,
                        to="orders.order",
                    ),
                ),
                ("total", models.BigIntegerField(verbose_name="total")),
                ("is_kept", models.BooleanField(verbose_name="some goods are kept")),
            ],
            options={
                "db_table": "orders_kept",
                "verbose_name": "what is kept of an order",
                "verbose_name_plural": "what is kept of orders",
            },
        ),
        migrations.RunSQL((SQL / "kept.sql").read_text()),
    ]
