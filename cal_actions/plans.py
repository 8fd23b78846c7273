"""What every call of an action shares, worked out at its first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cal_actions.catalog import Catalog, unknown_action
from cal_actions.errors import ActionError
from cal_actions.redaction import HIDDEN
from cal_actions.request import RequestBuilder
from cal_actions.transport.bodies import ACCEPTED
from cal_actions.validation import Checker
from cal_actions.wire import Headers

if TYPE_CHECKING:
    from cal_actions.policy import Policy
    from cal_actions.spec import ActionSpec


class Plans:
    """The plans of a catalogue's actions, each made at its first call."""

    def __init__(self, actions: Catalog, coerce: bool, policy: Policy | None = None) -> None:
        self._actions = actions
        self._coerce = coerce
        self._policy = policy
        self._made: dict[str, Plan] = {}

    def __call__(self, slug: str) -> Plan:
        """Return the plan; raises ActionError `unknown_action`, or `refused` by the policy."""
        try:
            return self._made[slug]
        except (KeyError, TypeError):
            pass
        if not isinstance(slug, str) or slug not in self._actions:
            offered = self._policy.offered if self._policy else self._actions
            raise ActionError("unknown_action", unknown_action(offered, slug))
        if self._policy:
            self._policy.ensure_allowed(self._actions[slug])
        plan = self._made[slug] = Plan(self._actions[slug], self._coerce)
        return plan

    def __contains__(self, slug: str) -> bool:
        return slug in self._actions


class Plan:
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

    def masked(self, params: dict[str, Any]) -> dict[str, Any]:
        """Return the params with `***` for each that is a secret."""
        properties = self.spec.input["properties"]
        return {
            name: HIDDEN if properties[name].get("format") == "password" else value
            for name, value in params.items()
        }
