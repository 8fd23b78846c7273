"""What real connections do wrong, each for the three ways to send: over a loopback socket."""

import asyncio
import gzip
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from cal_actions import AsyncConnector, Connector, Envelope
from tests.made_up import catalog_of, document

KEY = "cal_live_0123456789"
OK = b'{"status": "success", "data": {"uid": "abc"}}'
PAGE = b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"


ACTIONS = catalog_of(
    document("CAL_DROP", "DELETE", effect="destructive"),
    document("CAL_MAKE", "POST"),
    document("CAL_READ"),
    document("CAL_SHOW", path="/v2/things/{uid}"),
)


class Server:
    """Takes requests one by one and lets `behave` do to the connection what it likes."""

    def __init__(self, behave: Callable[["Server", socket.socket], None]) -> None:
        self.requests: list[bytes] = []
        self.over = threading.Event()
        self._behave = behave
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self.over.is_set():
                connection.close()
                return
            self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            while request := _request(connection):
                self.requests.append(request)
                try:
                    self._behave(self, connection)
                except OSError:
                    return
                if connection.fileno() < 0:
                    return

    def close(self) -> None:
        self.over.set()
        with socket.create_connection(self._listener.getsockname()):
            pass
        for thread in self._threads:
            thread.join()
        self._listener.close()


def _request(connection: socket.socket) -> bytes:
    received = b""
    try:
        while b"\r\n\r\n" not in received:
            if not (chunk := connection.recv(65536)):
                return b""
            received += chunk
        head, _, body = received.partition(b"\r\n\r\n")
        lengths = [
            line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
        ]
        missing = int(lengths[0].partition(b":")[2]) - len(body) if lengths else 0
        while missing > 0:
            chunk = connection.recv(missing)
            missing -= len(chunk) or missing
            received += chunk
    except OSError:
        return b""
    return received


@contextmanager
def serving(behave: Callable[[Server, socket.socket], None]) -> Iterator[Server]:
    server = Server(behave)
    try:
        yield server
    finally:
        server.close()


def answer(
    body: bytes, *headers: str, status: str = "200 OK", length: int | None = None
) -> Callable[[Server, socket.socket], None]:
    """Answer with `body`; `length` is what is claimed of it."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Length: {len(body) if length is None else length}",
        *headers,
    ]
    if not any(line.startswith("Content-Type") for line in headers):
        lines.append("Content-Type: application/json")
    head = "\r\n".join((*lines, "", "")).encode()
    return lambda _, connection: connection.sendall(head + body)


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def then_reset(start: bytes) -> Callable[[Server, socket.socket], None]:
    def behave(_: Server, connection: socket.socket) -> None:
        connection.sendall(start)
        reset(connection)

    return behave


def then_close(start: bytes) -> Callable[[Server, socket.socket], None]:
    def behave(_: Server, connection: socket.socket) -> None:
        connection.sendall(start)
        connection.close()

    return behave


def then_stall(start: bytes) -> Callable[[Server, socket.socket], None]:
    def behave(server: Server, connection: socket.socket) -> None:
        connection.sendall(start)
        server.over.wait()

    return behave


def dripping(start: bytes, drop: bytes) -> Callable[[Server, socket.socket], None]:
    def behave(server: Server, connection: socket.socket) -> None:
        connection.sendall(start)
        while not server.over.wait(0.02):
            connection.sendall(drop)

    return behave


Ask = Callable[..., list[Envelope]]


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(params=["sync", "async over httpx", "async over aiohttp"])
def ask(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Execute actions over one connector and return their envelopes."""

    def ask_sync(url: str, *slugs: str, **options: Any) -> list[Envelope]:
        with Connector(api_key=KEY, base_url=url, actions=ACTIONS, **options) as connector:
            return [connector.execute(slug) for slug in slugs]

    async def ask_async(url: str, *slugs: str, **options: Any) -> list[Envelope]:
        async with AsyncConnector(
            api_key=KEY, base_url=url, actions=ACTIONS, **options
        ) as connector:
            return [await connector.execute(slug) for slug in slugs]

    if request.param == "sync":
        return ask_sync
    if request.param == "async over httpx":
        monkeypatch.setitem(sys.modules, "httpx_aiohttp", None)
    return lambda *arguments, **options: asyncio.run(ask_async(*arguments, **options))


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
LOST = {
    "closed without an answer": then_close(b""),
    "reset without an answer": then_reset(b""),
    "closed in the headers": then_close(HEAD),
    "reset in the headers": then_reset(HEAD),
    "closed in the body": then_close(HEAD + b"Content-Length: 45\r\n\r\n" + OK[:20]),
    "reset in the body": then_reset(HEAD + b"Content-Length: 45\r\n\r\n" + OK[:20]),
    "closed in a chunk": then_close(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2d\r\n" + OK[:20]),
    "no HTTP at all": then_close(b"\x16\x03\x01 this is no HTTP\r\n\r\n"),
    "a status that is no number": then_close(b"HTTP/1.1 fine OK\r\n\r\n"),
    "a broken chunk": then_close(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + OK),
    "headers without end": then_close(HEAD + b"X: " + b"y" * 1_000_000),
    "a header that is none": then_close(HEAD + b"no colon\r\n\r\n" + OK),
}
LATE = {
    "no answer": then_stall(b""),
    "stalled in the headers": then_stall(HEAD),
    "stalled in the body": then_stall(HEAD + b"Content-Length: 45\r\n\r\n" + OK[:20]),
    "dripping in the body": dripping(HEAD + b"Content-Length: 9999\r\n\r\n", b" "),
}
UNREADABLE = {
    "an empty body": answer(b""),
    "a page that says yes": answer(PAGE, "Content-Type: text/html"),
    "a broken gzip": answer(b"\x1f\x8b no gzip at all", "Content-Encoding: gzip"),
    "half a gzip": answer(gzip.compress(OK)[:30], "Content-Encoding: gzip"),
    "text that claims gzip": answer(OK, "Content-Encoding: gzip"),
    "a body too large": answer(b'{"data": "%s"}' % (b"x" * 200_000)),
    "a gzip of a body too large": answer(
        gzip.compress(b'{"data": "%s"}' % (b"x" * 200_000)), "Content-Encoding: gzip"
    ),
    "a redirect": answer(b"", "Location: /v2/others", status="302 Found"),
}


@pytest.mark.parametrize("behave", LOST.values(), ids=LOST)
def test_a_lost_answer_to_a_read_is_retryable(ask: Ask, behave: Any) -> None:
    with serving(behave) as server:
        (envelope,) = ask(server.url, "CAL_READ")
    assert envelope.data == {"code": "network_error", "retryable": True}
    assert "\n" not in str(envelope.error)
    assert server.url not in str(envelope.error)


@pytest.mark.parametrize("slug", ["CAL_MAKE", "CAL_DROP"])
@pytest.mark.parametrize("behave", LOST.values(), ids=LOST)
def test_a_lost_answer_to_a_write_leaves_its_outcome_unknown(
    ask: Ask, behave: Any, slug: str
) -> None:
    with serving(behave) as server:
        (envelope,) = ask(server.url, slug)
    assert envelope.data == {"code": "network_error", "retryable": False, "outcome_unknown": True}
    assert len(server.requests) == 1


@pytest.mark.parametrize("behave", LATE.values(), ids=LATE)
def test_a_late_answer_to_a_read_is_retryable(ask: Ask, behave: Any) -> None:
    with serving(behave) as server:
        (envelope,) = ask(server.url, "CAL_READ", timeout=0.15)
    assert envelope.data == {"code": "timeout", "retryable": True}


@pytest.mark.parametrize("behave", LATE.values(), ids=LATE)
def test_a_late_answer_to_a_write_leaves_its_outcome_unknown(ask: Ask, behave: Any) -> None:
    with serving(behave) as server:
        (envelope,) = ask(server.url, "CAL_MAKE", timeout=0.15)
    assert envelope.data == {"code": "timeout", "retryable": False, "outcome_unknown": True}


@pytest.mark.parametrize("slug", ["CAL_READ", "CAL_MAKE", "CAL_DROP"])
def test_a_refused_connection_did_nothing(ask: Ask, slug: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    (envelope,) = ask(url, slug)
    assert envelope.data == {"code": "network_error", "retryable": True}
    assert "CAL_API_BASE_URL" in str(envelope.error)


@pytest.mark.parametrize("behave", UNREADABLE.values(), ids=UNREADABLE)
def test_an_answer_that_is_no_json_is_unreadable(ask: Ask, behave: Any) -> None:
    with serving(behave) as server:
        (envelope,) = ask(server.url, "CAL_READ", max_response_bytes=100_000)
    assert envelope.data["code"] == "unreadable_response"


def test_a_page_of_a_gateway_is_told_in_one_line(ask: Ask) -> None:
    with serving(answer(PAGE, "Content-Type: text/html", status="502 Bad Gateway")) as server:
        (envelope,) = ask(server.url, "CAL_READ")
    assert (envelope.data["code"], envelope.data["http_status"]) == ("upstream_error", 502)
    assert "<" not in str(envelope.error)


def test_a_compressed_answer_is_read(ask: Ask) -> None:
    with serving(answer(gzip.compress(OK), "Content-Encoding: gzip")) as server:
        (envelope,) = ask(server.url, "CAL_READ")
    assert envelope.data == {"uid": "abc"}


def test_a_body_just_within_the_limit_is_read(ask: Ask) -> None:
    with serving(answer(OK)) as server:
        (envelope,) = ask(server.url, "CAL_READ", max_response_bytes=len(OK))
    assert envelope.data == {"uid": "abc"}


def test_an_answer_in_many_pieces_is_read(ask: Ask) -> None:
    def behave(_: Server, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for byte in OK:
            connection.sendall(b"1\r\n%c\r\n" % byte)
        connection.sendall(b"0\r\n\r\n")

    with serving(behave) as server:
        (envelope,) = ask(server.url, "CAL_READ")
    assert envelope.data == {"uid": "abc"}


def test_a_redirect_to_another_host_is_not_followed_and_carries_no_key(ask: Ask) -> None:
    with serving(answer(OK)) as other:
        redirect = answer(b"", f"Location: {other.url}/v2/me", status="307 Temporary Redirect")
        with serving(redirect) as server:
            (envelope,) = ask(server.url, "CAL_MAKE")
    assert envelope.data["code"] == "unreadable_response"
    assert (len(server.requests), other.requests) == (1, [])


def test_a_cookie_is_not_kept(ask: Ask) -> None:
    with serving(answer(OK, "Set-Cookie: uid=1; Path=/")) as server:
        ask(server.url, "CAL_READ", "CAL_READ")
    assert [b"cookie" in request.lower() for request in server.requests] == [False, False]


def test_a_connection_is_used_again(ask: Ask) -> None:
    ports: list[int] = []

    def behave(server: Server, connection: socket.socket) -> None:
        ports.append(connection.getpeername()[1])
        answer(OK)(server, connection)

    with serving(behave) as server:
        ask(server.url, "CAL_READ", "CAL_READ", "CAL_MAKE")
    assert len(set(ports)) == 1


@pytest.mark.parametrize("slug", ["CAL_MAKE", "CAL_DROP"])
def test_a_write_is_not_sent_again_when_a_kept_connection_breaks(ask: Ask, slug: str) -> None:
    def behave(server: Server, connection: socket.socket) -> None:
        if len(server.requests) == 2:
            connection.close()
        else:
            answer(OK)(server, connection)

    with serving(behave) as server:
        first, second = ask(server.url, "CAL_READ", slug)
    assert (first.successful, second.successful, len(server.requests)) == (True, False, 2)


def test_the_request_arrives_as_it_was_built(ask: Ask) -> None:
    with serving(answer(OK)) as server:
        ask(server.url, "CAL_MAKE")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    request_line, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert (request_line, body) == ("POST /v2/things HTTP/1.1", b"{}")
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["content-type"] == headers["accept"] == "application/json"
    assert headers["content-length"] == "2"


def test_a_broken_connection_leaves_the_connector_usable(ask: Ask) -> None:
    def behave(server: Server, connection: socket.socket) -> None:
        if len(server.requests) == 1:
            reset(connection)
        else:
            answer(OK)(server, connection)

    with serving(behave) as server:
        first, second = ask(server.url, "CAL_READ", "CAL_READ")
    assert (first.successful, second.successful) == (False, True)
