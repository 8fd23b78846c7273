"""The steps of a call, shared by the sync and the async connector.

A generator yields what to send and takes the answer, or SendFailed thrown in; it returns
the envelope. Nothing here waits, so both connectors drive the same code.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from cal_actions.auth import Credentials
from cal_actions.catalog import Catalog, unknown_action
from cal_actions.envelope import Envelope
from cal_actions.errors import ActionError
from cal_actions.request import RequestBuilder, WireRequest
from cal_actions.response import Received, read
from cal_actions.spec import ActionSpec
from cal_actions.transport import Headers, SendFailed
from cal_actions.validation import Checker

Steps = Generator[tuple[WireRequest, Headers], Received, Any]


class Pipeline:
    """slug → catalog → validation → request → (send) → response → envelope."""

    def __init__(
        self, actions: Catalog, credentials: Credentials, *, coerce: bool, unwrap: bool
    ) -> None:
        self._actions = actions
        self._credentials = credentials
        self._coerce = coerce
        self._unwrap = unwrap
        self._plans: dict[str, _Plan] = {}

    def steps(self, slug: str, params: Any) -> Steps:
        """Go through one call; returns its Envelope."""
        try:
            plan = self._plan(slug)
            checked = plan.check(params)
            if plan.spec.flow is None:
                return Envelope.success((yield from self._ask(plan, checked, self._unwrap)))
            from cal_actions.flows import FLOWS

            flow = FLOWS[plan.spec.flow]
            return Envelope.success((yield from flow(self._call, checked)))
        except ActionError as problem:
            return Envelope.failure(problem)

    def _call(self, slug: str, params: dict[str, Any]) -> Steps:
        plan = self._plan(slug)
        return (yield from self._ask(plan, plan.check(params), True))

    def _ask(self, plan: _Plan, params: dict[str, Any], unwrap: bool) -> Steps:
        try:
            received = yield plan.build(params), plan.headers
        except SendFailed as failure:
            raise _lost(plan.spec, failure) from None
        return read(plan.spec, received, unwrap=unwrap)

    def _plan(self, slug: str) -> _Plan:
        try:
            return self._plans[slug]
        except (KeyError, TypeError):
            pass
        if not isinstance(slug, str) or slug not in self._actions:
            raise ActionError("unknown_action", unknown_action(self._actions, slug))
        plan = _Plan(self._actions[slug], self._credentials, self._coerce)
        self._plans[slug] = plan
        return plan


class _Plan:
    """What every call of one action shares, worked out at its first call."""

    def __init__(self, spec: ActionSpec, credentials: Credentials, coerce: bool) -> None:
        self.spec = spec
        self.check = Checker(spec.slug, spec.input, coerce=coerce)
        self.build = RequestBuilder(spec)
        self._credentials = credentials
        self._headers: Headers | None = None

    @property
    def headers(self) -> Headers:
        """The headers; looked up late, so that bad params are told before missing keys."""
        if self._headers is None:
            self._headers = (
                ("Accept", "application/json"),
                ("Accept-Encoding", "gzip, deflate"),
                ("User-Agent", "cal-actions"),
                *((("Content-Type", "application/json"),) if self.build.sends_body else ()),
                *((("cal-api-version", self.spec.version),) if self.spec.version else ()),
                *self._credentials.headers(self.spec).items(),
            )
        return self._headers


def _lost(spec: ActionSpec, failure: SendFailed) -> ActionError:
    """Tell what a missing answer means: a write that was sent may have taken effect."""
    unknown = failure.sent and spec.effect != "read"
    if failure.code == "unreadable_response":
        return ActionError(failure.code, f"Cal.com's answer cannot be read: {failure.reason}.")
    reason = (
        f"Cal.com gave {failure.reason}"
        if failure.code == "timeout"
        else f"Cal.com could not be reached ({failure.reason}): check network and CAL_API_BASE_URL"
    )
    if unknown:
        return ActionError(
            failure.code,
            f"{reason}; the request was sent and may have taken effect, so look that up before"
            " sending it again.",
            outcome_unknown=True,
        )
    return ActionError(failure.code, f"{reason}; sending it again is safe.", retryable=True)
