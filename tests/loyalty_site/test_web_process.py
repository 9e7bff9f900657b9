"""What a web process asks of the database is bounded in time; a command may take its own."""

import os
import subprocess
import sys

import pytest

QUESTION = (
    "import django; django.setup(); from django.db import connection; c = connection.cursor(); "
    "c.execute('show statement_timeout'); print(c.fetchone()[0])"
)


@pytest.mark.parametrize(
    ("_case", "program", "variables", "answer"),
    [
        ("a page", f"import loyalty_site.wsgi; {QUESTION}", {}, "10s"),
        ("a page of a patient owner", f"import loyalty_site.wsgi; {QUESTION}", {"STATEMENT_TIMEOUT": "25"}, "25s"),
        ("a command", QUESTION, {}, "0"),
    ],
)
@pytest.mark.django_db
def test_a_statement_ends_when_nobody_would_wait_for_it(_case, program, variables, answer):
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "loyalty_site.settings", **variables}

    finished = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )

    assert finished.stdout.strip() == answer
