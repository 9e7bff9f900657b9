"""Where the site listens, and what people type to get there."""

import contextlib
import errno
import socket
from dataclasses import dataclass

from loyalty_site.run.refusal import Refusal

EVERYWHERE = "0.0.0.0"  # noqa: S104  # compared with, and listened on only when asked to


@dataclass(frozen=True)
class Address:
    """An interface and a port to listen on, with or without TLS."""

    host: str
    port: int
    tls: bool

    @property
    def scheme(self) -> str:
        return "https" if self.tls else "http"

    @property
    def reachable_host(self) -> str:
        """The name under which a browser finds us: this machine's address in the local network if we listen there."""
        if self.host == EVERYWHERE:
            return own_network_address()
        return "localhost" if self.host == "127.0.0.1" else self.host

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.reachable_host}:{self.port}"


def own_network_address() -> str:
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        try:
            # Sends nothing: it only asks which interface would be used. The address is reserved for documentation.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def refuse_unusable(address: Address) -> None:
    """
    Try the port, as the web server would fail with a traceback, or share it with another one without a word.

    :raises Refusal: if it is taken, reserved, or no interface of this machine
    """
    problem = _problem_listening_on(address.host, address.port)
    if problem == errno.EADDRINUSE:
        raise Refusal(
            f"Port {address.port} is in use by another program: stop that, or choose another port, for example "
            f"make run PORT={_free_port_after(address.host, address.port)}"
        )
    if problem == errno.EACCES:
        raise Refusal(f"Port {address.port} is reserved for the system: choose one from 1024, for example PORT=8000.")
    if problem is not None:
        raise Refusal(f"Can't listen on {address.host}, port {address.port}: is that an address of this machine?")


def _problem_listening_on(host: str, port: int) -> int | None:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
            # Connections of an earlier run that are still closing do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen()
    except OSError as error:
        return error.errno or errno.EINVAL
    return None


def _free_port_after(host: str, port: int) -> int:
    candidates = range(port + 1, min(port + 100, 65_536))
    return next((free for free in candidates if _problem_listening_on(host, free) is None), 9000)
