"""Policies of units as versions, and the functions that let points live by them."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0002_guards_and_functions"),
        ("shops", "0002_attempts"),
    ]

    operations = [
        migrations.CreateModel(
            name="UnitPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                (
                    "state",
                    models.CharField(
                        choices=[("DRAFT", "draft"), ("PUBLISHED", "published")],
                        default="DRAFT",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("definition", models.JSONField(verbose_name="definition")),
                ("effective_from", models.DateTimeField(null=True, verbose_name="in force from")),
                ("edited_by", models.CharField(max_length=120, verbose_name="edited by")),
                ("edited_at", models.DateTimeField(verbose_name="edited")),
                ("published_by", models.CharField(blank=True, max_length=120, verbose_name="published by")),
                ("published_at", models.DateTimeField(null=True, verbose_name="published")),
                ("extends", models.BooleanField(default=False, verbose_name="extends earlier points")),
                ("extended_upto", models.BigIntegerField(default=0, verbose_name="extended up to wallet")),
                ("extended_lots", models.PositiveIntegerField(default=0, verbose_name="extended lots")),
                ("extended_at", models.DateTimeField(null=True, verbose_name="extended")),
            ],
            options={
                "verbose_name": "policy",
                "verbose_name_plural": "policies",
            },
        ),
        migrations.AddField(
            model_name="lot",
            name="has_own_end",
            field=models.BooleanField(db_default=False, default=False, verbose_name="its rule says when it expires"),
        ),
        migrations.AddField(
            model_name="unit",
            name="spend_order",
            field=models.CharField(
                choices=[("SOONEST", "what expires soonest"), ("NEWEST", "what was earned last")],
                db_default="SOONEST",
                default="SOONEST",
                max_length=8,
                verbose_name="spent first",
            ),
        ),
        migrations.AddField(
            model_name="unit",
            name="symbol",
            field=models.CharField(
                blank=True,
                help_text="Stands beside amounts, such as ★ or €. May be empty.",
                max_length=8,
                verbose_name="symbol",
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.CheckConstraint(
                condition=models.Q(("spend_order__in", ["SOONEST", "NEWEST"])), name="unit_spend_order_is_known"
            ),
        ),
        migrations.AddField(
            model_name="unitpolicy",
            name="unit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="policies",
                to="ledger.unit",
                verbose_name="unit",
            ),
        ),
        migrations.AddConstraint(
            model_name="unitpolicy",
            constraint=models.UniqueConstraint(
                models.F("unit"), models.F("number"), name="policy_number_is_unique_in_unit"
            ),
        ),
        migrations.AddConstraint(
            model_name="unitpolicy",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "DRAFT")), fields=("unit",), name="unit_has_one_draft_policy"
            ),
        ),
        migrations.AddConstraint(
            model_name="unitpolicy",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "PUBLISHED")),
                fields=("unit", "effective_from"),
                name="policy_begins_alone",
            ),
        ),
        migrations.AddConstraint(
            model_name="unitpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("effective_from__isnull", True),
                        ("extends", False),
                        ("published_at__isnull", True),
                        ("state", "DRAFT"),
                    ),
                    models.Q(
                        ("effective_from__isnull", False), ("published_at__isnull", False), ("state", "PUBLISHED")
                    ),
                    _connector="OR",
                ),
                name="policy_published_has_its_times",
            ),
        ),
        migrations.RunSQL((SQL / "policies.sql").read_text()),
    ]
