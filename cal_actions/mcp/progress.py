"""Progress: a client that wants it is told what a call waits for."""

from __future__ import annotations

from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anyio.abc import TaskGroup
    from mcp.server.session import ServerSession

    from cal_actions.observe import RetryEvent


def tell_retry(event: RetryEvent) -> None:
    """Tell the client that a request is sent again, and why. For `AsyncConnector(on_retry=…)`."""
    progress = _progress.get()
    if progress is not None:
        progress.tell(f"{event.code}: sent again in {event.pause:.1f} seconds")


class Progress:
    """What a client is told of one call; a context manager for the length of the call."""

    def __init__(self, session: ServerSession, tasks: TaskGroup) -> None:
        self._session = session
        self._tasks = tasks
        self._told = 0

    def __enter__(self) -> Progress:
        self._token = _progress.set(self)
        return self

    def __exit__(self, *_: Any) -> None:
        _progress.reset(self._token)

    def tell(self, message: str) -> None:
        """Send a message on its way; nothing is sent to a client that did not ask for it."""
        self._told += 1
        self._tasks.start_soon(self._send, self._told, message)

    async def _send(self, count: int, message: str) -> None:
        # A client that hears nothing any more must not end a write that is under way.
        with suppress(Exception):
            await self._session.report_progress(count, None, message)


_progress: ContextVar[Progress | None] = ContextVar("progress", default=None)
