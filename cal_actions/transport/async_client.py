"""An async client that is passed in: httpx's, httpx2's, or any of their interface."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from cal_actions.transport.bodies import Body
from cal_actions.transport.client import MISUSE, Requests, already_read
from cal_actions.transport.faults import Progress, failed, late
from cal_actions.wire import Received

if TYPE_CHECKING:
    from cal_actions.wire import Ask


class AsyncClient:
    """Sends through an async client."""

    def __init__(self, base_url: str, max_bytes: int, client: Any, *, owned: bool) -> None:
        self._max_bytes = max_bytes
        self._client = client
        self._owned = owned
        self._request = Requests(base_url, client)

    async def send(self, ask: Ask) -> Received:
        """As Client.send, without a thread."""
        progress = Progress()
        try:
            async with asyncio.timeout(ask.until - time.monotonic()):
                response = await self._client.send(
                    self._request(ask, progress.noted),
                    stream=True,
                    auth=None,
                    follow_redirects=False,
                )
                try:
                    if response.is_stream_consumed:
                        body = already_read(response, self._max_bytes)
                    else:
                        body = Body(response.headers, self._max_bytes)
                        async for chunk in response.aiter_raw():
                            body.add(chunk)
                finally:
                    await response.aclose()
            return Received(response.status_code, response.headers, body.whole())
        except TimeoutError:
            raise late(progress) from None
        except MISUSE as misuse:
            if progress.begun:
                raise failed(misuse, progress) from None
            raise misuse.with_traceback(None) from None
        except Exception as problem:
            raise failed(problem, progress) from None
        except BaseException as interruption:
            raise interruption.with_traceback(None) from None  # its frames hold the key

    async def close(self) -> None:
        """Close the client, unless it was passed in."""
        if self._owned:
            await self._client.aclose()

    def abandon(self) -> None:
        """Leave the client to who made it."""
