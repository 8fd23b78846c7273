"""Params that nearly fit → params that fit, where the meaning is beyond doubt.

Frameworks send None for "omitted" and models send numbers as text; neither changes what
was meant, so neither should cost a round trip.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

    from cal_actions.spec import Schema

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?")


def coerced(value: Any, schema: Schema, validator: Draft202012Validator) -> Any:
    """Return `value`, or a changed copy of it that comes closer to `schema`.

    `validator` is that of the whole schema; it resolves local references and decides
    between the alternatives of an `anyOf`.
    """
    if "$ref" in schema:
        whole: Any = validator.schema
        schema = whole["$defs"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        return _of_alternatives(value, schema["anyOf"], validator)
    types = schema.get("type", ())
    value = _retyped(value, (types,) if isinstance(types, str) else tuple(types))
    if isinstance(value, dict):
        return _object(value, schema, validator)
    if isinstance(value, list) and "items" in schema:
        return [coerced(item, schema["items"], validator) for item in value]
    return value


def _of_alternatives(
    value: Any, alternatives: list[Schema], validator: Draft202012Validator
) -> Any:
    for alternative in alternatives:
        candidate = coerced(value, alternative, validator)
        if validator.evolve(schema=alternative).is_valid(candidate):
            return candidate
    return value


def _object(
    value: dict[str, Any], schema: Schema, validator: Draft202012Validator
) -> dict[str, Any]:
    properties = schema.get("properties", {})
    required = schema.get("required", ())
    result = {}
    for name, item in value.items():
        known = properties.get(name)
        if item is None and known is not None and name not in required:
            takes_null = validator.evolve(schema=known).is_valid(None)
            if not takes_null:
                continue
        result[name] = coerced(item, known, validator) if known is not None else item
    return result


def _retyped(value: Any, types: tuple[str, ...]) -> Any:
    """Turn text into the type asked for, and an integer into text, where that is unambiguous."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, int) and not isinstance(value, bool) and _wants_text(types):
        return str(value) if abs(value) < 10**18 else value
    if not isinstance(value, str) or "string" in types:
        return value
    text = value.strip()
    if "integer" in types and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        return float(text)
    if "boolean" in types and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if ("object" in types and text.startswith("{")) or ("array" in types and text.startswith("[")):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return value
    return value


def _wants_text(types: tuple[str, ...]) -> bool:
    return "string" in types and "integer" not in types and "number" not in types
