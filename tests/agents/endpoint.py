"""A model behind HTTP: plays a script in each wire format, and checks what it is sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType
from typing import Any

from tests.agents import wire_anthropic, wire_gemini, wire_openai, wire_responses
from tests.agents.model import Refused, Script, ScriptFault, next_turn

WIRES: dict[str, ModuleType] = {
    "/v1/chat/completions": wire_openai,
    "/v1/responses": wire_responses,
    "/v1/messages": wire_anthropic,
    "/v1/models/scripted:generateContent": wire_gemini,
    "/v1/models/scripted:streamGenerateContent": wire_gemini,
}


class Endpoint:
    """Where the SDKs send their requests; `script` is the model that answers.

    `requests` are the bodies that came, `refusals` what was wrong with some of them. What
    `meanwhile` has for a number happens when that many turns have been answered, while the
    model thinks.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.play(_silent)

    def play(
        self, script: Script, meanwhile: Mapping[int, Callable[[], object]] | None = None
    ) -> None:
        """Let `script` answer from now on, and forget what came before."""
        self.script = script
        self.meanwhile = dict(meanwhile or {})
        self.requests: list[dict[str, Any]] = []
        self.refusals: list[str] = []


def _silent() -> Any:
    raise ScriptFault("no script was given")


@contextmanager
def running_endpoint() -> Iterator[Endpoint]:
    """Serve on a free port of the loopback, as long as the context lasts."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        endpoint = server.endpoint = Endpoint(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield endpoint
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    endpoint: Endpoint


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        endpoint = self.server.endpoint
        body = self.rfile.read(int(self.headers["Content-Length"]))
        path = self.path.partition("?")[0]
        wire = WIRES.get(path.replace("/v1beta/", "/v1/"))
        if wire is None:
            self._send(404, {"error": {"message": f"no such path: {path}"}})
            return
        request = json.loads(body)
        endpoint.requests.append(request)
        try:
            conversation = wire.read(request, self.headers)
            endpoint.meanwhile.pop(len(conversation.rounds), bool)()
            turn = next_turn(endpoint.script, conversation)
        except Refused as refused:
            endpoint.refusals.append(str(refused))
            self._send(400, wire.refusal(refused))
        except Exception as fault:  # whatever is wrong with a script is told in its test
            self._send(500, wire.refusal(Refused(f"the script does not fit: {fault!r}")))
        else:
            number = len(conversation.rounds)
            if request.get("stream") or path.endswith(":streamGenerateContent"):
                self._stream("".join(wire.stream(turn, number)))
            else:
                self._send(200, wire.answer(turn, number))

    def _send(self, status: int, document: dict[str, Any]) -> None:
        self._reply(status, "application/json", json.dumps(document).encode())

    def _stream(self, events: str) -> None:
        self._reply(200, "text/event-stream", events.encode())

    def _reply(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
