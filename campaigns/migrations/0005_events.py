"""Decisions and awards about events."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0004_payments"),
        ("ledger", "0013_pools"),
        ("orders", "0008_events"),
    ]

    operations = [
        migrations.AddField(
            model_name="award",
            name="event",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="awards",
                to="orders.event",
                verbose_name="event",
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="event",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="orders.event",
                verbose_name="event",
            ),
        ),
        migrations.AlterField(
            model_name="award",
            name="order",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="awards",
                to="orders.order",
                verbose_name="order",
            ),
        ),
        migrations.AddIndex(
            model_name="award",
            index=models.Index(condition=models.Q(("event__isnull", False)), fields=["event"], name="award_of_event"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("event__isnull", False)), fields=("event",), name="decision_is_one_per_event"
            ),
        ),
    ]
