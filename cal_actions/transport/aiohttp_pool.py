"""Connections of our own, over aiohttp's pool (the extra `aiohttp`)."""

from __future__ import annotations

import asyncio
import time
from io import BytesIO
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import aiohttp
from yarl import URL

from cal_actions.transport import tls
from cal_actions.transport.address import Address
from cal_actions.transport.bodies import Body
from cal_actions.transport.faults import Progress, failed, late
from cal_actions.wire import Received

if TYPE_CHECKING:
    from cal_actions.wire import Ask

_MOST_CONNECTIONS = 100
_CHUNK = 65_536


class AiohttpPool:
    """Sends over connections of its own, within one event loop."""

    def __init__(self, base_url: str, max_bytes: int) -> None:
        self._address = Address.of(base_url)
        self._max_bytes = max_bytes
        self._session = aiohttp.ClientSession(
            connector=_Connections(
                limit=_MOST_CONNECTIONS, keepalive_timeout=5.0, ssl=tls.context(self._address)
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            max_line_size=100_000,
            max_field_size=100_000,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            trace_configs=[_tracing()],
        )
        # Else a DELETE whose answer is lost would be sent twice.
        self._session._retry_connection = False

    async def send(self, ask: Ask) -> Received:
        """Send one request and read its whole answer. Raises SendFailed when there is none."""
        progress = Progress()
        progress.known = True
        wire = ask.request
        try:
            url = URL(self._address.url + wire.target, encoded=True)
            async with (
                asyncio.timeout(ask.until - time.monotonic()),
                self._session.request(
                    wire.method,
                    url,
                    headers=ask.headers.lines,
                    data=None if wire.body is None else BytesIO(wire.body),
                    allow_redirects=False,
                    trace_request_ctx=progress,
                ) as response,
            ):
                headers = {name.lower(): value for name, value in response.headers.items()}
                body = Body(headers, self._max_bytes)
                async for chunk in response.content.iter_chunked(_CHUNK):
                    body.add(chunk)
            return Received(response.status, headers, body.whole())
        except TimeoutError as problem:
            if isinstance(problem, aiohttp.ClientError):
                raise failed(problem, progress) from None
            raise late(progress) from None
        except Exception as problem:
            raise failed(problem, progress) from None
        except BaseException as interruption:
            raise interruption.with_traceback(None) from None  # its frames hold the key

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    def abandon(self) -> None:
        """Forget the connections.

        Closing them would end the watch over the parent's, whose selector a child shares.
        """
        connector = self._session.connector
        self._session.detach()
        if connector is not None:
            connector._conns.clear()


class _Connections(aiohttp.TCPConnector):
    """Uses no connection again on which something came that was not asked for."""

    async def _get(self, key: Any, traces: Any) -> Any:
        while kept := await super()._get(key, traces):
            if kept.protocol is not None and not kept.protocol.should_close:
                return kept
            kept.close()
        return None


def _tracing() -> aiohttp.TraceConfig:
    """Note that a request is about to be written, which is when it may begin to arrive."""

    async def note(_session: object, traced: SimpleNamespace, _sent: object) -> None:
        traced.trace_request_ctx.begun = True

    config = aiohttp.TraceConfig()
    config.on_request_headers_sent.append(note)
    return config
