"""Amounts that one wallet gives another."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0009_payment_terms")]

    operations = [
        migrations.CreateModel(
            name="LotOrigin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("programme_id", models.BigIntegerField(verbose_name="programme")),
                (
                    "from_lot",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moved",
                        to="ledger.lot",
                    ),
                ),
                (
                    "from_wallet",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.wallet",
                    ),
                ),
                (
                    "lot",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="origin",
                        to="ledger.lot",
                    ),
                ),
                (
                    "wallet",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.wallet",
                    ),
                ),
            ],
            options={"verbose_name": "origin of a lot", "verbose_name_plural": "origins of lots"},
        ),
        migrations.RunSQL((SQL / "moving.sql").read_text()),
    ]
