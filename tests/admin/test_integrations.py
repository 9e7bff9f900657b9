"""System owners make keys and webhooks, whose secrets are shown once and never again."""

import re

import pytest

from integrations.models import ApiKey, WebhookDelivery, WebhookEndpoint
from integrations.services import endpoints, keys
from tests.admin import people
from tests.campaigns import trade
from tests.campaigns.trade import NOON
from tests.cockpit.people import text_of


@pytest.fixture
def hook(grocer):
    endpoint, _ = endpoints.register_endpoint(programme=grocer, url="https://example.com/hook", description="Shop")
    return endpoint


def secret_on(page):
    (secret,) = re.findall(r"<code>([^<]+)</code>", page.content.decode())
    return secret


def press(desk, model, row, verb, **more):
    return desk.post(people.address(model, verb, row.pk), more, follow=True)


def test_a_key_is_shown_once_and_opens_the_api(owners_desk, grocer, time_machine):
    time_machine.move_to(NOON, tick=False)
    told = {"name": "Web shop", "scopes": ["orders:write", "orders:read"], "life": "30"}

    made = owners_desk.post("/admin/integrations/apikey/add/", told)

    key, secret = ApiKey.objects.get(), secret_on(made)
    caller = keys.recognise(secret, at=NOON)
    assert (caller.programme, caller.scopes) == (grocer, {"orders:write", "orders:read"})
    assert (key.name, key.created_by, (key.expires_at - NOON).days) == ("Web shop", "Olive", 30)
    assert secret not in owners_desk.get(people.address("integrations.apikey", "change", key.pk)).content.decode()


def test_a_key_that_may_nothing_is_not_made(owners_desk):
    answer = owners_desk.post("/admin/integrations/apikey/add/", {"name": "Web shop", "life": "30"})

    assert answer.context["form"].errors == {"scopes": ["This field is required."]}
    assert not ApiKey.objects.exists()


def test_a_revoked_key_says_by_whom(owners_desk, grocer):
    key, _ = keys.issue_key(programme=grocer, name="Till", scopes=[people.Scope.ORDERS_READ], by="x", at=NOON)

    page = press(owners_desk, "integrations.apikey", key, "revoke")

    key.refresh_from_db()
    assert key.revoked_by == "Olive"
    assert "by Olive" in text_of(page.content)


def test_a_webhook_is_made_and_its_secret_shown_once(owners_desk, grocer):
    told = {"url": "https://example.com/hook", "description": "Shop", "event_types": ["points.accrued"]}

    made = owners_desk.post("/admin/integrations/webhookendpoint/add/", told)

    endpoint = WebhookEndpoint.objects.get(programme=grocer)
    assert (endpoint.url, endpoint.event_types) == ("https://example.com/hook", ["points.accrued"])
    assert endpoints.signing_secrets(endpoint, at=NOON) == [secret_on(made)]


def test_an_address_inside_the_house_is_refused_at_its_field(owners_desk):
    answer = owners_desk.post("/admin/integrations/webhookendpoint/add/", {"url": "http://127.0.0.1/hook"})

    assert list(answer.context["form"].errors) == ["url"]
    assert not WebhookEndpoint.objects.exists()


def test_a_new_secret_is_shown_once_and_the_old_one_signs_beside_it(owners_desk, hook):
    old = endpoints.signing_secrets(hook, at=NOON)

    made = owners_desk.post(people.address("integrations.webhookendpoint", "rotate", hook.pk))

    hook.refresh_from_db()
    assert endpoints.signing_secrets(hook, at=hook.created_at) == [secret_on(made), *old]


def test_a_test_message_can_be_sent_and_looked_at(owners_desk, hook):
    press(owners_desk, "integrations.webhookendpoint", hook, "test")

    delivery = WebhookDelivery.objects.get(endpoint=hook)
    page = text_of(owners_desk.get(people.address("integrations.webhookdelivery", "change", delivery.pk)).content)
    assert delivery.event_type == "webhook.test"
    assert "What is sent" in page
    assert "&quot;type&quot;: &quot;webhook.test&quot;" in page


def test_a_webhook_is_disabled_enabled_and_removed(owners_desk, hook):
    press(owners_desk, "integrations.webhookendpoint", hook, "disable")
    hook.refresh_from_db()
    assert (hook.is_enabled, hook.disabled_because) == (False, "Disabled by Olive")

    press(owners_desk, "integrations.webhookendpoint", hook, "enable")
    hook.refresh_from_db()
    assert (hook.is_enabled, hook.disabled_because) == (True, "")

    press(owners_desk, "integrations.webhookendpoint", hook, "remove")
    assert not WebhookEndpoint.objects.exists()


def test_a_message_that_was_given_up_can_be_sent_again(owners_desk, hook):
    press(owners_desk, "integrations.webhookendpoint", hook, "test")
    WebhookDelivery.objects.update(state="DEAD", next_attempt_at=None, closed_at=NOON, attempts=13)

    press(owners_desk, "integrations.webhookdelivery", WebhookDelivery.objects.get(), "again")

    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("WAITING", 0)


def test_events_are_listed_and_told(owners_desk, grocer):
    trade.a_member(grocer)

    (event,) = owners_desk.get("/admin/events/outboxevent/").context["cl"].result_list
    page = text_of(owners_desk.get(people.address("events.outboxevent", "change", event.pk)).content)

    assert event.type == "member.enrolled"
    assert "waiting" in page
    assert "&quot;member&quot;" in page
