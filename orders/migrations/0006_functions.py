"""How orders are registered."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_import_problems")]
    operations = [migrations.RunSQL((SQL / "functions.sql").read_text())]
