"""WireRequest → Received, from a sandbox in this process: no HTTP library is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cal_actions.sandbox import ConnectionDropped
from cal_actions.wire import Received, SendFailed

if TYPE_CHECKING:
    from cal_actions.sandbox import Sandbox
    from cal_actions.wire import Headers, WireRequest


class SandboxTransport:
    """Lets an embedded Cal.com answer. A sandbox that is `owned` is closed with the transport."""

    def __init__(self, sandbox: Sandbox, *, owned: bool) -> None:
        self._sandbox = sandbox
        self._owned = owned

    def send(self, wire: WireRequest, headers: Headers) -> Received:
        """Let the sandbox answer.

        Raises SendFailed where the sandbox was told to drop the connection.
        """
        try:
            reply = self._sandbox.handle(wire.method, wire.target, dict(headers), wire.body or b"")
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

    async def send(self, wire: WireRequest, headers: Headers) -> Received:
        """Let the sandbox answer. Raises SendFailed as SandboxTransport does."""
        if self._sandbox.inject.seconds:
            import asyncio

            return await asyncio.to_thread(self._inner.send, wire, headers)
        return self._inner.send(wire, headers)

    async def close(self) -> None:
        """Close the sandbox, unless it was passed in; one in memory is gone with that."""
        self._inner.close()
