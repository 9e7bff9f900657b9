"""The web server as `make run` starts it, and a client of it that costs as little as possible."""

import atexit
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping

PATIENCE_SECONDS = 30


def start() -> int:
    """Start the server on a free port and return the port once it answers; it ends with this process."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    options = ["--interface", "wsgi", "--port", str(port), "--workers", str(os.cpu_count()), "--blocking-threads", "4"]
    command = [
        sys.executable,
        "-m",
        "granian",
        *options,
        "--no-ws",
        "--log-level",
        "warning",
        "loyalty_site.wsgi:application",
    ]
    server = subprocess.Popen(command)
    atexit.register(_end, server)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the web server does not answer") from None
            time.sleep(0.1)
        else:
            return port


def _end(server: "subprocess.Popen[bytes]") -> None:
    server.terminate()
    server.wait(PATIENCE_SECONDS)


class Client:
    """One kept connection that posts JSON."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = self._socket.makefile("rb")

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        """
        The body of the answer.

        :raises RuntimeError: if it is not a success
        """
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._socket.sendall(
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{lines}"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        status = self._stream.readline()
        length = 0
        while (line := self._stream.readline()) != b"\r\n":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        answer = self._stream.read(length)
        if not status.startswith(b"HTTP/1.1 2"):
            raise RuntimeError(f"{status.decode()}{answer.decode()}")
        return answer
