"""Events and their types."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0005_households"),
        ("orders", "0007_deliveries"),
        ("shops", "0004_refund_order"),
    ]

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("programme_id", models.BigIntegerField(verbose_name="programme")),
                ("type", models.CharField(max_length=60, verbose_name="type")),
                ("source", models.CharField(max_length=40, verbose_name="source")),
                ("reference", models.CharField(max_length=120, verbose_name="reference")),
                ("fingerprint", models.BinaryField(max_length=32)),
                ("customer", models.CharField(blank=True, max_length=170, verbose_name="customer as reported")),
                ("payload", models.JSONField(verbose_name="payload")),
                ("occurred_at", models.DateTimeField(verbose_name="happened")),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="recorded"),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="members.member",
                        verbose_name="member",
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="shops.shop",
                        verbose_name="shop",
                    ),
                ),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events of members",
                "indexes": [
                    models.Index(
                        condition=models.Q(("member__isnull", False)),
                        fields=["member", "type", "-occurred_at"],
                        name="event_of_member",
                    ),
                    models.Index(fields=["programme_id", "-occurred_at"], name="happened_by_time"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme_id", "source", "reference"), name="event_is_registered_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EventType",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60, verbose_name="key")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("attributes", models.JSONField(default=list, verbose_name="attributes")),
                ("declared_at", models.DateTimeField(verbose_name="declared")),
                ("declared_by", models.CharField(max_length=120, verbose_name="declared by")),
                ("retired_at", models.DateTimeField(null=True, verbose_name="retired")),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="event_types",
                        to="shops.programme",
                        verbose_name="programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "type of events",
                "verbose_name_plural": "types of events",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("programme"), models.F("key"), name="event_type_key_is_unique_in_programme"
                    )
                ],
            },
        ),
        migrations.RunSQL((SQL / "events.sql").read_text()),
    ]
