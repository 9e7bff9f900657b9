"""
A webhook receiver as a program of its own: `python receiver_process.py PORT FILE STATUS`.

Every message is on disk, as one line of JSON, before it is answered with STATUS; "flaky" means 503 to the first attempt
of every third message, and 200 otherwise.
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any

port, file, status = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
lock = Lock()
seen: set[str] = set()


def answer_to(message_id: str) -> int:
    if status != "flaky":
        return int(status)
    first = message_id not in seen
    seen.add(message_id)
    return 503 if first and int(message_id.rpartition("_")[2]) % 3 == 0 else 200


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length).decode()
        if len(body.encode()) < length:
            # The sender died on the way; what came is no message.
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        with lock, file.open("a", encoding="utf-8") as journal:
            journal.write(json.dumps({"headers": headers, "body": body}) + "\n")
            journal.flush()
            os.fsync(journal.fileno())
            answer = answer_to(headers["webhook-id"])
        self.send_response(answer)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
