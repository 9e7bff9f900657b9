"""Requests about events that the documentation shows; the tests send them."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

CHECKIN_BODY: dict[str, Any] = {
    "type": "checkin",
    "source": "app",
    "reference": "checkin-000391",
    "occurred_at": "2026-03-14T09:30:00+01:00",
    "customer": {"source": "webshop", "external_id": "6940095564"},
    "payload": {"place": "entrance", "metres": 12},
}
REVIEW_BODY: dict[str, Any] = {
    "type": "review.created",
    "source": "webshop",
    "reference": "review-8812",
    "occurred_at": "2026-03-15T20:11:00+01:00",
    "customer": {"source": "webshop", "external_id": "6940095564"},
    "payload": {"rating": 5, "words": 120, "with_photo": True},
}

EVENT = [OpenApiExample("A check-in by QR code", CHECKIN_BODY, request_only=True)]
EVENTS = [OpenApiExample("Two events", {"events": [CHECKIN_BODY, REVIEW_BODY]}, request_only=True)]
