"""The steps of a call, shared by the sync and the async connector.

A generator yields what is to be sent, waited for or run (see `wire`), and takes the answer, or
SendFailed thrown in; it returns the envelope. Nothing here waits, so both connectors drive
the same code.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cal_actions.auth import Authorization, Credentials
from cal_actions.catalog import Catalog, catalog
from cal_actions.envelope import Envelope
from cal_actions.errors import ActionError
from cal_actions.exchange import Exchange, Steps
from cal_actions.observe import Call
from cal_actions.plans import Plan, Plans
from cal_actions.results.page import Page
from cal_actions.wire import Headers, Pause, WouldSend

if TYPE_CHECKING:
    from cal_actions.policy import Policy
    from cal_actions.results.paging import Pages
    from cal_actions.results.selection import Selection
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
        policy: Policy | None = None,
        max_result_tokens: int | None = None,
    ) -> None:
        self._offered = Plans(actions, coerce, policy)
        self._unrestricted = Plans(actions, coerce) if policy else self._offered
        self._all = Plans(catalog, coerce)
        self._policy = policy
        self._most_tokens = max_result_tokens
        self._credentials = credentials
        self._exchange = exchange
        self._spawn = spawn
        self._unwrap = unwrap

    def steps(
        self,
        call: Call,
        slug: str,
        params: Any,
        credentials: Credentials | None,
        select: str | None = None,
    ) -> Steps:
        """Go through one call; returns its Envelope. `select` is a JMESPath of the data."""
        try:
            selection = None if select is None else _selection(select)
        except ActionError as problem:
            return call.answered(Envelope.failure(problem))
        page = yield from self._page(call, slug, params, credentials, self._unwrap)
        envelope: Envelope = page.shown
        if page.spec is not None and envelope.successful:
            if selection is not None:
                envelope = Envelope.success(selection.apply(envelope.data))
            if self._most_tokens is not None:
                envelope = _shortened(envelope, self._most_tokens, page, selection)
        return call.answered(envelope)

    def page(self, call: Call, slug: str, params: Any, credentials: Credentials | None) -> Steps:
        """Go through one call of a list; returns the whole Page, whatever its length."""
        page = yield from self._page(call, slug, params, credentials, True)
        call.answered(page.shown)
        return page

    def _page(
        self, call: Call, slug: str, params: Any, credentials: Credentials | None, unwrap: bool
    ) -> Steps:
        try:
            plan = self._offered(slug)
            if self._policy is None:
                sent = plan.check(params)
            else:
                sent = yield from self._permitted(call, plan, params, self._policy)
        except ActionError as problem:
            failure = Envelope.failure(problem)
            return Page(failure, failure)
        told = yield from self._carried_out(call, plan, sent, credentials, unwrap)
        if self._policy is None:
            return Page(told, told, plan.spec, sent)
        if self._policy.dry_run:
            return Page(told, told)
        shown = yield from self._policy.reviewed(slug, sent, told)
        return Page(told, shown, plan.spec, sent)

    def pages(self, slug: str, params: Any, page_size: int | None) -> Pages:
        """Return the pages of a list. Raises what Pages and an unknown or refused slug raise."""
        from cal_actions.results.paging import Pages

        plan = self._offered(slug)
        params = plan.check.as_object(params)
        if self._policy is not None:
            if self._policy.dry_run:
                raise ValueError("a dry run has no pages: use execute")
            params = self._policy.filled(slug, params)
        return Pages(plan.spec, params, page_size)

    def _permitted(self, call: Call, plan: Plan, params: Any, policy: Policy) -> Steps:
        """Return the checked params of a call that may go on; its time stands still meanwhile."""
        began = time.monotonic()
        own = plan.check.as_object(params)
        checked = plan.check((yield from policy.prepared(plan.spec.slug, own, plan.check)))
        if plan.spec.flow is None:
            plan.build(checked)  # what cannot be sent needs no approval
        yield from policy.ensure_approved(plan.spec, checked)
        call.until += time.monotonic() - began
        return checked

    def _carried_out(
        self,
        call: Call,
        plan: Plan,
        params: dict[str, Any],
        credentials: Credentials | None,
        unwrap: bool,
    ) -> Steps:
        credentials = credentials or self._credentials
        try:
            if plan.spec.flow is None:
                data = yield from self._ask(call, plan, params, credentials, unwrap)
            else:
                data = yield from self._flow(call, plan.spec.flow, params, credentials)
        except WouldSend as would:
            from cal_actions.policy.dry_run import told

            return Envelope.success(told(would, plan.spec, self._exchange.base_url))
        except ActionError as problem:
            return Envelope.failure(problem)
        return Envelope.success(data)

    def _flow(
        self, call: Call, name: str, params: dict[str, Any], credentials: Credentials
    ) -> Steps:
        from cal_actions.flows import FLOWS

        def ask(slug: str, params: dict[str, Any]) -> Steps:
            # A flow may need an action that is not offered by itself.
            plans = self._unrestricted if slug in self._unrestricted else self._all
            plan = plans(slug)
            return self._ask(call, plan, plan.check(params), credentials, True)

        return FLOWS[name](ask, params)

    def _ask(
        self,
        call: Call,
        plan: Plan,
        params: dict[str, Any],
        credentials: Credentials,
        unwrap: bool,
    ) -> Steps:
        wire = plan.build(params)
        authorization = credentials.authorize(plan.spec)
        if self._policy is not None and self._policy.dry_run:
            headers = plan.headers + authorization.headers
            raise WouldSend(plan.build(plan.masked(params)), headers)
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
        plan = Plan(spec, coerce=False)
        wire = plan.build(plan.check(params))
        authorization = Authorization(headers, None)
        return self._exchange(call, spec, wire, plan.headers, authorization, params, True)


def _selection(select: str) -> Selection:
    from cal_actions.results.selection import Selection

    return Selection(select)


def _shortened(
    envelope: Envelope, most_tokens: int, page: Page, selection: Selection | None
) -> Envelope:
    from cal_actions.results.tokens import estimate
    from cal_actions.results.trimming import trimmed

    assert page.spec is not None
    # What a policy changed is no longer the action's own list either.
    changed = page.shown is not page.told and page.shown.data != page.told.data
    selected = selection is not None or changed
    short = trimmed(envelope.data, most_tokens, estimate, page.spec, page.sent, selected=selected)
    return Envelope.success(short)
