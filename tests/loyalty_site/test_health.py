"""Those who watch learn whether the process lives, whether it can serve, and whether background work gets done."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection
from django.test import RequestFactory

from loyalty_site import health
from loyalty_site.health import HealthMiddleware
from loyalty_site.models import Heartbeat
from loyalty_site.tasks import beat_heart

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_a_site_whose_worker_works_is_all_well(client):
    beat_heart()

    answer = client.get("/health/ready")

    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "migrations": "ok", "worker": "ok"}
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_tills_go_on_without_the_worker_but_those_who_watch_it_are_told(client):
    ready, worker = client.get("/health/ready"), client.get("/health/worker")

    assert (ready.status_code, worker.status_code) == (200, 503)
    assert ready.json()["worker"] == worker.json()["worker"] == "never seen"


@pytest.mark.parametrize(("age", "state"), [(0, "ok"), (60, "ok"), (61, "late: last seen 2026-03-14 12:00:00 UTC")])
@pytest.mark.django_db
def test_a_worker_is_late_after_a_minute(age, state):
    Heartbeat.objects.create(process=Heartbeat.WORKER, beat_at=NOON)

    assert health.worker_state(at=NOON + timedelta(seconds=age)) == state


@pytest.mark.django_db
def test_a_heart_that_beats_again_keeps_one_row():
    Heartbeat.objects.create(process=Heartbeat.WORKER, beat_at=NOON)

    beat_heart()

    assert Heartbeat.objects.get().beat_at > NOON


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/health/worker"])
@pytest.mark.django_db
def test_probes_need_no_known_host_no_encryption_and_no_session(path, client, settings):
    settings.SECURE_SSL_REDIRECT = True
    beat_heart()

    answer = client.get(path, headers={"host": "10.0.0.7"})

    assert answer.status_code == 200
    assert not answer.cookies


def test_a_process_lives_even_without_its_database(client):
    assert client.get("/health/live").json() == {"process": "ok"}


def test_a_site_without_its_database_is_not_ready(rf: RequestFactory, monkeypatch):
    middleware = HealthMiddleware(lambda _: pytest.fail("a probe went on to the pages"))
    monkeypatch.setattr(health, "unapplied_migrations", _refuse)

    answer = middleware(rf.get("/health/ready"))

    assert answer.status_code == 503
    assert b'"database": "does not answer"' in answer.content


def _refuse() -> list[str]:
    raise DatabaseError


@pytest.mark.django_db
def test_a_site_with_a_migration_missing_is_not_ready(client):
    with connection.cursor() as cursor:
        cursor.execute("delete from django_migrations where app = 'sessions' and name = '0001_initial'")

    answer = client.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json() == {"database": "ok", "migrations": "missing", "worker": "unknown"}
