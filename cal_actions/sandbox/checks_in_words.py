"""Checks whose errors Cal.com answers as one sentence (400, shape 1).

The routes that take several kinds of body (create, reschedule and cancel a booking, slots) check
by themselves: they also refuse unknown fields, which all others silently drop.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.checks import Field, find_errors
from cal_actions.sandbox.refusals import FieldError

_NO_OBJECT = "an unknown value was passed to the validate function"


def field_error(
    name: str, constraint: str | None = None, children: Sequence[FieldError] = ()
) -> FieldError:
    """One error: the sentence about a field, or the errors inside it."""
    constraints = {} if constraint is None else {"constraint": constraint}
    return {"property": name, "constraints": constraints, "children": [*children]}


def unknown_errors(target: Any, known: Collection[str]) -> list[FieldError]:
    """One error for every field that is not known; one in all for what is no object."""
    if not isinstance(target, dict):
        return [field_error("undefined", _NO_OBJECT)]
    unknown = (name for name in target if name not in known)
    return [field_error(name, f"property {name} should not exist") for name in unknown]


def check_in_words(target: Any, fields: Sequence[Field]) -> dict[str, Any]:
    """`target`, when every field of it is known and right. Raises Refusal (400)."""
    errors = unknown_errors(target, {one.name for one in fields})
    refuse_any(errors if not isinstance(target, dict) else errors + find_errors(target, fields))
    return dict(target)


def refuse_any(errors: Sequence[FieldError]) -> None:
    """Raise Refusal (400) when there are errors."""
    if errors:
        raise in_words(errors)


def in_words(errors: Sequence[FieldError]) -> refusals.Refusal:
    """400 in shape 1 with all errors in one sentence."""
    return refusals.bad_request(_sentences(errors))


def _sentences(errors: Iterable[FieldError]) -> str:
    return ", ".join(
        f"{error['property']} property is wrong,"
        f"{', '.join(error.get('constraints', {}).values())} {_sentences(error['children'])}"
        for error in errors
    )
