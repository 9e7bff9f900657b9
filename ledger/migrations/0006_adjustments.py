"""Manual adjustments: requests, and the triggers and functions that hold them to what was approved."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0005_conversions"),
        ("shops", "0003_who_gave_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Adjustment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("GOODWILL", "goodwill"),
                            ("CORRECTION", "correction of a mistake"),
                            ("COMPLAINT", "complaint"),
                            ("MIGRATION", "taken over from another programme"),
                            ("OTHER", "other"),
                        ],
                        max_length=12,
                        verbose_name="reason",
                    ),
                ),
                ("wording", models.CharField(max_length=200, verbose_name="what the member reads")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="internal note")),
                ("line_count", models.PositiveIntegerField(verbose_name="members")),
                ("plus", models.BigIntegerField(verbose_name="added")),
                ("minus", models.BigIntegerField(verbose_name="taken")),
                ("payload_sha256", models.BinaryField(max_length=32)),
                ("source", models.CharField(max_length=40, verbose_name="source")),
                ("reference", models.CharField(max_length=200, verbose_name="reference")),
                ("requested_via", models.CharField(max_length=120, verbose_name="asked by")),
                ("requested_at", models.DateTimeField(verbose_name="asked")),
                ("lapses_at", models.DateTimeField(verbose_name="lapses")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("OPEN", "open"),
                            ("APPROVED", "approved"),
                            ("REJECTED", "rejected"),
                            ("WITHDRAWN", "withdrawn"),
                        ],
                        default="OPEN",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
                ("decision_note", models.CharField(blank=True, max_length=500, verbose_name="note on the decision")),
                ("stopped_at", models.DateTimeField(null=True, verbose_name="posting stopped")),
            ],
            options={
                "verbose_name": "adjustment",
                "verbose_name_plural": "adjustments",
            },
        ),
        migrations.CreateModel(
            name="AdjustmentLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("no", models.PositiveIntegerField(verbose_name="number")),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                ("expires_at", models.DateTimeField(null=True, verbose_name="expires")),
                ("has_own_end", models.BooleanField(verbose_name="somebody chose when it expires")),
                ("wording", models.CharField(blank=True, max_length=200, verbose_name="what the member reads")),
                ("refusal", models.CharField(blank=True, max_length=40, verbose_name="not posted because")),
            ],
            options={
                "verbose_name": "line of an adjustment",
                "verbose_name_plural": "lines of adjustments",
            },
        ),
        migrations.AddField(
            model_name="unit",
            name="adjustment_limit",
            field=models.BigIntegerField(
                blank=True,
                help_text="What one person may ask for within 24 hours, plus and minus added up. Empty: no limit.",
                null=True,
                verbose_name="limit of manual adjustments",
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.CheckConstraint(
                condition=models.Q(("adjustment_limit__isnull", True), ("adjustment_limit__gte", 0), _connector="OR"),
                name="unit_adjustment_limit_is_not_negative",
            ),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="decided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="decided by",
            ),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="shops.programme",
                verbose_name="programme",
            ),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="requested_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="answers for it",
            ),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="unit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.unit", verbose_name="unit"
            ),
        ),
        migrations.AddField(
            model_name="adjustmentline",
            name="adjustment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="ledger.adjustment",
                verbose_name="adjustment",
            ),
        ),
        migrations.AddField(
            model_name="adjustmentline",
            name="posting",
            field=models.OneToOneField(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.posting",
                verbose_name="posting",
            ),
        ),
        migrations.AddField(
            model_name="adjustmentline",
            name="wallet",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.wallet", verbose_name="wallet"
            ),
        ),
        migrations.AddIndex(
            model_name="adjustment",
            index=models.Index(fields=["unit", "requested_at"], name="adjustment_lately"),
        ),
        migrations.AddIndex(
            model_name="adjustment",
            index=models.Index(fields=["programme", "-id"], name="adjustment_newest"),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.UniqueConstraint(
                fields=("programme", "source", "reference"), name="adjustment_is_asked_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(("wording", ""), _negated=True), name="adjustment_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(("line_count__gte", 1), ("minus__gte", 0), ("plus__gte", 0)),
                name="adjustment_asks_for_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(("lapses_at__gt", models.F("requested_at"))), name="adjustment_has_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["APPROVED", "REJECTED"]), _negated=True),
                    ("requested_by__isnull", True),
                    models.Q(("decided_by", models.F("requested_by")), _negated=True),
                    _connector="OR",
                ),
                name="adjustment_takes_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decided_at__isnull", True),
                        ("decided_by__isnull", True),
                        ("decision_note", ""),
                        ("state", "OPEN"),
                    ),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("state__in", ["APPROVED", "REJECTED", "WITHDRAWN"]),
                    ),
                    _connector="OR",
                ),
                name="adjustment_decision_has_a_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "WITHDRAWN"), _negated=True),
                    ("decided_by", models.F("requested_by")),
                    _connector="OR",
                ),
                name="adjustment_is_withdrawn_by_who_asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(("stopped_at__isnull", True), ("state", "APPROVED"), _connector="OR"),
                name="adjustment_stops_what_is_posted",
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustmentline",
            constraint=models.UniqueConstraint(fields=("adjustment", "no"), name="adjustment_line_has_its_number"),
        ),
        migrations.AddConstraint(
            model_name="adjustmentline",
            constraint=models.UniqueConstraint(fields=("adjustment", "wallet"), name="adjustment_names_a_wallet_once"),
        ),
        migrations.AddConstraint(
            model_name="adjustmentline",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount", 0), _negated=True), name="adjustment_line_moves_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustmentline",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0), ("expires_at__isnull", True), _connector="OR"),
                name="adjustment_line_taken_never_expires",
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustmentline",
            constraint=models.CheckConstraint(
                condition=models.Q(("posting__isnull", True), ("refusal", ""), _connector="OR"),
                name="adjustment_line_is_posted_or_refused",
            ),
        ),
        migrations.RunSQL((SQL / "adjusting.sql").read_text()),
    ]
