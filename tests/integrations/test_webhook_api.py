"""Webhooks through the API: adding, testing, rotating, looking what became of them."""

from standardwebhooks import Webhook

from events import outbox
from integrations.models import WebhookDelivery, WebhookEndpoint
from integrations.services import deliveries
from integrations.transport import Outcome
from tests.integrations.shopkeepers import NOON, an_order

URL = "https://example.com/hook"


def a_hook(machine, **fields):
    return machine.send("webhooks", {"url": URL} | fields).json()


def test_a_webhook_is_added_and_found_again(machine):
    response = machine.send("webhooks", {"url": URL, "event_types": ["points.accrued"], "description": "Warehouse"})

    hook = response.json()
    assert response.status_code == 201
    assert machine.get(response.headers["Location"]).json() == hook
    assert machine.read("webhooks").json()["results"] == [hook]
    assert hook.pop("created_at").endswith("Z")
    assert hook == {
        "id": WebhookEndpoint.objects.get().pk,
        "url": URL,
        "description": "Warehouse",
        "event_types": ["points.accrued"],
        "is_enabled": True,
        "disabled_because": None,
        "failing_since": None,
        "old_secret_valid_until": None,
    }


def test_an_inner_address_is_refused(machine):
    response = machine.send("webhooks", {"url": "http://169.254.169.254/latest"})

    assert response.status_code == 422
    assert response.json()["code"] == "target_refused"
    assert response.json()["errors"][0]["pointer"] == "#/url"
    assert not WebhookEndpoint.objects.exists()


def test_an_event_that_does_not_exist_is_refused(machine):
    response = machine.send("webhooks", {"url": URL, "event_types": ["points.accrued", "points.lost"]})

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "#/event_types/1"
    assert not WebhookEndpoint.objects.exists()


def test_an_event_that_stays_in_the_house_cannot_be_asked_for(machine):
    response = machine.send("webhooks", {"url": URL, "event_types": ["campaign.stopped"]})

    assert response.status_code == 422


def test_the_secret_is_asked_for_and_changed(machine):
    hook = a_hook(machine)
    first = machine.read(f"webhooks/{hook['id']}/secret").json()["secret"]

    rotated = machine.send(f"webhooks/{hook['id']}/rotate-secret", {})

    second = machine.read(f"webhooks/{hook['id']}/secret").json()["secret"]
    assert rotated.status_code == 200
    assert rotated.json()["old_secret_valid_until"] is not None
    assert first != second
    assert Webhook(second).sign("evt_1", NOON, "{}").startswith("v1,")
    assert second not in rotated.content.decode()


def test_rotating_twice_under_one_key_rotates_once(machine):
    hook = a_hook(machine)
    machine.send(f"webhooks/{hook['id']}/rotate-secret", {}, **{"Idempotency-Key": "k1"})
    secret = machine.read(f"webhooks/{hook['id']}/secret").json()

    machine.send(f"webhooks/{hook['id']}/rotate-secret", {}, **{"Idempotency-Key": "k1"})

    assert machine.read(f"webhooks/{hook['id']}/secret").json() == secret


def test_what_is_left_out_of_a_change_stays(machine):
    hook = a_hook(machine, event_types=["points.accrued"], description="Warehouse")

    response = machine.patch(f"/api/v1/webhooks/{hook['id']}", {"is_enabled": False}, content_type="application/json")

    assert response.json() == hook | {"is_enabled": False, "disabled_because": "Switched off through the API."}


def test_events_and_description_change(machine):
    hook = a_hook(machine, event_types=["points.accrued"])
    change = {"event_types": [], "description": "All of it", "is_enabled": True}

    response = machine.patch(f"/api/v1/webhooks/{hook['id']}", change, content_type="application/json")

    assert response.json() == hook | change


def test_a_change_that_is_refused_changes_nothing(machine):
    hook = a_hook(machine)
    change = {"event_types": ["points.lost"], "is_enabled": False}

    response = machine.patch(f"/api/v1/webhooks/{hook['id']}", change, content_type="application/json")

    assert response.status_code == 422
    assert machine.read(f"webhooks/{hook['id']}").json() == hook


def test_a_removed_webhook_is_gone_with_its_deliveries(machine):
    hook = a_hook(machine)
    machine.send(f"webhooks/{hook['id']}/test", {})

    response = machine.delete(f"/api/v1/webhooks/{hook['id']}")

    assert (response.status_code, response.content) == (204, b"")
    assert machine.read(f"webhooks/{hook['id']}").status_code == 404
    assert not WebhookDelivery.objects.exists()


def test_an_order_is_told_to_the_webhook(machine, ada):
    hook = a_hook(machine, event_types=["points.accrued"])
    machine.send("orders", an_order())
    outbox.relay_batch(at=NOON)

    (delivery,) = machine.read(f"webhooks/{hook['id']}/deliveries").json()["results"]

    event = outbox.OutboxEvent.objects.get(type="points.accrued")
    assert delivery.pop("created_at").endswith("Z")
    assert delivery == {
        "id": WebhookDelivery.objects.get().pk,
        "message": f"evt_{event.pk}",
        "type": "points.accrued",
        "state": "WAITING",
        "attempts": 0,
        "next_attempt_at": "2026-03-14T12:00:00Z",
        "last_attempt_at": None,
        "last_status": None,
        "last_answer": "",
    }


def test_dead_letters_are_listed_and_sent_again(machine):
    hook = a_hook(machine)
    test = machine.send(f"webhooks/{hook['id']}/test", {}).json()
    machine.send(f"webhooks/{hook['id']}/test", {})
    later = WebhookDelivery.objects.latest("pk").next_attempt_at
    claimed = next(claim for claim in deliveries.claim(at=later) if claim.delivery_id == test["id"])
    deliveries.settle(results=[(claimed, Outcome(410, "gone"))], at=later)

    (dead,) = machine.read(f"webhooks/{hook['id']}/deliveries", state="DEAD").json()["results"]
    again = machine.send(f"deliveries/{dead['id']}/send-again", {})

    assert (dead["id"], dead["last_status"], dead["last_answer"]) == (test["id"], 410, "gone")
    assert again.json()["state"] == "WAITING"
    assert machine.read(f"webhooks/{hook['id']}/deliveries", state="DEAD").json()["results"] == []


def test_a_test_message_says_where_it_stands(machine):
    hook = a_hook(machine)

    response = machine.send(f"webhooks/{hook['id']}/test", {})

    assert response.status_code == 201
    assert (response.json()["type"], response.json()["state"]) == ("webhook.test", "WAITING")
