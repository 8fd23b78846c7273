"""JSON Schema → the two dialects of a Gemini function declaration.

JSON Schema: the keywords listed for `responseJsonSchema`, the only ones that Gemini says it
reads (https://ai.google.dev/api/generate-content#generationconfig). OpenAPI: its `Schema`
(https://ai.google.dev/api/caching#Schema). In both, Vertex AI refuses any keyword beside
`anyOf`, so what stood there goes into the choices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cal_actions.schemas.walk import described, target
from cal_actions.schemas.words import in_words, with_words
from cal_actions.spec import copied

if TYPE_CHECKING:
    from cal_actions.spec import Schema


class _Dialect(NamedTuple):
    keywords: frozenset[str]
    formats: frozenset[str]
    enumerable: tuple[type, ...]
    references: bool


_COMMON = {"type", "description", "required", "minItems", "maxItems", "minimum", "maximum"}
_JSON = _Dialect(
    keywords=frozenset(_COMMON),
    formats=frozenset({"date-time", "date"}),
    enumerable=(str, int, float),
    references=True,
)
_OPENAPI = _Dialect(
    keywords=frozenset(_COMMON | {"minLength", "maxLength", "pattern"}),
    formats=frozenset({"date-time"}),
    enumerable=(str,),
    references=False,
)


def as_json_schema(schema: Schema) -> Schema:
    """Return `schema` in the JSON Schema that Gemini reads."""
    return _Rewriter(schema.get("$defs", {}), _JSON)(schema)


def as_openapi(schema: Schema) -> Schema:
    """Return `schema` as Gemini's `Schema`: references put in place, null as `nullable`."""
    return _Rewriter(schema.get("$defs", {}), _OPENAPI)(schema)


_SPEAKS_OF = {
    **dict.fromkeys(("properties", "required", "additionalProperties"), ("object",)),
    **dict.fromkeys(("items", "minItems", "maxItems", "uniqueItems"), ("array",)),
    **dict.fromkeys(("minLength", "maxLength", "pattern", "format"), ("string",)),
    **dict.fromkeys(("minimum", "maximum"), ("integer", "number")),
}


class _Rewriter:
    def __init__(self, definitions: Schema, dialect: _Dialect) -> None:
        self._definitions = definitions
        self._dialect = dialect

    def __call__(self, schema: Schema) -> Schema:
        if "$ref" in schema:
            if self._dialect.references and schema.keys() == {"$ref"}:
                return dict(schema)
            schema = target(schema, self._definitions)
        match schema:
            case {"type": [str(kind)] | [str(kind), "null"] | ["null", str(kind)] as types}:
                return {**self({**schema, "type": kind}), **self._null_too(types)}
            case {"type": list(types)}:
                return self({"anyOf": _of_each_type(schema, types), **described(schema)})
            case {"anyOf": _}:
                return self._of_choices(schema)
        result: Schema = {}
        words = []
        for keyword, value in schema.items():
            match keyword:
                case "properties":
                    result["properties"] = self._each(value)
                case "items":
                    result["items"] = self(value)
                case "$defs":
                    if self._dialect.references:
                        result["$defs"] = self._each(value)
                case "additionalProperties" if self._dialect.references:
                    result[keyword] = self(value) if isinstance(value, dict) else value
                case "enum" | "const" if self._enumerable(keyword, value):
                    result["enum"] = list(value) if keyword == "enum" else [value]
                case _ if self._kept(keyword, value):
                    result[keyword] = copied(value)
                case _:
                    words.append(in_words(keyword, value))
        with_words(result, words)
        return result if self._dialect.references else _typed(result)

    def _each(self, schemas: Schema) -> Schema:
        return {name: self(item) for name, item in schemas.items()}

    def _null_too(self, types: list[str]) -> Schema:
        if "null" not in types:
            return {}
        return {"type": list(types)} if self._dialect.references else {"nullable": True}

    def _of_choices(self, schema: Schema) -> Schema:
        beside = {key: schema[key] for key in schema if key not in ("anyOf", "description")}
        choices = [self(_both(beside, choice)) for choice in schema["anyOf"]]
        null: Schema = {"type": "null"}
        if not self._dialect.references and null in choices:
            choices = [choice for choice in choices if choice != null]
            choices[0]["nullable"] = True
        if "description" in schema:
            first = next((i for i, choice in enumerate(choices) if "$ref" not in choice), 0)
            if "$ref" in choices[first]:
                choices[first] = self(target(choices[first], self._definitions))
            own = described(choices[first]).values()
            choices[first]["description"] = " ".join([schema["description"], *own])
        return choices[0] if len(choices) == 1 else {"anyOf": choices}

    def _enumerable(self, keyword: str, value: Any) -> bool:
        values = value if keyword == "enum" else [value]
        taken = self._dialect.enumerable
        return all(isinstance(one, taken) and not isinstance(one, bool) for one in values)

    def _kept(self, keyword: str, value: Any) -> bool:
        if keyword == "format":
            return value in self._dialect.formats
        return keyword in self._dialect.keywords


def _typed(schema: Schema) -> Schema:
    """Give a schema the type that Gemini needs, and no object without properties.

    An object of any keys comes as text, which a connector takes for the object.
    """
    if "type" not in schema and "enum" in schema:
        schema["type"] = "string"
    if "type" not in schema:
        said = schema.get("description", "without description")
        raise ValueError(f"'gemini-openapi' needs the type of each value: {said!r} has none")
    if schema["type"] == "object" and not schema.get("properties"):
        schema["type"] = "string"
        with_words(schema, ["A JSON object, as text."])
    return schema


def _both(schema: Schema, choice: Schema) -> Schema:
    """Say in one schema what a choice says and what stands beside it."""
    required = [*schema.get("required", ()), *choice.get("required", ())]
    return {**schema, **choice, **({"required": required} if required else {})}


def _of_each_type(schema: Schema, types: list[str]) -> list[Schema]:
    """Make a choice of each type, with the keywords that say something of it."""
    return [
        {"type": kind}
        | {
            keyword: value
            for keyword, value in schema.items()
            if keyword not in ("type", "description") and kind in _SPEAKS_OF.get(keyword, types)
        }
        for kind in types
    ]
