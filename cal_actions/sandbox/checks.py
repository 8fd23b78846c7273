"""Checks of bodies and queries, with the errors Cal.com's own checks give.

A `Field` names a property and its rules; `check` runs all of them, strips what is not named
(Cal.com drops unknown fields silently) and refuses with every error at once (400, shape 2).
An optional field may be null as well as missing, as on the recorded server; where a null broke
that server (500), `nullable=False` refuses it instead.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.exchange import LARGEST_ID, Query
from cal_actions.sandbox.refusals import FieldError
from cal_actions.sandbox.rules import Rule, at_least, at_most, is_number

_MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class Field:
    """A property with its rules, checked in the order given.

    `nested` are the fields of an object, or with `each` of every object in an array.
    """

    name: str
    rules: tuple[Rule, ...] = ()
    required: bool = True
    nested: tuple[Field, ...] = ()
    each: bool = field(default=False, kw_only=True)
    nullable: bool = field(default=True, kw_only=True)


def optional(one: Field) -> Field:
    """The same field, which may be missing, and null where it is nullable."""
    return replace(one, required=False)


def check(target: Any, fields: Sequence[Field]) -> dict[str, Any]:
    """`target` reduced to the named fields that it has.

    Raises Refusal (400) with every error of every field.
    """
    cleaned = _strip(target, fields)
    errors = find_errors(cleaned, fields)
    if errors and {error["property"] for error in errors} <= _nulls(cleaned, fields):
        raise refusals.breaks(refusals.invalid(errors), wrapped=True)
    if errors:
        raise refusals.invalid(errors)
    return dict(cleaned) if isinstance(cleaned, dict) else {}


def _nulls(target: Any, fields: Sequence[Field]) -> set[str]:
    """The fields that pass Cal.com's checks as null and break its database."""
    found = target if isinstance(target, Mapping) else {}
    return {
        one.name
        for one in fields
        if not one.required and not one.nullable and found.get(one.name, _MISSING) is None
    }


def with_defaults(body: Any, defaults: Mapping[str, Any]) -> Any:
    """A body as Cal.com checks it, and shows it in errors: what is left out has its default."""
    return {**defaults, **body} if isinstance(body, dict) else body


def find_errors(target: Any, fields: Sequence[Field]) -> list[FieldError]:
    """Every error of every field, for routes that word them differently."""
    found = (_field_error(target, one) for one in fields)
    return [error for error in found if error is not None]


def page(query: Query, *, default_take: int = 250, max_take: int = 250) -> tuple[int, int]:
    """`take` and `skip` of a list. Raises Refusal (400) outside 1 to `max_take`, or below 0."""
    target = {
        "take": number(query.get("take", str(default_take))),
        "skip": number(query.get("skip", "0")),
    }
    fields = (
        Field("take", (at_most(max_take), at_least(1), is_number())),
        Field("skip", (at_least(0), is_number())),
    )
    checked = check(target, fields)
    return int(checked["take"]), int(min(checked["skip"], LARGEST_ID))


def number(value: Any) -> int | float | None:
    """A query value as JavaScript's Number() reads it; None for what is not a number."""
    try:
        result = float(value.strip() or "0")
    except (AttributeError, ValueError):
        return None
    if not math.isfinite(result):
        return None
    return int(result) if result.is_integer() else result


def _strip(target: Any, fields: Sequence[Field]) -> Any:
    if not isinstance(target, Mapping):
        return target
    return {one.name: _strip_nested(target[one.name], one) for one in fields if one.name in target}


def _strip_nested(value: Any, one: Field) -> Any:
    if not one.nested:
        return value
    if one.each and isinstance(value, list):
        return [_strip(item, one.nested) for item in value]
    return _strip(value, one.nested)


def _field_error(target: Any, one: Field) -> FieldError | None:
    value = target.get(one.name, _MISSING) if isinstance(target, dict) else _MISSING
    if not one.required and (value is _MISSING or (value is None and one.nullable)):
        return None
    constraints = {
        rule.name: rule.message.format(property=one.name)
        for rule in one.rules
        if not rule.holds(value)
    }
    children: list[FieldError] = []
    if one.nested:
        if isinstance(value, dict | list):
            children = _nested_errors(value, one)
        elif value is not _MISSING:
            subject = "each value in nested property" if one.each else "nested property"
            constraints["nestedValidation"] = f"{subject} {one.name} must be either object or array"
    return _error(target, value, one.name, children, constraints)


def _nested_errors(value: dict[str, Any] | list[Any], one: Field) -> list[FieldError]:
    if isinstance(value, dict):
        return find_errors(value, one.nested)
    found = (_item_error(value, index, one) for index in range(len(value)))
    return [error for error in found if error is not None]


def _item_error(items: list[Any], index: int, one: Field) -> FieldError | None:
    if isinstance(items[index], dict | list):
        errors = find_errors(items[index], one.nested)
        return _error(items, items[index], str(index), errors, {})
    message = f"each value in nested property {one.name} must be either object or array"
    return _error(items, items[index], str(index), [], {"nestedValidation": message})


def _error(
    target: Any, value: Any, name: str, children: list[FieldError], constraints: dict[str, str]
) -> FieldError | None:
    if not children and not constraints:
        return None
    error: FieldError = {"target": target}
    if value is not _MISSING:
        error["value"] = value
    error |= {"property": name, "children": children}
    if constraints:
        error["constraints"] = constraints
    return error
