"""MCP servers to test against: in this process, behind HTTP, and as the command."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import ErrorData
from starlette.types import ASGIApp

from cal_actions import AsyncConnector
from cal_actions.mcp import ask_user, create_server, serve_http, tell_retry
from cal_actions.sandbox import Sandbox

COMMAND = [sys.executable, "-P", "-c", "from cal_actions.cli import main; main()", "mcp"]
ERAS = ("auto", "legacy")
"""How the SDK's client speaks: in the newest revision, or with the handshake of those before."""


@asynccontextmanager
async def client(
    *,
    world: Sandbox | None = None,
    search: bool = False,
    mode: Any = "auto",
    callbacks: dict[str, Any] | None = None,
    **options: Any,
) -> AsyncIterator[Client]:
    """Connect the SDK's client to a server on a sandbox; `options` are the connector's.

    `callbacks` are options of the client.
    """
    options = {"approve": ask_user, "on_retry": tell_retry, **options}
    async with AsyncConnector.sandbox(world or ":memory:", **options) as connector:
        server = create_server(connector, search=search)
        async with Client(server, mode=mode, **callbacks or {}) as connected:
            yield connected


async def refusal(request: Awaitable[object]) -> ErrorData:
    """Await a request that the server is to refuse; returns its error."""
    try:
        answer = await request
    except MCPError as problem:
        return problem.error
    raise AssertionError(f"it was answered: {answer}")


@contextmanager
def behind_http(app: ASGIApp) -> Iterator[str]:
    """Serve an application on loopback in a thread; yields its URL."""
    url: Future[str] = Future()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        await serve_http(app, port=0, ready=url.set_result)

    task = loop.create_task(serve())
    thread = threading.Thread(target=_run, args=(loop, task))
    thread.start()
    try:
        yield url.result(timeout=10)
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(timeout=10)
        loop.close()


def _run(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
    with suppress(asyncio.CancelledError):
        loop.run_until_complete(task)
    if left := asyncio.all_tasks(loop):
        for each in left:
            each.cancel()
        loop.run_until_complete(asyncio.wait(left))


@contextmanager
def command_over_http(*arguments: str, **environment: str) -> Iterator[str]:
    """Start `cal-actions mcp --http` on a free port; yields its URL."""
    with subprocess.Popen(
        [*COMMAND, "--http", "--port", "0", *arguments],
        stderr=subprocess.PIPE,
        text=True,
        env=environment or None,
    ) as process:
        assert process.stderr is not None
        try:
            yield process.stderr.readline().rpartition(" ")[2].strip()
        finally:
            process.kill()
