"""What the processes share: the cache, the queue and the sign of life of the worker."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from pgmq.install import get_embedded_install_sql


def install_queue(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Installed even if another broker is used, so that switching needs no migration."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("select 1 from pg_namespace where nspname = 'pgmq'")
        # The script is not made to run twice, and the schema may belong to others who share the database.
        if cursor.fetchone() is None:
            cursor.execute(get_embedded_install_sql())


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("process", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("beat_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("process__in", ["worker"])), name="heartbeat_of_known_process"
                    )
                ],
            },
        ),
        # As createcachetable makes it, but unlogged: it holds counters that may be lost in a crash, and is written often.
        migrations.RunSQL(
            """
            create unlogged table if not exists shared_cache (
                cache_key varchar(255) primary key,
                value text not null,
                expires timestamp with time zone not null
            );
            create index if not exists shared_cache_expires on shared_cache (expires);
            """,
            "drop table shared_cache",
        ),
        migrations.RunPython(install_queue, migrations.RunPython.noop),
    ]
