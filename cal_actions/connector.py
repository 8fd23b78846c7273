"""Connector: name an action, get an envelope."""

from __future__ import annotations

import inspect
import threading
import time
from concurrent.futures import wait
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Self

from cal_actions.auth import Credentials
from cal_actions.base_connector import BaseConnector
from cal_actions.errors import ActionError
from cal_actions.wire import Ask, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cal_actions.auth import Auth
    from cal_actions.envelope import Envelope
    from cal_actions.exchange import Steps
    from cal_actions.sandbox import Sandbox
    from cal_actions.transport import Transport
    from cal_actions.wire import Pause


class Connector(BaseConnector["Transport"]):
    """Executes actions; threads may share one. A context manager; else call `close()`."""

    def _embed(self, world: Sandbox, *, owned: bool) -> None:
        from cal_actions.transport.embedded import SandboxTransport

        self._transport = SandboxTransport(world, owned=owned)

    def execute(
        self,
        slug: str,
        params: Mapping[str, Any] | None = None,
        *,
        auth: Auth | None = None,
    ) -> Envelope:
        """Execute the action named `slug` and return its envelope, whatever happens.

        `params` is a JSON object of the action's parameters and is never changed. `auth` is
        an API key, a token or Credentials to make this call with, in place of all of the
        connector's own. Raises only ConnectorClosed, after `close()`, and TypeError or
        AttributeError for an `auth` or a `client` of the wrong kind.
        """
        try:
            credentials = None if auth is None else Credentials.of(auth)
        finally:
            del auth  # a traceback shows what is left
        self._begin()
        try:
            with self._exchange.call(slug) as call:
                steps = self._pipeline.steps(call, slug, params, credentials)
                envelope: Envelope = self._drive(steps)
                return envelope
        finally:
            self._finish()

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
            "unauthorized",
            "only an AsyncConnector can await a coroutine function: pass a plain function for"
            " refresh= and store=",
        )
    return result
