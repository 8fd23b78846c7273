"""A connector's way to an embedded Cal.com: the sandbox answers where a socket would."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cal_actions.sandbox import ConnectionDropped
from cal_actions.transport.threads import started, within
from cal_actions.wire import Received, SendFailed

if TYPE_CHECKING:
    from cal_actions.sandbox import Sandbox
    from cal_actions.wire import Ask


class SandboxTransport:
    """Lets an embedded Cal.com answer. A sandbox that is `owned` is closed with the transport."""

    def __init__(self, sandbox: Sandbox, *, owned: bool) -> None:
        self._sandbox = sandbox
        self._owned = owned

    def send(self, ask: Ask) -> Received:
        """Let the sandbox answer.

        Raises SendFailed where the sandbox was told to drop the connection, or to be slower
        than the call has time; it then carries the request out all the same.
        """
        if not self._sandbox.inject.seconds:
            return self._answer(ask)
        try:
            return within(ask.until - time.monotonic(), lambda: self._answer(ask))
        except TimeoutError:
            raise SendFailed("timeout", "no answer in time", sent=True) from None

    def _answer(self, ask: Ask) -> Received:
        request, headers = ask.request, dict(ask.headers.lines)
        try:
            reply = self._sandbox.handle(
                request.method, request.target, headers, request.body or b""
            )
        except ConnectionDropped:
            reason = "the sandbox closed the connection without an answer"
            raise SendFailed("network_error", reason, sent=True) from None
        lowered = {name.lower(): value for name, value in reply.headers.items()}
        return Received(reply.status, lowered, reply.body)

    def close(self) -> None:
        """Close the sandbox, unless it was passed in; one in memory is gone with that."""
        if self._owned:
            self._sandbox.close()


class AsyncSandboxTransport:
    """As SandboxTransport; an answer takes a millisecond or so, during which nothing else runs.

    Where the sandbox was told to be slow, it is so in a thread.
    """

    def __init__(self, sandbox: Sandbox, *, owned: bool) -> None:
        self._sandbox = sandbox
        self._inner = SandboxTransport(sandbox, owned=owned)

    async def send(self, ask: Ask) -> Received:
        """Let the sandbox answer. Raises SendFailed as SandboxTransport does."""
        if self._sandbox.inject.seconds:
            import asyncio

            # Not in one of the loop's own threads: those are few, and may be busy.
            return await asyncio.wrap_future(started(lambda: self._inner.send(ask)))
        return self._inner.send(ask)

    async def close(self) -> None:
        """Close the sandbox, unless it was passed in; one in memory is gone with that."""
        self._inner.close()

    def abandon(self) -> None:
        """Do nothing: a sandbox belongs to no event loop."""
