"""JSON Schema → what a provider's strict mode can hold a model to.

OpenAI: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas.
Anthropic: https://platform.claude.com/docs/en/build-with-claude/structured-outputs, section
JSON Schema limitations.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from cal_actions.schemas.walk import target
from cal_actions.schemas.words import in_words, with_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cal_actions.spec import Schema

_COPIED = {"type", "description"}
_BEYOND_REGULAR = re.compile(r"\(\?|\\[bB1-9]")  # neither decoder knows lookarounds and the like


class Dialect(NamedTuple):
    """What a strict mode enforces; the rest is said in the description.

    `keywords` are the constraints, `formats` those of text, `min_items` the highest minItems.
    `untyped_enums` writes null among the values of an enum, and a boolean as one: the
    provider counts and limits lists of types.
    """

    keywords: frozenset[str]
    formats: frozenset[str]
    min_items: float
    untyped_enums: bool


_FORMATS = frozenset({"date-time", "date", "email"})

_OPENAI = Dialect(
    keywords=frozenset({"pattern", "minimum", "maximum", "minItems", "maxItems"}),
    formats=_FORMATS,
    min_items=float("inf"),
    untyped_enums=False,
)
_ANTHROPIC = Dialect(
    keywords=frozenset({"pattern", "minItems"}),
    formats=_FORMATS | {"uri"},
    min_items=1,
    untyped_enums=True,
)

DIALECTS = {"openai": _OPENAI, "openai-responses": _OPENAI, "anthropic": _ANTHROPIC}
"""Format → the dialect of its strict mode."""


def held(schema: Schema, dialect: Dialect) -> Schema:
    """Return `schema` with every property required and no other allowed.

    What was optional takes null. `schema` must be without the values that `free_forms` finds.
    """
    return _Held(schema.get("$defs", {}), dialect)(schema)


def free_forms(schema: Schema) -> list[str]:
    """Return the paths of the parameters in `schema` that a strict schema cannot describe.

    Those are objects whose keys are not all listed, values of which nothing is said, and what
    is optional and may be null: a strict schema writes null for what is left out.
    """
    definitions = schema.get("$defs", {})
    return list(dict.fromkeys(_of_properties(schema, definitions, "")))


def _of_properties(schema: Schema, definitions: Schema, path: str) -> Iterator[str]:
    for name, item in schema.get("properties", {}).items():
        if name not in schema.get("required", ()) and _takes_null(item, definitions):
            yield f"{path}{name}"  # left out and null would be written alike
        yield from _free_forms(item, definitions, f"{path}{name}")


def _takes_null(schema: Schema, definitions: Schema) -> bool:
    schema = target(schema, definitions)
    if None in schema.get("enum", ()) or "null" in schema.get("type", ()):
        return True
    return any(_takes_null(choice, definitions) for choice in schema.get("anyOf", ()))


def _free_forms(schema: Schema, definitions: Schema, path: str) -> Iterator[str]:
    schema = target(schema, definitions)
    kind = schema.get("type", ())
    types = (kind,) if isinstance(kind, str) else tuple(kind)
    properties = schema.get("properties", {})
    closable = properties and schema.get("additionalProperties") in (None, False)
    if "object" in types and not closable:
        yield path
    if "array" in types and "items" not in schema:
        yield path
    if not types and schema.keys().isdisjoint({"enum", "const", "anyOf"}):
        yield path
    yield from _of_properties(schema, definitions, f"{path}.")
    if "items" in schema:
        yield from _free_forms(schema["items"], definitions, f"{path}[]")
    for choice in schema.get("anyOf", ()):
        yield from _free_forms(choice, definitions, path)


class _Held:
    def __init__(self, definitions: Schema, dialect: Dialect) -> None:
        self._definitions = definitions
        self._dialect = dialect

    def __call__(self, schema: Schema) -> Schema:
        if schema.keys() == {"$ref"}:
            return dict(schema)
        schema = target(schema, self._definitions)  # neither provider takes anything beside it
        result: Schema = {}
        words = []
        for keyword, value in schema.items():
            match keyword:
                case "properties":
                    result["properties"] = self._properties(value, schema.get("required", ()))
                    result["required"] = list(value)
                    result["additionalProperties"] = False
                case "required" | "additionalProperties":
                    pass  # said with the properties
                case "items":
                    result["items"] = self(value)
                case "anyOf":
                    result["anyOf"] = [self(choice) for choice in value]
                case "$defs":
                    result["$defs"] = {name: self(item) for name, item in value.items()}
                case "enum" | "const":
                    result["enum"] = list(value) if keyword == "enum" else [value]
                case _ if keyword in _COPIED or self._enforced(keyword, value):
                    result[keyword] = value
                case _:
                    words.append(in_words(keyword, value))
        with_words(result, words)
        return result

    def _enforced(self, keyword: str, value: Any) -> bool:
        match keyword:
            case "format":
                return value in self._dialect.formats
            case "minItems" if value > self._dialect.min_items:
                return False
            case "pattern" if _BEYOND_REGULAR.search(value):
                return False
        return keyword in self._dialect.keywords

    def _properties(self, properties: Schema, required: list[str]) -> Schema:
        return {
            name: self(item) if name in required else self._nullable(self(item))
            for name, item in properties.items()
        }

    def _nullable(self, schema: Schema) -> Schema:
        kind = schema.get("type")
        if kind == "boolean" and "enum" not in schema and self._dialect.untyped_enums:
            schema["enum"] = [True, False]
        match schema:
            case {"enum": values}:
                schema["enum"] = values if None in values else [*values, None]
                if self._dialect.untyped_enums:
                    schema.pop("type", None)
                elif kind is not None:
                    schema["type"] = _with_null(kind)
                return schema
            case {"type": "object" | "array"} | {"$ref": _}:
                description = {key: schema.pop(key) for key in ["description"] if key in schema}
                return {"anyOf": [schema, {"type": "null"}], **description}
            case {"anyOf": choices}:
                schema["anyOf"] = [*choices, {"type": "null"}]
                return schema
        schema["type"] = _with_null(kind)
        return schema


def _with_null(kind: Any) -> list[str]:
    types = [kind] if isinstance(kind, str) else list(kind)
    return types if "null" in types else [*types, "null"]
