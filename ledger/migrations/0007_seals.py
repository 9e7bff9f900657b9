"""Seals of what was posted."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

SEALING = Path(__file__).resolve().parent.parent / "sql" / "sealing.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0006_adjustments"),
    ]

    operations = [
        migrations.CreateModel(
            name="Sealing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("after", models.BigIntegerField(unique=True, verbose_name="after posting")),
                ("until", models.BigIntegerField(unique=True, verbose_name="up to posting")),
                ("closes_at", models.DateTimeField(verbose_name="closed")),
                (
                    "waits_for",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), null=True, size=None),
                ),
                ("sealed_at", models.DateTimeField(null=True, verbose_name="sealed")),
            ],
            options={
                "verbose_name": "closed stretch",
                "verbose_name_plural": "closed stretches",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("after"))), name="sealing_holds_something"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("programme_id", models.BigIntegerField(verbose_name="programme")),
                ("number", models.BigIntegerField(verbose_name="number")),
                ("rows", models.BigIntegerField(verbose_name="rows")),
                ("previous", models.BinaryField(verbose_name="seal before")),
                ("hash", models.BinaryField(verbose_name="hash")),
                (
                    "sealing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seals",
                        to="ledger.sealing",
                        verbose_name="closed stretch",
                    ),
                ),
            ],
            options={
                "verbose_name": "seal",
                "verbose_name_plural": "seals",
            },
        ),
        migrations.CreateModel(
            name="SealPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("bucket", models.BigIntegerField()),
                ("rows", models.IntegerField()),
                ("hash", models.BinaryField()),
                ("prints", models.BinaryField()),
                (
                    "seal",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="ledger.seal",
                    ),
                ),
            ],
            options={
                "verbose_name": "part of a seal",
                "verbose_name_plural": "parts of seals",
            },
        ),
        migrations.AddConstraint(
            model_name="seal",
            constraint=models.UniqueConstraint(
                fields=("programme_id", "number"), name="seal_number_is_unique_in_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="seal",
            constraint=models.UniqueConstraint(fields=("sealing", "programme_id"), name="seal_is_one_per_stretch"),
        ),
        migrations.AddConstraint(
            model_name="sealpart",
            constraint=models.UniqueConstraint(fields=("seal", "bucket"), name="seal_part_is_unique"),
        ),
        migrations.RunSQL(SEALING.read_text()),
    ]
