"""Rate limits over connections: a server that counts, and connectors that many share."""

import asyncio
import math
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cal_actions import Envelope
from tests.sending.conftest import SYNC, Ask, aopened, opened, without_aiohttp
from tests.sending.faulty_server import Server, answer, serving

OK = b'{"status": "success", "data": {"uid": "abc"}}'
NO = b'{"status": "error", "error": {"message": "Too many requests."}}'
Behaviour = Callable[[Server, socket.socket], None]


def told(remaining: int, reset: float, limit: int = 5) -> tuple[str, ...]:
    return (
        f"X-RateLimit-Limit-Default: {limit}",
        f"X-RateLimit-Remaining-Default: {remaining}",
        f"X-RateLimit-Reset-Default: {reset:g}",
    )


class Limited:
    """Answers `limit` requests in a window, and tells what is left as Cal.com does.

    A short window is told as one second, as Cal.com rounds up: what a busy machine delays by
    less than the rest of it still counts where it should.
    """

    def __init__(self, limit: int, seconds: float = 0.3) -> None:
        self.refused = 0
        self._limit = limit
        self._seconds = seconds
        self._lock = threading.Lock()
        self._ends = -math.inf
        self._count = 0

    def __call__(self, server: Server, connection: socket.socket) -> None:
        with self._lock:
            now = time.monotonic()
            if now >= self._ends:
                self._ends = now + self._seconds
                self._count = 0
            self._count += 1
            headers = told(
                max(0, self._limit - self._count), math.ceil(self._ends - now), self._limit
            )
            refuses = self._count > self._limit
            self.refused += refuses
        if refuses:
            answer(NO, *headers, status="429 Too Many Requests")(server, connection)
        else:
            answer(OK, *headers)(server, connection)


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Treat each request in its own way; the last way is for all that follow."""

    def behave(server: Server, connection: socket.socket) -> None:
        number = min(len(server.requests), len(behaviours)) - 1
        behaviours[number](server, connection)

    return behave


def ask_at_once(way: str, url: str, count: int, **options: Any) -> list[Envelope]:
    """One call, so that the limit is known, and then many at the same time."""

    def in_threads() -> list[Envelope]:
        with opened(way, url, **options) as connector, ThreadPoolExecutor(count) as threads:
            first = connector.execute("CAL_READ")
            return [first, *threads.map(lambda _: connector.execute("CAL_READ"), range(count))]

    async def in_tasks() -> list[Envelope]:
        async with aopened(way, url, **options) as connector:
            first = await connector.execute("CAL_READ")
            rest = await asyncio.gather(*(connector.execute("CAL_READ") for _ in range(count)))
            return [first, *rest]

    return in_threads() if way in SYNC else asyncio.run(in_tasks())


@pytest.mark.parametrize(
    ("way", "count", "limit"), [("sync", 20, 8), ("async over aiohttp", 40, 16)]
)
def test_who_shares_a_connector_slows_down_before_the_limit(
    way: str, count: int, limit: int
) -> None:
    limited = Limited(limit)
    with serving(limited) as server:
        envelopes = ask_at_once(way, server.url, count)
    assert limited.refused == 0
    assert [envelope.successful for envelope in envelopes] == [True] * (count + 1)


@pytest.mark.parametrize("way", ["sync", "async over aiohttp"])
def test_a_first_rush_before_the_limit_is_known_ends_well_for_all(way: str) -> None:
    rush = threading.Barrier(6)

    async def in_tasks(url: str) -> list[Envelope]:
        async with aopened(way, url, max_attempts=4) as connector:
            calls = [connector.execute("CAL_MAKE") for _ in range(6)]
            return list(await asyncio.gather(*calls))

    def in_threads(url: str) -> list[Envelope]:
        with opened(way, url, max_attempts=4) as connector, ThreadPoolExecutor(6) as threads:

            def call(_: int) -> Envelope:
                rush.wait()
                return connector.execute("CAL_MAKE")

            return list(threads.map(call, range(6)))

    limited = Limited(4)
    with serving(limited) as server:
        envelopes = in_threads(server.url) if way in SYNC else asyncio.run(in_tasks(server.url))
    assert [envelope.error for envelope in envelopes] == [None] * 6
    assert len(server.requests) - limited.refused == 6


def test_nothing_is_sent_when_the_limit_is_used_up_for_longer_than_the_call_may_take(
    ask: Ask,
) -> None:
    with serving(answer(OK, *told(0, 60))) as server:
        first, second = ask(server.url, "CAL_READ", "CAL_MAKE", timeout=20, max_attempts=4)
    assert (first.successful, len(server.requests)) == (True, 1)
    assert (second.data["code"], second.data["retryable"]) == ("rate_limited", True)
    assert 30 < second.data["retry_after"] <= 60
    assert "outcome_unknown" not in second.data


def test_a_429_that_lasts_longer_than_the_call_may_is_told_at_once(ask: Ask) -> None:
    with serving(answer(NO, *told(0, 60), status="429 Too Many Requests")) as server:
        (envelope,) = ask(server.url, "CAL_MAKE", timeout=20, max_attempts=4)
    assert (envelope.data["code"], envelope.data["retry_after"]) == ("rate_limited", 60)
    assert len(server.requests) == 1


def test_a_write_that_met_a_429_is_sent_again_and_done_once(ask: Ask) -> None:
    refuse = answer(NO, "Retry-After: 0.05", status="429 Too Many Requests")
    with serving(in_turn(refuse, refuse, answer(OK))) as server:
        (envelope,) = ask(server.url, "CAL_MAKE", max_attempts=4)
    assert (envelope.data, len(server.requests)) == ({"uid": "abc"}, 3)


@pytest.mark.parametrize("way", ["sync", "async over aiohttp"])
def test_a_429_is_waited_out_as_its_headers_say(way: str) -> None:
    moments: list[float] = []

    def note(then: Behaviour) -> Behaviour:
        def behave(server: Server, connection: socket.socket) -> None:
            moments.append(time.monotonic())
            then(server, connection)

        return behave

    refuse = answer(NO, *told(0, 1), status="429 Too Many Requests")
    with serving(in_turn(note(refuse), note(answer(OK, *told(4, 1))))) as server:
        envelopes = sent_once(way, server.url, "CAL_MAKE")
    assert [envelope.successful for envelope in envelopes] == [True]
    assert moments[1] - moments[0] >= 1.0


def sent_once(way: str, url: str, slug: str, **options: Any) -> list[Envelope]:
    options = {"max_attempts": 4, **options}

    async def in_a_task() -> list[Envelope]:
        async with aopened(way, url, **options) as connector:
            return [await connector.execute(slug)]

    if way not in SYNC:
        return asyncio.run(in_a_task())
    with opened(way, url, **options) as connector:
        return [connector.execute(slug)]


@pytest.mark.parametrize("way", ["sync", "async over aiohttp"])
def test_a_429_without_a_time_is_sent_again_after_a_pause_of_our_own(way: str) -> None:
    pauses: list[float] = []
    refuse = answer(NO, status="429 Too Many Requests")
    with serving(in_turn(refuse, answer(OK))) as server:
        (envelope,) = sent_once(
            way, server.url, "CAL_MAKE", on_retry=lambda event: pauses.append(event.pause)
        )
    assert (envelope.successful, len(server.requests), len(pauses)) == (True, 2, 1)
    assert 0.25 <= pauses[0] <= 0.5


def test_a_503_is_sent_again_when_its_gateway_says(ask: Ask) -> None:
    pauses: list[float] = []
    busy = answer(b"{}", "Retry-After: 0.1", status="503 Service Unavailable")
    with serving(in_turn(busy, answer(OK))) as server:
        (envelope,) = ask(
            server.url,
            "CAL_READ",
            max_attempts=4,
            on_retry=lambda event: pauses.append(event.pause),
        )
    assert (envelope.successful, len(server.requests), len(pauses)) == (True, 2, 1)
    assert 0.1 <= pauses[0] <= 0.2


def test_a_503_that_lasts_longer_than_the_call_may_is_told_at_once(ask: Ask) -> None:
    busy = answer(b"{}", "Retry-After: 60", status="503 Service Unavailable")
    with serving(busy) as server:
        (envelope,) = ask(server.url, "CAL_READ", max_attempts=4, timeout=20)
    assert (envelope.data["code"], envelope.data["retry_after"]) == ("upstream_error", 60)
    assert len(server.requests) == 1


def test_a_write_that_met_a_503_is_not_sent_again(ask: Ask) -> None:
    busy = answer(b"{}", "Retry-After: 0.05", status="503 Service Unavailable")
    with serving(in_turn(busy, answer(OK))) as server:
        (envelope,) = ask(server.url, "CAL_MAKE", max_attempts=4)
    assert (envelope.successful, len(server.requests)) == (False, 1)


@pytest.mark.parametrize("way", ["sync", "async over aiohttp", "async over httpcore"])
def test_each_key_has_a_budget_of_its_own(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = ["cal_live_one", "cal_live_two", "cal_live_one", "cal_live_two"]

    async def in_tasks(url: str) -> list[Envelope]:
        async with aopened(way, url, timeout=20) as connector:
            return [await connector.execute("CAL_READ", auth=key) for key in keys]

    def in_turns(url: str) -> list[Envelope]:
        with opened(way, url, timeout=20) as connector:
            return [connector.execute("CAL_READ", auth=key) for key in keys]

    if way == "async over httpcore":
        without_aiohttp(monkeypatch)
    with serving(answer(OK, *told(0, 60))) as server:
        envelopes = in_turns(server.url) if way in SYNC else asyncio.run(in_tasks(server.url))
    assert [envelope.successful for envelope in envelopes] == [True, True, False, False]
    assert [key.encode() in head for key, head in zip(keys, server.requests, strict=False)] == [
        True,
        True,
    ]


def test_who_gives_up_waiting_leaves_the_place_to_others() -> None:
    async def run(url: str) -> Envelope:
        async with aopened("async over aiohttp", url, timeout=6) as connector:
            await connector.execute("CAL_READ")
            waiting = [asyncio.create_task(connector.execute("CAL_READ")) for _ in range(8)]
            await asyncio.sleep(0)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            return await connector.execute("CAL_READ")

    # Those who gave up had the next 8 windows: one who came after them would be too late.
    limited = Limited(1)
    with serving(limited) as server:
        envelope = asyncio.run(asyncio.wait_for(run(server.url), 60))
    assert (envelope.successful, limited.refused, len(server.requests)) == (True, 0, 2)
