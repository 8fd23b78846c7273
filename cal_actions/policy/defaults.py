"""Params that a connector fills in by itself."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from cal_actions.errors import ActionError
from cal_actions.spec import copied
from cal_actions.validation import Checker

if TYPE_CHECKING:
    from cal_actions.catalog import Catalog
    from cal_actions.spec import ActionSpec, Schema


class Defaults:
    """Params by name, each for the actions that have a parameter which takes its value.

    Of an update only where it is required: what is left out of one is to stay as it is.
    """

    def __init__(self, values: Mapping[str, Any], actions: Catalog, *, coerce: bool) -> None:
        """Raises ValueError for a value that no action takes, TypeError for no mapping."""
        if not isinstance(values, Mapping):
            raise TypeError(f"defaults must be params by name, not {type(values).__name__}")
        self._by_slug: dict[str, dict[str, Any]] = {}
        for name, value in values.items():
            takers = [spec for spec in actions.values() if _takes(spec, name)]
            if not takers:
                if any(name in spec.input["properties"] for spec in actions.values()):
                    raise ValueError(f"defaults: only updates have {name!r}, and may leave it out")
                raise ValueError(
                    f"defaults: no action has a parameter {name!r}{_near(name, actions)}"
                )
            self._add(name, copied(value), takers, coerce)

    def _add(self, name: str, value: Any, takers: list[ActionSpec], coerce: bool) -> None:
        tried: dict[str, dict[str, Any]] = {}
        problem: ActionError | None = None
        for spec in takers:
            schema = _schema_of(name, spec)
            key = repr(schema)
            if key not in tried:
                try:
                    tried[key] = Checker(spec.slug, schema, coerce=coerce)({name: value})
                except ActionError as found:
                    tried[key], problem = {}, found
            if tried[key]:
                self._by_slug.setdefault(spec.slug, {}).update(tried[key])
        if problem is not None and not any(tried.values()):
            raise ValueError(f"defaults: {problem.message}")

    def names(self, slug: str) -> frozenset[str]:
        """Return the parameters of an action that are filled in."""
        return frozenset(self._by_slug.get(slug, ()))

    def filled(self, slug: str, params: dict[str, Any]) -> dict[str, Any]:
        """Return the params with what the caller left out, or gave as None."""
        defaults = self._by_slug.get(slug)
        if defaults is None:
            return params
        given = {
            name: value
            for name, value in params.items()
            if value is not None or name not in defaults
        }
        return {**copied(defaults), **given}


def _takes(spec: ActionSpec, name: str) -> bool:
    if spec.method in ("PATCH", "PUT"):
        return name in spec.input.get("required", ())
    return name in spec.input["properties"]


def _schema_of(name: str, spec: ActionSpec) -> Schema:
    return {
        "type": "object",
        "properties": {name: spec.input["properties"][name]},
        "required": [name],
        "$defs": spec.input.get("$defs", {}),
    }


def _near(name: object, actions: Catalog) -> str:
    known = {name for spec in actions.values() for name in spec.input["properties"]}
    near = get_close_matches(str(name), sorted(known), n=2, cutoff=0.6)
    return f": did you mean {' or '.join(near)}?" if near else ""
