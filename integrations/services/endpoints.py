"""Setting up webhooks."""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from events.catalogue import PUBLIC
from integrations import vault
from integrations.errors import EventTypeUnknown
from integrations.models import WebhookEndpoint
from integrations.transport import check_target
from shops.models import Programme

_SECRET_BYTES = 32
# A receiver has this long to change over to a new secret; until then messages carry both signatures.
OVERLAP = timedelta(hours=24)


@transaction.atomic
def register_endpoint(
    *, programme: Programme, url: str, event_types: Sequence[str] = (), description: str = "", loopback: bool = False
) -> tuple[WebhookEndpoint, str]:
    """
    Tell an address about events from now on: all public ones, or those in `event_types`. Returned with its secret.

    :param loopback: allow addresses on this machine
    :raises TargetRefused: if the address can't be a target
    :raises EventTypeUnknown: if there is no such event, or none that leaves the house
    """
    check_target(url, loopback=loopback)
    check_event_types(event_types)
    secret = _new_secret()
    endpoint = WebhookEndpoint.objects.create(
        programme=programme,
        url=url,
        description=description,
        event_types=sorted(set(event_types)),
        secret=vault.lock(secret),
    )
    return endpoint, secret


@transaction.atomic
def rotate_secret(*, endpoint: WebhookEndpoint, at: datetime) -> str:
    """Give the endpoint a new secret and return it; the old one signs beside it for `OVERLAP`."""
    secret = _new_secret()
    current = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    current.previous_secret, current.previous_secret_until = current.secret, at + OVERLAP
    current.secret = vault.lock(secret)
    current.save(update_fields=["secret", "previous_secret", "previous_secret_until"])
    return secret


@transaction.atomic
def change_endpoint(
    *, endpoint: WebhookEndpoint, description: str | None = None, event_types: Sequence[str] | None = None
) -> None:
    """
    Change what an endpoint is called or is told; None leaves it as it is.

    :raises EventTypeUnknown: if there is no such event, or none that leaves the house
    """
    check_event_types(event_types or ())
    if description is not None:
        endpoint.description = description
    if event_types is not None:
        endpoint.event_types = sorted(set(event_types))
    endpoint.save(update_fields=["description", "event_types"])


@transaction.atomic
def enable_endpoint(*, endpoint: WebhookEndpoint) -> None:
    """Send again; what was waiting when it was disabled goes out first."""
    endpoint.is_enabled, endpoint.disabled_because, endpoint.failing_since = True, "", None
    endpoint.save(update_fields=["is_enabled", "disabled_because", "failing_since"])


@transaction.atomic
def disable_endpoint(*, endpoint: WebhookEndpoint, because: str) -> None:
    """Send nothing more; events that happen meanwhile are not kept for it."""
    endpoint.is_enabled, endpoint.disabled_because = False, because[:200]
    endpoint.save(update_fields=["is_enabled", "disabled_because"])


@transaction.atomic
def remove_endpoint(*, endpoint: WebhookEndpoint) -> None:
    """Forget the endpoint and its deliveries."""
    endpoint.delete()


def signing_secrets(endpoint: WebhookEndpoint, *, at: datetime) -> list[str]:
    """The secrets that sign a message at `at`, the current one first."""
    locked = [endpoint.secret]
    if endpoint.previous_secret is not None and endpoint.previous_secret_until is not None:
        locked += [endpoint.previous_secret] if at < endpoint.previous_secret_until else []
    return [vault.unlock(secret) for secret in locked]


def check_event_types(event_types: Sequence[str]) -> None:
    """:raises EventTypeUnknown: naming the first type that no public event has"""
    for index, name in enumerate(event_types):
        if name not in PUBLIC:
            expected = f"one of {', '.join(sorted(PUBLIC))}"
            raise EventTypeUnknown(pointer=f"/event_types/{index}", problem=name, expected=expected)


def _new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()}"
