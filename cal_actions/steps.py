"""The steps of a call, shared by the sync and the async connector.

A generator yields what to send and takes the answer, or SendFailed thrown in; it returns
the envelope. Nothing here waits, so both connectors drive the same code.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import cached_property
from typing import Any

from cal_actions.auth import Credentials
from cal_actions.catalog import Catalog, catalog, unknown_action
from cal_actions.envelope import Envelope
from cal_actions.errors import ActionError
from cal_actions.request import RequestBuilder
from cal_actions.response import read
from cal_actions.spec import ActionSpec
from cal_actions.validation import Checker
from cal_actions.wire import Headers, Received, SendFailed, WireRequest

Steps = Generator[tuple[WireRequest, Headers], Received, Any]


class Pipeline:
    """slug → catalog → validation → request → (send) → response → envelope."""

    def __init__(
        self, actions: Catalog, credentials: Credentials, *, coerce: bool, unwrap: bool
    ) -> None:
        self._offered = _Plans(actions, credentials, coerce)
        self._all = _Plans(catalog, credentials, coerce)
        self._unwrap = unwrap

    def steps(self, slug: str, params: Any) -> Steps:
        """Go through one call; returns its Envelope."""
        try:
            plan = self._offered(slug)
            checked = plan.check(params)
            if plan.spec.flow is None:
                return Envelope.success((yield from _ask(plan, checked, self._unwrap)))
            from cal_actions.flows import FLOWS

            flow = FLOWS[plan.spec.flow]
            return Envelope.success((yield from flow(self._call, checked)))
        except ActionError as problem:
            return Envelope.failure(problem)

    def _call(self, slug: str, params: dict[str, Any]) -> Steps:
        # A flow may need an action that is not offered by itself.
        plan = self._offered(slug) if slug in self._offered else self._all(slug)
        return (yield from _ask(plan, plan.check(params), True))


def _ask(plan: _Plan, params: dict[str, Any], unwrap: bool) -> Steps:
    try:
        received = yield plan.build(params), plan.headers
    except SendFailed as failure:
        raise _lost(plan.spec, failure) from None
    return read(plan.spec, received, unwrap=unwrap)


class _Plans:
    """The plans of a catalogue's actions, each made at its first call."""

    def __init__(self, actions: Catalog, credentials: Credentials, coerce: bool) -> None:
        self._actions = actions
        self._credentials = credentials
        self._coerce = coerce
        self._made: dict[str, _Plan] = {}

    def __call__(self, slug: str) -> _Plan:
        try:
            return self._made[slug]
        except (KeyError, TypeError):
            pass
        if not isinstance(slug, str) or slug not in self._actions:
            raise ActionError("unknown_action", unknown_action(self._actions, slug))
        plan = self._made[slug] = _Plan(self._actions[slug], self._credentials, self._coerce)
        return plan

    def __contains__(self, slug: str) -> bool:
        return slug in self._actions


class _Plan:
    """What every call of one action shares, worked out at its first call."""

    def __init__(self, spec: ActionSpec, credentials: Credentials, coerce: bool) -> None:
        self.spec = spec
        self.check = Checker(spec.slug, spec.input, coerce=coerce)
        self.build = RequestBuilder(spec)
        self._credentials = credentials

    @cached_property
    def headers(self) -> Headers:
        """The headers; looked up late, so that bad params are told before missing keys."""
        return (
            ("Accept", "application/json"),
            ("Accept-Encoding", "gzip, deflate"),
            ("User-Agent", "cal-actions"),
            *((("Content-Type", "application/json"),) if self.build.sends_body else ()),
            *((("cal-api-version", self.spec.version),) if self.spec.version else ()),
            *self._credentials.headers(self.spec).items(),
        )


def _lost(spec: ActionSpec, failure: SendFailed) -> ActionError:
    """Tell what a missing answer means: a write that was sent may have taken effect."""
    message = {
        "timeout": f"Cal.com gave {failure.reason}",
        "network_error": f"Cal.com could not be reached ({failure.reason})",
        "unreadable_response": f"Cal.com's answer cannot be read: {failure.reason}",
    }[failure.code]
    if failure.code == "network_error":
        message += ": check network and CAL_API_BASE_URL"
    repeatable = spec.effect == "read" or spec.idempotent or not failure.sent
    retryable = repeatable and not failure.lasting and failure.code != "unreadable_response"
    facts = {"outcome_unknown": True} if failure.sent and spec.effect != "read" else {}
    if retryable:
        message += "; sending it again is safe"
    elif facts:
        message += "; the call may have taken effect, so look that up before sending it again"
    return ActionError(failure.code, f"{message}.", retryable=retryable, **facts)
