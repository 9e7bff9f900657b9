"""Each misconfiguration of our own is found by a system check, and a sound installation passes all of them."""

import pytest
from django.core.checks import run_checks
from django.db import connection

from loyalty_site import checks

STRONG, OTHER = "k8Zr-VbQx1Wm" * 5, "p5Tn_LcYh7Gd" * 5


@pytest.fixture
def production(settings, monkeypatch):
    """What a careful owner would set."""
    # Set for the browser tests, and rightly refused anywhere else.
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE")
    settings.DEBUG = settings.DEMO = False
    settings.SECRET_KEY, settings.TOKEN_KEY = STRONG, OTHER
    settings.BASE_URL = "https://points.example.com"
    settings.ALLOWED_HOSTS = ["points.example.com"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_cache"}
    }
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    return settings


def found() -> list[str]:
    """Ids of what Django and we find, as `check --deploy` does."""
    return [message.id for message in run_checks(include_deployment_checks=True) if message.id]


def test_a_sound_installation_has_no_findings(production):
    assert found() == []


@pytest.mark.parametrize(
    ("name", "value", "finding"),
    [
        ("SECRET_KEY", "short", "laurel.E001"),
        ("SECRET_KEY", "a" * 60, "laurel.E001"),
        ("TOKEN_KEY", "ab" * 30, "laurel.E001"),
        ("TOKEN_KEY", STRONG, "laurel.E002"),
        ("ALLOWED_HOSTS", ["*"], "laurel.E003"),
        ("ALLOWED_HOSTS", ["shop.example.com"], "laurel.E004"),
        ("BASE_URL", "http://points.example.com", "laurel.W005"),
        ("DEBUG", True, "laurel.E006"),
        ("DEMO", True, "laurel.W007"),
        ("CACHES", {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}, "laurel.E008"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "laurel.E009"),
    ],
)
def test_a_misconfiguration_is_found(name, value, finding, production):
    setattr(production, name, value)

    assert finding in found()


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.1:9000", "https://points.example.com"])
def test_an_address_that_stays_on_this_machine_needs_no_encryption(url, production):
    production.BASE_URL = url

    assert checks.address_is_encrypted() == []


def test_a_demo_at_home_is_fine(production):
    production.BASE_URL, production.DEMO, production.DEBUG = "http://localhost:8000", True, True

    assert checks.demo_and_debug_stay_at_home() == []


@pytest.mark.django_db
def test_a_database_that_keeps_its_promises_passes():
    with connection.cursor() as cursor:
        # As it is everywhere but in the databases of tests.
        cursor.execute("set local synchronous_commit = on")

    assert checks.database_keeps_what_it_acknowledged(databases=["default"]) == []


@pytest.mark.django_db
def test_a_database_that_may_lose_an_acknowledged_commit_is_refused():
    with connection.cursor() as cursor:
        cursor.execute("set local synchronous_commit = off")

        messages = checks.database_keeps_what_it_acknowledged(databases=["default"])

    assert [(message.id, message.msg) for message in messages] == [
        ("laurel.E010", "PostgreSQL's synchronous_commit is 'off': points that were confirmed could be lost.")
    ]


def test_nothing_is_asked_of_the_database_unless_it_is_named():
    assert checks.database_keeps_what_it_acknowledged() == []


def found_about_the_role() -> list[tuple[str | None, str]]:
    return [(m.id, m.msg) for m in checks.database_role_is_bound_by_its_rules(databases=["default"])]


@pytest.mark.django_db
def test_a_superuser_at_the_database_is_refused():
    with connection.cursor() as cursor:
        cursor.execute("create role almighty superuser")
        cursor.execute("set local role almighty")

        assert found_about_the_role() == [("laurel.E012", "The database role almighty is a superuser.")]


@pytest.mark.django_db
def test_a_role_that_owns_a_table_is_refused():
    with connection.cursor() as cursor:
        cursor.execute("create role plain; create table public.its_own (); alter table public.its_own owner to plain")
        cursor.execute("set local role plain")

        assert found_about_the_role() == [("laurel.E013", "The database role plain owns 1 tables.")]


@pytest.mark.django_db
def test_a_role_that_may_become_the_owner_is_refused():
    with connection.cursor() as cursor:
        cursor.execute("create role plain; create role possessing; grant possessing to plain")
        cursor.execute("create table public.its_own (); alter table public.its_own owner to possessing")
        cursor.execute("set local role plain")

        assert found_about_the_role() == [
            ("laurel.E013", "The database role plain may act as possessing, which owns tables.")
        ]


@pytest.mark.django_db
def test_a_plain_role_at_the_database_is_fine():
    with connection.cursor() as cursor:
        cursor.execute("create role plain")
        cursor.execute("set local role plain")

        assert found_about_the_role() == []


@pytest.mark.django_db
def test_a_database_without_checksums_is_refused():
    assert [message.id for message in checks.without_checksums("off")] == ["laurel.E014"]
    assert checks.damaged_data_are_noticed(databases=["default"]) == []


@pytest.mark.parametrize(("name", "value"), [("fsync", "off"), ("full_page_writes", "off")])
@pytest.mark.django_db
def test_settings_that_only_a_power_cut_would_show_are_refused_too(name, value):
    reported = checks.unsafe_durability(
        {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", name: value}
    )

    assert [message.id for message in reported] == ["laurel.E010"]
    assert name in reported[0].msg


@pytest.mark.parametrize("version", ["140011", "90624"])
def test_an_old_database_is_refused(version):
    assert [message.id for message in checks.too_old(version)] == ["laurel.E011"]
    assert checks.too_old("150000") == []
