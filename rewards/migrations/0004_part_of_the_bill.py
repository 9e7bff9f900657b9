"""A redemption may pay a part of the bill instead of giving a reward."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0009_payment_terms"),
        ("members", "0003_functions"),
        ("rewards", "0003_visit_and_yes"),
        ("shops", "0004_refund_order"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="redemption",
            name="unit",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.unit",
                verbose_name="paid in",
            ),
        ),
        migrations.AddField(
            model_name="redemption",
            name="value",
            field=models.BigIntegerField(null=True, verbose_name="of the bill"),
        ),
        migrations.AlterField(
            model_name="redemption",
            name="reward",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="redemptions",
                to="rewards.reward",
                verbose_name="reward",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reward__isnull", False), ("unit__isnull", True), ("value__isnull", True)),
                    models.Q(
                        ("reward__isnull", True), ("took_stock", False), ("unit__isnull", False), ("value__gt", 0)
                    ),
                    _connector="OR",
                ),
                name="redemption_is_of_a_reward_or_of_a_bill",
            ),
        ),
    ]
