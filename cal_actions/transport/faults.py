"""What kept an answer from coming, told alike whatever library carried the request."""

from __future__ import annotations

import socket
import ssl
from typing import Any

from cal_actions.wire import SendFailed

_WRITING = ("send_request_headers.failed", "send_request_body.failed")
_UNSENT = ("ConnectError", "ConnectTimeout", "PoolTimeout")


class Progress:
    """How far a request got, as httpcore tells it through the extension `trace`.

    A request of which a part could not be written, as its connection had closed, never
    arrived as a whole: no server acts on half a request.
    """

    __slots__ = ("begun", "broken", "known")

    def __init__(self) -> None:
        self.known = False
        self.begun = False
        self.broken = False

    def __call__(self, event: str, info: dict[str, Any]) -> None:
        """Note an event of httpcore's."""
        self.known = True
        if event.endswith("send_request_headers.started"):
            # A proxy is asked for a way first, of which Cal.com sees nothing.
            self.begun = getattr(info.get("request"), "method", b"") != b"CONNECT"
            self.broken = False
        elif event.endswith(_WRITING):
            self.broken = type(info.get("exception")).__name__ == "WriteError"

    async def noted(self, event: str, info: dict[str, Any]) -> None:
        """Note an event of httpcore's, as its async half wants it."""
        self(event, info)

    def sent(self, kind: str) -> bool:
        """Tell whether the request may have arrived as a whole; `kind` names the fault."""
        return self.begun and not self.broken if self.known else kind not in _UNSENT


def late(progress: Progress) -> SendFailed:
    """Return the failure of a request whose time is up."""
    return SendFailed("timeout", "no answer in time", sent=progress.sent("ReadTimeout"))


def unusable_proxy(problem: Exception) -> SendFailed:
    """Return the failure that a proxy means which httpx cannot send through."""
    how = "pip install httpx[socks]" if isinstance(problem, ImportError) else "check its address"
    reason = f"the proxy that the environment names cannot be used: {how}"
    return SendFailed("network_error", reason, sent=False, lasting=True)


def failed(problem: BaseException, progress: Progress) -> SendFailed:
    """Return the failure that an exception of an HTTP library means."""
    if isinstance(problem, SendFailed):
        return problem
    kind = kind_of(problem)
    sent = progress.sent(kind)
    if kind.endswith("Timeout"):
        return SendFailed("timeout", "no answer in time", sent=sent)
    if kind == "DecodingError":
        return SendFailed("unreadable_response", "its content coding is broken", sent=True)
    if kind == "UnsupportedProtocol":
        reason = "the address must begin with https:// or http://"
        return SendFailed("network_error", reason, sent=False, lasting=True)
    if kind == "LocalProtocolError":  # its words quote headers, and so perhaps the key
        reason = "the request does not fit HTTP"
        return SendFailed("network_error", reason, sent=sent, lasting=True)
    return SendFailed("network_error", _reason(problem), sent=sent, lasting=_lasts(problem))


def kind_of(problem: BaseException) -> str:
    """Name the fault as httpx does.

    httpx-aiohttp calls every lost connection a ConnectTimeout, sent or not; what aiohttp
    itself raised tells them apart.
    """
    if type(problem).__module__.partition(".")[0] == "aiohttp":
        return _kind_in_aiohttp(type(problem))
    cause = type(problem.__cause__)
    if cause.__module__.partition(".")[0] == "aiohttp":
        return _kind_in_aiohttp(cause)
    return type(problem).__name__


def _kind_in_aiohttp(kind: type) -> str:
    names = {base.__name__ for base in kind.__mro__}
    if "ClientConnectorError" in names:
        return "ConnectError"
    if "ConnectionTimeoutError" in names:
        return "ConnectTimeout"
    return "ReadTimeout" if "TimeoutError" in names else "ReadError"


def _reason(problem: BaseException) -> str:
    if type(problem).__name__ == "ClientResponseError":  # its words hold the whole URL
        return "its answer is no HTTP"
    told = str(getattr(problem, "os_error", None) or problem)
    return " ".join(told.split())[:200] or type(problem).__name__


def _lasts(problem: BaseException) -> bool:
    """Whether it is the address or a certificate that is wrong, which no other try mends."""
    seen: list[BaseException] = []
    at: BaseException | None = problem
    while at is not None and at not in seen:
        if isinstance(at, ssl.SSLCertVerificationError):
            return True
        if isinstance(at, ssl.SSLError) and getattr(at, "reason", "") == "WRONG_VERSION_NUMBER":
            return True  # the port speaks no TLS
        if isinstance(at, socket.gaierror) and at.errno == socket.EAI_NONAME:
            return True
        seen.append(at)
        at = at.__cause__ or at.__context__ or getattr(at, "os_error", None)
    return False
