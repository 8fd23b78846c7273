"""Every way to send: own connections and clients that are passed in, sync and async."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import aiohttp
import httpx
import httpx2
import pytest
from httpx_aiohttp import AiohttpTransport

from cal_actions import AsyncConnector, Connector, Envelope
from tests.made_up import catalog_of, document


def _session() -> aiohttp.ClientSession:
    """A session that does not send by itself again what may have arrived."""
    session = aiohttp.ClientSession()
    session._retry_connection = False
    return session


KEY = "cal_live_0123456789"
ACTIONS = catalog_of(
    document("CAL_DROP", "DELETE", effect="destructive"),
    document("CAL_MAKE", "POST"),
    document("CAL_READ"),
    document("CAL_SHOW", path="/v2/things/{uid}"),
)
SYNC = {
    "sync": None,
    "httpx.Client": httpx.Client,
    "httpx2.Client": httpx2.Client,
}
ASYNC: dict[str, Callable[[], Any] | None] = {
    "async over aiohttp": None,
    "async over httpcore": None,
    "httpx.AsyncClient": httpx.AsyncClient,
    "httpx2.AsyncClient": httpx2.AsyncClient,
    "httpx-aiohttp": lambda: httpx.AsyncClient(transport=AiohttpTransport(client=_session)),
}
Ask = Callable[..., list[Envelope]]


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def without_aiohttp(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have an AsyncConnector use httpcore's pool."""
    monkeypatch.setitem(sys.modules, "cal_actions.transport.aiohttp_pool", None)


@contextmanager
def opened(way: str, url: str, **options: Any) -> Iterator[Connector]:
    """A Connector that sends in one of the ways of SYNC, once each unless told otherwise."""
    options = {"api_key": KEY, "base_url": url, "actions": ACTIONS, "max_attempts": 1, **options}
    make = SYNC[way]
    if make is None:
        with Connector(**options) as connector:
            yield connector
    else:
        with make() as client, Connector(client=client, **options) as connector:
            yield connector


@asynccontextmanager
async def aopened(way: str, url: str, **options: Any) -> Any:
    """As `opened`, for the ways of ASYNC."""
    options = {"api_key": KEY, "base_url": url, "actions": ACTIONS, "max_attempts": 1, **options}
    make = ASYNC[way]
    if make is None:
        async with AsyncConnector(**options) as connector:
            yield connector
    else:
        async with make() as client, AsyncConnector(client=client, **options) as connector:
            yield connector


@pytest.fixture(params=[*SYNC, *ASYNC])
def ask(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Execute actions over one connector and return their envelopes, in every way to send."""
    return ask_in(request.param, monkeypatch)


def ask_in(way: str, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Execute actions over one connector and return their envelopes, in one way to send."""

    def ask_sync(url: str, *slugs: str, **options: Any) -> list[Envelope]:
        with opened(way, url, **options) as connector:
            return [connector.execute(slug) for slug in slugs]

    async def ask_async(url: str, *slugs: str, **options: Any) -> list[Envelope]:
        async with aopened(way, url, **options) as connector:
            return [await connector.execute(slug) for slug in slugs]

    if way in SYNC:
        return ask_sync
    if way == "async over httpcore":
        without_aiohttp(monkeypatch)
    return lambda *arguments, **options: asyncio.run(ask_async(*arguments, **options))
