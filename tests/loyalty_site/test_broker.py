"""Without a broker of its own the queue lives in the same database, addressed as libpq wants it."""

import pytest
from psycopg.conninfo import conninfo_to_dict

from loyalty_site import broker


@pytest.mark.parametrize(
    ("database", "parts"),
    [
        (
            {"NAME": "points", "USER": "ann", "PASSWORD": "p@ss word'", "HOST": "db.example", "PORT": "5433"},
            {"dbname": "points", "user": "ann", "password": "p@ss word'", "host": "db.example", "port": "5433"},
        ),
        (
            {"NAME": "points", "USER": "ann", "PASSWORD": "", "HOST": "/run/my postgresql", "PORT": ""},
            {"dbname": "points", "user": "ann", "host": "/run/my postgresql"},
        ),
        (
            {"NAME": "points", "HOST": "db", "OPTIONS": {"sslmode": "verify-full", "options": "-c x=1"}},
            {"dbname": "points", "host": "db", "sslmode": "verify-full"},
        ),
    ],
)
def test_the_address_keeps_every_part_that_finds_and_encrypts_the_database(database, parts):
    options = broker.inside(database)["broker_transport_options"]

    assert conninfo_to_dict(options["conn_string"]) == parts


def test_a_message_is_not_given_out_twice_while_its_task_may_still_run(settings):
    assert settings.CELERY["task_time_limit"] < broker.VISIBILITY_SECONDS
