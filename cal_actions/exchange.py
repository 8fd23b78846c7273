"""One request and its answer: its turn in the rate limit, the sending, sending it again.

A generator, as `steps` has them: nothing here waits.
"""

from __future__ import annotations

import random
import time
from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any

from cal_actions.errors import ActionError
from cal_actions.lookup import look_up_with
from cal_actions.observe import Call
from cal_actions.rate_limits import RateLimits
from cal_actions.redaction import Redaction
from cal_actions.response import maybe_done, read
from cal_actions.retry import Attempt
from cal_actions.wire import Ask, Headers, Pause, Received, SendFailed

if TYPE_CHECKING:
    from cal_actions.auth import Authorization
    from cal_actions.catalog import Catalog
    from cal_actions.observe import Observer
    from cal_actions.rate_limits import Place
    from cal_actions.retry import Retry
    from cal_actions.spec import ActionSpec
    from cal_actions.wire import WireRequest

Steps = Generator[Any, Any, Any]


class Exchange:
    """Sends requests and reads their answers, within the deadline of their call.

    `timeout` and `attempt_timeout` are in seconds: for a call as a whole, and for one request
    of a read.
    """

    def __init__(
        self,
        actions: Catalog,
        retry: Retry,
        observer: Observer,
        *,
        base_url: str,
        timeout: float,
        attempt_timeout: float,
    ) -> None:
        self._actions = actions
        self._retry = retry
        self.limits: RateLimits | None = RateLimits()
        self._observer = observer
        self.base_url = base_url
        self.timeout = timeout
        self._attempt_timeout = attempt_timeout

    def call(self, slug: Any, least: float = 0.0) -> Call:
        """Begin a call; its time, of `least` seconds at least, runs from now."""
        return Call(slug, max(self.timeout, least), self._observer)

    def __call__(
        self,
        call: Call,
        spec: ActionSpec,
        wire: WireRequest,
        headers: Headers,
        authorization: Authorization,
        params: Mapping[str, Any],
        unwrap: bool,
    ) -> Steps:
        """Send a request until it is answered or must not be sent again; returns the data.

        Raises ActionError for everything else, which quotes none of `params`.
        """
        clean = Redaction(params, authorization.headers)
        while True:
            place = yield from self._turn(call, authorization)
            until = self._until(call, spec)
            sent, lasting = True, False
            code: str | None = "cancelled"
            received: Received | None = None
            try:
                under_way = self._observer.sends(call, spec, wire, self.base_url)
            except BaseException:  # a hook was interrupted, and nothing sent
                self._leave(authorization, place)
                raise
            try:
                received = yield Ask(wire, headers + authorization.headers, until)
                call.status = received.status
                data = read(spec, received, unwrap=unwrap, look_up=self._look_up, clean=clean)
                code = None
                return data
            except SendFailed as failure:
                failure.__context__ = None  # its frames hold the key
                sent, lasting = failure.sent, failure.lasting
                problem = self._lost(call, spec, failure, clean)
                code = problem.code
            except ActionError as told:
                problem = told
                code = problem.code
            finally:
                self._learn(authorization, place, received)
                self._observer.ended(under_way, code)
            failed = Attempt(problem, spec.effect == "read", call.resends + 1, sent, lasting)
            pause = self._retry.pause(failed, random.random())
            now = time.monotonic()
            # Without a budget it is a sandbox that answers, whose clock may stand still.
            in_vain = problem.code == "rate_limited" and self.limits is None
            if pause is None or in_vain or now + pause >= call.until:
                raise problem
            self._observer.retries(call, spec, problem, pause)
            yield Pause(now + pause)

    def _until(self, call: Call, spec: ActionSpec) -> float:
        """A write may take all the time there is; a read is better asked again."""
        if spec.effect != "read":
            return call.until
        return min(call.until, time.monotonic() + self._attempt_timeout)

    def _turn(self, call: Call, authorization: Authorization) -> Generator[Any, Any, Place | None]:
        """Wait for a place in the rate limit. Raises ActionError where that takes too long."""
        if self.limits is None:
            return None
        caller, now = authorization.caller, time.monotonic()
        place, wait = self.limits.enter(caller, now, call.until)
        if place is None:
            raise _used_up(wait)
        try:
            while wait > 0:
                _ensure_in_time(wait, now, call.until)
                yield Pause(now + wait)
                now = time.monotonic()
                wait = self.limits.wait(caller, place, now)
        except BaseException:
            self._leave(authorization, place)
            raise
        return place

    def _leave(self, authorization: Authorization, place: Place | None) -> None:
        if self.limits is not None and place is not None:
            self.limits.leave(authorization.caller, place)

    def _learn(
        self, authorization: Authorization, place: Place | None, received: Received | None
    ) -> None:
        if self.limits is not None and place is not None:
            headers = received.headers if received else None
            self.limits.learn(authorization.caller, place, headers, time.monotonic())

    def _look_up(self, spec: ActionSpec) -> str | None:
        return look_up_with(self._actions, spec)

    def _lost(
        self, call: Call, spec: ActionSpec, failure: SendFailed, clean: Redaction
    ) -> ActionError:
        """Tell what a missing answer means: a write that was sent may have taken effect."""
        reads = spec.effect == "read"
        if failure.code == "timeout":
            waited = min(call.timeout, self._attempt_timeout) if reads else call.timeout
            message = f"Cal.com gave no answer within {waited:g} seconds"
        elif failure.code == "network_error" and failure.sent:
            message = f"The connection to Cal.com failed before an answer ({clean(failure.reason)})"
        elif failure.code == "network_error":
            message = (
                f"Cal.com could not be reached ({clean(failure.reason)}): check network and"
                " CAL_API_BASE_URL"
            )
        else:
            message = f"Cal.com's answer cannot be read: {clean(failure.reason)}"
        repeatable = reads or spec.idempotent or not failure.sent
        retryable = repeatable and not failure.lasting and failure.code != "unreadable_response"
        facts = {"outcome_unknown": True} if failure.sent and not reads else {}
        if retryable:
            message += "; sending it again is safe"
        elif facts:
            message += f"; {maybe_done(self._look_up(spec))}"
        return ActionError(failure.code, f"{message}.", retryable=retryable, **facts)


def _ensure_in_time(wait: float, now: float, until: float) -> None:
    if now + wait >= until:
        raise _used_up(wait)


def _used_up(wait: float) -> ActionError:
    seconds = max(0.001, round(wait, 3))
    return ActionError(
        "rate_limited",
        "The rate limit of these credentials is used up, so nothing was sent; send it again in"
        f" {seconds:g} seconds.",
        retryable=True,
        retry_after=seconds,
    )
