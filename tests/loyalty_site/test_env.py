"""A bad value in the environment stops the start in one sentence that names it."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from loyalty_site.env import BadSetting, Environment, MailServer

LONG = "k8Zr-VbQ" * 8


@pytest.mark.parametrize("value", ["on", "1", "true", "Yes"])
def test_a_flag_is_on_in_every_usual_spelling(value):
    assert Environment({"DEBUG": value}).flag("DEBUG", default=False) is True


@pytest.mark.parametrize("value", ["off", "0", "False", "no"])
def test_a_flag_is_off_in_every_usual_spelling(value):
    assert Environment({"DEBUG": value}).flag("DEBUG", default=True) is False


@pytest.mark.parametrize("values", [{}, {"DEBUG": ""}, {"DEBUG": "  "}])
def test_what_is_empty_counts_as_absent(values):
    assert Environment(values).flag("DEBUG", default=True) is True


@pytest.mark.parametrize(
    ("read", "values", "sentence"),
    [
        (
            lambda env: env.flag("DEBUG", default=False),
            {"DEBUG": "flase"},
            "DEBUG is 'flase': expected on or off (also true/false, yes/no, 1/0).",
        ),
        (
            lambda env: env.integer("WEB_THREADS", default=4, minimum=1, maximum=64),
            {"WEB_THREADS": "four"},
            "WEB_THREADS is 'four': expected a whole number from 1 to 64.",
        ),
        (
            lambda env: env.integer("WEB_THREADS", default=4, minimum=1, maximum=64),
            {"WEB_THREADS": "65"},
            "WEB_THREADS is '65': expected a whole number from 1 to 64.",
        ),
        (
            lambda env: env.choice("LOG_FORMAT", default="text", choices=["text", "json"]),
            {"LOG_FORMAT": "xml"},
            "LOG_FORMAT is 'xml': expected one of json, text.",
        ),
        (lambda env: env.text("MAIL_FROM"), {}, "MAIL_FROM is not set, and has no safe default."),
    ],
)
def test_a_bad_value_is_refused_with_what_was_expected(read, values, sentence):
    with pytest.raises(BadSetting) as refusal:
        read(Environment(values))

    assert str(refusal.value) == sentence


def test_a_list_is_separated_by_commas():
    assert Environment({"ALLOWED_HOSTS": "a.example, b.example,"}).words("ALLOWED_HOSTS") == ["a.example", "b.example"]


def test_an_address_loses_the_slash_at_its_end():
    assert Environment({"BASE_URL": "https://points.example/"}).url("BASE_URL", default="") == "https://points.example"


@pytest.mark.parametrize(
    "value",
    ["points.example", "ftp://points.example", "https://", "https://points.example:port", "https://points.example/shop",
     "https://me:secret@points.example", "https://points.example?x=1"],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_refused(value):
    with pytest.raises(BadSetting, match=r"^BASE_URL is .*: expected an address such as https://points.example.com"):
        Environment({"BASE_URL": value}).url("BASE_URL", default="http://localhost:8000")


def test_a_secret_is_read_from_its_variable():
    assert Environment({"SECRET_KEY": LONG}).secret("SECRET_KEY") == LONG


def test_a_secret_is_read_from_the_file_named_beside_it(tmp_path):
    file = tmp_path / "key"
    file.write_text(f"{LONG}\n")

    assert Environment({"SECRET_KEY_FILE": str(file)}).secret("SECRET_KEY") == LONG


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "SECRET_KEY is not set: outside of demo and development Laurel does not make one up."),
        ({"SECRET_KEY": "secret"}, "SECRET_KEY has 6 characters: expected at least 50, random ones."),
        (
            {"SECRET_KEY": LONG, "SECRET_KEY_FILE": "/k"},
            "Both SECRET_KEY and SECRET_KEY_FILE are set: keep one of them.",
        ),
        (
            {"SECRET_KEY_FILE": "/no/such"},
            "SECRET_KEY_FILE is '/no/such', which can't be read: no such file or directory.",
        ),
    ],
)
def test_a_missing_or_weak_secret_is_refused(values, sentence):
    with pytest.raises(BadSetting) as refusal:
        Environment(values).secret("SECRET_KEY")

    assert str(refusal.value).startswith(sentence)


def test_a_weak_secret_is_not_repeated_in_the_refusal():
    with pytest.raises(BadSetting) as refusal:
        Environment({"SECRET_KEY": "hunter2"}).secret("SECRET_KEY")

    assert "hunter2" not in str(refusal.value)


def test_a_made_up_secret_is_kept_for_its_owner_alone(tmp_path):
    folder = tmp_path / "secrets"

    made_up = Environment({}).secret("SECRET_KEY", keep_in=folder)

    assert len(made_up) >= 50
    assert Environment({}).secret("SECRET_KEY", keep_in=folder) == made_up
    assert Environment({}).secret("TOKEN_KEY", keep_in=folder) != made_up
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600
    assert sorted(file.name for file in folder.iterdir()) == ["secret_key", "token_key"]


def test_processes_that_start_together_make_up_one_secret(tmp_path):
    with ThreadPoolExecutor(16) as processes:
        made_up = set(processes.map(lambda _: Environment({}).secret("SECRET_KEY", keep_in=tmp_path), range(64)))

    assert len(made_up) == 1


def test_a_folder_that_can_not_keep_a_secret_is_named(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(BadSetting, match=r"^Can't keep a secret in .*/file/secret_key: .* Set LAUREL_DATA_DIR"):
        Environment({}).secret("SECRET_KEY", keep_in=tmp_path / "file")


def test_a_database_address_is_taken_apart():
    env = Environment({"DATABASE_URL": "postgresql://ann:p%40ss@db.example:5433/points?sslmode=require"})

    database = env.database("DATABASE_URL")

    assert database is not None
    assert (database["USER"], database["PASSWORD"], database["HOST"]) == ("ann", "p@ss", "db.example")
    assert (database["PORT"], database["NAME"], database["OPTIONS"]) == ("5433", "points", {"sslmode": "require"})


def test_a_database_address_may_come_from_a_file_as_it_holds_a_password(tmp_path: Path):
    (tmp_path / "url").write_text("postgresql://ann@/points?host=/run/postgresql")

    database = Environment({"DATABASE_URL_FILE": str(tmp_path / "url")}).database("DATABASE_URL")

    assert database is not None
    assert (database["HOST"], database["NAME"]) == ("/run/postgresql", "points")


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("mysql://ann:hunter2@db/points", "DATABASE_URL begins with 'mysql'"),
        ("postgresql://ann:hunter2@db/", "DATABASE_URL names no database"),
        ("postgresql://ann:hunter2@db:port/points", "DATABASE_URL is not an address"),
        ("postgresql://ann:hunter2%zz@db/points", "DATABASE_URL is not an address"),
    ],
)
def test_a_broken_database_address_is_refused_without_its_password(value, complaint):
    with pytest.raises(BadSetting) as refusal:
        Environment({"DATABASE_URL": value}).database("DATABASE_URL")

    assert str(refusal.value).startswith(complaint)
    assert "hunter2" not in str(refusal.value)


SERVING = "postgresql://app:secret@db.example/points"


def owner_of(url: str, *, serving: str | None = SERVING) -> dict[str, Any]:
    env = Environment({"DATABASE_OWNER_URL": url, **({"DATABASE_URL": serving} if serving else {})})
    return env.database_owner("DATABASE_OWNER_URL", of=env.database("DATABASE_URL"))


def test_the_owner_of_the_tables_may_be_another_role():
    owner = owner_of("postgresql://owner:other@db.example:5433/points")

    assert owner == {"USER": "owner", "PASSWORD": "other", "HOST": "db.example", "PORT": "5433"}
    assert owner_of("") == {}


@pytest.mark.parametrize(
    ("url", "serving", "complaint"),
    [
        ("postgresql://owner:hunter2@db/points", None, "DATABASE_OWNER_URL is set and DATABASE_URL is not"),
        ("postgresql://owner:hunter2@db/other", SERVING, "DATABASE_OWNER_URL names the database 'other' and"),
        ("postgresql://app:hunter2@db/points", SERVING, "DATABASE_OWNER_URL names app: expected the role that owns"),
        ("postgresql://db/points", SERVING, "DATABASE_OWNER_URL names no user: expected the role that owns"),
    ],
)
def test_an_owner_that_can_not_be_is_refused_without_its_password(url, serving, complaint):
    with pytest.raises(BadSetting) as refusal:
        owner_of(url, serving=serving)

    assert str(refusal.value).startswith(complaint)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    ("address", "port", "tls", "ssl"),
    [
        ("smtp+tls://ann:p%40ss@mail.example", 587, True, False),
        ("smtp+ssl://ann:p%40ss@mail.example", 465, False, True),
        ("smtp://ann:p%40ss@mail.example:2525", 2525, False, False),
    ],
)
def test_a_mail_server_is_taken_apart(address, port, tls, ssl):
    mail = Environment({"EMAIL_URL": address}).mail_server("EMAIL_URL")

    assert mail == MailServer(host="mail.example", port=port, user="ann", password="p@ss", tls=tls, ssl=ssl)


@pytest.mark.parametrize("value", ["mail.example", "imap://mail.example", "smtp://", "smtp+tls://mail.example:port"])
def test_what_is_no_mail_server_is_refused(value):
    with pytest.raises(BadSetting, match=r"^EMAIL_URL is not a mail server: expected smtp\+tls://"):
        Environment({"EMAIL_URL": value}).mail_server("EMAIL_URL")
