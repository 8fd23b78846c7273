"""What one can see of a call: a log line, hooks, and spans where OpenTelemetry is installed.

Nothing here tells params, answers or credentials. Paths are templates, never filled in, but
for a span's `url.full`, which has no query.
"""

from __future__ import annotations

import inspect
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeAlias

if TYPE_CHECKING:
    from types import TracebackType

    from cal_actions.envelope import Envelope
    from cal_actions.errors import ActionError
    from cal_actions.spec import ActionSpec
    from cal_actions.tracing import Spans
    from cal_actions.wire import WireRequest

logger = logging.getLogger("cal_actions")
logger.addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class RequestEvent:
    """A request is about to be sent.

    `path` is the template, such as `/v2/bookings/{bookingUid}`; `attempt` counts the requests
    of the call, from 1.
    """

    slug: str
    method: str
    path: str
    attempt: int


@dataclass(frozen=True, slots=True)
class ResponseEvent(RequestEvent):
    """A request came to its end after `seconds`.

    `status` is the HTTP status, None when no usable answer came; `code` is the code of the
    failure, None for a success.
    """

    status: int | None
    code: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class RetryEvent(RequestEvent):
    """A request failed with `code` and is sent again after `pause` seconds."""

    status: int | None
    code: str
    pause: float


OnRequest: TypeAlias = Callable[[RequestEvent], object]
OnResponse: TypeAlias = Callable[[ResponseEvent], object]
OnRetry: TypeAlias = Callable[[RetryEvent], object]


class Observer:
    """Tells everyone who wants to know. What a hook raises is logged and changes no call."""

    def __init__(
        self,
        on_request: OnRequest | None = None,
        on_response: OnResponse | None = None,
        on_retry: OnRetry | None = None,
    ) -> None:
        """Raises TypeError for a hook that is no function, or a coroutine function."""
        hooks = {"on_request": on_request, "on_response": on_response, "on_retry": on_retry}
        for name, hook in hooks.items():
            if hook is not None and (not callable(hook) or is_async(hook)):
                raise TypeError(f"{name} must be a function of one event, and no coroutine")
        self._on_request = on_request
        self._on_response = on_response
        self._on_retry = on_retry
        self._spans: Spans | None = None
        self._looked_for_spans = False

    @property
    def spans(self) -> Spans | None:
        """OpenTelemetry's spans; looked for at the first call, None where it is not installed."""
        if not self._looked_for_spans:  # by several threads at once, which does no harm
            with suppress(ImportError):
                from cal_actions.tracing import Spans

                self._spans = Spans()
            self._looked_for_spans = True
        return self._spans

    def sends(self, call: Call, spec: ActionSpec, wire: WireRequest, base_url: str) -> Sent:
        """Tell that a request of the call is about to be sent."""
        call.attempts += 1
        call.resends = call.resends + 1 if wire is call.wire else 0
        call.wire = wire
        call.status = None
        if self._on_request:
            _tell(self._on_request, RequestEvent(spec.slug, spec.method, spec.path, call.attempts))
        spans = self.spans
        span = spans.request(spec, wire, base_url, call.resends) if spans else None
        return Sent(call, spec, span)

    def ended(self, sent: Sent, code: str | None) -> None:
        """Tell how a request ended: with the code of a failure, or None."""
        call, spec = sent.call, sent.spec
        if self._on_response:
            seconds = time.monotonic() - sent.started
            event = ResponseEvent(
                spec.slug, spec.method, spec.path, call.attempts, call.status, code, seconds
            )
            _tell(self._on_response, event)
        if sent.span is not None and self._spans:
            self._spans.end_request(sent.span, call.status, code)

    def retries(self, call: Call, spec: ActionSpec, problem: ActionError, pause: float) -> None:
        """Tell that a request is sent again after a pause."""
        if self._on_retry:
            event = RetryEvent(
                spec.slug,
                spec.method,
                spec.path,
                call.attempts,
                call.status,
                problem.code,
                pause,
            )
            _tell(self._on_retry, event)


class Call:
    """One call, from its start to its log line: a context manager.

    `timeout` is in seconds, `until` the deadline as a moment of the monotonic clock,
    `attempts` the number of requests so far, `status` the last HTTP status, if one came.
    """

    __slots__ = (
        "_envelope",
        "_observer",
        "_span",
        "attempts",
        "resends",
        "slug",
        "started",
        "status",
        "timeout",
        "until",
        "wire",
    )

    def __init__(self, slug: Any, timeout: float, observer: Observer) -> None:
        self.slug = slug[:80] if isinstance(slug, str) and slug.isidentifier() else "(no slug)"
        self.timeout = timeout
        self.started = time.monotonic()
        self.until = self.started + timeout
        self.attempts = 0
        self.resends = 0
        self.wire: WireRequest | None = None
        self.status: int | None = None
        self._envelope: Envelope | None = None
        self._observer = observer
        self._span: Any = None

    def answered(self, envelope: Envelope) -> Envelope:
        """Note the envelope that the call ends with, and return it."""
        self._envelope = envelope
        return envelope

    def __enter__(self) -> Self:
        if spans := self._observer.spans:
            self._span = spans.call(self.slug)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._span is None and not logger.isEnabledFor(logging.INFO):
            return
        code = kind.__name__ if kind else None
        if self._envelope is not None and not self._envelope.successful:
            code = self._envelope.data["code"]
        self._log(code)  # within the span, which gives it its trace
        if self._span is not None:
            self._span.end(code)

    def _log(self, code: str | None) -> None:
        milliseconds = (time.monotonic() - self.started) * 1000
        logger.info(
            "%s %s %s %.0f ms, attempts: %d",
            self.slug,
            self.status or "-",
            code or "ok",
            milliseconds,
            self.attempts,
            extra={
                "action": self.slug,
                "status": self.status,
                "code": code,
                "ms": milliseconds,
                "attempts": self.attempts,
            },
        )


class Sent:
    """A request that is under way."""

    __slots__ = ("call", "span", "spec", "started")

    def __init__(self, call: Call, spec: ActionSpec, span: Any) -> None:
        self.call = call
        self.spec = spec
        self.span = span
        self.started = time.monotonic()


def is_async(hook: Callable[..., object]) -> bool:
    """Tell whether a function, or an object that is called like one, gives a coroutine."""
    return any(
        kind(function)
        for kind in (inspect.iscoroutinefunction, inspect.isasyncgenfunction)
        for function in (hook, type(hook).__call__)
    )


def _tell(hook: Callable[[Any], object], event: object) -> None:
    try:
        hook(event)
    except Exception:
        logger.exception("a hook of the connector raised; the call goes on")
