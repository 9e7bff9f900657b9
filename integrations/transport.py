"""
The way out for webhooks: HTTP to public addresses only, with a limit on everything.

Names are resolved here, every address is checked, and the connection goes to the address that was checked; so neither a
name that points inside nor one that changes between check and use reaches anything of ours.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore2
import httpx2
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from integrations.errors import TargetRefused

CONNECT_SECONDS = 3
READ_SECONDS = 5
# From the end of the request to the end of the answer, however slowly its bytes come in.
ANSWER_SECONDS = 10
READ_BYTES = 4096
_USER_AGENT = "Laurel-Webhooks/1"

Resolve = Callable[..., list[tuple[Any, ...]]]
Address = IPv4Address | IPv6Address

# IANA's special-purpose registries. Python's own `is_global` differs between patch releases and knows no NAT64.
_INNER_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
_OUTER_6 = IPv6Network("2000::/3")
# Within 2000::/3: protocol assignments (Teredo among them), documentation, 6to4 and segment routing.
_INNER_6 = tuple(
    IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended: the receiver's status and the beginning of its answer, or None and what went wrong."""

    status: int | None
    text: str

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def is_public(address: Address) -> bool:
    """Whether an address belongs to the internet: no inner, shared, documentation, translated or multicast range."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _INNER_4)
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    return address in _OUTER_6 and not any(address in network for network in _INNER_6)


def check_target(url: str, *, loopback: bool) -> None:
    """
    Refuse what can be seen to be no target, before anything is sent there.

    :param loopback: also allow this machine, and plain http to it
    :raises TargetRefused: saying what is wrong with the address
    """
    try:
        # httpx2 mends what it is given; Django's validator does not.
        URLValidator()(url)
        target = httpx2.URL(url)
    except (httpx2.InvalidURL, UnicodeError, ValidationError):
        expected = "an address such as https://example.com/hook"
        raise TargetRefused(pointer="/url", problem=url, expected=expected) from None
    literal = _literal(target.host)
    here = loopback and (target.host == "localhost" or (literal is not None and literal.is_loopback))
    if target.scheme != "https" and not (here and target.scheme == "http"):
        raise TargetRefused(pointer="/url", problem=target.scheme or url, expected="https")
    if target.userinfo or target.fragment:
        raise TargetRefused(pointer="/url", problem=url, expected="no password and no fragment")
    if literal is not None and not (here or is_public(literal)):
        raise TargetRefused(pointer="/url", problem=target.host, expected="a public address")


def open_client(*, loopback: bool, resolve: Resolve = socket.getaddrinfo) -> httpx2.Client:
    """A client that follows no redirect, keeps no cookie, asks no proxy and reaches public addresses only."""
    return httpx2.Client(
        transport=_PublicTransport(_PublicBackend(loopback=loopback, resolve=resolve)),
        timeout=httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=False,
        headers={"User-Agent": _USER_AGENT, "Accept-Encoding": "identity"},
    )


def post(client: httpx2.Client, url: str, *, body: str, headers: dict[str, str]) -> Outcome:
    """Send one message; whatever happens is an outcome."""
    try:
        with client.stream(
            "POST", url, content=body.encode(), headers={"Content-Type": "application/json"} | headers
        ) as answer:
            return Outcome(answer.status_code, _beginning(answer))
    except TargetRefused as refusal:
        return Outcome(None, f"Not sent: {refusal.facts['problem']} is not {refusal.facts['expected']}.")
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.CookieConflict, UnicodeError) as error:
        return Outcome(None, f"{type(error).__name__}: {error}"[:READ_BYTES])


def _beginning(answer: httpx2.Response) -> str:
    taken = b""
    for chunk in answer.iter_raw(READ_BYTES):
        taken += chunk
        if len(taken) >= READ_BYTES:
            break
    return taken[:READ_BYTES].decode("utf-8", "replace")


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


class _PublicTransport(httpx2.HTTPTransport):
    """httpx2's transport over a pool that opens its connections through our backend."""

    def __init__(self, backend: httpcore2.NetworkBackend) -> None:
        super().__init__(trust_env=False)
        self._pool.close()
        self._pool = httpcore2.ConnectionPool(
            ssl_context=ssl.create_default_context(), max_connections=100, keepalive_expiry=20, network_backend=backend
        )


class _PublicBackend(httpcore2.NetworkBackend):
    """Connects to checked addresses only."""

    def __init__(self, *, loopback: bool, resolve: Resolve) -> None:
        self._loopback = loopback
        self._resolve = resolve
        self._tcp = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        addresses = self._checked(host, port)
        stream = self._tcp.connect_tcp(str(addresses[0]), port, timeout, local_address, socket_options)
        return _HastyStream(stream)

    def _checked(self, host: str, port: int) -> list[Address]:
        try:
            found = self._resolve(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore2.ConnectError(f"{host} can't be resolved: {error}") from error
        addresses = [ip_address(str(item[4][0]).partition("%")[0]) for item in found]
        # One inner address among public ones is an attack or a mistake; either way it is no target.
        if not addresses or not all(self._may_reach(address) for address in addresses):
            raise TargetRefused(pointer="/url", problem=host, expected="a public address")
        return addresses

    def _may_reach(self, address: Address) -> bool:
        return is_public(address) or (self._loopback and address.is_loopback)


class _HastyStream(httpcore2.NetworkStream):
    """A stream on which the whole answer has a deadline, not only each of its pieces."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream
        self._deadline = 0.0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the answer took too long")
        return self._stream.read(max_bytes, min(left, timeout or left))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)
        self._deadline = time.monotonic() + ANSWER_SECONDS

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _HastyStream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
