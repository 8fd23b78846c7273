"""Whatever Cal.com and the network do: a write is done once at most, and never left untold."""

import asyncio
import contextlib
import gzip
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cal_actions import AsyncConnector, Connector, Envelope, catalog
from cal_actions.action_files import read_yaml
from cal_actions.retry import Retry
from cal_actions.tokens import AccessToken
from tests.sending.conftest import without_aiohttp
from tests.sending.faulty_server import reset
from tests.test_total import assert_is_an_envelope

WIRE = Path(__file__).parents[1] / "wire"
CASES: dict[str, list[dict[str, Any]]] = {
    slug: [case["params"] for case in read_yaml(WIRE / f"{slug}.yaml")] for slug in catalog
}
CREDENTIALS = {
    "api_key": "cal_live_0123456789",
    "oauth_client_id": "client",
    "oauth_client_secret": "s3cret_s3cret",
}
ATTEMPTS = 4
REQUESTS_OF_A_FLOW = 2
MOST_BYTES = 10_000
OK = b'{"status": "success", "data": {}}'
REFUSAL = b'{"status": "error", "error": {"message": "No"}}'
PAGE = b"<!DOCTYPE html><html><body>Error</body></html>"


@dataclass(frozen=True)
class Answer:
    """One answer: a status line, headers and a body.

    `told` is whether it says if the request was carried out, `good` whether it says yes.
    """

    status: int
    body: bytes = REFUSAL
    headers: dict[str, str] = field(default_factory=dict)
    told: bool = True
    good: bool = False
    to_itself: bool = False


def page(status: int, *, told: bool, **headers: str) -> Answer:
    return Answer(status, PAGE, {"Content-Type": "text/html", **headers}, told=told)


def spent(reset_in: str, **headers: str) -> dict[str, str]:
    limit = {"X-RateLimit-Limit-Key": "5", "X-RateLimit-Remaining-Key": "0"}
    return {**limit, "X-RateLimit-Reset-Key": reset_in, **headers}


JSON = {"Content-Type": "application/json"}
ANSWERS = {
    "200": Answer(200, OK, good=True),
    "204": Answer(204, b"", good=True),
    "200 cut off": Answer(200, OK[:20], told=False),
    "201 that is a list": Answer(201, b"[]", told=False),
    "200 without a body": Answer(200, b"", told=False),
    "200 that is a page": page(200, told=False),
    "200 too large": Answer(200, b'{"data": "%s"}' % (b"x" * 2 * MOST_BYTES), told=False),
    "200 in half a gzip": Answer(
        200, gzip.compress(OK)[:20], {"Content-Encoding": "gzip"}, told=False
    ),
    "200 that says error": Answer(200),
    "103": Answer(103, b"", told=False),
    "400": Answer(400),
    "401": Answer(401),
    "401 page": page(401, told=True),
    "403": Answer(403),
    "404": Answer(404),
    "409": Answer(409),
    "410": Answer(410),
    "498": Answer(498),
    "429": Answer(429),
    "429 page": page(429, told=True),
    "429 with a limit": Answer(429, headers=spent("1")),
    "429 with a long limit": Answer(429, headers=spent("3600")),
    "429 with a limit of the past": Answer(429, headers=spent("1700000000")),
    "429 with a limit of nonsense": Answer(429, headers=spent("soon")),
    "429 of a gateway": Answer(429, headers={"Retry-After": "1"}),
    "429 of a long-winded gateway": Answer(429, headers={"Retry-After": "86400"}),
    "500": Answer(500),
    "501": Answer(501),
    "502": Answer(502),
    "503": Answer(503),
    "503 with Retry-After": Answer(503, headers={"Retry-After": "1"}),
    "500 page": page(500, told=False),
    "502 page": page(502, told=False),
    "503 page with Retry-After": page(503, told=False, **{"Retry-After": "1"}),
    "301 to itself": Answer(301, b"", to_itself=True),
    "307 to itself": Answer(307, b"", to_itself=True),
    "308 to itself": Answer(308, b"", to_itself=True),
}


class Clock:
    """Passes over pauses: who sleeps finds the time gone by, and waits for nothing."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self._real = time.monotonic
        self._turn = asyncio.sleep

    def monotonic(self) -> float:
        return self._real() + self.ahead

    def sleep(self, seconds: float) -> None:
        self.ahead += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.ahead += seconds
        await self._turn(0)


@contextmanager
def pauses_pass_at_once() -> Iterator[Clock]:
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", clock.monotonic)
        patch.setattr(time, "sleep", clock.sleep)
        patch.setattr(asyncio, "sleep", clock.sleep_async)
        yield clock


# What httpcore tells of a request through its extension `trace`, step by step.
CONNECT = "connection.connect_tcp"
HEAD = "http11.send_request_headers"
BODY = "http11.send_request_body"
ANSWERED = "http11.receive_response_headers"
DONE = "complete"


@dataclass(frozen=True)
class Loss:
    """An exchange that breaks: the steps that went well, the one that did not, and how.

    `seen` is whether the request arrived as a whole, as far as anyone but the server can tell.
    """

    well: tuple[str, ...]
    failed: str
    inner: type[Exception]
    raised: type[httpx.TransportError]
    seen: bool
    takes_all_time: bool = False


SENT = (CONNECT, HEAD, BODY)
NEVER_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
LOSSES = {
    "refused": Loss((), CONNECT, httpcore.ConnectError, httpx.ConnectError, False),
    "not connected in time": Loss(
        (), CONNECT, httpcore.ConnectTimeout, httpx.ConnectTimeout, False, True
    ),
    "no connection free": Loss((), "", httpcore.PoolTimeout, httpx.PoolTimeout, False, True),
    "head not written": Loss((CONNECT,), HEAD, httpcore.WriteError, httpx.WriteError, False),
    "body not written": Loss((CONNECT, HEAD), BODY, httpcore.WriteError, httpx.ReadError, False),
    "written too slowly": Loss(
        (CONNECT, HEAD), BODY, httpcore.WriteTimeout, httpx.WriteTimeout, True, True
    ),
    "reset": Loss(SENT, ANSWERED, httpcore.ReadError, httpx.ReadError, True),
    "closed": Loss(SENT, ANSWERED, httpcore.RemoteProtocolError, httpx.RemoteProtocolError, True),
    "given up by the client": Loss(SENT, ANSWERED, httpcore.ReadTimeout, httpx.ReadTimeout, True),
    "no answer in time": Loss(SENT, ANSWERED, httpcore.ReadTimeout, httpx.ReadTimeout, True, True),
}


@dataclass(frozen=True)
class Cut:
    """An answer whose body breaks off."""

    status: int
    raised: type[httpx.TransportError]
    takes_all_time: bool = False


CUTS = {
    "reset in the body": Cut(200, httpx.ReadError),
    "closed in the body": Cut(201, httpx.RemoteProtocolError),
    "stalled in the body": Cut(200, httpx.ReadTimeout, True),
    "reset in the body of a 500": Cut(500, httpx.ReadError),
}
Fault = Answer | Loss | Cut
FAULTS: dict[str, Fault] = {**ANSWERS, **LOSSES, **CUTS}


class Chunks(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that arrives in pieces and may break."""

    def __init__(self, body: bytes, end: Callable[[], None] = lambda: None) -> None:
        self._pieces = [body[:10], body[10:]]
        self._end = end

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
        self._end()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece
        self._end()


class FaultyTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Does to each request the next thing of a script, and answers well once that is over."""

    def __init__(self, script: list[str], clock: Clock, *, traced: bool = True) -> None:
        self.played: list[str] = []
        self._left = iter(script)
        self._clock = clock
        self._traced = traced

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        fault = self._next()
        for event, info in self._events(request, fault):
            request.extensions["trace"](event, info)
        return self._outcome(request, fault)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        fault = self._next()
        for event, info in self._events(request, fault):
            await request.extensions["trace"](event, info)
        return self._outcome(request, fault)

    def _next(self) -> Fault:
        self.played.append(next(self._left, "200"))
        return FAULTS[self.played[-1]]

    def _events(self, request: httpx.Request, fault: Fault) -> Iterator[tuple[str, Any]]:
        if not self._traced:
            return
        for step in fault.well if isinstance(fault, Loss) else (*SENT, ANSWERED):
            yield f"{step}.started", {"request": request}
            yield f"{step}.complete", {"return_value": None}
        if isinstance(fault, Loss) and fault.failed:
            yield f"{fault.failed}.started", {"request": request}
            yield f"{fault.failed}.failed", {"exception": fault.inner()}

    def _outcome(self, request: httpx.Request, fault: Fault) -> httpx.Response:
        def break_off() -> None:
            assert not isinstance(fault, Answer)
            if fault.takes_all_time:
                self._clock.ahead += request.extensions["timeout"]["read"]
            raise fault.raised("gone", request=request)

        if isinstance(fault, Answer):
            headers = JSON | fault.headers
            if fault.to_itself:
                headers["Location"] = str(request.url)
            return httpx.Response(fault.status, headers=headers, stream=Chunks(fault.body))
        if isinstance(fault, Cut):
            return httpx.Response(fault.status, headers=JSON, stream=Chunks(OK[:20], break_off))
        break_off()
        raise AssertionError


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def call_sync(transport: FaultyTransport, slug: str, params: Any, **options: Any) -> Envelope:
    with (
        httpx.Client(transport=transport) as client,
        Connector(**options, client=client) as connector,
    ):
        return connector.execute(slug, params)


async def call_async(
    transport: FaultyTransport, slug: str, params: Any, **options: Any
) -> Envelope:
    async with (
        httpx.AsyncClient(transport=transport) as client,
        AsyncConnector(**options, client=client) as connector,
    ):
        return await connector.execute(slug, params)


@pytest.fixture(scope="module", params=["sync", "async"])
def call(request: pytest.FixtureRequest, runner: asyncio.Runner) -> Callable[..., Envelope]:
    if request.param == "sync":
        return call_sync
    return lambda *arguments, **options: runner.run(call_async(*arguments, **options))


def may_have_arrived(name: str, *, traced: bool = True) -> bool:
    fault = FAULTS[name]
    if not isinstance(fault, Loss):
        return True
    return fault.seen if traced else fault.raised not in NEVER_CONNECTED


def is_told(name: str) -> bool:
    fault = FAULTS[name]
    return isinstance(fault, Answer) and fault.told


def is_good(name: str, slug: str) -> bool:
    fault = FAULTS[name]
    if not isinstance(fault, Answer):
        return False
    return fault.good or (fault.to_itself and catalog[slug].redirects)


def with_status(names: Iterable[str], *wanted: int) -> int:
    return sum(getattr(FAULTS[name], "status", None) in wanted for name in names)


def assert_told_as_it_is(
    envelope: Envelope, slug: str, played: list[str], *, traced: bool = True
) -> None:
    """The envelope says what happened: done, surely not done, or not known."""
    assert_is_an_envelope(envelope)
    spec = catalog[slug]
    if envelope.successful:
        assert is_good(played[-1], slug)
        return
    assert spec.flow is not None or not is_good(played[-1], slug)
    in_doubt = spec.effect != "read" and any(
        may_have_arrived(name, traced=traced) and not is_told(name) for name in played
    )
    assert envelope.data.get("outcome_unknown", False) is in_doubt


scripts = st.lists(st.sampled_from(sorted(FAULTS)), max_size=ATTEMPTS + 2)


@settings(deadline=None, max_examples=10)
@given(data=st.data(), script=scripts, unwrap=st.booleans(), traced=st.booleans())
@pytest.mark.parametrize("slug", catalog)
def test_whatever_is_answered_a_write_is_done_once_and_told(
    call: Callable[..., Envelope],
    slug: str,
    data: st.DataObject,
    script: list[str],
    unwrap: bool,
    traced: bool,
) -> None:
    spec = catalog[slug]
    with pauses_pass_at_once() as clock:
        transport = FaultyTransport(script, clock, traced=traced)
        envelope = call(
            transport,
            slug,
            data.draw(st.sampled_from(CASES[slug])),
            **CREDENTIALS,
            max_attempts=ATTEMPTS,
            max_response_bytes=MOST_BYTES,
            unwrap=unwrap,
        )
    played = transport.played
    if spec.effect == "read":
        assert len(played) <= ATTEMPTS * (REQUESTS_OF_A_FLOW if spec.flow else 1)
    else:
        arrived = [name for name in played if may_have_arrived(name, traced=traced)]
        assert len(played) <= ATTEMPTS
        assert len(arrived) <= 1 + with_status(arrived, 429)
    assert_told_as_it_is(envelope, slug, played, traced=traced)


USER_WRITES = [
    spec.slug for spec in catalog.values() if spec.effect != "read" and spec.auth[0] == "user"
]
renewals = st.lists(
    st.sampled_from(sorted({"401", "498", "401 page", "429 with a limit", *LOSSES, *CUTS})),
    max_size=ATTEMPTS + 2,
)


@settings(deadline=None, max_examples=60)
@given(slug=st.sampled_from(USER_WRITES), script=renewals, data=st.data())
def test_a_token_that_is_renewed_lets_a_refused_write_be_sent_once_more(
    call: Callable[..., Envelope], slug: str, script: list[str], data: st.DataObject
) -> None:
    tokens = iter(f"token-{number}-0123456789" for number in range(9))
    with pauses_pass_at_once() as clock:
        transport = FaultyTransport(script, clock)
        envelope = call(
            transport,
            slug,
            data.draw(st.sampled_from(CASES[slug])),
            auth=AccessToken(next(tokens), lambda: next(tokens)),
            max_attempts=ATTEMPTS,
        )
    arrived = [name for name in transport.played if may_have_arrived(name)]
    assert len(arrived) <= 1 + with_status(arrived, 429) + min(1, with_status(arrived, 401, 498))
    assert_told_as_it_is(envelope, slug, transport.played)


# From here on over real sockets, for every pool of our own.

TIMEOUT = 5.0
SHORT_TIMEOUT = 0.12
SAMPLE = {
    "CAL_RETRIEVE_MY_INFORMATION": {},
    "CAL_POST_NEW_BOOKING_REQUEST": CASES["CAL_POST_NEW_BOOKING_REQUEST"][0],
    "CAL_DELETE_SCHEDULE_BY_ID": CASES["CAL_DELETE_SCHEDULE_BY_ID"][0],
    "CAL_UPDATE_SCHEDULE_BY_ID": CASES["CAL_UPDATE_SCHEDULE_BY_ID"][0],
    "CAL_UPDATE_DESTINATION_CALENDAR_INTEGRATION": CASES[
        "CAL_UPDATE_DESTINATION_CALENDAR_INTEGRATION"
    ][0],
    "CAL_SAVE_CALENDAR_ENTRY": CASES["CAL_SAVE_CALENDAR_ENTRY"][0],
}
POOLS = ("sync", "async over aiohttp", "async over httpcore")
START = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"


def written(answer: Answer, *, kept: bool = True) -> bytes:
    headers = JSON | answer.headers | ({} if kept else {"Connection": "close"})
    if answer.to_itself:
        headers["Location"] = "/v2/me"
    if answer.status != 204:
        headers["Content-Length"] = str(len(answer.body))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {answer.status} Told\r\n{lines}\r\n".encode() + answer.body


@dataclass(frozen=True)
class Deed:
    """What a server does to a request: read it or not, write, and end in some way.

    `told` is whether the answer says if the request was carried out.
    """

    writes: bytes = b""
    then: str = "wait for the next"
    told: bool = False
    status: int = 0
    reads: bool = True


def told(name: str) -> Deed:
    answer = ANSWERS[name]
    return Deed(written(answer), told=answer.told, status=answer.status)


def too_soon(headers: dict[str, str], *, kept: bool = True) -> Deed:
    return Deed(
        written(Answer(429, headers=headers), kept=kept),
        "wait for the next" if kept else "close",
        told=True,
        status=429,
    )


CUT_BODY = START + b"Content-Length: 45\r\n\r\n" + OK[:20]
CHUNKED = START + b"Transfer-Encoding: chunked\r\n\r\n"
DEEDS = {
    "200": told("200"),
    "200 cut off": told("200 cut off"),
    "200 that is a page": told("200 that is a page"),
    "200 in half a gzip": told("200 in half a gzip"),
    "401": told("401"),
    "498": told("498"),
    "429": told("429"),
    "429 with a limit": too_soon(spent("0.02")),
    "429 and closed": too_soon(spent("0.02"), kept=False),
    "500": told("500"),
    "502 page": told("502 page"),
    "503 with Retry-After": told("503 with Retry-After"),
    "301 to itself": told("301 to itself"),
    "307 to itself": told("307 to itself"),
    "308 to itself": told("308 to itself"),
    "200 after 100s": Deed(CONTINUE * 200 + written(ANSWERS["200"]), told=True, status=200),
    "503 after 103s": Deed(HINTS * 200 + written(ANSWERS["503"]), told=True, status=503),
    "closed after 100s": Deed(CONTINUE * 200, "close"),
    "100s without end": Deed(CONTINUE, "repeat"),
    "103s without end": Deed(HINTS, "repeat"),
    "refused": Deed(then="refuse", reads=False),
    "reset unread": Deed(then="reset", reads=False),
    "closed unread": Deed(then="close", reads=False),
    "reset": Deed(then="reset"),
    "closed": Deed(then="close"),
    "stalled": Deed(then="stall"),
    "reset in the headers": Deed(START, "reset"),
    "closed in the headers": Deed(START, "close"),
    "stalled in the headers": Deed(START, "stall"),
    "reset in the body": Deed(CUT_BODY, "reset"),
    "closed in the body": Deed(CUT_BODY, "close"),
    "stalled in the body": Deed(CUT_BODY, "stall"),
    "closed in a chunk": Deed(CHUNKED + b"2d\r\n" + OK[:20], "close"),
    "a page without end": Deed(CHUNKED + b"4\r\n<br>\r\n", "stall"),
    "no HTTP": Deed(PAGE, "close"),
}


NEVER_ENDING = {name for name, deed in DEEDS.items() if deed.then in ("stall", "repeat")}


class ScriptedServer:
    """Does to each attempt the deed that was announced for it, and counts what arrives whole.

    The client announces an attempt through `on_request`, so that what a library sends again on
    its own is not taken for the next attempt.
    """

    def __init__(self, script: list[str]) -> None:
        self.arrived: list[str] = []
        self.announced: list[str] = []
        self._left = iter(script)
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self._address = self._listener.getsockname()
        self.url = f"http://127.0.0.1:{self._address[1]}"
        self._threads = [threading.Thread(target=self._accept, args=(self._listener,))]
        self._threads[0].start()

    def announce(self, _: object) -> None:
        self.announced.append(next(self._left, "200"))
        if self.announced[-1] == "refused":
            self._stop_listening()
        elif self._listener.fileno() < 0:
            self._listener = socket.create_server(self._address, backlog=100)
            self._threads.append(threading.Thread(target=self._accept, args=(self._listener,)))
            self._threads[-1].start()

    def _stop_listening(self) -> None:
        if self._listener.fileno() >= 0:
            # A close alone leaves a listener open in whom a thread waits for connections.
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.settimeout(0.05)
                self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
                self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while self._is_written_to(connection):
                name = self.announced[-1] if self.announced else "200"
                deed = DEEDS[name]
                if deed.reads:
                    if not _is_whole(connection):
                        return
                    if self.announced:
                        self.arrived.append(name)
                    connection.sendall(deed.writes)
                if deed.then == "repeat":
                    while not self._over.is_set():
                        connection.sendall(deed.writes * 50)
                elif deed.then == "stall":
                    self._over.wait()
                elif deed.then in ("reset", "refuse"):
                    reset(connection)
                elif deed.then == "close":
                    connection.close()
                if deed.then != "wait for the next":
                    return

    def _is_written_to(self, connection: socket.socket) -> bool:
        while not self._over.is_set():
            try:
                return bool(connection.recv(1, socket.MSG_PEEK))
            except TimeoutError:
                continue
        return False

    def close(self) -> None:
        self._over.set()
        self._stop_listening()
        for thread in self._threads:
            thread.join()


def _is_whole(connection: socket.socket) -> bool:
    head, body = b"", b""
    connection.settimeout(5)
    while b"\r\n\r\n" not in head:
        if not (chunk := connection.recv(65536)):
            return False
        head += chunk
    head, _, body = head.partition(b"\r\n\r\n")
    _, _, rest = head.lower().partition(b"content-length:")
    missing = (int(rest.split(b"\r\n")[0]) if rest else 0) - len(body)
    while missing > 0:
        if not (chunk := connection.recv(missing)):
            return False
        missing -= len(chunk)
    return True


@contextmanager
def following(script: list[str]) -> Iterator[ScriptedServer]:
    server = ScriptedServer(script)
    try:
        yield server
    finally:
        server.close()


@pytest.fixture(scope="module", params=POOLS)
def pool(request: pytest.FixtureRequest) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "async over httpcore":
            without_aiohttp(patch)
        yield request.param


@pytest.fixture(scope="module")
def hurried() -> Iterator[None]:
    """Retries as ever, but after pauses of a millisecond; waits for a limit pass at once."""
    decide = Retry.pause

    def pause(self: Retry, *arguments: Any) -> float | None:
        return None if decide(self, *arguments) is None else 0.001

    with pauses_pass_at_once(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Retry, "pause", pause)
        yield


def call_over(
    pool: str, server: ScriptedServer, slug: str, timeout: float, *, kept: bool
) -> Envelope:
    """Call, over a connection that has carried a call before where `kept` says so."""
    announcing = False

    def announce(event: object) -> None:
        if announcing:
            server.announce(event)

    options: dict[str, Any] = {
        **CREDENTIALS,
        "base_url": server.url,
        "timeout": timeout,
        "attempt_timeout": timeout / 2,
        "max_attempts": ATTEMPTS,
        "on_request": announce,
    }

    async def go() -> Envelope:
        nonlocal announcing
        async with AsyncConnector(**options) as connector:
            if kept:
                await connector.execute("CAL_GET_TEAMS_LIST")
            announcing = True
            return await connector.execute(slug, SAMPLE[slug])

    if pool != "sync":
        return asyncio.run(go())
    with Connector(**options) as connector:
        if kept:
            connector.execute("CAL_GET_TEAMS_LIST")
        announcing = True
        return connector.execute(slug, SAMPLE[slug])


def check_over(pool: str, slug: str, script: list[str], *, kept: bool) -> None:
    timeout = TIMEOUT if NEVER_ENDING.isdisjoint(script) else SHORT_TIMEOUT
    with following(script) as server:
        envelope = call_over(pool, server, slug, timeout, kept=kept)
    assert_is_an_envelope(envelope)
    arrived = [DEEDS[name] for name in server.arrived]
    in_doubt = envelope.successful or envelope.data.get("outcome_unknown", False)
    assert len(server.announced) <= ATTEMPTS
    assert len(arrived) <= ATTEMPTS
    if catalog[slug].effect != "read":
        assert len(arrived) <= 1 + sum(deed.status == 429 for deed in arrived)
        if not all(deed.told for deed in arrived):
            assert in_doubt
    if not kept and set(server.announced) == {"refused"}:
        assert not in_doubt


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("name", DEEDS)
def test_a_server_that_always_does_the_same_gets_a_deletion_once(pool: str, name: str) -> None:
    # A DELETE over a kept connection is what HTTP libraries like to send again by themselves.
    check_over(pool, "CAL_DELETE_SCHEDULE_BY_ID", [name] * (ATTEMPTS + 2), kept=True)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("name", sorted(set(DEEDS) - NEVER_ENDING))
def test_a_server_that_always_does_the_same_gets_a_booking_once(pool: str, name: str) -> None:
    check_over(pool, "CAL_POST_NEW_BOOKING_REQUEST", [name] * (ATTEMPTS + 2), kept=False)


@pytest.mark.usefixtures("hurried")
@settings(deadline=None, max_examples=20)
@given(
    slug=st.sampled_from(sorted(SAMPLE)),
    script=st.lists(st.sampled_from(sorted(DEEDS)), max_size=ATTEMPTS + 2),
    kept=st.booleans(),
)
def test_a_server_of_any_mood_gets_a_write_once(
    pool: str, slug: str, script: list[str], kept: bool
) -> None:
    check_over(pool, slug, script, kept=kept)
