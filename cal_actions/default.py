"""`execute` and `aexecute`: a connector from the environment, made at the first call."""

from __future__ import annotations

import asyncio
import atexit
import os
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from cal_actions.async_connector import AsyncConnector
from cal_actions.auth import Auth, Credentials
from cal_actions.connector import Connector
from cal_actions.envelope import Envelope
from cal_actions.tokens import Secret

_VARIABLES = ("CAL_API_KEY", "CAL_OAUTH_CLIENT_ID", "CAL_OAUTH_CLIENT_SECRET", "CAL_API_BASE_URL")
_Settings = tuple[Secret | None, ...]

_connectors: dict[_Settings, Connector] = {}
_async_connectors: dict[
    tuple[asyncio.AbstractEventLoop, _Settings], tuple[AsyncConnector, AsyncGenerator[None]]
] = {}


def execute(
    slug: str,
    params: Mapping[str, Any] | None = None,
    *,
    auth: Auth | None = None,
    select: str | None = None,
) -> Envelope:
    """Execute the action named `slug` with the credentials of the environment.

    As `Connector.execute`. The connector is made at the first call and kept; other values of
    the environment's CAL_ variables get one of their own.
    """
    try:
        credentials = None if auth is None else Credentials.of(auth)
    finally:
        del auth
    settings = _settings()
    connector = _connectors.get(settings)
    if connector is None:
        connector = _connectors.setdefault(settings, Connector())
        atexit.register(connector.close)
    return connector.execute(slug, params, auth=credentials, select=select)


async def aexecute(
    slug: str,
    params: Mapping[str, Any] | None = None,
    *,
    auth: Auth | None = None,
    select: str | None = None,
) -> Envelope:
    """As `execute`, without blocking.

    Every event loop has a connector of its own, which is closed when the loop shuts down its
    asynchronous generators, as `asyncio.run` does at its end.
    """
    try:
        credentials = None if auth is None else Credentials.of(auth)
    finally:
        del auth
    key = asyncio.get_running_loop(), _settings()
    if key not in _async_connectors:
        connector = AsyncConnector()
        closing = _closing(connector, key)
        _async_connectors[key] = connector, closing
        await anext(closing)
    connector = _async_connectors[key][0]
    return await connector.execute(slug, params, auth=credentials, select=select)


async def _closing(
    connector: AsyncConnector, key: tuple[asyncio.AbstractEventLoop, _Settings]
) -> AsyncGenerator[None]:
    """Wait, as a generator does, for the end of the loop: it tells no one else of its end."""
    try:
        yield
    finally:
        del _async_connectors[key]
        await connector.aclose()


def _settings() -> _Settings:
    return tuple(Secret.of(os.environ.get(name)) for name in _VARIABLES)
