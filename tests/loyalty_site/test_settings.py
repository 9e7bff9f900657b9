"""Settings are safe without being asked, and say in one sentence what they miss. Each test reads them afresh."""

import json
import os
import subprocess
import sys

import pytest

REAL = {
    "DATABASE_URL": "postgresql://ann@db.example/points",
    "SECRET_KEY": "k8Zr-VbQx1Wm" * 5,
    "TOKEN_KEY": "p5Tn_LcYh7Gd" * 5,
    "BASE_URL": "https://points.example.com",
}


def start_with(environment: dict[str, str], tmp_path, *names: str) -> subprocess.CompletedProcess[str]:
    program = (
        "import json; from loyalty_site import settings; "
        f"print(json.dumps({{name: str(getattr(settings, name)) for name in {names!r}}}))"
    )
    path = {"PATH": os.environ["PATH"], "LAUREL_DATA_DIR": str(tmp_path)}
    return subprocess.run(
        [sys.executable, "-c", program], env={**path, **environment}, capture_output=True, text=True, check=False
    )


def read(environment: dict[str, str], tmp_path, *names: str) -> dict[str, str]:
    finished = start_with(environment, tmp_path, *names)
    assert finished.returncode == 0, finished.stderr
    values: dict[str, str] = json.loads(finished.stdout)
    return values


def test_an_encrypted_site_keeps_everything_encrypted(tmp_path):
    values = read(
        REAL, tmp_path, "DEBUG", "DEMO", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SESSION_COOKIE_SECURE",
        "SESSION_COOKIE_NAME", "CSRF_COOKIE_SECURE", "CSRF_TRUSTED_ORIGINS", "EMBEDDED_DATABASE",
    )  # fmt: skip

    assert values == {
        "DEBUG": "False",
        "DEMO": "False",
        "SECURE_SSL_REDIRECT": "True",
        "SECURE_HSTS_SECONDS": "31536000",
        "SESSION_COOKIE_SECURE": "True",
        "SESSION_COOKIE_NAME": "__Host-session",
        "CSRF_COOKIE_SECURE": "True",
        "CSRF_TRUSTED_ORIGINS": "['https://points.example.com']",
        "EMBEDDED_DATABASE": "False",
    }


def test_a_demo_needs_nothing_to_be_set(tmp_path):
    values = read({"DEMO": "1"}, tmp_path, "EMBEDDED_DATABASE", "BASE_URL", "SECRET_KEY", "SECURE_HSTS_SECONDS")

    assert values["EMBEDDED_DATABASE"] == "True"
    assert values["BASE_URL"] == "http://localhost:8000"
    assert values["SECRET_KEY"] == (tmp_path / "secrets" / "secret_key").read_text().strip()
    assert values["SECURE_HSTS_SECONDS"] == "0"


@pytest.mark.parametrize("missing", ["SECRET_KEY", "TOKEN_KEY"])
def test_a_real_site_without_a_secret_does_not_start(missing, tmp_path):
    finished = start_with({**REAL, missing: ""}, tmp_path)

    assert finished.returncode == 1
    assert finished.stderr.startswith(f"{missing} is not set: outside of demo and development")
    assert not (tmp_path / "secrets").exists()


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"DEBUG": "flase"}, "DEBUG is 'flase': expected on or off (also true/false, yes/no, 1/0).\n"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT is 'xml': expected one of json, text.\n"),
        ({"TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES is '-1': expected a whole number from 0 to 10.\n"),
    ],
)
def test_a_bad_value_is_one_sentence_and_no_traceback(environment, sentence, tmp_path):
    finished = start_with({**REAL, **environment}, tmp_path)

    assert (finished.returncode, finished.stderr, finished.stdout) == (1, sentence, "")


def test_proxies_are_believed_only_when_they_are_announced(tmp_path):
    alone = read(REAL, tmp_path, "SECURE_PROXY_SSL_HEADER", "ALLAUTH_TRUSTED_PROXY_COUNT")
    behind = read({**REAL, "TRUSTED_PROXIES": "1"}, tmp_path, "SECURE_PROXY_SSL_HEADER", "ALLAUTH_TRUSTED_PROXY_COUNT")

    assert alone == {"SECURE_PROXY_SSL_HEADER": "None", "ALLAUTH_TRUSTED_PROXY_COUNT": "0"}
    assert behind["SECURE_PROXY_SSL_HEADER"] == "('HTTP_X_FORWARDED_PROTO', 'https')"


def test_another_broker_replaces_the_one_in_the_database(tmp_path):
    own = read(REAL, tmp_path, "CELERY")["CELERY"]
    named = read({**REAL, "CELERY_BROKER_URL": "redis://cache.example/0"}, tmp_path, "CELERY")["CELERY"]

    assert "pgmq://" in own
    assert "redis://cache.example/0" in named
    assert "pgmq" not in named
