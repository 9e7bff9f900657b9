"""Conversions between units."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0004_nightly"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConversionTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("chunk", models.BigIntegerField(verbose_name="each")),
                ("gives", models.BigIntegerField(verbose_name="becomes")),
                ("is_offered", models.BooleanField(default=True, verbose_name="members may do it themselves")),
                ("is_automatic", models.BooleanField(default=False, verbose_name="done for everybody each night")),
                (
                    "source_unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversions",
                        to="ledger.unit",
                        verbose_name="from",
                    ),
                ),
                (
                    "target_unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.unit",
                        verbose_name="to",
                    ),
                ),
            ],
            options={
                "verbose_name": "conversion",
                "verbose_name_plural": "conversions",
            },
        ),
        migrations.CreateModel(
            name="Conversion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("chunks", models.BigIntegerField(verbose_name="times")),
                ("chunk", models.BigIntegerField(verbose_name="each")),
                ("gives", models.BigIntegerField(verbose_name="became")),
                (
                    "posting",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversion",
                        to="ledger.posting",
                    ),
                ),
                (
                    "terms",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="done",
                        to="ledger.conversionterms",
                        verbose_name="terms",
                    ),
                ),
            ],
            options={
                "verbose_name": "conversion that was done",
                "verbose_name_plural": "conversions that were done",
            },
        ),
        migrations.AddConstraint(
            model_name="conversionterms",
            constraint=models.UniqueConstraint(
                fields=("source_unit", "target_unit"), name="conversion_is_one_between_two_units"
            ),
        ),
        migrations.AddConstraint(
            model_name="conversionterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("source_unit", models.F("target_unit")), _negated=True),
                name="conversion_changes_the_unit",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversionterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("chunk__gt", 0), ("gives__gt", 0)), name="conversion_moves_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="conversion",
            constraint=models.CheckConstraint(condition=models.Q(("chunks__gt", 0)), name="conversion_did_something"),
        ),
        migrations.RunSQL((SQL / "converting.sql").read_text()),
    ]
