"""What goes over the wire, as plain values: a request, an answer, or the lack of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

Headers = tuple[tuple[str, str], ...]


class WireRequest(NamedTuple):
    """One HTTP request to Cal.com, but for the host and the credentials.

    `target` is the encoded path with its query, `version` the `cal-api-version` header,
    `body` the JSON that is sent, if any.
    """

    method: str
    target: str
    version: str | None = None
    body: bytes | None = None


class Received(NamedTuple):
    """One HTTP answer. Header names are lower-case; `body` is decoded of its content coding."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class SendFailed(Exception):
    """No usable answer came.

    `sent` is false when the request surely never reached Cal.com. `lasting` is true for a
    fault that sending again cannot mend, such as a wrong address.
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
