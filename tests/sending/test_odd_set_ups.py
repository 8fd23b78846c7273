"""Proxies, clients and servers that are not as one expects."""

import asyncio
import socket
import threading
import time
from typing import Any

import httpx
import pytest

from cal_actions import AsyncConnector, Connector, Envelope
from tests.sending.conftest import ACTIONS, KEY, ask_in, opened
from tests.sending.faulty_server import Server, answer, dripping, serving

OK = b'{"status": "success", "data": {"uid": "abc"}}'
STRAY = b'HTTP/1.1 200 OK\r\nContent-Length: 27\r\n\r\n{"data": {"uid": "no one"}}'
OWN = ["sync", "async over aiohttp", "async over httpcore"]


def both(**options: Any) -> list[Envelope]:
    """What a Connector and an AsyncConnector answer to a write."""
    options = {"api_key": KEY, "actions": ACTIONS, "max_attempts": 1, **options}

    async def ask() -> Envelope:
        async with AsyncConnector(**options) as connector:
            return await connector.execute("CAL_MAKE")

    with Connector(**options) as connector:
        return [connector.execute("CAL_MAKE"), asyncio.run(ask())]


@pytest.mark.parametrize("way", OWN)
def test_what_comes_while_a_connection_is_idle_is_not_taken_for_an_answer(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    came = threading.Event()

    def behave(server: Server, connection: socket.socket) -> None:
        answer(OK)(server, connection)
        if len(server.requests) == 1:
            time.sleep(0.05)  # so that the answer is read before, and the connection idle
            connection.sendall(STRAY)
            came.set()

    def with_a_pause(url: str) -> list[Envelope]:
        if way == "sync":
            with opened(way, url) as connector:
                first = connector.execute("CAL_READ")
                assert came.wait(5)
                return [first, connector.execute("CAL_MAKE")]

        async def run() -> list[Envelope]:
            async with AsyncConnector(api_key=KEY, base_url=url, actions=ACTIONS) as connector:
                first = await connector.execute("CAL_READ")
                assert await asyncio.to_thread(came.wait, 5)
                await asyncio.sleep(0.05)
                return [first, await connector.execute("CAL_MAKE")]

        return asyncio.run(run())

    ask_in(way, monkeypatch)
    with serving(behave) as server:
        assert [envelope.data for envelope in with_a_pause(server.url)] == [{"uid": "abc"}] * 2


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "foo://127.0.0.1:9", "http://x:y:z"])
def test_a_proxy_that_cannot_be_used_is_told(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    for envelope in both(base_url="http://cal.example"):
        assert envelope.data == {"code": "network_error", "retryable": False}
        assert "the proxy that the environment names" in str(envelope.error)


def test_what_a_proxy_refuses_never_reached_cal_com(monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = answer(b"", status="407 Proxy Authentication Required")
    with serving(refusing) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        told = [envelope.data for envelope in both(base_url="https://cal.example")]
    assert told == [{"code": "network_error", "retryable": True}] * 2


def test_a_write_that_was_sent_is_told_even_if_a_hook_of_the_client_raises() -> None:
    def misbehave(_: httpx.Response) -> None:
        raise TypeError

    with (
        serving(answer(OK)) as server,
        httpx.Client(event_hooks={"response": [misbehave]}) as client,
        Connector(api_key=KEY, base_url=server.url, actions=ACTIONS, client=client) as connector,
    ):
        told = connector.execute("CAL_MAKE")
    assert (told.data["code"], told.data["outcome_unknown"]) == ("network_error", True)
    assert len(server.requests) == 1


def test_a_thread_that_no_one_waits_for_any_more_ends() -> None:
    before = set(threading.enumerate())
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"
    with (
        serving(dripping(head, b" ")) as server,
        opened("httpx.Client", server.url, timeout=0.1) as connector,
    ):
        assert connector.execute("CAL_READ").data["code"] == "timeout"
        left = [one for one in set(threading.enumerate()) - before if one.name == "cal_actions"]
        for thread in left:
            thread.join(5)
        assert not any(thread.is_alive() for thread in left)


@pytest.mark.parametrize("name", ["max_response_bytes", "max_attempts"])
@pytest.mark.parametrize("value", [1.5, "3", None, True])
def test_a_count_that_is_no_integer_is_refused(name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=name):
        Connector(api_key=KEY, **{name: value})


@pytest.mark.parametrize("name", ["timeout", "attempt_timeout", "max_attempts"])
@pytest.mark.parametrize("value", [0, -1])
def test_a_number_that_bounds_nothing_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"{name} must be more than 0"):
        Connector(api_key=KEY, **{name: value})


@pytest.mark.parametrize("way", OWN)
def test_a_long_header_line_is_read(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answer(OK, "X-Long: " + "y" * 9_000)) as server:
        (envelope,) = ask_in(way, monkeypatch)(server.url, "CAL_MAKE")
    assert envelope.data == {"uid": "abc"}


@pytest.mark.parametrize("way", OWN)
def test_the_scheme_of_an_address_may_be_in_capitals(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(answer(OK)) as server:
        (envelope,) = ask_in(way, monkeypatch)(server.url.replace("http", "HTTP"), "CAL_READ")
    assert envelope.data == {"uid": "abc"}
