"""Many calls at once: every one is answered, and nothing of them is left."""

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from cal_actions import Catalog, Connector
from tests.made_up import document

LOAD = Path(__file__).parents[2] / "scripts/benchmarks/load.py"
WAYS = ["threads", "aiohttp", "httpcore"]


def load(way: str, calls: int, workers: int, warm_up: int) -> tuple[dict[str, Any], str]:
    """Make so many calls in a process of its own; returns what they came to, and its stderr."""
    numbers = [str(number) for number in (calls, workers, warm_up)]
    done = subprocess.run(
        [sys.executable, "-B", str(LOAD), way, *numbers],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


@pytest.fixture(scope="module", params=WAYS)
def thousand(request: pytest.FixtureRequest) -> tuple[dict[str, Any], str]:
    return load(request.param, calls=1_000, workers=150, warm_up=150)


def test_every_call_is_answered(thousand: tuple[dict[str, Any], str]) -> None:
    assert thousand[0]["answered"] == 1_000


def test_no_more_connections_are_open_than_the_pool_allows(
    thousand: tuple[dict[str, Any], str],
) -> None:
    assert 0 < thousand[0]["sockets_open"] <= 100


@pytest.mark.parametrize("what", ["sockets", "tasks", "threads"])
def test_nothing_is_left_once_the_connector_is_closed(
    thousand: tuple[dict[str, Any], str], what: str
) -> None:
    assert thousand[0][f"{what}_left"] == 0


def test_nothing_is_complained_of(thousand: tuple[dict[str, Any], str]) -> None:
    assert thousand[1] == ""


def test_threads_that_come_first_load_the_catalogue_once() -> None:
    loads: list[int] = []
    twice = threading.Event()
    together = threading.Barrier(8)

    def slowly() -> dict[str, Any]:
        loads.append(1)
        if len(loads) > 1:
            twice.set()
        twice.wait(0.2)
        return {"CAL_DO": document()}

    def call(_: int) -> bool:
        together.wait()
        return connector.execute("CAL_DO").successful

    answering = httpx.MockTransport(lambda _: httpx.Response(200, json={"data": {}}))
    with (
        httpx.Client(transport=answering) as client,
        Connector(api_key="key", client=client, actions=Catalog(slowly)) as connector,
        ThreadPoolExecutor(8) as threads,
    ):
        assert all(threads.map(call, range(8)))
    assert loads == [1]


@pytest.mark.soak
@pytest.mark.parametrize("way", WAYS)
def test_ten_thousand_calls_leave_nothing_and_take_no_more_memory(way: str) -> None:
    came_to, complaints = load(way, calls=10_000, workers=200, warm_up=2_000)
    assert came_to.pop("growth") <= 1.05
    assert 0 < came_to.pop("sockets_open") <= 100
    assert came_to == {
        "answered": 10_000,
        "sockets_left": 0,
        "tasks_left": 0,
        "threads_left": 0,
    }
    assert complaints == ""
