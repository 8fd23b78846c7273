"""A local HTTP server that webhooks are sent to."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Subscriber:
    """A local HTTP server; it keeps what it gets, and answers when and what it is told to."""

    url: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    may_answer: threading.Event = field(default_factory=threading.Event)
    was_asked: threading.Event = field(default_factory=threading.Event)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, body in self.requests]

    @property
    def triggers(self) -> list[str]:
        return [event["triggerEvent"] for event in self.events]


@contextmanager
def listening(host: str = "127.0.0.1") -> Iterator[Subscriber]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            subscriber.requests.append((self.path, dict(self.headers), body))
            subscriber.was_asked.set()
            subscriber.may_answer.wait(30)
            self.send_response(subscriber.status)
            for name, value in subscriber.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((host, 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        subscriber = Subscriber(f"http://127.0.0.1:{server.server_port}/hook")
        subscriber.may_answer.set()
        yield subscriber
        subscriber.may_answer.set()
        server.shutdown()
