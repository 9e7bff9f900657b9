"""Keys may ask for adjustments, and somebody answers for what they ask."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0003_functions"),
        ("shops", "0003_who_gave_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="apikey",
            name="api_key_scopes_are_known",
        ),
        migrations.AddField(
            model_name="apikey",
            name="issuer",
            field=models.ForeignKey(
                editable=False,
                help_text="Can't approve what the key asks for.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="answers for it",
            ),
        ),
        migrations.AlterField(
            model_name="apikey",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("orders:write", "send orders and returns"),
                        ("orders:read", "read orders and returns"),
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
                        ["orders:write", "orders:read", "members:read", "adjustments:request", "webhooks"],
                    ),
                    ("scopes__len__gte", 1),
                ),
                name="api_key_scopes_are_known",
            ),
        ),
    ]
