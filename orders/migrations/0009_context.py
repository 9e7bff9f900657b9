"""What callers may tell beside an order."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0008_kept"),
        ("shops", "0004_refund_order"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContextAttribute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator("^[a-z][a-z0-9_]*$", "Small letters, digits and _.")
                        ],
                        verbose_name="key",
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[("text", "text"), ("number", "whole number"), ("flag", "yes or no"), ("date", "date")],
                        max_length=10,
                        verbose_name="type",
                    ),
                ),
                ("label", models.CharField(max_length=60, verbose_name="label")),
                ("default", models.JSONField(blank=True, null=True, verbose_name="where none was told")),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="shops.programme",
                        verbose_name="programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "context attribute",
                "verbose_name_plural": "context attributes",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "key"), name="contextattribute_key_is_unique_in_programme"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("type__in", ["text", "number", "flag", "date"])),
                        name="contextattribute_type_is_known",
                    ),
                ],
            },
        ),
    ]
