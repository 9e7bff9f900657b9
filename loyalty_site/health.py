"""
Answers to those who watch: is the process alive, can it serve, does the background work get done.

`/health/live`    200 as long as the process answers at all
`/health/ready`   200 when database and migrations allow serving; says how the worker does, but tills go on without it
`/health/worker`  200 while background work gets done
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from loyalty_site.migration_state import unapplied_migrations
from loyalty_site.models import Heartbeat
from loyalty_site.schedule import HEARTBEAT_SECONDS

OK = "ok"
LATE_AFTER = timedelta(seconds=4 * HEARTBEAT_SECONDS)


class HealthMiddleware:
    """Stands above host checks, redirects and sessions, as probes know nothing of those."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._migrated = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/health/"):
            return self._get_response(request)
        if request.path == "/health/live":
            return _answer({"process": OK}, needed={"process"})
        if request.path == "/health/ready":
            return _answer(self._state(), needed={"database", "migrations"})
        if request.path == "/health/worker":
            return _answer(self._state(), needed={"worker"})
        return self._get_response(request)

    def _state(self) -> dict[str, str]:
        try:
            self._migrated = self._migrated or not unapplied_migrations()
            worker = worker_state(at=timezone.now()) if self._migrated else "unknown"
        except DatabaseError:
            return {"database": "does not answer", "migrations": "unknown", "worker": "unknown"}
        return {"database": OK, "migrations": OK if self._migrated else "missing", "worker": worker}


def worker_state(*, at: datetime) -> str:
    beat_at = Heartbeat.objects.filter(process=Heartbeat.WORKER).values_list("beat_at", flat=True).first()
    if beat_at is None:
        return "never seen"
    return OK if at - beat_at <= LATE_AFTER else f"late: last seen {beat_at:%Y-%m-%d %H:%M:%S} UTC"


def _answer(state: dict[str, str], *, needed: set[str]) -> JsonResponse:
    serves = all(state[name] == OK for name in needed)
    return JsonResponse(state, status=200 if serves else 503, headers={"Cache-Control": "no-store"})
