"""Spent points given back in parts."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_seals")]
    operations = [migrations.RunSQL((SQL / "refunding.sql").read_text())]
