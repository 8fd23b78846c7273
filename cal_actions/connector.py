"""Connector: name an action, get an envelope."""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import wait
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from cal_actions.auth import Auth, Credentials
from cal_actions.base_connector import BaseConnector
from cal_actions.envelope import Envelope
from cal_actions.errors import ActionError
from cal_actions.wire import Ask, Run

if TYPE_CHECKING:
    from cal_actions.exchange import Steps
    from cal_actions.observe import Call
    from cal_actions.sandbox import Sandbox
    from cal_actions.tool_calls import ToolMessages
    from cal_actions.transport import Transport
    from cal_actions.wire import Pause


class Connector(BaseConnector["Transport"]):
    """Executes actions; threads may share one. A context manager; else call `close()`."""

    _awaits = False

    def _embed(self, world: Sandbox, *, owned: bool) -> None:
        from cal_actions.transport.embedded import SandboxTransport

        self._transport = SandboxTransport(world, owned=owned)

    def execute(
        self,
        slug: str,
        params: Mapping[str, Any] | None = None,
        *,
        auth: Auth | None = None,
        select: str | None = None,
    ) -> Envelope:
        """Execute the action named `slug` and return its envelope, whatever happens.

        `params` is a JSON object of the action's parameters and is never changed. `auth` is
        an API key, a token or Credentials to make this call with, in place of all of the
        connector's own. `select` is a JMESPath: a success has what it finds in the data, such
        as "items[].uid"; it needs the extra `jmespath`.

        Raises only ConnectorClosed, after `close()`, TypeError or AttributeError for an `auth`
        or a `client` of the wrong kind, and ImportError for `select` without its extra.
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
        envelope: Envelope = self._go_through(slug, steps)
        return envelope

    def _go_through(self, slug: str, steps: Callable[[Call], Steps]) -> Any:
        self._begin()
        try:
            with self._exchange.call(slug) as call:
                return self._drive(steps(call))
        finally:
            self._finish()

    def paginate(
        self,
        slug: str,
        params: Mapping[str, Any] | None = None,
        *,
        page_size: int | None = None,
        auth: Auth | None = None,
    ) -> Iterator[Any]:
        """Iterate over all items of a list; each page is fetched when it is needed.

        Begins at the `skip` (`offset`) in `params`. A page has `page_size` items, else as many
        as the `take` (`limit`) in `params`, else 250 where the action gives so many; what comes
        all at once is one page. Slots come in the order of their days, without the days.
        An item that moves within the list meanwhile may come twice or not at all.

        Raises ActionError where a page fails, as its envelope would say, and where Cal.com
        does not give all of the list; at once ValueError for an action that answers no list
        or a `page_size` that it does not take.
        """
        try:
            credentials = None if auth is None else Credentials.of(auth)
        finally:
            del auth  # a traceback shows what is left
        self._ensure_open()
        pages = self._pipeline.pages(slug, params, page_size)

        def walk() -> Iterator[Any]:
            for asked in pages:
                page = partial(
                    self._pipeline.page, slug=slug, params=asked, credentials=credentials
                )
                yield from pages.items(self._go_through(slug, page))

        return walk()

    def handle_tool_calls(self, response: Any, *, auth: Auth | None = None) -> ToolMessages:
        """Run the tool calls in a model's answer; return the messages to append after it.

        `response` is what the SDK returned: of OpenAI's Chat Completions or Responses, of
        Anthropic's Messages, or of Gemini; or the same as a dict, its assistant message alone,
        or a list of all events of its stream. The calls run in their order, with `auth` as in
        `execute`. What cannot be run, as malformed arguments or a call that was cut off, is
        answered with an envelope that tells the model so. Of several choices only the first
        that calls a tool is taken.

        The result is a list for `messages +=`, and tells the `results` and what was left alone:
        `unhandled` has the calls of your other tools. Their answers belong, for Anthropic and
        Gemini, into the same message. A call that comes after `close()` in another thread is
        answered as not sent. Raises TypeError for anything else, and ConnectorClosed.
        """
        from cal_actions.tool_calls import run

        try:
            credentials = None if auth is None else Credentials.of(auth)
        finally:
            del auth  # a traceback shows what is left
        self._ensure_open()
        return run(response, partial(self.execute, auth=credentials))

    def _drive(self, steps: Steps) -> Any:
        try:
            wanted = next(steps)
            while True:
                try:
                    answer = self._obtain(wanted)
                except BaseException as raised:
                    wanted = steps.throw(raised)
                else:
                    wanted = steps.send(answer)
        except StopIteration as end:
            return end.value

    def _obtain(self, wanted: Ask | Pause | Run) -> Any:
        if isinstance(wanted, Ask):
            return (self._transport or self._connected()).send(wanted)
        if isinstance(wanted, Run):
            return _called(wanted.function)
        seconds = max(0.0, wanted.until - time.monotonic())
        if wanted.done is None:
            time.sleep(seconds)
        else:
            wait([wanted.done], seconds)
        return None

    def _spawn(self, steps: Steps) -> None:
        with self._lock:
            self._running += 1

        def run() -> None:
            try:
                self._drive(steps)
            finally:
                self._finish()

        # Not a daemon: what has begun must not be lost with the interpreter's end.
        try:
            within_call = copy_context().run
            threading.Thread(
                target=within_call, args=(run,), name="cal_actions", daemon=False
            ).start()
        except RuntimeError:  # there are no more threads
            run()

    def _connected(self) -> Transport:
        from cal_actions.transport import connect

        with self._lock:  # two threads may make their first calls at once
            if self._transport is None:
                self._transport = connect(self._base_url, self._max_bytes, self._client)
            return self._transport

    def _finish(self) -> None:
        if transport := self._end():
            transport.close()

    def close(self) -> None:
        """Take no more calls and close the connections; a second time does nothing.

        Calls that run in other threads end as usual; the last one closes the connections.
        """
        if transport := self._close():
            transport.close()

    def __enter__(self) -> Self:
        self._ensure_open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _called(function: Callable[[], Any]) -> Any:
    result = function()
    if inspect.iscoroutine(result):
        result.close()
        raise ActionError(
            "refused",
            "only an AsyncConnector can await a coroutine function: pass a plain function",
        )
    return result
