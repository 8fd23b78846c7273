"""The steps of a call, shared by the sync and the async connector.

A generator yields what is to be sent, waited for or run (see `wire`), and takes the answer, or
SendFailed thrown in; it returns the envelope. Nothing here waits, so both connectors drive
the same code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cal_actions.auth import Authorization, Credentials
from cal_actions.catalog import Catalog, catalog, unknown_action
from cal_actions.envelope import Envelope
from cal_actions.errors import ActionError
from cal_actions.exchange import Exchange, Steps
from cal_actions.observe import Call
from cal_actions.request import RequestBuilder
from cal_actions.transport.bodies import ACCEPTED
from cal_actions.validation import Checker
from cal_actions.wire import Headers, Pause

if TYPE_CHECKING:
    from cal_actions.spec import ActionSpec
    from cal_actions.tokens import RenewableToken, Secret

RENEWAL_SECONDS = 30.0  # at least: a trade that is cut off loses the refresh token


class Pipeline:
    """slug → catalog → validation → request → exchange → response → envelope.

    `spawn` drives a generator on its own, apart from the call that asks for it.
    """

    def __init__(
        self,
        actions: Catalog,
        credentials: Credentials,
        exchange: Exchange,
        spawn: Callable[[Steps], None],
        *,
        coerce: bool,
        unwrap: bool,
    ) -> None:
        self._offered = _Plans(actions, coerce)
        self._all = _Plans(catalog, coerce)
        self._credentials = credentials
        self._exchange = exchange
        self._spawn = spawn
        self._unwrap = unwrap

    def steps(self, call: Call, slug: str, params: Any, credentials: Credentials | None) -> Steps:
        """Go through one call; returns its Envelope."""
        credentials = credentials or self._credentials
        try:
            plan = self._offered(slug)
            checked = plan.check(params)
            if plan.spec.flow is None:
                data = yield from self._ask(call, plan, checked, credentials, self._unwrap)
            else:
                from cal_actions.flows import FLOWS

                def ask(slug: str, params: dict[str, Any]) -> Steps:
                    # A flow may need an action that is not offered by itself.
                    plan = self._offered(slug) if slug in self._offered else self._all(slug)
                    return self._ask(call, plan, plan.check(params), credentials, True)

                data = yield from FLOWS[plan.spec.flow](ask, checked)
        except ActionError as problem:
            return call.answered(Envelope.failure(problem))
        return call.answered(Envelope.success(data))

    def _ask(
        self,
        call: Call,
        plan: _Plan,
        params: dict[str, Any],
        credentials: Credentials,
        unwrap: bool,
    ) -> Steps:
        wire = plan.build(params)
        authorization = credentials.authorize(plan.spec)
        renewed = False
        while True:
            try:
                return (
                    yield from self._exchange(
                        call, plan.spec, wire, plan.headers, authorization, params, unwrap
                    )
                )
            except ActionError as problem:
                token, used = authorization.token, authorization.used
                if token is None or renewed or problem.code != "unauthorized":
                    raise
            renewed = True
            yield from self._renewal(call, token, used)
            authorization = credentials.authorize(plan.spec)

    def _renewal(self, call: Call, token: RenewableToken, used: Secret | None) -> Steps:
        """Wait until there is another token than the one that was used in vain."""
        done, is_ours = token.join_renewal(used)
        if done is None:
            return
        if is_ours:
            self._spawn(token.renew(self._ask_apart))
        yield Pause(call.until, done)
        if not done.done():
            raise ActionError(
                "timeout",
                "The access token was not renewed in time; sending it again is safe.",
                retryable=True,
            )
        if problem := done.exception():
            assert isinstance(problem, ActionError)
            raise ActionError(
                problem.code, problem.message, retryable=problem.retryable, **problem.facts
            )

    def _ask_apart(self, spec: ActionSpec, params: dict[str, Any], headers: Headers) -> Steps:
        """Execute an action with headers of its own and a deadline of its own."""
        call = self._exchange.call(spec.slug, RENEWAL_SECONDS)
        plan = _Plan(spec, coerce=False)
        wire = plan.build(plan.check(params))
        authorization = Authorization(headers, None)
        return self._exchange(call, spec, wire, plan.headers, authorization, params, True)


class _Plans:
    """The plans of a catalogue's actions, each made at its first call."""

    def __init__(self, actions: Catalog, coerce: bool) -> None:
        self._actions = actions
        self._coerce = coerce
        self._made: dict[str, _Plan] = {}

    def __call__(self, slug: str) -> _Plan:
        try:
            return self._made[slug]
        except (KeyError, TypeError):
            pass
        if not isinstance(slug, str) or slug not in self._actions:
            raise ActionError("unknown_action", unknown_action(self._actions, slug))
        plan = self._made[slug] = _Plan(self._actions[slug], self._coerce)
        return plan

    def __contains__(self, slug: str) -> bool:
        return slug in self._actions


class _Plan:
    """What every call of one action shares, worked out at its first call."""

    def __init__(self, spec: ActionSpec, coerce: bool) -> None:
        self.spec = spec
        self.check = Checker(spec.slug, spec.input, coerce=coerce)
        self.build = RequestBuilder(spec)
        self.headers = Headers(
            ("Accept", "application/json"),
            ("Accept-Encoding", ACCEPTED),
            ("User-Agent", "cal-actions"),
            *((("Content-Type", "application/json"),) if self.build.sends_body else ()),
            *((("cal-api-version", spec.version),) if spec.version else ()),
        )
