"""An example call of an action, made from its input schema."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from cal_actions.cli.readable import choices, expanded

if TYPE_CHECKING:
    from cal_actions import ActionSpec

_FORMATS = {"date-time": "2030-01-07T10:00:00Z", "date": "2030-01-07"}


def example_call(spec: ActionSpec) -> str:
    """Return the shell command that executes the action with its required parameters."""
    command = f"cal-actions execute {spec.slug}"
    params = _object(expanded(spec.input))
    if not params:
        return command
    return f"{command} {shlex.quote(json.dumps(params, ensure_ascii=False))}"


def _object(schema: dict[str, Any]) -> dict[str, Any]:
    properties = schema.get("properties", {})
    return {name: _value(name, properties.get(name, {})) for name in schema.get("required", [])}


def _value(name: str, schema: dict[str, Any]) -> Any:
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for choice in choices(schema):
        return _value(name, choice)
    kind = schema.get("type", "string")
    match kind if isinstance(kind, str) else kind[0]:
        case "object":
            return _object(schema)
        case "array":
            return [_value(name, schema.get("items", {}))]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    return _FORMATS.get(schema.get("format", ""), f"<{name}>")
