"""Receivers on this machine: what webhooks are sent to in tests."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Inbox:
    """What a receiver got, and what it answers next."""

    port: int
    answers: list[int] = field(default_factory=list)
    received: list[tuple[dict[str, str], str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


@contextmanager
def a_receiver(body: bytes = b"thanks", headers: dict[str, str] | None = None) -> Iterator[Inbox]:
    """An HTTP server that keeps what it gets and answers `inbox.answers` in turn, then 200."""
    inbox = Inbox(0)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            inbox.received.append(
                ({name.lower(): value for name, value in self.headers.items()}, self.rfile.read(length).decode())
            )
            self.send_response(inbox.answers.pop(0) if inbox.answers else 200)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    inbox.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield inbox
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def a_socket(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port on which `serve` gets each connection; yields the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        stop = threading.Event()

        def accept() -> None:
            while not stop.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        stop.set()
        thread.join()


def drip(connection: socket.socket) -> None:
    """Answer one byte at a time, for ever."""
    with connection:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(10_000):
            try:
                connection.sendall(b"X-%d: 1\r\n" % number)
            except OSError:
                return
            time.sleep(0.3)
