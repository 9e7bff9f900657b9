"""Requests about households that the documentation shows."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

from integrations.api.examples import CUSTOMER

SOMEBODY = "400000000006"


def _example(title: str, **fields: Any) -> list[OpenApiExample]:
    return [OpenApiExample(title, value={"customer": CUSTOMER, **fields}, request_only=True)]


FOUND = _example("A family", name="The Lovelaces")
INVITE = _example("A child", member=SOMEBODY, role="contributor")
ACTOR = _example("By the customer")
REMOVE = _example("Somebody who moved out", member=SOMEBODY)
ROLE = _example("The lead is handed over", member=SOMEBODY, role="head")
SHARE = _example("A quarter of each earning", percent=25)
CONTRIBUTION = _example("100 points", source="webshop", reference="gift-12", unit="points", amount="100")
