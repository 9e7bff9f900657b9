"""Sending webhooks, every second, and tidying up."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx2
from celery import shared_task
from django.conf import settings
from django.utils import timezone

from integrations import transport
from integrations.services import answers, deliveries
from integrations.services.deliveries import Claim
from integrations.transport import Outcome

# Less than any broker's patience with a task; what is left is taken by the next one.
_AT_MOST_SECONDS = 50
_AT_ONCE = 50


@shared_task(expires=10)
def deliver_webhooks() -> int:
    """Send what is due until nothing is; return how many attempts were made."""
    end = time.monotonic() + _AT_MOST_SECONDS
    total = 0
    with transport.open_client(loopback=settings.WEBHOOKS_TO_LOOPBACK) as client, ThreadPoolExecutor(_AT_ONCE) as pool:
        while time.monotonic() < end and (claims := deliveries.claim(at=timezone.now(), limit=_AT_ONCE)):
            deliveries.settle(results=_send(claims, client, pool), at=timezone.now())
            total += len(claims)
    return total


@shared_task(expires=3600)
def forget_old() -> None:
    """Remove stored answers and closed deliveries whose time is over."""
    answers.forget_old(at=timezone.now())
    deliveries.forget_old(at=timezone.now())


def _send(claims: Sequence[Claim], client: httpx2.Client, pool: ThreadPoolExecutor) -> list[tuple[Claim, Outcome]]:
    def send(claim: Claim) -> tuple[Claim, Outcome]:
        headers = claim.headers(at=timezone.now())
        return claim, transport.post(client, claim.url, body=claim.body, headers=headers)

    return list(pool.map(send, claims))
