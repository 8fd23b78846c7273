"""What a client hears while a call runs, and what becomes of a call that it cancels."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters

from cal_actions.sandbox import Sandbox
from tests.mcp.serving import COMMAND, ERAS, client


def told(world: Sandbox, mode: str) -> list[tuple[float, str | None]]:
    """Fetch a profile; returns what the client was told meanwhile."""
    heard: list[tuple[float, str | None]] = []

    async def hear(progress: float, _total: float | None, message: str | None) -> None:
        heard.append((progress, message))

    async def ask() -> None:
        async with client(world=world, mode=mode) as connected:
            await connected.call_tool("CAL_RETRIEVE_MY_INFORMATION", progress_callback=hear)

    asyncio.run(ask())
    return heard


@pytest.mark.parametrize("mode", ERAS)
def test_a_client_that_wants_progress_hears_that_a_call_was_begun(mode: str) -> None:
    with Sandbox() as world:
        assert told(world, mode) == [(1, "CAL_RETRIEVE_MY_INFORMATION was begun")]


@pytest.mark.parametrize("mode", ERAS)
def test_it_hears_why_a_request_is_sent_again(mode: str) -> None:
    with Sandbox() as world:
        world.inject.fail_next(503)
        (_, (count, message)) = told(world, mode)
    assert count == 2
    assert message is not None
    assert message.startswith("upstream_error: sent again in ")


@asynccontextmanager
async def silent_server() -> AsyncIterator[tuple[str, asyncio.Event, asyncio.Event]]:
    """Take requests and never answer; yields the URL, and events: one came, its sender left."""
    came, left = asyncio.Event(), asyncio.Event()

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        came.set()
        await reader.read()
        left.set()
        writer.close()

    server = await asyncio.start_server(keep, "127.0.0.1")
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", came, left


@pytest.mark.parametrize("mode", ERAS)
def test_a_call_that_is_cancelled_leaves_cal_com_at_once_and_the_server_goes_on(mode: Any) -> None:
    async def ask() -> None:
        async with silent_server() as (url, came, left):
            environment = {**os.environ, "CAL_API_BASE_URL": url, "CAL_API_KEY": "cal_x"}
            command = StdioServerParameters(
                command=sys.executable, args=COMMAND[1:], env=environment
            )
            async with Client(command, mode=mode) as connected:
                with anyio.CancelScope() as scope:
                    async with anyio.create_task_group() as tasks:
                        tasks.start_soon(connected.call_tool, "CAL_RETRIEVE_MY_INFORMATION")
                        await came.wait()
                        scope.cancel()
                await asyncio.wait_for(left.wait(), 10)
                assert (await connected.list_prompts()).prompts

    asyncio.run(ask())
