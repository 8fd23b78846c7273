"""Which actions a connector may execute."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypeAlias

from cal_actions.catalog import catalog
from cal_actions.errors import ActionError

if TYPE_CHECKING:
    from cal_actions.catalog import Catalog
    from cal_actions.spec import ActionSpec

_EFFECTS = ("read", "write", "destructive")

Choice: TypeAlias = str | Iterable[str]


class Permissions:
    """What is allowed: nothing that `deny` chooses, and only what `allow` chooses, if given."""

    def __init__(
        self, actions: Catalog, *, read_only: bool, allow: Choice | None, deny: Choice
    ) -> None:
        self._read_only = read_only
        self._allowed = None if allow is None else chosen("allow", allow, actions)
        self._denied = chosen("deny", deny, actions)

    def allows(self, spec: ActionSpec) -> bool:
        """Tell whether the action may be executed."""
        return self._obstacle(spec) is None

    def ensure_allowed(self, spec: ActionSpec) -> None:
        """Raise ActionError `refused` for an action that may not be executed."""
        if obstacle := self._obstacle(spec):
            raise ActionError(
                "refused",
                f"{spec.slug} is not allowed here: {obstacle}. Nothing was sent; use an action"
                " that is offered.",
            )

    def _obstacle(self, spec: ActionSpec) -> str | None:
        if self._read_only and spec.effect != "read":
            return f"this connector only reads, and the effect of this action is {spec.effect}"
        if spec.slug in self._denied:
            return "this connector denies it"
        if self._allowed is not None and spec.slug not in self._allowed:
            return "this connector allows other actions only"
        return None


def chosen(option: str, choice: Choice, actions: Catalog) -> frozenset[str]:
    """Return the slugs of `actions` that a choice means, and those of the packaged catalogue.

    Raises ValueError for an entry that means no action, lest a misspelt `deny` denies nothing,
    and TypeError for one that is no text.
    """
    known = {**catalog, **actions}
    slugs: set[str] = set()
    for entry in (choice,) if isinstance(choice, str) else choice:
        if not isinstance(entry, str):
            raise TypeError(f"{option} takes text, not {type(entry).__name__}")
        meant = {
            slug
            for slug, spec in known.items()
            if (spec.effect == entry if entry in _EFFECTS else fnmatchcase(slug, entry))
        }
        if not meant:
            near = get_close_matches(entry, [*_EFFECTS, *known], n=2, cutoff=0.6)
            forms = (
                "name slugs, patterns such as CAL_DELETE_*, or effects: read, write, destructive"
            )
            advice = f"did you mean {' or '.join(near)}?" if near else forms
            raise ValueError(f"{option}: no action is meant by {entry!r}: {advice}")
        slugs |= meant
    return frozenset(slugs)
