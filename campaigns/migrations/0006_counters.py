"""Counters behind limits."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0005_events")]
    operations = [
        migrations.CreateModel(
            name="Counter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("programme_id", models.BigIntegerField(verbose_name="programme")),
                ("slot", models.CharField(max_length=160, verbose_name="limit")),
                ("place", models.CharField(max_length=80, verbose_name="place")),
                ("used", models.BigIntegerField(verbose_name="used")),
            ],
            options={
                "verbose_name": "counter",
                "verbose_name_plural": "counters",
                "constraints": [
                    models.UniqueConstraint(fields=("programme_id", "slot", "place"), name="counter_is_one_per_place"),
                    models.CheckConstraint(condition=models.Q(("used__gte", 0)), name="counter_is_not_negative"),
                ],
            },
        ),
        migrations.RunSQL((SQL / "counting.sql").read_text()),
    ]
