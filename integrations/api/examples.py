"""Requests and answers that the documentation shows; the tests send them."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

ORDER_BODY: dict[str, Any] = {
    "source": "webshop",
    "reference": "2026-000117",
    "placed_at": "2026-03-14T09:30:00+01:00",
    "currency": "EUR",
    "customer": {"source": "webshop", "external_id": "6940095564"},
    "channel": "web",
    "lines": [
        {
            "sku": "BEANS-1KG",
            "name": "Coffee beans",
            "quantity": 2,
            "amount": "37.80",
            "tax": "2.47",
            "categories": ["coffee"],
        },
        {"sku": "MUG", "name": "Mug", "quantity": 1, "amount": "12.00", "tax": "1.92"},
        {"sku": "POST", "kind": "shipping", "amount": "4.90", "tax": "0.78"},
    ],
    "discount": "5.00",
    "tenders": [{"kind": "online", "amount": "49.70"}],
}

RETURN_BODY: dict[str, Any] = {
    "source": "webshop",
    "reference": "R-2026-000031",
    "returned_at": "2026-03-20T16:05:00+01:00",
    "order_reference": "2026-000117",
    "lines": [{"line": 2, "quantity": 1}],
}

DELIVERY_BODY: dict[str, Any] = {
    "source": "webshop",
    "order_reference": "2026-000117",
    "delivered_at": "2026-03-17T11:20:00+01:00",
}

WEBHOOK_BODY: dict[str, Any] = {
    "url": "https://example.com/laurel",
    "event_types": ["points.accrued", "points.clawed_back"],
    "description": "Warehouse",
}

ADJUSTMENT_BODY: dict[str, Any] = {
    "source": "helpdesk",
    "reference": "TICKET-4711",
    "member": {"source": "webshop", "external_id": "6940095564"},
    "unit": "points",
    "amount": "250",
    "reason": "complaint",
    "text": "For your lost parcel",
    "note": "Parcel lost by the carrier on 3 March",
}

CUSTOMER: dict[str, Any] = {"source": "webshop", "external_id": "6940095564"}

QUOTE_BODY: dict[str, Any] = {
    "customer": CUSTOMER,
    "currency": "EUR",
    "lines": [{"sku": "GRINDER", "amount": "200.00", "tax": "31.93"}],
    "wanted": [{"unit": "points", "amount": "1000"}],
}

HOLD_BODY: dict[str, Any] = {
    "source": "webshop",
    "reference": "checkout-7781",
    "customer": CUSTOMER,
    "unit": "points",
    "amount": "1000",
    "seconds": 1800,
}

EXCHANGE_BODY: dict[str, Any] = {
    "source": "webshop",
    "reference": "exchange-12",
    "customer": CUSTOMER,
    "from_unit": "points",
    "to_unit": "credit",
    "chunks": 1,
}

PURCHASE_QUOTE_BODY: dict[str, Any] = {"customer": CUSTOMER, "unit": "points", "amount": "5000"}

PURCHASE_BODY: dict[str, Any] = {
    "source": "webshop",
    "reference": "buy-4711",
    "customer": CUSTOMER,
    "unit": "points",
    "amount": "5000",
    "total": "90.00",
}

PURCHASE_CAPTURE_BODY: dict[str, Any] = {"provider": "stripe", "payment": "pi_3N8", "amount": "90.00"}

NOTICE_BODY: dict[str, Any] = {
    "provider": "stripe",
    "notice": "evt_1Nx",
    "kind": "captured",
    "payment": "pi_3N8",
    "amount": "90.00",
    "currency": "EUR",
    "happened_at": "2026-03-14T09:30:00+01:00",
}

PURCHASE_QUOTE = [OpenApiExample("What 5,000 points cost", value=PURCHASE_QUOTE_BODY, request_only=True)]
PURCHASE = [OpenApiExample("5,000 points for 90.00", value=PURCHASE_BODY, request_only=True)]
PURCHASE_CAPTURE = [OpenApiExample("The money is there", value=PURCHASE_CAPTURE_BODY, request_only=True)]
PURCHASE_REFUND = [OpenApiExample("All of it", value={}, request_only=True)]
NOTICE = [OpenApiExample("A payment was made", value=NOTICE_BODY, request_only=True)]

TRANSFER_BODY: dict[str, Any] = {
    "source": "webshop",
    "reference": "gift-31",
    "from": CUSTOMER,
    "to": "400000000006",
    "unit": "points",
    "amount": "100",
    "message": "For the cake",
}
TRANSFER_QUOTE_BODY: dict[str, Any] = {"from": CUSTOMER, "unit": "points", "amount": "100"}

TRANSFER = [OpenApiExample("100 points for another member", value=TRANSFER_BODY, request_only=True)]
TRANSFER_QUOTE = [OpenApiExample("What 100 points would cost", value=TRANSFER_QUOTE_BODY, request_only=True)]
NO_BODY = [OpenApiExample("Nothing to say", value={}, request_only=True)]
EXCHANGE = [OpenApiExample("One chunk of points for credit", value=EXCHANGE_BODY, request_only=True)]
BIRTHDAY = [OpenApiExample("The 17th of May", value={"month": 5, "day": 17}, request_only=True)]
QUOTE = [OpenApiExample("1,000 points for a grinder of 200.00", value=QUOTE_BODY, request_only=True)]
HOLD = [OpenApiExample("For half an hour", value=HOLD_BODY, request_only=True)]
CAPTURE = [OpenApiExample("All of it", value={}, request_only=True)]
NOTHING = [OpenApiExample("Let it go", value={}, request_only=True)]
REFUND = [OpenApiExample("All that is left", value={"reference": "refund-7781"}, request_only=True)]
ORDER = [OpenApiExample("An order of a web shop", value=ORDER_BODY, request_only=True)]
RETURN = [OpenApiExample("One article of it comes back", value=RETURN_BODY, request_only=True)]
ADJUSTMENT = [OpenApiExample("Points for a complaint", value=ADJUSTMENT_BODY, request_only=True)]
DELIVERY = [OpenApiExample("The parcel was handed over", value=DELIVERY_BODY, request_only=True)]
WEBHOOK = [OpenApiExample("Tell the warehouse about points", value=WEBHOOK_BODY, request_only=True)]
