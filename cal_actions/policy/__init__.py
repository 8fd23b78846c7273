"""What a connector may do: which actions, with whose approval, with which params of its own.

Enforced where a call is executed, and mirrored in what is offered: `Policy.offered` has no
action that is not allowed, and no parameter that is filled in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cal_actions.catalog import Catalog
from cal_actions.policy.approval import Proposal, ensure_approved
from cal_actions.policy.defaults import Defaults
from cal_actions.policy.hooks import changed_by, reviewed
from cal_actions.policy.permissions import Permissions, chosen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cal_actions.envelope import Envelope
    from cal_actions.policy.approval import Approve
    from cal_actions.policy.hooks import After, Asking, Before
    from cal_actions.policy.permissions import Choice
    from cal_actions.spec import ActionSpec
    from cal_actions.validation import Checker

__all__ = ["Policy", "Proposal"]


class Policy:
    """The options of `cal_actions.options.PolicyOptions`, applied to a catalogue."""

    def __init__(
        self,
        actions: Catalog,
        *,
        coerce: bool,
        read_only: bool = False,
        allow: Choice | None = None,
        deny: Choice | None = None,
        approve: Approve | None = None,
        approve_for: Choice | None = None,
        dry_run: bool = False,
        defaults: Mapping[str, Any] | None = None,
        before: Before | None = None,
        after: After | None = None,
    ) -> None:
        """Raises ValueError for an entry or a default that fits no action, TypeError for one of
        another type than PolicyOptions has.
        """
        for name, function in (("approve", approve), ("before", before), ("after", after)):
            if function is not None and not callable(function):
                raise TypeError(f"{name} must be a function, not {type(function).__name__}")
        for name, flag in (("read_only", read_only), ("dry_run", dry_run)):
            if not isinstance(flag, bool):
                raise TypeError(f"{name} must be True or False, not {flag!r}")
        if approve is None and approve_for is not None:
            raise ValueError("approve_for= needs approve=: nobody would be asked")
        permissions = Permissions(actions, read_only=read_only, allow=allow, deny=deny or ())
        self.ensure_allowed = permissions.ensure_allowed
        self.dry_run = dry_run
        self._approve = approve
        asked_for = "destructive" if approve_for is None else approve_for
        self._asked_for = chosen("approve_for", asked_for, actions)
        self._defaults = Defaults({} if defaults is None else defaults, actions, coerce=coerce)
        self._before = before
        self._after = after
        offered = {
            slug: spec.without(self._defaults.names(slug))
            for slug, spec in actions.items()
            if permissions.allows(spec)
        }
        self.offered = Catalog(lambda: {**offered}, lambda: actions.toolsets)

    @property
    def functions(self) -> list[Callable[..., Any]]:
        """The functions that are called about a call."""
        return [each for each in (self._approve, self._before, self._after) if each is not None]

    def filled(self, slug: str, params: dict[str, Any]) -> dict[str, Any]:
        """Return the params with the defaults that the caller left out."""
        return self._defaults.filled(slug, params)

    def prepared(self, slug: str, params: dict[str, Any], check: Checker) -> Asking:
        """Return the params with defaults, as `before` would have them."""
        params = self.filled(slug, params)
        if self._before is None:
            return params
        return (yield from changed_by(self._before, slug, check.nearest(params)))

    def ensure_approved(self, spec: ActionSpec, params: dict[str, Any]) -> Asking:
        """Raise ActionError `refused` for a call that needs an approval and gets none."""
        if self._approve is not None and spec.slug in self._asked_for and not self.dry_run:
            yield from ensure_approved(self._approve, spec, params)

    def reviewed(self, slug: str, params: dict[str, Any], envelope: Envelope) -> Asking:
        """Return the envelope as `after` would have it."""
        if self._after is None or self.dry_run:
            return envelope
        return (yield from reviewed(self._after, slug, params, envelope))
