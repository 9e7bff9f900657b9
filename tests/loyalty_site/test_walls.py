"""The walls around the tests themselves hold."""

import socket

import pytest
from django.contrib.contenttypes.models import ContentType

from loyalty_site.celery import app
from loyalty_site.models import Heartbeat
from loyalty_site.tasks import beat_heart


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_nobody_outside_is_called(host):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET

    with socket.socket(family) as caller, pytest.raises(AssertionError, match="a test tried to call"):
        caller.connect((host, 80))


def test_this_machine_may_be_called():
    with socket.socket() as listener, socket.socket() as caller:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        caller.connect(listener.getsockname())


@pytest.mark.django_db
def test_messages_of_tests_reach_no_worker():
    beat_heart.delay()

    assert app.conf.broker_url == "memory://"
    assert not Heartbeat.objects.exists()


def test_real_transactions_find_what_migrations_wrote(transactional_db):
    assert ContentType.objects.filter(app_label="ledger").exists()
