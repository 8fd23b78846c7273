"""Connections of our own, over httpcore's pools, without blocking."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import httpcore

from cal_actions.transport import tls
from cal_actions.transport.bodies import Body
from cal_actions.transport.faults import Progress, failed, late
from cal_actions.transport.pool import LIMITS, readable, request
from cal_actions.wire import Received

if TYPE_CHECKING:
    from cal_actions.wire import Ask


class AsyncPool:
    """As Pool, without blocking."""

    def __init__(self, base_url: str, max_bytes: int) -> None:
        self._base_url = base_url
        self._max_bytes = max_bytes
        self._pool = httpcore.AsyncConnectionPool(tls.context(base_url), **LIMITS)

    async def send(self, ask: Ask) -> Received:
        """Send one request and read its whole answer. Raises SendFailed when there is none."""
        progress = Progress()
        try:
            async with asyncio.timeout(ask.until - time.monotonic()):
                response = await self._pool.handle_async_request(
                    request(self._base_url, ask, {"trace": progress.noted})
                )
                try:
                    headers = readable(response.headers)
                    body = Body(headers, self._max_bytes)
                    async for chunk in response.aiter_stream():
                        body.add(chunk)
                finally:
                    await response.aclose()
            return Received(response.status, headers, body.whole())
        except TimeoutError:
            raise late(progress) from None
        except Exception as problem:
            raise failed(problem, progress) from None
        except BaseException as interruption:
            raise interruption.with_traceback(None) from None  # its frames hold the key

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.aclose()
