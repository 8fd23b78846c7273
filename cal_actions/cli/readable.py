"""An input schema as a person reads it: definitions in place, one row a property."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    Schema = dict[str, Any]

_MOST_VALUES = 40
_TIMES = ("date", "date-time")


class Row(NamedTuple):
    """One property: `depth` is 0 for a parameter, 1 for what is within it, and so on."""

    depth: int
    name: str
    type: str
    required: bool
    description: str


def expanded(schema: Schema) -> Schema:
    """Return the schema with each definition of its `$defs` where its `$ref` stood."""
    definitions = schema.get("$defs", {})

    def in_place(node: Any) -> Any:
        if isinstance(node, list):
            return [in_place(item) for item in node]
        if not isinstance(node, dict):
            return node
        own = {key: in_place(value) for key, value in node.items() if key not in ("$ref", "$defs")}
        if "$ref" not in node:
            return own
        name = node["$ref"].removeprefix("#/$defs/")
        return {**in_place(definitions[name]), **own}

    expansion: Schema = in_place(schema)
    return expansion


def rows(schema: Schema, depth: int = 0) -> Iterator[Row]:
    """Give every property of an expanded schema, each followed by what is within it."""
    for name, part in schema.get("properties", {}).items():
        required = name in schema.get("required", ())
        yield Row(depth, name, kind(part), required, _description(part))
        yield from rows(part, depth + 1)
    if "items" in schema:
        yield from rows(schema["items"], depth)
    for choice in choices(schema):
        for row in rows(choice, depth):
            # What one of several shapes requires, the parameter as a whole does not.
            yield row._replace(required=False) if row.depth == depth else row


def kind(schema: Schema) -> str:
    """Name the type in a few words: "array of string", "date-time", "integer or null"."""
    types = schema.get("type")
    if types is None:
        return " or ".join(dict.fromkeys(map(kind, choices(schema)))) or "any"
    if isinstance(types, list):
        return " or ".join(kind({**schema, "type": one}) for one in types)
    if types == "array":
        return f"array of {kind(schema.get('items', {}))}"
    return str(schema["format"] if schema.get("format") in _TIMES else types)


def choices(schema: Schema) -> list[Schema]:
    """Return the shapes that the value may have, where there are several."""
    return [*schema.get("anyOf", ()), *schema.get("oneOf", ())]


def _description(schema: Schema) -> str:
    text: str = schema.get("description", "")
    if "const" in schema:
        return f"{text} Always {json.dumps(schema['const'])}.".strip()
    values = _values(schema)
    if not values:
        return text
    shown = ", ".join(map(str, values[:_MOST_VALUES]))
    more = f" … {len(values)} in all" if len(values) > _MOST_VALUES else ""
    return f"{text} One of {shown}{more}.".strip()


def _values(schema: Schema) -> list[Any]:
    for part in (schema, schema.get("items", {}), *choices(schema)):
        if "enum" in part:
            values: list[Any] = part["enum"]
            return values
    return []
