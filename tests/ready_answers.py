"""Calls over a client that has its answers ready, with either connector."""

import asyncio
from typing import Any

import httpx

from cal_actions import AsyncConnector, Connector, Envelope


def run_sync(
    handle: Any, slug: Any, params: dict[str, Any] | None = None, **options: Any
) -> Envelope:
    """Execute an action with a Connector; `handle` takes httpx requests and gives responses."""
    with (
        httpx.Client(transport=httpx.MockTransport(handle)) as client,
        Connector(client=client, **options) as connector,
    ):
        return connector.execute(slug, params)


async def arun(
    handle: Any, slug: Any, params: dict[str, Any] | None = None, **options: Any
) -> Envelope:
    """As `run_sync`, with an AsyncConnector."""
    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(handle)) as client,
        AsyncConnector(client=client, **options) as connector,
    ):
        return await connector.execute(slug, params)


async def cancelled(slug: str, **options: Any) -> asyncio.Task[Envelope]:
    """A call that was cancelled while Cal.com was to answer, once it is over."""
    arrived = asyncio.Event()

    async def never(_: httpx.Request) -> httpx.Response:
        arrived.set()
        await asyncio.Event().wait()
        return httpx.Response(200)

    call = asyncio.create_task(arun(never, slug, **options))
    await arrived.wait()
    call.cancel()
    await asyncio.wait([call])
    return call


def run_async(*arguments: Any, **options: Any) -> Envelope:
    """As `arun`, in an event loop of its own."""
    return asyncio.run(arun(*arguments, **options))
