"""WireRequest → Received: the only module that imports httpx.

An own connection goes straight to httpx's transport, which neither follows redirects nor
keeps cookies, and saves what a client spends on features that are not wanted here. A client
that is passed in may be of any library with httpx's interface.
"""

from __future__ import annotations

import ssl
import time
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Literal
from urllib.request import getproxies

import httpx

from cal_actions.response import Received

if TYPE_CHECKING:
    from cal_actions.request import WireRequest
    from cal_actions.sandbox import Sandbox

Headers = tuple[tuple[str, str], ...]

_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20)


class SendFailed(Exception):
    """No usable answer came. `sent` is false when the request surely never reached Cal.com."""

    def __init__(
        self,
        code: Literal["timeout", "network_error", "unreadable_response"],
        reason: str,
        *,
        sent: bool,
    ) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.sent = sent


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
            raise SendFailed(
                "network_error", f"the address is wrong: {problem}", sent=False
            ) from None
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
        if isinstance(problem, httpx.TimeoutException):
            return self._late(sent=True)
        if kind == "DecodingError":
            return SendFailed("unreadable_response", "its content coding is broken", sent=True)
        never = kind in ("ConnectError", "UnsupportedProtocol", "LocalProtocolError")
        reason = str(problem) or type(problem).__name__
        return SendFailed("network_error", reason, sent=not never)


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
        except (httpx.HTTPError, OSError) as problem:
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
        except (httpx.HTTPError, OSError) as problem:
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
        return aiohttp.ClientSession(connector=pool, cookie_jar=aiohttp.DummyCookieJar())

    return AiohttpTransport(verify=tls, client=session)


def _tls(base_url: str) -> ssl.SSLContext:
    """Return the TLS settings; plain http needs no certificates, whose reading takes long."""
    if base_url.startswith("http://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.create_ssl_context()


class SandboxTransport:
    """Answers from an embedded Cal.com, in this process."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def send(self, wire: WireRequest, headers: Headers) -> Received:
        """Let the sandbox answer."""
        reply = self._sandbox.handle(wire.method, wire.target, dict(headers), wire.body or b"")
        lowered = {name.lower(): value for name, value in reply.headers.items()}
        return Received(reply.status, lowered, reply.body)

    def close(self) -> None:
        """Close the sandbox; a sandbox in memory is gone with it."""
        self._sandbox.close()


class AsyncSandboxTransport:
    """As SandboxTransport; an answer takes a millisecond or so, during which nothing else runs."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._inner = SandboxTransport(sandbox)

    async def send(self, wire: WireRequest, headers: Headers) -> Received:
        """Let the sandbox answer."""
        return self._inner.send(wire, headers)

    async def close(self) -> None:
        """Close the sandbox; a sandbox in memory is gone with it."""
        self._inner.close()
