"""Requests about tiers that the documentation shows."""

from drf_spectacular.utils import OpenApiExample

from integrations.api.examples import CUSTOMER

CHALLENGE_BODY = {"customer": CUSTOMER, "ladder": "club"}
PAID_TIER_BODY = {
    "source": "webshop",
    "reference": "fee-2026-0117",
    "customer": CUSTOMER,
    "ladder": "club",
    "tier": "gold",
    "until": "2099-01-01T00:00:00+01:00",
    "with_household": False,
}

CHALLENGE = [OpenApiExample("Try the tier of the challenge", value=CHALLENGE_BODY, request_only=True)]
PAID_TIER = [OpenApiExample("A yearly fee was paid", value=PAID_TIER_BODY, request_only=True)]
