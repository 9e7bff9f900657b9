"""Codes that customers name to get an offer."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0009_context")]
    operations = [
        migrations.AddField(
            model_name="order",
            name="codes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60), db_default=[], size=None, verbose_name="codes"
            ),
        ),
    ]
