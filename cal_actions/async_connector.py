"""AsyncConnector: name an action, await an envelope."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from cal_actions.auth import Auth, Credentials
from cal_actions.base_connector import BaseConnector
from cal_actions.envelope import Envelope
from cal_actions.steps import RENEWAL_SECONDS
from cal_actions.transport.threads import started
from cal_actions.wire import Ask, Run

if TYPE_CHECKING:
    from concurrent.futures import Future

    from cal_actions.exchange import Steps
    from cal_actions.observe import Call
    from cal_actions.sandbox import Sandbox
    from cal_actions.tool_calls import ToolMessages
    from cal_actions.transport import AsyncTransport
    from cal_actions.wire import Pause


class AsyncConnector(BaseConnector["AsyncTransport"]):
    """Executes actions concurrently. An async context manager; else await `aclose()`."""

    _awaits = True
    _loop: asyncio.AbstractEventLoop | None = None

    def after_fork(self) -> None:
        """Leave the connections, and the renewals that run, to the parent."""
        self._renewals.clear()
        if self._transport is not None and not self._embedded:
            self._transport.abandon()
        super().after_fork()

    def _embed(self, world: Sandbox, *, owned: bool) -> None:
        from cal_actions.transport.embedded import AsyncSandboxTransport

        self._transport = AsyncSandboxTransport(world, owned=owned)

    async def execute(
        self,
        slug: str,
        params: Mapping[str, Any] | None = None,
        *,
        auth: Auth | None = None,
        select: str | None = None,
    ) -> Envelope:
        """Execute the action named `slug` and return its envelope, whatever happens.

        As `Connector.execute`. A cancellation closes the request at once and passes through.
        """
        try:
            credentials = None if auth is None else Credentials.of(auth)
        finally:
            del auth  # a traceback shows what is left
        steps = partial(
            self._pipeline.steps,
            slug=slug,
            params=params,
            credentials=credentials,
            select=select,
        )
        envelope: Envelope = await self._go_through(slug, steps)
        return envelope

    async def _go_through(self, slug: str, steps: Callable[[Call], Steps]) -> Any:
        self._begin()
        try:
            with self._exchange.call(slug) as call:
                return await self._drive(steps(call))
        finally:
            await self._finish()

    def paginate(
        self,
        slug: str,
        params: Mapping[str, Any] | None = None,
        *,
        page_size: int | None = None,
        auth: Auth | None = None,
    ) -> AsyncIterator[Any]:
        """Iterate over all items of a list, page after page, as `Connector.paginate` does."""
        try:
            credentials = None if auth is None else Credentials.of(auth)
        finally:
            del auth  # a traceback shows what is left
        self._ensure_open()
        pages = self._pipeline.pages(slug, params, page_size)

        async def walk() -> AsyncIterator[Any]:
            for asked in pages:
                page = partial(
                    self._pipeline.page, slug=slug, params=asked, credentials=credentials
                )
                for item in pages.items(await self._go_through(slug, page)):
                    yield item

        return walk()

    async def handle_tool_calls(self, response: Any, *, auth: Auth | None = None) -> ToolMessages:
        """Run the tool calls in a model's answer; return the messages to append after it.

        As `Connector.handle_tool_calls`, with reads that follow one another at once.
        """
        from cal_actions.tool_calls import arun

        try:
            credentials = None if auth is None else Credentials.of(auth)
        finally:
            del auth  # a traceback shows what is left
        self._ensure_open()
        return await arun(response, partial(self.execute, auth=credentials), self.actions)

    async def _drive(self, steps: Steps, wanted: Any = None) -> Any:
        try:
            wanted = wanted or next(steps)
            while True:
                try:
                    answer = await self._obtain(wanted)
                except BaseException as raised:
                    wanted = steps.throw(raised)
                else:
                    wanted = steps.send(answer)
        except StopIteration as end:
            return end.value

    async def _obtain(self, wanted: Ask | Pause | Run) -> Any:
        if isinstance(wanted, Ask):
            return await self._connected().send(wanted)
        if isinstance(wanted, Run):
            return await _awaited(wanted.function)
        seconds = max(0.0, wanted.until - time.monotonic())
        if wanted.done is None:
            await asyncio.sleep(seconds)
        else:
            await _done(wanted.done, seconds)
        return None

    def _spawn(self, steps: Steps) -> None:
        # Begun here, so that closing it later ends it in order even if the task never runs.
        wanted = next(steps, None)
        if wanted is None:  # it is over already
            return
        with self._lock:
            self._running += 1
        task = asyncio.get_running_loop().create_task(self._run(steps, wanted))
        self._renewals.add(task)

        def end(_: object) -> None:
            self._renewals.discard(task)
            steps.close()

        task.add_done_callback(end)

    async def _run(self, steps: Steps, wanted: Any) -> None:
        try:
            await self._drive(steps, wanted)
        finally:
            await self._finish()

    def _connected(self) -> AsyncTransport:
        loop = asyncio.get_running_loop()
        if self._transport is None or (self._loop is not loop and not self._embedded):
            from cal_actions.transport import connect_async

            # The connections of an event loop that has ended cannot be used in another.
            if self._transport is not None:
                self._transport.abandon()
            self._transport = connect_async(self._base_url, self._max_bytes, self._client)
            self._loop = loop
        return self._transport

    async def _finish(self) -> None:
        await self._disconnect(self._end())

    async def _disconnect(self, transport: AsyncTransport | None) -> None:
        if transport is None:
            return
        if self._embedded or self._loop is asyncio.get_running_loop():
            await transport.close()
        else:
            transport.abandon()

    async def aclose(self) -> None:
        """Take no more calls and close the connections; a second time does nothing.

        Calls that run in other tasks end as usual; the last one closes the connections.
        """
        transport = self._close()
        if self._renewals:
            await asyncio.wait(self._renewals, timeout=max(self._exchange.timeout, RENEWAL_SECONDS))
        await self._disconnect(transport)

    async def __aenter__(self) -> Self:
        self._ensure_open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


async def _awaited(function: Callable[[], Any]) -> Any:
    if inspect.iscoroutinefunction(function):
        result = function()
    else:
        result = await asyncio.wrap_future(started(partial(_called, function)))
    return await result if inspect.isawaitable(result) else result


async def _done(future: Future[None], seconds: float) -> None:
    loop, over = asyncio.get_running_loop(), asyncio.Event()

    def tell(_: object) -> None:
        with suppress(RuntimeError):  # the loop has ended, and no one waits
            loop.call_soon_threadsafe(over.set)

    future.add_done_callback(tell)
    with suppress(TimeoutError):
        await asyncio.wait_for(over.wait(), seconds)


def _called(function: Callable[[], Any]) -> Any:
    try:
        return function()
    except StopIteration:  # no future can carry it, and who waits would wait for ever
        raise RuntimeError("StopIteration was raised") from None
