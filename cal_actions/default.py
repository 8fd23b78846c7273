"""`execute` and `aexecute`: a connector from the environment, made at the first call."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from cal_actions.connector import AsyncConnector, Connector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cal_actions.envelope import Envelope

_VARIABLES = ("CAL_API_KEY", "CAL_OAUTH_CLIENT_ID", "CAL_OAUTH_CLIENT_SECRET", "CAL_API_BASE_URL")
_Settings = tuple[str | None, ...]

_connectors: dict[_Settings, Connector] = {}
_async_connectors: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[_Settings, AsyncConnector]] = (
    WeakKeyDictionary()
)


def execute(slug: str, params: Mapping[str, Any] | None = None) -> Envelope:
    """Execute the action named `slug` with the credentials of the environment.

    As `Connector.execute`; the connector is made at the first call and kept, until the
    environment's CAL_ variables change.
    """
    settings = _settings()
    if settings not in _connectors:
        _connectors[settings] = Connector()
    return _connectors[settings].execute(slug, params)


async def aexecute(slug: str, params: Mapping[str, Any] | None = None) -> Envelope:
    """As `execute`, without blocking; every event loop has a connector of its own."""
    connectors = _async_connectors.setdefault(asyncio.get_running_loop(), {})
    settings = _settings()
    if settings not in connectors:
        connectors[settings] = AsyncConnector()
    return await connectors[settings].execute(slug, params)


def _settings() -> _Settings:
    return tuple(os.environ.get(name) for name in _VARIABLES)
