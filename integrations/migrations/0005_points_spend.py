"""A scope for checkouts."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0004_keys_that_ask"),
        ("shops", "0004_refund_order"),
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
                        ("orders:read", "read orders and returns"),
                        ("points:spend", "quote and hold points for a checkout, capture and refund them"),
                        ("members:read", "read members, their wallets and why they earned"),
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
                            "orders:read",
                            "points:spend",
                            "members:read",
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
