"""Connections of our own, which httpcore speaks HTTP over.

The pool is a stack of idle connections to the one host of a connector. httpcore's own pool
compares all its connections for every request, which 50 calls at once make slow (see
scripts/bench).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import httpcore

from cal_actions.transport import tls
from cal_actions.transport.address import Address
from cal_actions.transport.bodies import Body
from cal_actions.transport.deadline import DeadlineBackend
from cal_actions.transport.faults import Progress, failed
from cal_actions.wire import Received

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cal_actions.wire import Ask

MOST_CONNECTIONS = 100
KEPT_SECONDS = 5.0


class Pool:
    """Sends over connections of its own; each wait ends at the call's deadline."""

    def __init__(self, base_url: str, max_bytes: int) -> None:
        self._address = Address.of(base_url)
        self._max_bytes = max_bytes
        self._tls = tls.context(self._address)
        self._sockets = DeadlineBackend()
        self._room = threading.BoundedSemaphore(MOST_CONNECTIONS)
        self._idle: deque[httpcore.HTTPConnection] = deque()

    def send(self, ask: Ask) -> Received:
        """Send one request and read its whole answer. Raises SendFailed when there is none."""
        progress = Progress()
        try:
            moments = dict.fromkeys(("connect", "read", "write"), ask.until)
            wanted = request(self._address, ask, {"timeout": moments, "trace": progress})
            with self._lent(wanted.url.origin, ask.until) as connection:
                return self._answer(connection, wanted)
        except Exception as problem:
            raise failed(problem, progress) from None
        except BaseException as interruption:
            raise interruption.with_traceback(None) from None  # its frames hold the key

    def _answer(self, connection: httpcore.HTTPConnection, wanted: httpcore.Request) -> Received:
        response = connection.handle_request(wanted)
        try:
            headers = readable(response.headers)
            body = Body(headers, self._max_bytes)
            for chunk in response.iter_stream():
                body.add(chunk)
        finally:
            response.close()
        return Received(response.status, headers, body.whole())

    @contextmanager
    def _lent(self, origin: httpcore.Origin, until: float) -> Iterator[httpcore.HTTPConnection]:
        if not self._room.acquire(timeout=max(0.0, until - time.monotonic())):
            raise httpcore.PoolTimeout("no connection was free in time")
        try:
            connection = self._taken(origin)
            try:
                yield connection
            finally:
                self._put_back(connection)
        finally:
            self._room.release()

    def _taken(self, origin: httpcore.Origin) -> httpcore.HTTPConnection:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return httpcore.HTTPConnection(
                    origin, self._tls, KEPT_SECONDS, network_backend=self._sockets
                )
            if not connection.has_expired():
                return connection
            connection.close()

    def _put_back(self, connection: httpcore.HTTPConnection) -> None:
        if connection.is_idle() and not has_surplus(connection):
            self._idle.append(connection)
        else:
            connection.close()
        with suppress(IndexError):
            oldest = self._idle.popleft()  # taken out first, as other threads may want it too
            if oldest.has_expired():
                oldest.close()
            else:
                self._idle.appendleft(oldest)

    def close(self) -> None:
        """Close the connections."""
        while self._idle:
            self._idle.pop().close()


def request(address: Address, ask: Ask, extensions: dict[str, Any]) -> httpcore.Request:
    """Make httpcore's request."""
    wire = ask.request
    lines = [("Host", address.authority), *ask.headers.lines]
    if wire.body is not None:
        lines.append(("Content-Length", str(len(wire.body))))
    return httpcore.Request(
        wire.method,
        httpcore.URL(
            scheme=address.scheme.encode(),
            host=address.host.encode(),
            port=address.port,
            target=f"{address.path}{wire.target}".encode("ascii"),
        ),
        headers=[(name.encode(), value.encode()) for name, value in lines],
        content=wire.body,
        extensions=extensions,
    )


def readable(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return header lines by their lower-case names."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def has_surplus(connection: httpcore.HTTPConnection | httpcore.AsyncHTTPConnection) -> bool:
    """Tell whether more has arrived than the answer, which would be taken for the next one.

    httpcore does not say; without the h11 state behind it, no connection is used twice.
    """
    http = getattr(connection, "_connection", None)
    state = getattr(http, "_h11_state", None)
    # anyio's TLS reads ahead: what it holds no longer shows at the socket.
    stream = getattr(getattr(http, "_network_stream", None), "_stream", None)
    ahead = getattr(stream, "_read_bio", None)
    return state is None or bool(state.trailing_data[0]) or bool(ahead and ahead.pending)
