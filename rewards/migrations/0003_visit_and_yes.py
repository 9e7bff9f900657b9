"""A redemption names its visit and the customer's yes, and whether it took a piece of stock."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0002_guards_and_functions"),
        ("members", "0002_visits"),
        ("rewards", "0002_guards"),
        ("shops", "0002_attempts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="redemption",
            name="closed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="cancelled or undone by",
            ),
        ),
        migrations.AddField(
            model_name="redemption",
            name="confirmed_by",
            field=models.CharField(
                blank=True,
                choices=[("COCKPIT", "on their own screen"), ("NUMBER", "by the number they read out")],
                max_length=8,
                verbose_name="customer said yes",
            ),
        ),
        migrations.AddField(
            model_name="redemption",
            name="took_stock",
            field=models.BooleanField(default=False, verbose_name="took stock"),
        ),
        migrations.AddField(
            model_name="redemption",
            name="visit",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="redemptions",
                to="members.visit",
                verbose_name="visit",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_by__in", ["COCKPIT", "NUMBER"]), ("state__in", ["REDEEMED", "REFUNDED"])),
                    models.Q(("confirmed_by", ""), ("state__in", ["RESERVED", "VOIDED", "EXPIRED"])),
                    _connector="OR",
                ),
                name="redemption_needs_the_customers_yes",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "REFUNDED"), _negated=True), ("closed_by__isnull", False), _connector="OR"
                ),
                name="redemption_is_undone_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "RESERVED")),
                fields=("member",),
                name="redemption_waits_alone_for_its_member",
            ),
        ),
        migrations.RunSQL((SQL / "redemption_step.sql").read_text(), migrations.RunSQL.noop),
    ]
