"""`manage.py migrate`: Django's own, as the owner of the tables; then the role that serves gets its rights."""

from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connections, transaction

from loyalty_site import privileges
from loyalty_site.database.owner import acting_as_owner


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        alias = options["database"]
        with acting_as_owner(connections[alias]):
            super().handle(*args, **options)
            if settings.DATABASE_OWNER and not options["plan"] and not options["check_unapplied"]:
                with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
                    privileges.grant(cursor, app=settings.DATABASE_APP_ROLE)
