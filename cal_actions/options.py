"""What a connector may be told, beside credentials and how to connect."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from cal_actions.catalog import Catalog
    from cal_actions.observe import OnRequest, OnResponse, OnRetry
    from cal_actions.policy.approval import Approve
    from cal_actions.policy.hooks import After, Before
    from cal_actions.policy.permissions import Choice


class PolicyOptions(TypedDict, total=False):
    """What a connector may do; what is not allowed is not offered in `Connector.actions`.

    `read_only` allows only actions whose effect is `read`. `allow` and `deny` take one or
    several of: a slug, a pattern such as `CAL_DELETE_*`, an effect (`read`, `write`,
    `destructive`, which `write` does not include); what is denied stays denied. `approve` is
    called with a `cal_actions.policy.Proposal` before each call that `approve_for` chooses in
    the same words, by default the destructive ones: True lets it go on, text refuses it for
    that reason, anything else refuses it.

    `defaults` are params by name: each fills in where an action has a parameter that takes it
    and the caller gives none, filters of lists included, and is not offered there; in an
    update (PATCH, PUT) only where the action requires it.
    `before(slug, params)` may change its copy of the params, or return others, which are then
    checked; `after(slug, params, envelope)`, called when a call was let through, may change
    its copy of the envelope's data, or return another envelope (`paginate` gives it the data
    unwrapped, whatever `unwrap` says). With `dry_run`, nothing is sent, and neither `approve`
    nor `after` called: a success tells the request that would be.

    The three functions may be coroutine functions for an AsyncConnector, which runs others in
    a thread. What `before` or `approve` raises refuses the call, with the code of an
    ActionError or else `refused`; what `after` raises withholds the answer, and the envelope
    says what became of the action. The time of a call runs on only after its approval. A
    function that calls the same connector is called for that call too.
    """

    read_only: bool
    allow: Choice | None
    deny: Choice | None
    approve: Approve | None
    approve_for: Choice | None
    dry_run: bool
    defaults: Mapping[str, Any] | None
    before: Before | None
    after: After | None


class Options(PolicyOptions, total=False):
    """The options that make sense for a sandbox too; see the constructor of a connector."""

    timeout: float
    attempt_timeout: float
    max_attempts: int
    coerce: bool
    unwrap: bool
    actions: Catalog
    max_result_tokens: int | None
    on_request: OnRequest | None
    on_response: OnResponse | None
    on_retry: OnRetry | None
