"""Sockets that keep to one deadline, however their data trickles."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import httpcore

from cal_actions.transport.threads import within

if TYPE_CHECKING:
    import ssl

    from httpcore import SOCKET_OPTION


class DeadlineBackend(httpcore.NetworkBackend):
    """Takes every timeout for the moment of the monotonic clock at which a wait must end.

    httpcore hands the same number to each read of an answer. As seconds it would start anew
    with every byte that trickles in; as a moment it holds for all of them together.
    """

    def __init__(self) -> None:
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of the host that answers, within a fair share of time."""
        assert timeout is not None
        addresses = _resolved(host, port, timeout)
        while True:
            address, *addresses = addresses
            share = _left(timeout, httpcore.ConnectTimeout) / (len(addresses) + 1)
            try:
                stream = self._sockets.connect_tcp(
                    address, port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if not addresses:
                    raise
            else:
                return _Stream(stream)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._socket: socket.socket = stream.get_extra_info("socket")

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:  # else a request that is written already could seem to be half written
            return
        try:
            self._socket.settimeout(_left(timeout, httpcore.WriteTimeout))
            self._socket.sendall(buffer)
        except TimeoutError as problem:
            raise httpcore.WriteTimeout(str(problem)) from problem
        except OSError as problem:
            raise httpcore.WriteError(str(problem)) from problem

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(until: float | None, late: type[Exception]) -> float:
    assert until is not None
    left = until - time.monotonic()
    if left <= 0:
        raise late("the deadline has passed")
    return left


def _resolved(host: str, port: int, until: float) -> list[str]:
    """Look a name up in a thread, as nothing can stop the lookup itself."""
    try:
        ip_address(host)
    except ValueError:
        pass
    else:
        return [host]
    left = _left(until, httpcore.ConnectTimeout)
    try:
        found = within(left, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except TimeoutError:
        raise httpcore.ConnectTimeout(f"{host} was not resolved in time") from None
    except OSError as problem:
        raise httpcore.ConnectError(str(problem)) from problem
    return [str(entry[4][0]) for entry in found]
