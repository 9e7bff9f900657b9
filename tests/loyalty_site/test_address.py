"""A port that can't be used is refused before anything starts, with a way out."""

import socket

import pytest

from loyalty_site.run.address import Address, refuse_unusable
from loyalty_site.run.refusal import Refusal


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_taken_port_is_refused_with_one_that_is_free(taken_port):
    with pytest.raises(Refusal) as refusal:
        refuse_unusable(Address(host="127.0.0.1", port=taken_port, tls=False))

    assert str(refusal.value).startswith(
        f"Port {taken_port} is in use by another program: stop that, or choose another port, for example make run PORT="
    )
    refuse_unusable(Address(host="127.0.0.1", port=int(str(refusal.value).rpartition("=")[2]), tls=False))


@pytest.mark.parametrize("shared", [True, False])
def test_a_port_shared_by_others_is_taken_as_well(shared):
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, int(shared))
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        with pytest.raises(Refusal, match="is in use by another program"):
            refuse_unusable(Address(host="127.0.0.1", port=listener.getsockname()[1], tls=False))


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_of_another_machine_is_refused(host):
    with pytest.raises(Refusal, match=f"^Can't listen on {host}, port 8000: is that an address of this machine"):
        refuse_unusable(Address(host=host, port=8000, tls=False))


@pytest.mark.parametrize(
    ("address", "url"),
    [
        (Address(host="127.0.0.1", port=8000, tls=False), "http://localhost:8000"),
        (Address(host="127.0.0.1", port=8443, tls=True), "https://localhost:8443"),
        (Address(host="points.example", port=9000, tls=False), "http://points.example:9000"),
    ],
)
def test_people_are_told_an_address_that_works_for_them(address, url):
    assert address.url == url
