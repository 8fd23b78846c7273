"""Cancelling a call ends it at once, on the wire too, and leaves the connector usable."""

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import pytest

from cal_actions import AsyncConnector
from cal_actions.sandbox import Sandbox
from tests.sending.conftest import ASYNC, aopened, without_aiohttp
from tests.sending.faulty_server import Server, answer, serving

PATIENCE = 8  # seconds for what takes milliseconds, on the slowest of machines
MOST_CONNECTIONS = 100
OWN = ["async over aiohttp", "async over httpcore"]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
OK = b'{"status": "success", "data": {"uid": "abc"}}'
USED_UP = ("X-RateLimit-Limit: 1", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1")
STARTS = {
    "before the answer": b"",
    "in the headers": HEAD,
    "in the body": HEAD + b"Content-Length: 45\r\n\r\n" + OK[:20],
}


class Stalling:
    """Answers a GET; to all else it sends no more than `start`, and sees who leaves."""

    def __init__(self, start: bytes = b"") -> None:
        self.came = threading.Semaphore(0)
        self.left = threading.Semaphore(0)
        self._start = start

    def __call__(self, server: Server, connection: socket.socket) -> None:
        if server.requests[-1].startswith(b"GET "):
            answer(OK)(server, connection)
            return
        connection.sendall(self._start)
        self.came.release()
        if _ended(connection):
            self.left.release()
        connection.close()


def _ended(connection: socket.socket) -> bool:
    """Wait for the other end to leave."""
    connection.settimeout(PATIENCE)
    try:
        while connection.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


async def seen(what: threading.Semaphore, times: int = 1) -> None:
    for _ in range(times):
        assert await asyncio.to_thread(what.acquire, timeout=PATIENCE)


@pytest.fixture(params=ASYNC)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "async over httpcore":
        without_aiohttp(monkeypatch)
    return str(request.param)


@pytest.fixture(params=OWN)
def own_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "async over httpcore":
        without_aiohttp(monkeypatch)
    return str(request.param)


@contextmanager
def deaf() -> Iterator[tuple[str, threading.Semaphore, threading.Semaphore]]:
    """An address where one connection is taken and nothing said; who came and who left."""
    came, left = threading.Semaphore(0), threading.Semaphore(0)
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"127.0.0.1:{listener.getsockname()[1]}"

    def serve() -> None:
        with listener, listener.accept()[0] as connection:
            connection.settimeout(PATIENCE)
            connection.recv(1)  # the handshake has begun
            came.release()
            if _ended(connection):
                left.release()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield address, came, left
    finally:
        thread.join()


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_cancelling_a_call_closes_its_connection(way: str, start: bytes) -> None:
    stalling = Stalling(start)

    async def cancel(url: str) -> None:
        async with aopened(way, url) as connector:
            task = asyncio.create_task(connector.execute("CAL_MAKE"))
            await seen(stalling.came)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await seen(stalling.left)
            assert (await connector.execute("CAL_READ")).successful

    with serving(stalling) as server:
        asyncio.run(cancel(server.url))
    assert len(server.requests) == 2


def test_cancelling_a_call_in_its_tls_handshake_closes_its_connection(own_way: str) -> None:
    async def cancel(address: str) -> None:
        async with aopened(own_way, f"https://{address}") as connector:
            task = asyncio.create_task(connector.execute("CAL_MAKE"))
            await seen(came)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await seen(left)

    with deaf() as (address, came, left):
        asyncio.run(cancel(address))


def test_two_hundred_cancelled_calls_leave_all_connections_usable(way: str) -> None:
    stalling = Stalling()

    async def cancel(url: str) -> None:
        async with aopened(way, url, timeout=PATIENCE) as connector:
            tasks = [asyncio.create_task(connector.execute("CAL_MAKE")) for _ in range(200)]
            await seen(stalling.came, MOST_CONNECTIONS)  # the others wait for a connection
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(end) for end in ends] == [asyncio.CancelledError] * 200
            await seen(stalling.left, MOST_CONNECTIONS)
            reads = (connector.execute("CAL_READ") for _ in range(MOST_CONNECTIONS))
            assert all(envelope.successful for envelope in await asyncio.gather(*reads))

    with serving(stalling) as server:
        asyncio.run(cancel(server.url))


def test_a_call_that_is_cancelled_after_any_step_is_cancelled_or_done(way: str) -> None:
    async def cancel(url: str) -> None:
        async with aopened(way, url, timeout=PATIENCE) as connector:
            for steps in range(40):
                task = asyncio.create_task(connector.execute("CAL_READ"))
                for _ in range(steps):
                    await asyncio.sleep(0)
                if task.cancel():
                    with pytest.raises(asyncio.CancelledError):
                        await task
                else:
                    assert task.result().successful
            reads = (connector.execute("CAL_READ") for _ in range(10))
            assert all(envelope.successful for envelope in await asyncio.gather(*reads))

    with serving(answer(OK)) as server:
        asyncio.run(cancel(server.url))


@pytest.mark.parametrize(
    "limited",
    [lambda call: asyncio.wait_for(call, 0.05), lambda call: _within(asyncio.timeout(0.05), call)],
    ids=["wait_for", "timeout"],
)
def test_a_time_limit_around_a_call_is_the_callers(
    way: str, limited: Callable[[Awaitable[Any]], Awaitable[Any]]
) -> None:
    stalling = Stalling()

    async def limit(url: str) -> None:
        async with aopened(way, url) as connector:
            with pytest.raises(TimeoutError):
                await limited(connector.execute("CAL_MAKE"))
            assert (await connector.execute("CAL_READ")).successful

    with serving(stalling) as server:
        asyncio.run(limit(server.url))


async def _within(limit: Any, call: Awaitable[Any]) -> Any:
    async with limit:
        return await call


def test_a_cancel_scope_of_anyio_ends_a_call(way: str) -> None:
    stalling = Stalling()

    async def cancel_when_sent(scope: anyio.CancelScope) -> None:
        await seen(stalling.came)
        scope.cancel()

    async def limit(url: str) -> None:
        async with aopened(way, url) as connector:
            with anyio.CancelScope() as scope:
                limiting = asyncio.create_task(cancel_when_sent(scope))
                await connector.execute("CAL_MAKE")
            assert scope.cancelled_caught
            await limiting
            await seen(stalling.left)
            assert (await connector.execute("CAL_READ")).successful

    with serving(stalling) as server:
        asyncio.run(limit(server.url))


def test_a_call_that_is_cancelled_in_its_pause_is_not_sent_again() -> None:
    async def cancel(url: str) -> None:
        paused = asyncio.Event()
        async with aopened(
            "async over aiohttp", url, max_attempts=4, on_retry=lambda _: paused.set()
        ) as connector:
            task = asyncio.create_task(connector.execute("CAL_READ"))
            await paused.wait()
            task.cancel()
            started = time.monotonic()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert time.monotonic() - started < PATIENCE

    unwilling = answer(b"{}", "Retry-After: 20", status="503 Service Unavailable")
    with serving(unwilling) as server:
        asyncio.run(cancel(server.url))
    assert len(server.requests) == 1


def test_a_call_that_is_cancelled_while_it_waits_gives_its_place_back() -> None:
    async def cancel(url: str) -> None:
        # A window takes one call, and the second next begins after the deadline.
        async with aopened("async over aiohttp", url, timeout=1.6) as connector:
            assert (await connector.execute("CAL_READ")).successful
            waiting = asyncio.create_task(connector.execute("CAL_READ"))
            await asyncio.sleep(0)
            refused = await connector.execute("CAL_READ")
            assert refused.data["code"] == "rate_limited"
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert (await connector.execute("CAL_READ")).successful

    with serving(answer(OK, *USED_UP)) as server:
        asyncio.run(cancel(server.url))
    assert len(server.requests) == 2


def test_a_call_of_a_slow_sandbox_can_be_cancelled() -> None:
    async def cancel() -> None:
        with Sandbox() as world:
            async with AsyncConnector.sandbox(world) as connector:
                world.inject.latency(0.2)
                task = asyncio.create_task(connector.execute("CAL_RETRIEVE_MY_INFORMATION"))
                await asyncio.sleep(0)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert (await connector.execute("CAL_RETRIEVE_MY_INFORMATION")).successful

    asyncio.run(cancel())
