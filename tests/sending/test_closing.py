"""Closing a connector: calls that run end with their answer, and no connection is left."""

import asyncio
import gc
import logging
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cal_actions import AsyncConnector, Connector, ConnectorClosed
from tests.sending.conftest import (
    ACTIONS,
    ASYNC,
    KEY,
    SYNC,
    aopened,
    opened,
    without_aiohttp,
)
from tests.sending.faulty_server import Server, answer, serving

PATIENCE = 8  # seconds for what takes milliseconds, on the slowest of machines
CALLS = 12
OWN_ASYNC = ["async over aiohttp", "async over httpcore"]
OK = b'{"status": "success", "data": {"uid": "abc"}}'
UNWILLING = answer(b"{}", status="503 Service Unavailable")


class Watched:
    """Answers once the gate is open, and sees who comes and who leaves."""

    def __init__(self, *, is_open: bool = True) -> None:
        self.came = threading.Semaphore(0)
        self.left = threading.Semaphore(0)
        self.gate = threading.Event()
        if is_open:
            self.gate.set()

    def __call__(self, server: Server, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        self.came.release()
        self.gate.wait(PATIENCE)
        self.answer(server, connection)
        try:
            if connection.recv(1, socket.MSG_PEEK):
                return
        except TimeoutError:
            return
        except OSError:
            pass
        self.left.release()

    def answer(self, server: Server, connection: socket.socket) -> None:
        answer(OK)(server, connection)

    def all_left(self, times: int = 1) -> bool:
        return all(self.left.acquire(timeout=PATIENCE) for _ in range(times))

    def all_came(self, times: int = 1) -> bool:
        return all(self.came.acquire(timeout=PATIENCE) for _ in range(times))


class AtFirstUnwilling(Watched):
    """Answers the first request with a passing fault."""

    def answer(self, server: Server, connection: socket.socket) -> None:
        (UNWILLING if len(server.requests) == 1 else answer(OK))(server, connection)


@pytest.fixture(params=OWN_ASYNC)
def own_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "async over httpcore":
        without_aiohttp(monkeypatch)
    return str(request.param)


@pytest.mark.parametrize("way", SYNC)
def test_calls_in_other_threads_end_with_their_answer(way: str) -> None:
    watched = Watched(is_open=False)
    with (
        serving(watched) as server,
        opened(way, server.url) as connector,
        ThreadPoolExecutor(CALLS) as threads,
    ):
        calls = [threads.submit(connector.execute, "CAL_MAKE") for _ in range(CALLS)]
        assert watched.all_came(CALLS)
        connector.close()
        with pytest.raises(ConnectorClosed):
            connector.execute("CAL_READ")
        watched.gate.set()
        assert all(call.result(PATIENCE).successful for call in calls)
        assert way != "sync" or watched.all_left(CALLS)
    assert len(server.requests) == CALLS


@pytest.mark.parametrize("way", ASYNC)
def test_calls_in_other_tasks_end_with_their_answer(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(is_open=False)

    async def close(url: str) -> None:
        async with aopened(way, url) as connector:
            calls = [asyncio.create_task(connector.execute("CAL_MAKE")) for _ in range(CALLS)]
            assert await asyncio.to_thread(watched.all_came, CALLS)
            await connector.aclose()
            with pytest.raises(ConnectorClosed):
                await connector.execute("CAL_READ")
            watched.gate.set()
            assert all(envelope.successful for envelope in await asyncio.gather(*calls))
            if way in OWN_ASYNC:
                assert await asyncio.to_thread(watched.all_left, CALLS)

    if way == "async over httpcore":
        without_aiohttp(monkeypatch)
    with serving(watched) as server:
        asyncio.run(close(server.url))
    assert len(server.requests) == CALLS


def test_a_call_that_is_sent_again_after_closing_ends_with_its_answer() -> None:
    watched = AtFirstUnwilling()
    with serving(watched) as server:
        connector = Connector(
            api_key=KEY,
            base_url=server.url,
            actions=ACTIONS,
            on_retry=lambda _: connector.close(),
        )
        assert connector.execute("CAL_READ").successful
        with pytest.raises(ConnectorClosed):
            connector.execute("CAL_READ")
        assert watched.all_left()
    assert len(server.requests) == 2


def test_a_task_that_is_sent_again_after_closing_ends_with_its_answer(own_way: str) -> None:
    watched = AtFirstUnwilling()

    async def close(url: str) -> None:
        closing: list[asyncio.Task[None]] = []

        def close_it(_: object) -> None:
            closing.append(asyncio.create_task(connector.aclose()))

        connector = AsyncConnector(api_key=KEY, base_url=url, actions=ACTIONS, on_retry=close_it)
        assert (await connector.execute("CAL_READ")).successful
        await asyncio.gather(*closing)
        with pytest.raises(ConnectorClosed):
            await connector.execute("CAL_READ")
        assert await asyncio.to_thread(watched.all_left)

    with serving(watched) as server:
        asyncio.run(close(server.url))
    assert len(server.requests) == 2


@pytest.mark.parametrize("hook", ["on_request", "on_response"])
def test_a_hook_may_close_the_connector(hook: str) -> None:
    watched = Watched()
    with serving(watched) as server:
        closes: dict[str, Any] = {hook: lambda _: connector.close()}
        connector = Connector(api_key=KEY, base_url=server.url, actions=ACTIONS, **closes)
        assert connector.execute("CAL_MAKE").successful
        with pytest.raises(ConnectorClosed):
            connector.execute("CAL_READ")
        assert watched.all_left()


def test_closing_leaves_no_connection() -> None:
    watched = Watched(is_open=False)
    with serving(watched) as server:
        with opened("sync", server.url) as connector, ThreadPoolExecutor(CALLS) as threads:
            calls = [threads.submit(connector.execute, "CAL_READ") for _ in range(CALLS)]
            assert watched.all_came(CALLS)
            watched.gate.set()
            assert all(call.result(PATIENCE).successful for call in calls)
        assert watched.all_left(CALLS)


def test_closing_without_blocking_leaves_no_connection(own_way: str) -> None:
    watched = Watched(is_open=False)

    async def close(url: str) -> None:
        async with aopened(own_way, url) as connector:
            calls = [asyncio.create_task(connector.execute("CAL_READ")) for _ in range(CALLS)]
            assert await asyncio.to_thread(watched.all_came, CALLS)
            watched.gate.set()
            assert all(envelope.successful for envelope in await asyncio.gather(*calls))
        assert await asyncio.to_thread(watched.all_left, CALLS)

    with serving(watched) as server:
        asyncio.run(close(server.url))


def test_closing_after_a_cancelled_call_leaves_no_connection(own_way: str) -> None:
    watched = Watched(is_open=False)

    async def close(url: str) -> None:
        async with aopened(own_way, url) as connector:
            calls = [asyncio.create_task(connector.execute("CAL_READ")) for _ in range(CALLS)]
            assert await asyncio.to_thread(watched.all_came, CALLS)
            await connector.aclose()
            for call in calls:
                call.cancel()
            await asyncio.wait(calls)
            watched.gate.set()
            assert await asyncio.to_thread(watched.all_left, CALLS)

    with serving(watched) as server:
        asyncio.run(close(server.url))


def test_closing_twice_does_nothing_more() -> None:
    with serving(Watched()) as server, opened("sync", server.url) as connector:
        connector.execute("CAL_READ")
        connector.close()
        connector.close()
        with pytest.raises(ConnectorClosed):
            connector.execute("CAL_READ")


def test_closing_twice_without_blocking_does_nothing_more(own_way: str) -> None:
    async def close(url: str) -> None:
        async with aopened(own_way, url) as connector:
            await connector.execute("CAL_READ")
            await asyncio.gather(connector.aclose(), connector.aclose())
            await connector.aclose()
            with pytest.raises(ConnectorClosed):
                await connector.execute("CAL_READ")

    with serving(Watched()) as server:
        asyncio.run(close(server.url))


def test_a_closed_connector_cannot_be_entered() -> None:
    connector = Connector(api_key=KEY)
    connector.close()
    with pytest.raises(ConnectorClosed), connector:
        pass


def test_a_closed_async_connector_cannot_be_entered() -> None:
    async def enter() -> None:
        connector = AsyncConnector(api_key=KEY)
        await connector.aclose()
        with pytest.raises(ConnectorClosed):
            async with connector:
                pass

    asyncio.run(enter())


# What the first loop left open, nothing can close in order once that loop has ended.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_an_async_connector_works_in_one_loop_after_another(
    own_way: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def calls(*slugs: str) -> list[bool]:
        return [(await connector.execute(slug)).successful for slug in slugs]

    async def calls_and_closes() -> list[bool]:
        async with connector:
            return await calls("CAL_READ", "CAL_MAKE")

    with serving(Watched()) as server:
        connector = AsyncConnector(api_key=KEY, base_url=server.url, actions=ACTIONS)
        assert asyncio.run(calls("CAL_READ", "CAL_MAKE")) == [True, True]
        assert asyncio.run(calls("CAL_MAKE")) == [True]
        assert asyncio.run(calls_and_closes()) == [True, True]
        gc.collect()
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []
    assert len(server.requests) == 5


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_an_async_connector_can_be_closed_in_another_loop(own_way: str) -> None:
    with serving(Watched()) as server:
        connector = AsyncConnector(api_key=KEY, base_url=server.url, actions=ACTIONS)
        assert asyncio.run(connector.execute("CAL_READ")).successful
        asyncio.run(connector.aclose())
        with pytest.raises(ConnectorClosed):
            asyncio.run(connector.execute("CAL_READ"))
        gc.collect()
