"""Keys that send events."""

import django.contrib.postgres.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0007_members_write"),
        ("shops", "0004_refund_order"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="apikey",
            name="api_key_scopes_are_known",
        ),
        migrations.AlterField(
            model_name="apikey",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("orders:write", "send orders and returns"),
                        ("events:write", "send events, and read which types there are"),
                        ("orders:read", "read orders and returns"),
                        ("points:spend", "quote and hold points for a checkout, capture and refund them"),
                        ("points:sell", "sell units for money, and say what became of the payments"),
                        ("members:read", "read members, their wallets and why they earned"),
                        ("members:write", "tell what members told you, such as their birthday"),
                        ("adjustments:request", "ask for manual adjustments, which people approve"),
                        ("webhooks", "manage webhooks"),
                    ],
                    max_length=20,
                ),
                size=None,
                verbose_name="may",
            ),
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "scopes__contained_by",
                        [
                            "orders:write",
                            "events:write",
                            "orders:read",
                            "points:spend",
                            "points:sell",
                            "members:read",
                            "members:write",
                            "adjustments:request",
                            "webhooks",
                        ],
                    ),
                    ("scopes__len__gte", 1),
                ),
                name="api_key_scopes_are_known",
            ),
        ),
    ]
