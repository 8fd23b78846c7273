"""Connections of our own, over httpcore's pools."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpcore

from cal_actions.transport import tls
from cal_actions.transport.address import Address
from cal_actions.transport.bodies import Body
from cal_actions.transport.deadline import DeadlineBackend
from cal_actions.transport.faults import Progress, failed
from cal_actions.wire import Received

if TYPE_CHECKING:
    from cal_actions.wire import Ask

LIMITS: dict[str, Any] = {
    "max_connections": 100,
    "max_keepalive_connections": 20,
    "keepalive_expiry": 5.0,
}


class Pool:
    """Sends over connections of its own; each wait ends at the call's deadline."""

    def __init__(self, base_url: str, max_bytes: int) -> None:
        self._base_url = base_url
        self._max_bytes = max_bytes
        self._pool = httpcore.ConnectionPool(
            tls.context(base_url), network_backend=DeadlineBackend(), **LIMITS
        )

    def send(self, ask: Ask) -> Received:
        """Send one request and read its whole answer. Raises SendFailed when there is none."""
        progress = Progress()
        moments = dict.fromkeys(("connect", "read", "write"), ask.until)
        timeout = moments | {"pool": max(0.0, ask.until - time.monotonic())}
        try:
            response = self._pool.handle_request(
                request(self._base_url, ask, {"timeout": timeout, "trace": progress})
            )
            try:
                headers = readable(response.headers)
                body = Body(headers, self._max_bytes)
                for chunk in response.iter_stream():
                    body.add(chunk)
            finally:
                response.close()
            return Received(response.status, headers, body.whole())
        except Exception as problem:
            raise failed(problem, progress) from None
        except BaseException as interruption:
            raise interruption.with_traceback(None) from None  # its frames hold the key

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


def request(base_url: str, ask: Ask, extensions: dict[str, Any]) -> httpcore.Request:
    """Make httpcore's request. Raises SendFailed for an address that leads nowhere."""
    address = Address.of(base_url)
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
