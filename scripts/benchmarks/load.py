"""10,000 calls at concurrency 200: every one is answered, and nothing of them is left.

Each way to send is measured in a process of its own: what one leaves would hide what the next
takes. Needs /proc, as Linux has it.
"""

import asyncio
import gc
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

from measure import Line, server
from sync_calls import PARAMS

from cal_actions import AsyncConnector, Connector

SLUG = "CAL_POST_NEW_BOOKING_REQUEST"
CALLS = 10_000
WORKERS = 200
WARM_UP = 2_000
TURNS = 10  # of the event loop, in which closed connections go


@dataclass(frozen=True)
class Load:
    """What many calls came to; what is `left` is so after `close()`, beyond what was there.

    `growth` is the resident memory after the calls ÷ that after the warm-up.
    """

    answered: int
    sockets_open: int
    sockets_left: int
    tasks_left: int
    threads_left: int
    growth: float


def lines() -> Iterator[Line]:
    """Measure sync calls from threads and async calls over each pool that is installed."""
    pools = ["aiohttp", "httpcore"] if find_spec("aiohttp") else ["httpcore"]
    for way in ("threads", *pools):
        load = _measured(way)
        name = f"load over {way}:" if way == "threads" else f"load over {way}'s pool:"
        note = f"{load.answered} / {CALLS}, {WORKERS} at once"
        yield Line(f"{name} calls answered", load.answered / CALLS, 1.0, note, from_below=True)
        note = f"{load.sockets_left} / {load.sockets_open}"
        left = load.sockets_left / load.sockets_open
        yield Line(f"{name} sockets after / before close()", left, 0, note)
        note = f"{load.tasks_left} tasks, {load.threads_left} threads"
        left = (load.tasks_left + load.threads_left) / WORKERS
        yield Line(f"{name} tasks, threads left / workers", left, 0, note)
        note = f"after {WARM_UP} calls and {CALLS} more"
        yield Line(f"{name} memory at the end / warmed up", load.growth, 1.05, note)


def _measured(way: str) -> Load:
    command = [sys.executable, __file__, way, str(CALLS), str(WORKERS), str(WARM_UP)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Load(**json.loads(done.stdout))


def main(way: str, calls: str, workers: str, warm_up: str) -> None:
    """Measure one way to send, in this process; prints the Load as JSON."""
    with server() as url:
        if way == "threads":
            load = _in_threads(url, int(calls), int(workers), int(warm_up))
        else:
            if way == "httpcore":
                # None is Python's word for a module that cannot be imported.
                sys.modules["cal_actions.transport.aiohttp_pool"] = None  # type: ignore[assignment]
            load = asyncio.run(_in_tasks(url, int(calls), int(workers), int(warm_up)))
    sys.stdout.write(json.dumps(asdict(load)))


def _in_threads(url: str, calls: int, workers: int, warm_up: int) -> Load:
    sockets, threads = _sockets(), threading.active_count()
    with ThreadPoolExecutor(workers) as pool:
        connector = Connector(api_key="cal_bench", base_url=url)

        def spread(count: int) -> int:
            left = iter(range(count))

            def work(_: int) -> int:
                return sum(connector.execute(SLUG, PARAMS).successful for _ in left)

            return sum(pool.map(work, range(workers)))

        spread(warm_up)
        memory = _memory()
        answered = spread(calls)
        growth = _memory() / memory
        open_ = _sockets() - sockets
        connector.close()
    return Load(
        answered, open_, _sockets() - sockets, 0, threading.active_count() - threads, growth
    )


async def _in_tasks(url: str, calls: int, workers: int, warm_up: int) -> Load:
    sockets, threads, tasks = _sockets(), threading.active_count(), len(asyncio.all_tasks())
    connector = AsyncConnector(api_key="cal_bench", base_url=url)

    async def spread(count: int) -> int:
        left = iter(range(count))

        async def work() -> int:
            return sum([(await connector.execute(SLUG, PARAMS)).successful for _ in left])

        return sum(await asyncio.gather(*(work() for _ in range(workers))))

    await spread(warm_up)
    memory = _memory()
    answered = await spread(calls)
    growth = _memory() / memory
    open_ = _sockets() - sockets
    await connector.aclose()
    for _ in range(TURNS):
        await asyncio.sleep(0)
    return Load(
        answered,
        open_,
        _sockets() - sockets,
        len(asyncio.all_tasks()) - tasks,
        threading.active_count() - threads,
        growth,
    )


def _sockets() -> int:
    count = 0
    for entry in Path("/proc/self/fd").iterdir():
        try:
            count += str(entry.readlink()).startswith("socket:")
        except FileNotFoundError:  # the listing's own
            continue
    return count


def _memory() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1])


if __name__ == "__main__":
    main(*sys.argv[1:])
