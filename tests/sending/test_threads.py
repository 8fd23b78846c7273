"""One connector for many threads, or tasks: each gets the answer to its own request."""

import asyncio
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cal_actions import Connector, Envelope
from tests.sending.conftest import ASYNC, SYNC, aopened, opened, without_aiohttp

THREADS = 32
CALLS = 20
TASKS = 300
MOST_CONNECTIONS = 100


class _Echo(BaseHTTPRequestHandler):
    """Answers with the uid that a request names, in its path or in its body."""

    protocol_version = "HTTP/1.1"
    server: "_Server"

    def setup(self) -> None:
        super().setup()
        with self.server.lock:
            self.server.connections += 1
            self.server.open += 1
            self.server.most = max(self.server.most, self.server.open)

    def finish(self) -> None:
        with self.server.lock:
            self.server.open -= 1
        super().finish()

    def do_GET(self) -> None:
        self._answer(self.path.rpartition("/")[2])

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["uid"])

    def _answer(self, uid: str) -> None:
        self.server.arrived(uid)
        body = json.dumps({"status": "success", "data": {"uid": uid}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Echo)
        self.lock = threading.Lock()
        self.uids: list[str] = []
        self.connections = self.open = self.most = 0
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.waits_for = 0
        self.together = threading.Event()

    def arrived(self, uid: str) -> None:
        """Note a request, and keep it until as many others are there as are waited for."""
        with self.lock:
            self.uids.append(uid)
            if len(self.uids) >= self.waits_for:
                self.together.set()
        self.together.wait(10)


@contextmanager
def echoing(waits_for: int = 0) -> Iterator[_Server]:
    with _Server() as server:
        server.waits_for = waits_for
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def _call(connector: Connector, uid: str) -> Envelope:
    slug = "CAL_SHOW" if hash(uid) % 2 else "CAL_MAKE"
    return connector.execute(slug, {"uid": uid})


@pytest.mark.parametrize("way", SYNC)
def test_each_thread_gets_the_answer_to_its_own_request(way: str) -> None:
    begin = threading.Barrier(THREADS)
    with echoing() as server, opened(way, server.url) as connector:

        def work(thread: int) -> list[tuple[str, object]]:
            begin.wait(10)
            uids = [f"{thread}-{number}" for number in range(CALLS)]
            return [(uid, _call(connector, uid).data.get("uid")) for uid in uids]

        with ThreadPoolExecutor(THREADS) as pool:
            told = [pair for pairs in pool.map(work, range(THREADS)) for pair in pairs]
    assert len(told) == THREADS * CALLS
    assert [pair for pair in told if pair[0] != pair[1]] == []
    assert sorted(server.uids) == sorted(uid for uid, _ in told)


@pytest.mark.parametrize("way", ASYNC)
def test_each_task_gets_the_answer_to_its_own_request(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    uids = [f"task-{number}" for number in range(TASKS)]

    async def all_at_once(url: str) -> list[Envelope]:
        async with aopened(way, url) as connector:
            return await asyncio.gather(
                *(connector.execute("CAL_SHOW", {"uid": uid}) for uid in uids)
            )

    if way == "async over httpcore":
        without_aiohttp(monkeypatch)
    with echoing() as server:
        envelopes = asyncio.run(all_at_once(server.url))
    assert [envelope.data.get("uid") for envelope in envelopes] == uids
    assert server.most <= MOST_CONNECTIONS


def test_threads_that_make_their_first_calls_at_once_share_the_connections() -> None:
    begin = threading.Barrier(THREADS)
    with echoing() as server, opened("sync", server.url) as connector:

        def work(thread: int) -> None:
            begin.wait(10)
            assert _call(connector, f"first-{thread}").successful

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(work, range(THREADS)))
        kept = server.open
        for number in range(10):
            assert _call(connector, f"next-{number}").successful
        assert server.connections <= THREADS
        assert kept <= THREADS
    assert server.open == 0


# The pool of httpx may give a request that waited a connection that it is about to close.
@pytest.mark.parametrize("way", [way for way in SYNC if way != "httpx.Client"])
def test_more_threads_than_connections_wait_for_one(way: str) -> None:
    calls = MOST_CONNECTIONS + 20
    with (
        echoing(waits_for=MOST_CONNECTIONS) as server,
        opened(way, server.url) as connector,
        ThreadPoolExecutor(calls) as pool,
    ):
        told = list(pool.map(lambda number: _call(connector, f"{number}"), range(calls)))
    assert [envelope.data.get("uid") for envelope in told] == [str(one) for one in range(calls)]
    assert server.most == MOST_CONNECTIONS
