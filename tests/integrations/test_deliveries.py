"""Webhook deliveries: one per event and endpoint, sent until they arrive or for three days."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from standardwebhooks import Webhook, WebhookVerificationError

from events import outbox
from events.outbox import Fact
from integrations.models import WebhookDelivery, WebhookEndpoint
from integrations.services import deliveries, endpoints
from integrations.services.deliveries import LADDER, LEASE
from integrations.transport import Outcome, open_client, post
from tests.crowd import at_once
from tests.integrations.receiver import a_receiver
from tests.integrations.shopkeepers import NOON, a_programme

OK = Outcome(200, "thanks")
DOWN = Outcome(None, "ConnectError: refused")
FACTS = ("member.enrolled", "member.claimed", "campaign.stopped")


@pytest.fixture
def hook(bakery):
    endpoint, _ = endpoints.register_endpoint(programme=bakery, url="https://example.com/hook")
    return endpoint


def happened(programme, *types, at=NOON):
    with transaction.atomic():
        outbox.record(Fact(programme.pk, type_, {"member": "400000000006"}, at) for type_ in types)
    outbox.relay_batch(at=at)


def waiting(count, hook):
    happened(hook.programme, *["member.claimed"] * count)
    return list(WebhookDelivery.objects.order_by("pk"))


def attempt(outcome, *, at):
    (claimed,) = deliveries.claim(at=at, limit=1)
    deliveries.settle(results=[(claimed, outcome)], at=at)
    return WebhookDelivery.objects.get(pk=claimed.delivery_id)


def test_an_event_becomes_one_delivery_for_each_endpoint_that_wants_it(bakery, hook):
    picky, _ = endpoints.register_endpoint(
        programme=bakery, url="https://example.com/2", event_types=["member.claimed"]
    )

    happened(bakery, *FACTS)

    assert sorted(WebhookDelivery.objects.values_list("endpoint_id", "event_type")) == [
        (hook.pk, "member.claimed"),
        (hook.pk, "member.enrolled"),
        (picky.pk, "member.claimed"),
    ]


def test_what_is_nobodys_business_outside_is_not_sent(bakery, hook):
    happened(bakery, "campaign.stopped", "visit.opened", "card.rotated")

    assert not WebhookDelivery.objects.exists()


def test_another_programme_hears_nothing(hook):
    happened(a_programme("florist"), *FACTS)

    assert not WebhookDelivery.objects.exists()


def test_a_disabled_endpoint_hears_nothing(bakery, hook):
    endpoints.disable_endpoint(endpoint=hook, because="Holidays.")

    happened(bakery, *FACTS)

    assert not WebhookDelivery.objects.exists()


def test_the_same_events_again_write_nothing_twice(bakery, hook):
    happened(bakery, "member.claimed")
    events = list(outbox.OutboxEvent.objects.all())

    written = deliveries.write_deliveries(events=events, at=NOON)

    assert written == 0
    assert WebhookDelivery.objects.count() == 1


def test_a_message_says_what_happened_when_and_in_which_version(bakery, hook):
    happened(bakery, "member.claimed")

    delivery = WebhookDelivery.objects.get()

    event = outbox.OutboxEvent.objects.get()
    assert delivery.message_id == f"evt_{event.pk}"
    assert delivery.body == (
        '{"type":"member.claimed","version":1,"timestamp":"2026-03-14T12:00:00Z","data":{"member":"400000000006"}}'
    )


def test_a_message_is_signed_so_that_the_standard_library_of_the_standard_accepts_it(bakery, hook):
    happened(bakery, "member.claimed")
    (secret,) = endpoints.signing_secrets(hook, at=NOON)
    (claimed,) = deliveries.claim(at=NOON)

    headers = claimed.headers(at=datetime.now(UTC))

    assert Webhook(secret).verify(claimed.body, headers)["type"] == "member.claimed"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(claimed.body.replace("400", "401"), headers)


def test_while_a_secret_changes_both_sign(bakery, hook):
    (old,) = endpoints.signing_secrets(hook, at=NOON)
    new = endpoints.rotate_secret(endpoint=hook, at=NOON)
    waiting(1, hook)
    (claimed,) = deliveries.claim(at=NOON)

    headers = claimed.headers(at=datetime.now(UTC))

    assert new != old
    assert len(headers["webhook-signature"].split()) == 2
    for secret in (old, new):
        Webhook(secret).verify(claimed.body, headers)
    hook.refresh_from_db()
    assert endpoints.signing_secrets(hook, at=NOON + endpoints.OVERLAP) == [new]


def test_no_secret_can_be_read_in_the_database(hook):
    (secret,) = endpoints.signing_secrets(hook, at=NOON)

    stored = repr([bytes(column) for column in WebhookEndpoint.objects.values_list("secret", flat=True)])

    assert secret.removeprefix("whsec_") not in stored


def test_a_delivery_that_arrives_is_closed(hook):
    waiting(1, hook)

    delivery = attempt(OK, at=NOON)

    assert (delivery.state, delivery.attempts, delivery.last_status, delivery.last_answer) == (
        "DELIVERED",
        1,
        200,
        "thanks",
    )
    assert (delivery.closed_at, delivery.next_attempt_at, delivery.leased_until) == (NOON, None, None)
    assert deliveries.claim(at=NOON + timedelta(days=9)) == []


def test_what_fails_is_tried_again_for_three_days_and_then_given_up(hook):
    waiting(1, hook)
    at, waits = NOON, []

    while (delivery := attempt(DOWN, at=at)).state == "WAITING":
        waits.append(delivery.next_attempt_at - at)
        assert deliveries.claim(at=delivery.next_attempt_at - timedelta(microseconds=1)) == []
        at = delivery.next_attempt_at

    assert len(waits) == len(LADDER)
    assert all(step <= wait <= step * 1.1 for step, wait in zip(LADDER, waits, strict=True))
    assert at - NOON >= timedelta(hours=72)
    assert (delivery.state, delivery.attempts, delivery.last_answer) == (
        "DEAD",
        len(LADDER) + 1,
        "ConnectError: refused",
    )


def test_a_receiver_that_is_gone_is_not_asked_again(hook):
    waiting(3, hook)

    delivery = attempt(Outcome(410, ""), at=NOON)

    hook.refresh_from_db()
    assert (delivery.state, hook.is_enabled) == ("DEAD", False)
    assert hook.disabled_because == "The receiver answered 410 Gone."
    assert deliveries.claim(at=NOON) == []


def test_what_waited_goes_out_when_the_endpoint_is_enabled_again(hook):
    waiting(3, hook)
    endpoints.disable_endpoint(endpoint=hook, because="Holidays.")

    endpoints.enable_endpoint(endpoint=hook)

    assert len(deliveries.claim(at=NOON)) == 3


def test_who_dies_while_sending_leaves_it_to_others_when_the_lease_ends(hook):
    waiting(1, hook)
    (dead,) = deliveries.claim(at=NOON)

    early = deliveries.claim(at=NOON + LEASE - timedelta(microseconds=1))
    (heir,) = deliveries.claim(at=NOON + LEASE)

    assert early == []
    assert (heir.delivery_id, heir.message_id, heir.body) == (dead.delivery_id, dead.message_id, dead.body)


def test_whose_lease_ended_may_report_a_success_and_judge_nothing_else(hook):
    waiting(1, hook)
    (slow,) = deliveries.claim(at=NOON)
    later = NOON + LEASE
    deliveries.claim(at=later)

    deliveries.settle(results=[(slow, DOWN)], at=later)
    after_failure = WebhookDelivery.objects.get()
    deliveries.settle(results=[(slow, OK)], at=later)

    assert (after_failure.state, after_failure.attempts, after_failure.leased_until) == ("WAITING", 0, later + LEASE)
    assert WebhookDelivery.objects.get().state == "DELIVERED"


def test_a_failing_endpoint_gets_one_attempt_at_a_time_and_keeps_nobody_waiting(bakery, hook):
    well, _ = endpoints.register_endpoint(programme=bakery, url="https://example.com/well")
    happened(bakery, *["member.claimed"] * 15)
    attempt(DOWN, at=NOON)
    WebhookEndpoint.objects.filter(pk=well.pk).update(failing_since=None)
    WebhookEndpoint.objects.filter(pk=hook.pk).update(failing_since=NOON)

    claimed = deliveries.claim(at=NOON, limit=50)
    more = deliveries.claim(at=NOON, limit=50)

    assert [claim.endpoint_id for claim in claimed].count(hook.pk) == 1
    assert [claim.endpoint_id for claim in claimed].count(well.pk) == 10
    assert more == []


def test_a_success_ends_the_time_of_failing(hook):
    waiting(2, hook)
    attempt(DOWN, at=NOON)
    hook.refresh_from_db()
    failing_since = hook.failing_since

    attempt(OK, at=NOON + timedelta(seconds=1))

    hook.refresh_from_db()
    assert (failing_since, hook.failing_since) == (NOON, None)


def test_a_closed_delivery_can_be_sent_again_under_the_same_id(hook):
    waiting(1, hook)
    delivery = attempt(OK, at=NOON)

    deliveries.send_again(delivery=delivery, at=NOON + timedelta(days=1))

    (claimed,) = deliveries.claim(at=NOON + timedelta(days=1))
    assert (claimed.message_id, claimed.attempts) == (delivery.message_id, 0)


def test_a_test_message_goes_to_its_endpoint_alone(bakery, hook):
    endpoints.register_endpoint(programme=bakery, url="https://example.com/other")

    delivery = deliveries.send_test(endpoint=hook, at=NOON)

    assert [claim.delivery_id for claim in deliveries.claim(at=NOON)] == [delivery.pk]
    assert delivery.message_id.startswith("test_")


def test_old_deliveries_are_forgotten_when_they_are_closed(hook):
    waiting(2, hook)
    attempt(OK, at=NOON)

    removed = deliveries.forget_old(at=NOON + deliveries.KEPT_FOR + timedelta(seconds=1))

    assert removed == 1
    assert [delivery.state for delivery in WebhookDelivery.objects.all()] == ["WAITING"]


def test_an_answer_with_anything_in_it_can_be_kept(hook):
    waiting(1, hook)

    delivery = attempt(Outcome(500, "\0" + "x" * 9999), at=NOON)

    assert delivery.last_answer == "x" * 499


def test_a_real_receiver_gets_what_was_claimed(hook, settings):
    waiting(1, hook)
    (claimed,) = deliveries.claim(at=NOON)

    with a_receiver() as inbox, open_client(loopback=True) as client:
        now = datetime.now(UTC)
        outcome = post(client, inbox.url, body=claimed.body, headers=claimed.headers(at=now))

    ((headers, body),) = inbox.received
    (secret,) = claimed.secrets
    assert outcome.delivered
    assert Webhook(secret).verify(body, headers)["data"] == {"member": "400000000006"}


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_senders_never_take_the_same_delivery():
    bakery = a_programme()
    for number in range(6):
        endpoints.register_endpoint(programme=bakery, url=f"https://example.com/{number}")
    happened(bakery, *["member.claimed"] * 10)

    taken = at_once(8, lambda _: [claim.delivery_id for claim in deliveries.claim(at=NOON, limit=20)])

    ids = [delivery_id for some in taken for delivery_id in some]
    assert len(ids) == len(set(ids)) == 60
