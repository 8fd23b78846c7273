"""After a fork, parent and child go on with connections and locks of their own."""

import os
import socket
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.sending.conftest import KEY
from tests.sending.faulty_server import Server, answer, serving

ROOT = Path(__file__).parents[2]
OK = b'{"status": "success", "data": {"uid": "abc"}}'
OPENING = """
import asyncio, os, signal, stat, sys, threading
from cal_actions import AsyncConnector, Connector
from tests.sending.conftest import ACTIONS

WAY, URL, KEY = sys.argv[1:]
OPTIONS = {"api_key": KEY, "base_url": URL, "actions": ACTIONS, "max_attempts": 1, "timeout": 5}
if WAY == "async over httpcore":
    sys.modules["cal_actions.transport.aiohttp_pool"] = None


def in_child(work):
    '''Whether the child did its work, and did not hang.'''
    if pid := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    code = 1
    try:
        signal.alarm(6)
        work()
        code = 0
    finally:
        os._exit(code)


def sockets():
    found = 0
    for number in range(3, 256):
        try:
            found += stat.S_ISSOCK(os.fstat(number).st_mode)
        except OSError:
            pass
    return found


def do(connector, slug, params=None):
    assert connector.execute(slug, params).successful


async def ado(connector, slug):
    envelope = await connector.execute(slug)
    assert envelope.successful, envelope
"""


def run(way: str, url: str, script: str, may_go_on: threading.Event | None = None) -> None:
    """Run a script in an interpreter of its own, in which threads and loops may be forked.

    It reads a character as soon as it may go on.
    """
    # Python 3.12 and later warn of any fork beside threads, which is what is tried here.
    quiet = ("-W", "ignore::DeprecationWarning")
    with subprocess.Popen(
        [sys.executable, *quiet, "-c", OPENING + textwrap.dedent(script), way, url, KEY],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            assert may_go_on is None or may_go_on.wait(20)
            _, told = running.communicate("x", timeout=30)
        finally:
            running.kill()
    assert running.returncode == 0, told
    assert told == ""


class Ports:
    """Answers, and keeps the ports that the requests came from."""

    def __init__(self) -> None:
        self.ports: list[int] = []

    def __call__(self, server: Server, connection: socket.socket) -> None:
        self.ports.append(connection.getpeername()[1])
        answer(OK)(server, connection)


SYNC_SCRIPT = """
with Connector(**OPTIONS) as connector:
    do(connector, "CAL_READ")

    def work():
        do(connector, "CAL_READ")
        connector.close()

    assert in_child(work)
    do(connector, "CAL_MAKE")
"""
ASYNC_SCRIPT = """
async def main():
    async with AsyncConnector(**OPTIONS) as connector:
        await ado(connector, "CAL_READ")

        async def in_loop():
            await ado(connector, "CAL_READ")
            await connector.aclose()

        assert in_child(lambda: asyncio.run(in_loop()))
        await ado(connector, "CAL_MAKE")

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("way", "script"),
    [
        ("sync", SYNC_SCRIPT),
        ("async over aiohttp", ASYNC_SCRIPT),
        ("async over httpcore", ASYNC_SCRIPT),
    ],
)
def test_a_child_makes_connections_of_its_own_and_the_parents_keep_working(
    way: str, script: str
) -> None:
    ports = Ports()
    with serving(ports) as server:
        run(way, server.url, script)
    of_parent, of_child, of_parent_again = ports.ports
    assert of_parent == of_parent_again
    assert of_parent != of_child


@pytest.mark.parametrize("way", ["async over aiohttp", "async over httpcore"])
def test_a_child_that_sends_nothing_leaves_the_parents_connections_alone(way: str) -> None:
    script = """
    import gc

    async def main():
        async with AsyncConnector(**OPTIONS) as connector:
            await ado(connector, "CAL_READ")
            assert in_child(gc.collect)
            await ado(connector, "CAL_MAKE")

    asyncio.run(main())
    """
    ports = Ports()
    with serving(ports) as server:
        run(way, server.url, script)
    assert len(set(ports.ports)) == 1


def test_a_fork_during_the_calls_of_other_threads_leaves_a_usable_child() -> None:
    script = """
    over = threading.Event()
    with Connector(**OPTIONS) as connector:

        def call_on():
            while not over.is_set():
                do(connector, "CAL_READ")

        threads = [threading.Thread(target=call_on) for _ in range(8)]
        do(connector, "CAL_READ")
        for thread in threads:
            thread.start()
        try:
            for _ in range(10):
                assert in_child(lambda: do(connector, "CAL_MAKE"))
        finally:
            over.set()
            for thread in threads:
                thread.join()
        do(connector, "CAL_MAKE")
    """
    with serving(answer(OK)) as server:
        run("sync", server.url, script)
    assert sum(request.startswith(b"POST") for request in server.requests) == 11


def test_a_child_closes_its_connections_though_calls_run_in_the_parent() -> None:
    script = """
    connector = Connector(**OPTIONS)
    thread = threading.Thread(target=lambda: do(connector, "CAL_MAKE"))
    thread.start()
    sys.stdin.read(1)  # the call is under way

    def work():
        before = sockets()
        do(connector, "CAL_READ")
        assert sockets() == before + 1
        connector.close()
        assert sockets() == before

    is_closed = in_child(work)
    thread.join()
    connector.close()
    assert is_closed
    """
    came = threading.Event()

    def behave(server: Server, connection: socket.socket) -> None:
        if server.requests[-1].startswith(b"POST"):
            came.set()
            over.wait(20)
        else:
            over.set()
        answer(OK)(server, connection)

    over = threading.Event()
    with serving(behave) as server:
        run("sync", server.url, script, came)
    assert len(server.requests) == 2


HOLDING = """
is_held, may_go = threading.Event(), threading.Event()
parent, other = os.getpid(), None


def held():
    if os.getpid() == parent and threading.current_thread() is other:
        is_held.set()
        may_go.wait(20)


"""
# Each holds one lock in another thread at the moment of the fork.
HELD: dict[str, Any] = {
    "while connecting": """
        import cal_actions.transport as module
        connect = module.connect

        def slow(*arguments):
            held()
            return connect(*arguments)

        module.connect = slow
        connector = Connector(**OPTIONS)
    """,
    "while an action is made ready": """
        import cal_actions.validation as module
        verdict = module.verdict

        def slow(*arguments):
            held()
            return verdict(*arguments)

        module.verdict = slow
        connector = Connector(**OPTIONS)
    """,
    "while a place in the rate limit is taken": """
        from cal_actions.tokens import AccessToken

        class Slow(AccessToken):
            def __hash__(self):
                held()
                return 1

        connector = Connector(**{**OPTIONS, "api_key": Slow(KEY, lambda: KEY)})
    """,
}


@pytest.mark.parametrize("hold", HELD.values(), ids=HELD)
def test_a_lock_that_a_thread_holds_at_the_fork_does_not_block_the_child(hold: str) -> None:
    script = """
    params = {"uid": "abc"}
    other = threading.Thread(target=lambda: do(connector, "CAL_MAKE", params), daemon=True)
    other.start()
    assert is_held.wait(20)
    assert in_child(lambda: do(connector, "CAL_DROP", params))
    may_go.set()
    other.join()
    do(connector, "CAL_READ")
    connector.close()
    """
    with serving(answer(OK)) as server:
        run("sync", server.url, HOLDING + textwrap.dedent(hold) + textwrap.dedent(script))
    assert len(server.requests) == 3


@pytest.mark.parametrize("way", ["async over aiohttp", "async over httpcore"])
def test_a_fork_during_the_renewal_of_a_token_leaves_a_usable_child(way: str) -> None:
    script = """
    from cal_actions.tokens import AccessToken

    async def main():
        begun, over = asyncio.Event(), asyncio.Event()

        async def refresh():
            begun.set()
            await over.wait()
            return "new-token"

        token = AccessToken("old-token", refresh)
        async with AsyncConnector(**{**OPTIONS, "api_key": token}) as connector:
            waiting = asyncio.create_task(ado(connector, "CAL_READ"))
            await begun.wait()

            async def in_loop():
                assert (await connector.execute("CAL_READ", auth="new-token")).successful
                await connector.aclose()

            is_usable = in_child(lambda: asyncio.run(in_loop()))
            over.set()
            await waiting
            assert is_usable

    asyncio.run(main())
    """

    def behave(server: Server, connection: socket.socket) -> None:
        taken = b"new-token" in server.requests[-1]
        answer(OK if taken else b"{}", status="200 OK" if taken else "401 Unauthorized")(
            server, connection
        )

    with serving(behave) as server:
        run(way, server.url, script)
    assert len(server.requests) == 3
