"""How members are found."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("members", "0002_visits")]
    operations = [migrations.RunSQL((SQL / "functions.sql").read_text())]
