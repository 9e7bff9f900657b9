"""Triggers that hold the invariants, and the functions that write the books."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [
        migrations.RunSQL((SQL / "guards.sql").read_text()),
        migrations.RunSQL((SQL / "types.sql").read_text()),
        migrations.RunSQL((SQL / "functions.sql").read_text()),
    ]
