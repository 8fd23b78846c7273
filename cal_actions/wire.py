"""What goes over the wire, as plain values: a request, an answer, or the lack of one.

Nothing here shows a credential when it is printed: frames of a traceback print what they hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future
    from typing import Any, Literal


class Headers:
    """Header lines, some of which are secrets: printed, they show only their names."""

    __slots__ = ("lines",)

    def __init__(self, *lines: tuple[str, str]) -> None:
        self.lines = lines

    def __add__(self, other: Headers) -> Headers:
        return Headers(*self.lines, *other.lines)

    def __repr__(self) -> str:
        return f"Headers({', '.join(name for name, _ in self.lines)})"


class WireRequest(NamedTuple):
    """One HTTP request to Cal.com, but for the host and the credentials.

    `target` is the encoded path with its query, `version` the `cal-api-version` header,
    `body` the JSON that is sent, if any. Printed, it shows neither query nor body.
    """

    method: str
    target: str
    version: str | None = None
    body: bytes | None = None

    def __repr__(self) -> str:
        return f"<WireRequest {self.method} {self.target.partition('?')[0]}>"


class Received(NamedTuple):
    """One HTTP answer. Header names are lower-case; `body` is decoded of its content coding."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Ask(NamedTuple):
    """Send this request, and take its answer until a moment of the monotonic clock."""

    request: WireRequest
    headers: Headers
    until: float


class Pause(NamedTuple):
    """Wait until a moment of the monotonic clock, or until `done` is done."""

    until: float
    done: Future[None] | None = None


class Run(NamedTuple):
    """Call a function that may take its time, sync or async, and take what it returns."""

    function: Callable[[], Any]


class WouldSend(Exception):
    """A call came to the point where it would send this request, which it is not to do."""

    def __init__(self, request: WireRequest, headers: Headers) -> None:
        super().__init__("nothing is sent")
        self.request = request
        self.headers = headers


class SendFailed(Exception):
    """No usable answer came.

    `sent` is false when the request surely never reached Cal.com as a whole. `lasting` is
    true for a fault that sending again cannot mend, such as a wrong address.
    """

    def __init__(
        self,
        code: Literal["timeout", "network_error", "unreadable_response"],
        reason: str,
        *,
        sent: bool,
        lasting: bool = False,
    ) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.sent = sent
        self.lasting = lasting
