"""Webhooks reach public addresses and nothing of ours."""

import socket
import time
from ipaddress import ip_address

import pytest

from integrations import transport
from integrations.errors import TargetRefused
from integrations.transport import check_target, is_public, open_client, post
from tests.integrations.receiver import a_receiver, a_socket, drip

INNER = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.1.2.3",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.8", "192.0.0.170", "192.0.2.1",
    "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "100::1", "2001::1",
    "2001:0:53aa:64c:0:0:80ff:fffe", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1",
    "3fff::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "193.99.144.80", "2606:4700:4700::1111", "2a00:1450:4001:82a::200e"]
SPELLINGS = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0", "[::1]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "localhost", "LOCALHOST", "127.0.0.1.",
]  # fmt: skip


@pytest.mark.parametrize("address", INNER)
def test_an_inner_address_is_not_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address):
    assert is_public(ip_address(address))


@pytest.fixture
def canary():
    with a_receiver() as inbox:
        yield inbox


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_spelling_of_this_machine_is_reached(host, canary):
    with open_client(loopback=False) as client:
        outcome = post(client, f"http://{host}:{canary.port}/hook", body="{}", headers={})

    assert outcome.status is None
    assert canary.received == []


@pytest.mark.parametrize("address", INNER)
def test_a_name_that_points_inside_is_not_followed(address, canary):
    with open_client(loopback=False, resolve=pointing_to([address])) as client:
        outcome = post(client, f"http://shop.example:{canary.port}/hook", body="{}", headers={})

    assert outcome.text == "Not sent: shop.example is not a public address."


def test_one_inner_address_among_public_ones_is_enough_to_refuse(canary):
    with open_client(loopback=False, resolve=pointing_to(["93.184.216.34", "127.0.0.1"])) as client:
        outcome = post(client, f"http://shop.example:{canary.port}/hook", body="{}", headers={})

    assert outcome.text == "Not sent: shop.example is not a public address."
    assert canary.received == []


def test_a_name_that_changes_between_check_and_use_gains_nothing(canary):
    asked: list[str] = []

    def rebinding(host, port, **_):
        asked.append(host)
        return pointing_to(["127.0.0.1" if len(asked) == 1 else "10.0.0.1"])(host, port)

    with open_client(loopback=True, resolve=rebinding) as client:
        outcome = post(client, f"http://shop.example:{canary.port}/hook", body="{}", headers={})

    assert outcome.delivered
    assert asked == ["shop.example"]
    assert canary.received[0][0]["host"] == f"shop.example:{canary.port}"


def test_a_name_nobody_knows_is_an_outcome_like_others():
    def unknown(*_: object, **__: object) -> list[tuple[object, ...]]:
        raise socket.gaierror("Name or service not known")

    with open_client(loopback=False, resolve=unknown) as client:
        outcome = post(client, "https://nowhere.example/hook", body="{}", headers={})

    assert outcome.status is None
    assert "can't be resolved" in outcome.text


def test_this_machine_is_reached_when_that_was_allowed(canary):
    with open_client(loopback=True) as client:
        outcome = post(client, canary.url, body='{"a":1}', headers={"webhook-id": "evt_1"})

    assert (outcome.status, outcome.text, outcome.delivered) == (200, "thanks", True)
    ((headers, body),) = canary.received
    assert (headers["content-type"], headers["webhook-id"], body) == ("application/json", "evt_1", '{"a":1}')


def test_only_loopback_is_allowed_then_and_no_other_inner_address():
    with open_client(loopback=True, resolve=pointing_to(["10.0.0.1"])) as client:
        outcome = post(client, "http://shop.example/hook", body="{}", headers={})

    assert outcome.text == "Not sent: shop.example is not a public address."


def test_a_redirect_is_an_answer_and_not_followed(canary):
    with a_receiver(headers={"Location": canary.url}) as redirecting, open_client(loopback=True) as client:
        redirecting.answers.append(302)
        outcome = post(client, redirecting.url, body="{}", headers={})

    assert (outcome.status, outcome.delivered) == (302, False)
    assert canary.received == []


def test_of_a_long_answer_only_the_beginning_is_read():
    with a_receiver(body=b"x" * 5_000_000) as inbox, open_client(loopback=True) as client:
        outcome = post(client, inbox.url, body="{}", headers={})

    assert (outcome.status, len(outcome.text)) == (200, transport.READ_BYTES)


def test_a_receiver_that_is_not_there_is_an_outcome_like_others():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with open_client(loopback=True) as client:
        outcome = post(client, f"http://127.0.0.1:{port}/hook", body="{}", headers={})

    assert outcome.status is None
    assert outcome.text.startswith("ConnectError")


def test_an_answer_that_never_ends_is_not_waited_for():
    began = time.monotonic()

    with a_socket(drip) as port, open_client(loopback=True) as client:
        outcome = post(client, f"http://127.0.0.1:{port}/hook", body="{}", headers={})

    assert outcome.status is None
    assert outcome.text.startswith("ReadTimeout")
    assert time.monotonic() - began < 2 * transport.ANSWER_SECONDS


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://example.com/hook", "https"),
        ("ftp://example.com/hook", "https"),
        ("example.com", "an address such as https://example.com/hook"),
        ("https://", "an address such as https://example.com/hook"),
        ("https://eva:secret@example.com/hook", "no password and no fragment"),
        ("https://example.com/hook#part", "no password and no fragment"),
        ("https://127.0.0.1/hook", "a public address"),
        ("https://[::1]/hook", "a public address"),
        ("https://169.254.169.254/latest/meta-data", "a public address"),
        ("https://exa mple.com/hook", "an address such as https://example.com/hook"),
        ("https://example.com:99999999/hook", "an address such as https://example.com/hook"),
    ],
)
def test_what_can_be_seen_to_be_no_target_is_refused_at_once(url, expected):
    with pytest.raises(TargetRefused) as refusal:
        check_target(url, loopback=False)

    assert refusal.value.facts["expected"] == expected


@pytest.mark.parametrize(
    "url", ["https://example.com/hook", "https://example.com:8443/hook?a=1", "https://1.1.1.1/hook"]
)
def test_a_public_address_is_a_target(url):
    check_target(url, loopback=False)


@pytest.mark.parametrize("url", ["http://localhost:8080/hook", "http://127.0.0.1/hook", "https://[::1]/hook"])
def test_this_machine_is_a_target_when_that_was_allowed(url):
    check_target(url, loopback=True)


def pointing_to(addresses):
    def resolve(_host, port, **_):
        return [
            (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]

    return resolve
