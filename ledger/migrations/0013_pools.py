"""Wallets that others fill."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0012_transfers")]

    operations = [
        migrations.AddField(
            model_name="wallet",
            name="is_pool",
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name="pool"),
        ),
        migrations.CreateModel(
            name="PoolMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("programme_id", models.BigIntegerField(verbose_name="programme")),
                ("joined_at", models.DateTimeField(verbose_name="joined")),
                ("left_at", models.DateTimeField(null=True, verbose_name="left")),
                (
                    "pool",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pool_members",
                        to="ledger.wallet",
                    ),
                ),
                (
                    "wallet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="pools", to="ledger.wallet"
                    ),
                ),
            ],
            options={"verbose_name": "member of a pool", "verbose_name_plural": "members of pools"},
        ),
        migrations.AddConstraint(
            model_name="poolmember",
            constraint=models.UniqueConstraint(fields=("pool", "wallet"), name="pool_knows_a_wallet_once"),
        ),
        migrations.AddConstraint(
            model_name="poolmember",
            constraint=models.CheckConstraint(
                condition=models.Q(("pool", models.F("wallet")), _negated=True), name="pool_does_not_fill_itself"
            ),
        ),
        migrations.RunSQL((SQL / "pooling.sql").read_text()),
    ]
