"""Ask → Received: the only room that imports HTTP libraries, and the way to a sandbox.

Own connections are httpcore's or aiohttp's pools, which follow no redirects and keep no
cookies; a client that is passed in may be of any library with httpx's interface.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from cal_actions.wire import Ask, Received


class Transport(Protocol):
    """What a Connector sends through; threads may share it."""

    def send(self, ask: Ask) -> Received:
        """Send one request and read its whole answer. Raises SendFailed when there is none."""

    def close(self) -> None:
        """Close the connections, unless they belong to what was passed in."""


class AsyncTransport(Protocol):
    """What an AsyncConnector sends through, within one event loop."""

    async def send(self, ask: Ask) -> Received:
        """As Transport.send; a cancellation closes the request at once and passes through."""

    async def close(self) -> None:
        """Close the connections, unless they belong to what was passed in."""

    def abandon(self) -> None:
        """Forget the connections, which belong to a parent process or a loop that has ended."""


def connect(base_url: str, max_bytes: int, client: Any = None) -> Transport:
    """Make what a Connector sends through: a pool of its own, or the client passed in.

    Where the environment names proxies, an httpx.Client knows how to use them.
    """
    if client is None and not _proxies():
        from cal_actions.transport.pool import Pool

        return Pool(base_url, max_bytes)
    from cal_actions.transport.client import Client, own_client

    if client is None:
        return Client(base_url, max_bytes, own_client("Client"), owned=True)
    return Client(base_url, max_bytes, client, owned=False)


def connect_async(base_url: str, max_bytes: int, client: Any = None) -> AsyncTransport:
    """Make what an AsyncConnector sends through, as `connect` does.

    With the extra `aiohttp` installed, it carries the requests, at twice the rate of httpcore
    (see scripts/bench).
    """
    if client is None and not _proxies():
        try:
            from cal_actions.transport.aiohttp_pool import AiohttpPool
        except ImportError:
            from cal_actions.transport.async_pool import AsyncPool

            return AsyncPool(base_url, max_bytes)
        return AiohttpPool(base_url, max_bytes)
    from cal_actions.transport.async_client import AsyncClient
    from cal_actions.transport.client import own_client

    if client is None:
        return AsyncClient(base_url, max_bytes, own_client("AsyncClient"), owned=True)
    return AsyncClient(base_url, max_bytes, client, owned=False)


def _proxies() -> bool:
    from urllib.request import getproxies

    return bool(getproxies())
