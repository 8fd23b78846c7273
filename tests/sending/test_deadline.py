"""One deadline for a call as a whole, whatever takes the time."""

import asyncio
import gc
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import cal_actions
from cal_actions import AsyncConnector, Connector, Envelope
from cal_actions.sandbox import Sandbox
from cal_actions.tokens import AccessToken
from tests.sending.conftest import ASYNC, SYNC, aopened, opened, without_aiohttp
from tests.sending.faulty_server import Server, answer, dripping, serving, then_stall

TIMEOUT = 0.08
EARLY = 0.01
LATE = 0.05
ROUNDS = 3
# More than what the buffers of both ends of a connection take in.
LARGE = "x" * 6_000_000

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
OK = b'{"status": "success", "data": {"uid": "abc"}}'
SLOW = {
    "no answer": then_stall(b""),
    "a header byte by byte": dripping(HEAD + b"X-Long: ", b"y"),
    "header upon header": dripping(HEAD, b"X: y\r\n"),
    "a body byte by byte": dripping(HEAD + b"Content-Length: 9999\r\n\r\n", b" "),
    "interim answers": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}
OWN = ["sync", "async over aiohttp", "async over httpcore"]
MOST_CONNECTIONS = 100
# A write may take the call's whole time, one attempt of a read a part of it.
UNEVEN: dict[str, Any] = {"timeout": 5.0, "attempt_timeout": 0.2}
full, free = threading.Event(), threading.Event()
BOTH = ["sync", "async over aiohttp"]
# httpx leaves some connections that were given up in the middle to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
Timed = tuple[Envelope, float]
Measure = Callable[..., Timed]


@pytest.fixture
def collected() -> Iterator[None]:
    yield
    gc.collect()


def _sync(
    way: str,
    url: str,
    slug: str,
    params: dict[str, Any] | None = None,
    *,
    first: str | None = None,
    after: Callable[[], None] = lambda: None,
    **options: Any,
) -> Timed:
    with opened(way, url, **{"timeout": TIMEOUT, **options}) as connector:
        try:
            if first:
                # More than once: the first of all may take longer than it has.
                assert any(connector.execute(first).successful for _ in range(20))
            started = time.monotonic()
            envelope = connector.execute(slug, params)
            return envelope, time.monotonic() - started
        finally:
            after()


async def _async(
    way: str,
    url: str,
    slug: str,
    params: dict[str, Any] | None = None,
    *,
    first: str | None = None,
    after: Callable[[], None] = lambda: None,
    **options: Any,
) -> Timed:
    async with aopened(way, url, **{"timeout": TIMEOUT, **options}) as connector:
        try:
            if first:
                for _ in range(20):
                    if (await connector.execute(first)).successful:
                        break
            started = time.monotonic()
            envelope = await connector.execute(slug, params)
            return envelope, time.monotonic() - started
        finally:
            after()


def _measure(way: str, monkeypatch: pytest.MonkeyPatch) -> Measure:
    if way in SYNC:
        return lambda *arguments, **options: _sync(way, *arguments, **options)
    if way == "async over httpcore":
        without_aiohttp(monkeypatch)
    return lambda *arguments, **options: asyncio.run(_async(way, *arguments, **options))


@pytest.fixture(params=[*SYNC, *ASYNC])
def measure(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Measure:
    """Execute an action, in every way to send; `first` is executed before and not timed."""
    return _measure(request.param, monkeypatch)


@pytest.fixture(params=BOTH)
def measure_both(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Measure:
    """As `measure`, for what is the same in every way to send."""
    return _measure(request.param, monkeypatch)


def exact(once: Callable[[], Timed], timeout: float = TIMEOUT) -> Envelope:
    """Never early, and in the best of three rounds no later than 50 ms after the deadline."""
    took = []
    for _ in range(ROUNDS):
        envelope, seconds = once()
        assert envelope.data["code"] == "timeout"
        assert seconds >= timeout - EARLY
        took.append(seconds)
        if seconds <= timeout + LATE:
            return envelope
    pytest.fail(f"after {took} seconds, not {timeout}")


def holding(server: Server, connection: socket.socket) -> None:
    """Tell when all connections are in use, and answer nobody until they may be free."""
    if len(server.requests) == MOST_CONNECTIONS:
        full.set()
    free.wait(8)
    connection.close()


@contextmanager
def deaf() -> Iterator[str]:
    """An address where connections are made and nobody reads or writes."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def mumbling(start: bytes) -> Iterator[str]:
    """An address where every connection gets `start` and then byte upon byte, unasked."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while not over.is_set():
            connection, _ = listener.accept()
            with connection:
                try:
                    connection.sendall(start)
                    while not over.wait(0.02):
                        connection.sendall(b"\0")
                except OSError:
                    pass

    thread = threading.Thread(target=serve)
    thread.start()
    address = listener.getsockname()
    try:
        yield f"127.0.0.1:{address[1]}"
    finally:
        over.set()
        socket.create_connection(address).close()
        thread.join()
        listener.close()


@pytest.mark.parametrize("way", OWN)
def test_a_call_that_has_no_time_at_all_sends_nothing(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(answer(OK)) as server:
        envelope, _ = _measure(way, monkeypatch)(server.url, "CAL_MAKE", timeout=1e-6)
    assert envelope.data == {"code": "timeout", "retryable": True}
    assert server.requests == []


@pytest.mark.parametrize("behave", SLOW.values(), ids=SLOW)
def test_a_slow_answer_ends_at_the_deadline(measure: Measure, behave: Any) -> None:
    with serving(behave) as server:
        exact(lambda: measure(server.url, "CAL_READ"))


def test_a_kept_connection_keeps_the_deadline_of_the_call_that_uses_it(measure: Measure) -> None:
    def behave(server: Server, connection: socket.socket) -> None:
        if b"GET" in server.requests[-1]:
            answer(OK)(server, connection)
        else:
            then_stall(b"")(server, connection)

    with serving(behave) as server:
        exact(lambda: measure(server.url, "CAL_MAKE", first="CAL_READ"))


@pytest.mark.usefixtures("collected")
@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")  # of httpx-aiohttp
def test_a_server_that_does_not_read_is_left_at_the_deadline(measure: Measure) -> None:
    with deaf() as address:
        exact(lambda: measure(f"http://{address}", "CAL_MAKE", {"uid": LARGE}))


@pytest.mark.usefixtures("collected")
def test_a_tls_handshake_without_answer_ends_at_the_deadline(measure: Measure) -> None:
    with deaf() as address:
        exact(lambda: measure(f"https://{address}", "CAL_READ"))


@pytest.mark.parametrize("way", OWN)
def test_a_write_whose_tls_handshake_is_late_did_nothing(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with deaf() as address:
        envelope = exact(lambda: _measure(way, monkeypatch)(f"https://{address}", "CAL_MAKE"))
    assert "outcome_unknown" not in envelope.data


@pytest.mark.usefixtures("collected")
def test_a_tls_handshake_byte_by_byte_ends_at_the_deadline(measure: Measure) -> None:
    handshake_of_16384_bytes = b"\x16\x03\x03\x40\x00"
    with mumbling(handshake_of_16384_bytes) as address:
        exact(lambda: measure(f"https://{address}", "CAL_READ"))


@pytest.mark.parametrize("way", OWN)
def test_a_large_body_is_sent_without_a_warning(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answer(OK)) as server:
        measured = _measure(way, monkeypatch)
        envelope, _ = measured(server.url, "CAL_MAKE", {"uid": LARGE}, timeout=10)
    assert envelope.successful
    assert server.requests[0].endswith(LARGE.encode() + b'"}')


def test_a_slow_name_lookup_ends_at_the_deadline(
    measure: Measure, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()
    looked_up = socket.getaddrinfo

    def stalled(host: Any, *arguments: Any, **options: Any) -> Any:
        if host not in ("slow.test", b"slow.test"):
            return looked_up(host, *arguments, **options)
        over.wait()
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    def once() -> Timed:
        over.clear()
        return measure("http://slow.test", "CAL_MAKE", after=over.set)

    monkeypatch.setattr(socket, "getaddrinfo", stalled)
    exact(once)


def test_what_is_sent_again_shares_the_deadline(measure_both: Measure) -> None:
    arrived: list[int] = []

    def behave(server: Server, connection: socket.socket) -> None:
        if len(server.requests) == 1:
            answer(b"{}", status="503 Service Unavailable")(server, connection)
        else:
            then_stall(b"")(server, connection)

    def once() -> Timed:
        with serving(behave) as server:
            timed = measure_both(server.url, "CAL_READ", timeout=0.7, max_attempts=4)
            arrived.append(len(server.requests))
            return timed

    exact(once, 0.7)
    assert arrived[-1] == 2


def test_a_wait_for_the_rate_limit_shares_the_deadline(measure_both: Measure) -> None:
    arrived: list[int] = []

    def behave(server: Server, connection: socket.socket) -> None:
        if len(server.requests) == 1:
            told = ("X-RateLimit-Limit: 5", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 0.1")
            answer(b"{}", *told, status="429 Too Many Requests")(server, connection)
        else:
            then_stall(b"")(server, connection)

    def once() -> Timed:
        with serving(behave) as server:
            timed = measure_both(server.url, "CAL_MAKE", timeout=0.5, max_attempts=4)
            arrived.append(len(server.requests))
            return timed

    exact(once, 0.5)
    assert arrived[-1] == 2


@pytest.mark.parametrize(
    ("status", "headers", "code"),
    [
        ("503 Service Unavailable", (), "upstream_error"),
        ("503 Service Unavailable", ("Retry-After: 60",), "upstream_error"),
        ("429 Too Many Requests", (), "rate_limited"),
        ("429 Too Many Requests", ("Retry-After: 60",), "rate_limited"),
        ("429 Too Many Requests", ("X-RateLimit-Reset: 60",), "rate_limited"),
    ],
)
def test_a_pause_that_would_pass_the_deadline_is_not_begun(
    measure_both: Measure, status: str, headers: tuple[str, ...], code: str
) -> None:
    with serving(answer(b"{}", *headers, status=status)) as server:
        envelope, seconds = measure_both(server.url, "CAL_READ", timeout=0.2, max_attempts=4)
    assert (envelope.data["code"], len(server.requests)) == (code, 1)
    assert seconds < 2


def test_the_two_requests_of_an_action_share_the_deadline(measure_both: Measure) -> None:
    arrived: list[int] = []

    def behave(server: Server, connection: socket.socket) -> None:
        if len(server.requests) == 1:
            server.over.wait(0.2)
            answer(b'{"status": "success", "data": {}}')(server, connection)
        else:
            then_stall(b"")(server, connection)

    def once() -> Timed:
        with serving(behave) as server:
            timed = measure_both(
                server.url, "CAL_GET_ORGANIZATION_ID", timeout=0.4, actions=cal_actions.catalog
            )
            arrived.append(len(server.requests))
            return timed

    with Connector.sandbox() as connector:  # the first call reads the catalogue, which takes long
        assert connector.execute("CAL_GET_ORGANIZATION_ID").successful
    exact(once, 0.4)
    assert arrived[-1] == 2


def test_the_renewal_of_a_token_shares_the_deadline(measure_both: Measure) -> None:
    over = threading.Event()

    def refresh() -> str:
        over.wait()
        return "a new token"

    def once() -> Timed:
        over.clear()
        token = AccessToken("an old token", refresh)
        return measure_both(server.url, "CAL_READ", api_key=token, after=over.set)

    with serving(answer(b"{}", status="401 Unauthorized")) as server:
        exact(once)


def test_a_coroutine_that_renews_a_token_shares_the_deadline() -> None:
    async def once(url: str) -> Timed:
        over = asyncio.Event()

        async def refresh() -> str:
            await over.wait()
            return "a new token"

        token = AccessToken("an old token", refresh)
        return await _async("async over aiohttp", url, "CAL_READ", api_key=token, after=over.set)

    with serving(answer(b"{}", status="401 Unauthorized")) as server:
        exact(lambda: asyncio.run(once(server.url)))


@pytest.mark.parametrize("way", SYNC)
def test_a_thread_that_waits_for_a_connection_keeps_its_deadline(way: str) -> None:
    full.clear()
    free.clear()
    with serving(holding) as server, opened(way, server.url, **UNEVEN) as connector:
        threads = [
            threading.Thread(target=connector.execute, args=("CAL_MAKE",))
            for _ in range(MOST_CONNECTIONS)
        ]
        for thread in threads:
            thread.start()
        assert full.wait(5)
        started = time.monotonic()
        envelope = connector.execute("CAL_READ")
        seconds = time.monotonic() - started
        free.set()
        for thread in threads:
            thread.join()
    assert envelope.data == {"code": "timeout", "retryable": True}
    assert seconds < 1


@pytest.mark.parametrize("way", ASYNC)
def test_a_task_that_waits_for_a_connection_keeps_its_deadline(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def once(url: str) -> Timed:
        async with aopened(way, url, **UNEVEN) as connector:
            holders = [
                asyncio.create_task(connector.execute("CAL_MAKE")) for _ in range(MOST_CONNECTIONS)
            ]
            assert await asyncio.to_thread(full.wait, 5)
            started = time.monotonic()
            envelope = await connector.execute("CAL_READ")
            seconds = time.monotonic() - started
            free.set()
            await asyncio.wait(holders)
            return envelope, seconds

    if way == "async over httpcore":
        without_aiohttp(monkeypatch)
    full.clear()
    free.clear()
    with serving(holding) as server:
        envelope, seconds = asyncio.run(once(server.url))
    assert envelope.data == {"code": "timeout", "retryable": True}
    assert seconds < 1


def test_a_slow_sandbox_is_left_at_the_deadline() -> None:
    with Sandbox() as world, Connector.sandbox(world, timeout=TIMEOUT, max_attempts=1) as connector:
        world.inject.latency(0.5)

        def once() -> Timed:
            started = time.monotonic()
            envelope = connector.execute("CAL_RETRIEVE_MY_INFORMATION")
            return envelope, time.monotonic() - started

        exact(once)


def _of_slow_sandbox(latency: float, timeout: float, calls: int) -> list[Timed]:
    async def once() -> list[Timed]:
        with Sandbox() as world:
            world.inject.latency(latency)
            async with AsyncConnector.sandbox(world, timeout=timeout, max_attempts=1) as connector:

                async def call() -> Timed:
                    started = time.monotonic()
                    envelope = await connector.execute("CAL_RETRIEVE_MY_INFORMATION")
                    return envelope, time.monotonic() - started

                return await asyncio.gather(*(call() for _ in range(calls)))

    return asyncio.run(once())


def test_a_slow_sandbox_is_left_at_the_deadline_without_blocking() -> None:
    exact(lambda: _of_slow_sandbox(0.5, TIMEOUT, 1)[0])


def test_a_slow_sandbox_serves_many_tasks_at_once() -> None:
    told = _of_slow_sandbox(0.3, 2.0, 60)
    assert [envelope.successful for envelope, _ in told] == [True] * 60


def test_a_slow_sandbox_keeps_the_deadline_where_the_threads_of_the_loop_are_busy() -> None:
    over = threading.Event()

    async def once() -> Timed:
        loop = asyncio.get_running_loop()
        with Sandbox() as world:
            world.inject.latency(0.01)
            async with AsyncConnector.sandbox(world, timeout=0.5, max_attempts=1) as connector:
                hogs = [loop.run_in_executor(None, over.wait, 3) for _ in range(40)]
                started = time.monotonic()
                envelope = await connector.execute("CAL_RETRIEVE_MY_INFORMATION")
                seconds = time.monotonic() - started
                over.set()
                await asyncio.gather(*hogs)
                return envelope, seconds

    _, seconds = asyncio.run(once())
    assert seconds < 2
