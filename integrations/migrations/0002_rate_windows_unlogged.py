"""Counting requests must not wait for the disk: after a crash of the database the counts begin anew, and nothing else is lost."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("integrations", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE integrations_ratewindow SET UNLOGGED",
            reverse_sql="ALTER TABLE integrations_ratewindow SET LOGGED",
        )
    ]
