"""Nightly runs, and what they do."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0003_unit_policies"),
        ("shops", "0002_attempts"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="decayed_at",
            field=models.DateTimeField(null=True, verbose_name="last decayed"),
        ),
        migrations.AddField(
            model_name="account",
            name="earned_at",
            field=models.DateTimeField(null=True, verbose_name="last earned"),
        ),
        migrations.CreateModel(
            name="NightlyRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("at", models.DateTimeField(verbose_name="as of")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                ("stopped_at", models.DateTimeField(null=True, verbose_name="stopped")),
                ("stopped_by", models.CharField(blank=True, max_length=120, verbose_name="stopped by")),
                ("failures", models.PositiveIntegerField(default=0, verbose_name="failures")),
                ("problem", models.TextField(blank=True, verbose_name="problem")),
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
                "verbose_name": "nightly run",
                "verbose_name_plural": "nightly runs",
            },
        ),
        migrations.CreateModel(
            name="NightlyStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                ("name", models.CharField(max_length=40, verbose_name="step")),
                ("total", models.BigIntegerField(null=True, verbose_name="to do")),
                ("done", models.BigIntegerField(default=0, verbose_name="done")),
                ("cursor", models.BigIntegerField(default=0, verbose_name="goes on after")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="ledger.nightlyrun",
                        verbose_name="run",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of a nightly run",
                "verbose_name_plural": "steps of nightly runs",
            },
        ),
        migrations.AddIndex(
            model_name="nightlyrun",
            index=models.Index(
                condition=models.Q(("finished_at__isnull", True)), fields=["at"], name="nightly_run_unfinished"
            ),
        ),
        migrations.AddConstraint(
            model_name="nightlyrun",
            constraint=models.UniqueConstraint(fields=("programme", "day"), name="nightly_run_is_one_a_day"),
        ),
        migrations.AddConstraint(
            model_name="nightlystep",
            constraint=models.UniqueConstraint(fields=("run", "position"), name="nightly_step_has_its_place"),
        ),
        migrations.RunSQL((SQL / "decaying.sql").read_text()),
    ]
