"""Connections of our own, without blocking; as `pool`."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpcore

from cal_actions.transport import tls
from cal_actions.transport.address import Address
from cal_actions.transport.bodies import Body
from cal_actions.transport.faults import Progress, failed, late
from cal_actions.transport.pool import (
    KEPT_SECONDS,
    MOST_CONNECTIONS,
    has_surplus,
    readable,
    request,
)
from cal_actions.wire import Received

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from cal_actions.wire import Ask


class AsyncPool:
    """As Pool, within one event loop."""

    def __init__(self, base_url: str, max_bytes: int) -> None:
        self._address = Address.of(base_url)
        self._max_bytes = max_bytes
        self._tls = tls.context(self._address)
        self._sockets = _Sockets()
        self._room = asyncio.Semaphore(MOST_CONNECTIONS)
        self._idle: deque[httpcore.AsyncHTTPConnection] = deque()

    async def send(self, ask: Ask) -> Received:
        """Send one request and read its whole answer. Raises SendFailed when there is none."""
        progress = Progress()
        try:
            wanted = request(self._address, ask, {"trace": progress.noted})
            async with (
                asyncio.timeout(ask.until - time.monotonic()),
                self._lent(wanted.url.origin) as connection,
            ):
                return await self._answer(connection, wanted)
        except TimeoutError:
            progress.known = True  # httpcore tells before it begins to write
            raise late(progress) from None
        except Exception as problem:
            raise failed(problem, progress) from None
        except BaseException as interruption:
            raise interruption.with_traceback(None) from None  # its frames hold the key

    async def _answer(
        self, connection: httpcore.AsyncHTTPConnection, wanted: httpcore.Request
    ) -> Received:
        response = await connection.handle_async_request(wanted)
        try:
            headers = readable(response.headers)
            body = Body(headers, self._max_bytes)
            async for chunk in response.aiter_stream():
                body.add(chunk)
        finally:
            await response.aclose()
        return Received(response.status, headers, body.whole())

    @asynccontextmanager
    async def _lent(self, origin: httpcore.Origin) -> AsyncIterator[httpcore.AsyncHTTPConnection]:
        async with self._room:
            connection = await self._taken(origin)
            try:
                yield connection
            finally:
                await self._put_back(connection)

    async def _taken(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.has_expired():
                return connection
            await connection.aclose()
        return httpcore.AsyncHTTPConnection(
            origin, self._tls, KEPT_SECONDS, network_backend=self._sockets
        )

    async def _put_back(self, connection: httpcore.AsyncHTTPConnection) -> None:
        if connection.is_idle() and not has_surplus(connection):
            self._idle.append(connection)
        else:
            await connection.aclose()
        if self._idle and self._idle[0].has_expired():
            await self._idle.popleft().aclose()

    async def close(self) -> None:
        """Close the connections."""
        while self._idle:
            await self._idle.pop().aclose()

    def abandon(self) -> None:
        """Forget the connections."""
        self._idle.clear()


class _Sockets(httpcore.AnyIOBackend):
    """Closes a connection whose TLS handshake is cancelled, which httpcore leaves open."""

    async def connect_tcp(self, *arguments: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        stream = await super().connect_tcp(*arguments, **options)
        start_tls = stream.start_tls

        async def or_close(*arguments: Any, **options: Any) -> httpcore.AsyncNetworkStream:
            try:
                return await start_tls(*arguments, **options)
            except BaseException:
                await stream.aclose()
                raise

        # Of this one stream alone: a class of our own would pass on every read and write.
        stream.start_tls = or_close  # type: ignore[method-assign]
        return stream
