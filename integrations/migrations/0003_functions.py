"""How answers are stored."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("integrations", "0002_rate_windows_unlogged")]
    operations = [migrations.RunSQL((SQL / "functions.sql").read_text())]
