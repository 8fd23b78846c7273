"""Async throughput at concurrency 50 and 200 ÷ sync sequential throughput."""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec

from measure import Cost, Line, calls, median, ratio, rounds, server
from sync_calls import PARAMS

from cal_actions import AsyncConnector, Connector

SLUG = "CAL_POST_NEW_BOOKING_REQUEST"
CALLS = 2000


def lines() -> Iterator[Line]:
    """Measure each pool that is installed, interleaved with sequential sync calls."""
    pools = ["aiohttp", "httpcore"] if find_spec("aiohttp") else ["httpcore"]
    with server() as url, Connector(api_key="cal_bench", base_url=url) as connector:
        connector.execute(SLUG, PARAMS)
        sequential = calls(lambda: connector.execute(SLUG, PARAMS), 400)
        for pool in pools:
            for workers in (50, 200):
                costs, floor = rounds(7, _concurrent(url, pool, workers), sequential)
                note = (
                    f"wall; cpu {1 / ratio(costs, floor, 'cpu'):.2f};"
                    f" {1 / median(costs, 'wall'):.0f}/s / {1 / median(floor, 'wall'):.0f}/s"
                )
                name = f"async at {workers} over {pool}'s pool / sync sequential"
                yield Line(name, 1 / ratio(costs, floor, "wall"), 0.9, note, from_below=True)


def _concurrent(url: str, pool: str, workers: int) -> Callable[[], Cost]:
    async def run() -> Cost:
        async with AsyncConnector(api_key="cal_bench", base_url=url) as connector:
            await connector.execute(SLUG, PARAMS)
            left = iter(range(CALLS))

            async def work() -> None:
                for _ in left:
                    envelope = await connector.execute(SLUG, PARAMS)
                    assert envelope.successful

            cpu, wall = time.process_time(), time.perf_counter()
            await asyncio.gather(*(work() for _ in range(workers)))
            return Cost((time.perf_counter() - wall) / CALLS, (time.process_time() - cpu) / CALLS)

    def measure() -> Cost:
        hidden = sys.modules.pop("cal_actions.transport.aiohttp_pool", None)
        if pool == "httpcore":
            # None is Python's word for a module that cannot be imported.
            sys.modules["cal_actions.transport.aiohttp_pool"] = None  # type: ignore[assignment]
        try:
            return asyncio.run(run())
        finally:
            sys.modules.pop("cal_actions.transport.aiohttp_pool", None)
            if hidden:
                sys.modules["cal_actions.transport.aiohttp_pool"] = hidden

    return measure
