"""WireRequest → Received: the only module that imports httpx.

An own connection goes straight to httpx's transport, which neither follows redirects nor
keeps cookies, and saves what a client spends on features that are not wanted here. A client
that is passed in may be of any library with httpx's interface.
"""

from __future__ import annotations

import ssl
import time
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any
from urllib.request import getproxies

import httpx

from cal_actions.wire import Received, SendFailed

if TYPE_CHECKING:
    from cal_actions.wire import Headers, WireRequest

_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20)
_MISUSE = (TypeError, AttributeError)  # such as a sync client in an async connector


class _Http:
    """What the sync and the async transport share: everything but the waiting."""

    def __init__(self, base_url: str, timeout: float, max_bytes: int, client: Any) -> None:
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._extensions = {"timeout": httpx.Timeout(timeout).as_dict()}
        self._new_request = client.build_request if client else httpx.Request
        self._url = lru_cache(maxsize=512)(lambda target: httpx.URL(base_url + target))
        self._headers = lru_cache(maxsize=512)(httpx.Headers)

    def _request(self, wire: WireRequest, headers: Headers) -> Any:
        try:
            request = self._new_request(
                wire.method,
                self._url(wire.target),
                headers=self._headers(headers),
                content=wire.body,
                extensions=self._extensions,
            )
        except httpx.InvalidURL as problem:
            reason = f"the address is wrong: {problem}"
            raise SendFailed("network_error", reason, sent=False, lasting=True) from None
        request.headers.pop("cookie", None)
        return request

    def _check(self, size: int, deadline: float) -> None:
        if size > self._max_bytes:
            reason = f"the answer is larger than {self._max_bytes} bytes"
            raise SendFailed("unreadable_response", reason, sent=True)
        if time.monotonic() > deadline:
            raise self._late(sent=True)

    def _late(self, *, sent: bool) -> SendFailed:
        return SendFailed("timeout", f"no answer within {self._timeout:g} seconds", sent=sent)

    def _failed(self, problem: Exception) -> SendFailed:
        kind = _kind(problem)
        if kind in ("ConnectTimeout", "PoolTimeout"):
            return self._late(sent=False)
        if kind.endswith("Timeout"):
            return self._late(sent=True)
        if kind == "DecodingError":
            return SendFailed("unreadable_response", "its content coding is broken", sent=True)
        lasting = kind in ("UnsupportedProtocol", "LocalProtocolError")
        name = type(problem).__name__
        # aiohttp's words for an answer that is no HTTP hold the whole URL.
        told = "" if name == "ClientResponseError" else " ".join(str(problem).split())
        reason = told[:200] or name
        sent = kind != "ConnectError" and not lasting
        return SendFailed("network_error", reason, sent=sent, lasting=lasting)


def _kind(problem: Exception) -> str:
    """Name the fault as httpx does.

    httpx-aiohttp calls every lost connection a ConnectTimeout, sent or not; what aiohttp
    itself raised tells them apart.
    """
    cause = type(problem.__cause__)
    if cause.__module__.partition(".")[0] == "aiohttp":
        refused = any(base.__name__ == "ClientConnectorError" for base in cause.__mro__)
        timeout = any(base is TimeoutError for base in cause.__mro__)
        return "ConnectError" if refused else "ReadTimeout" if timeout else "ReadError"
    return type(problem).__name__


class HttpTransport(_Http):
    """Sends over a pool of connections of its own, or through a client that is passed in."""

    def __init__(
        self, base_url: str, timeout: float, max_bytes: int, client: Any | None = None
    ) -> None:
        own = client or (httpx.Client() if getproxies() else None)
        super().__init__(base_url, timeout, max_bytes, own)
        self._owned: Any = None if client else own
        if own:
            self._dispatch = partial(own.send, stream=True, auth=None, follow_redirects=False)
        else:
            self._owned = httpx.HTTPTransport(verify=_tls(base_url), limits=_LIMITS)
            self._dispatch = self._owned.handle_request

    def send(self, wire: WireRequest, headers: Headers) -> Received:
        """Send one request and read the whole answer. Raises SendFailed when there is none."""
        deadline = time.monotonic() + self._timeout
        try:
            response = self._dispatch(self._request(wire, headers))
            try:
                chunks, size = [], 0
                for chunk in response.iter_bytes():
                    chunks.append(chunk)
                    size += len(chunk)
                    self._check(size, deadline)
            finally:
                response.close()
        except (SendFailed, *_MISUSE):
            raise
        except Exception as problem:  # each library of httpx's interface has its own
            raise self._failed(problem) from None
        return Received(response.status_code, response.headers, b"".join(chunks))

    def close(self) -> None:
        """Close the connections, unless they belong to a client that was passed in."""
        if self._owned:
            self._owned.close()


class AsyncHttpTransport(_Http):
    """As HttpTransport, without blocking.

    With the extra `aiohttp` installed, its pool carries the requests: httpx's own slows down
    in proportion to the requests that wait (see scripts/bench).
    """

    def __init__(
        self, base_url: str, timeout: float, max_bytes: int, client: Any | None = None
    ) -> None:
        own = client or (httpx.AsyncClient() if getproxies() else None)
        super().__init__(base_url, timeout, max_bytes, own)
        self._owned: Any = None if client else own
        if own:
            self._dispatch = partial(own.send, stream=True, auth=None, follow_redirects=False)
        else:
            self._owned = _async_pool(base_url)
            self._dispatch = self._owned.handle_async_request

    async def send(self, wire: WireRequest, headers: Headers) -> Received:
        """Send one request and read the whole answer. Raises SendFailed when there is none."""
        deadline = time.monotonic() + self._timeout
        try:
            response = await self._dispatch(self._request(wire, headers))
            try:
                chunks, size = [], 0
                async for chunk in response.aiter_bytes():
                    chunks.append(chunk)
                    size += len(chunk)
                    self._check(size, deadline)
            finally:
                await response.aclose()
        except (SendFailed, *_MISUSE):
            raise
        except Exception as problem:  # each library of httpx's interface has its own
            raise self._failed(problem) from None
        return Received(response.status_code, response.headers, b"".join(chunks))

    async def close(self) -> None:
        """Close the connections, unless they belong to a client that was passed in."""
        if self._owned:
            await self._owned.aclose()


def _async_pool(base_url: str) -> httpx.AsyncBaseTransport:
    try:
        import aiohttp
        from httpx_aiohttp import AiohttpTransport
    except ImportError:
        return httpx.AsyncHTTPTransport(verify=_tls(base_url), limits=_LIMITS)
    tls = _tls(base_url)

    def session() -> aiohttp.ClientSession:
        pool = aiohttp.TCPConnector(limit=_LIMITS.max_connections or 0, ssl=tls)
        opened = aiohttp.ClientSession(connector=pool, cookie_jar=aiohttp.DummyCookieJar())
        opened._retry_connection = False  # or a DELETE whose answer is lost would be sent twice
        return opened

    return AiohttpTransport(verify=tls, client=session)


def _tls(base_url: str) -> ssl.SSLContext:
    """Return the TLS settings; plain http needs no certificates, whose reading takes long."""
    if base_url.startswith("http://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.create_ssl_context()
