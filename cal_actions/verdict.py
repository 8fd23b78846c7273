"""Input schema → a fast yes or no, by pydantic-core.

pydantic is loaded anyway, and its core decides in a microsecond what jsonschema, whose
import alone takes as long as a third of httpx's, decides in thirty. A yes is final. A no is asked
again of jsonschema, which also has the words for it; so a translation may be stricter than
JSON Schema (5.0 is no integer here) but never looser.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydantic_core import SchemaValidator, core_schema

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

    from cal_actions.spec import Schema

_STRICT = core_schema.CoreConfig(strict=True, allow_inf_nan=False)

Formats = dict[str, Callable[[object], bool]]

_ANNOTATIONS = {"description", "deprecated", "$defs", "format"}
_UNDERSTOOD = {
    "object": {"type", "properties", "required", "additionalProperties"},
    "array": {"type", "items", "minItems", "maxItems"},
    "string": {"type", "minLength", "maxLength", "pattern"},
    "integer": {"type", "minimum", "maximum"},
    "number": {"type", "minimum", "maximum"},
    "boolean": {"type"},
    "null": {"type"},
}


def verdict(schema: Schema, formats: Formats) -> Callable[[Any], bool] | None:
    """Compile a schema; the result says True only for a value that fits it.

    `formats` are the formats to enforce. Returns None for a schema with a keyword that this
    translation does not know.
    """
    try:
        core = _Translation(schema.get("$defs", {}), formats)(schema)
    except _UnknownKeyword:
        return None
    return SchemaValidator(core, _STRICT).isinstance_python


class _UnknownKeyword(Exception):
    pass


class _Translation:
    def __init__(self, definitions: Schema, formats: Formats) -> None:
        self._definitions = definitions
        self._formats = formats

    def __call__(self, schema: Schema) -> CoreSchema:
        if "$ref" in schema:
            if schema.keys() - {"$ref"} - _ANNOTATIONS:
                raise _UnknownKeyword
            return self(self._definitions[schema["$ref"].rpartition("/")[2]])
        rest = {key: value for key, value in schema.items() if key not in _ANNOTATIONS}
        choices = rest.pop("anyOf", None)
        enum = [rest.pop("const")] if "const" in rest else rest.pop("enum", None)
        steps = [self._typed(rest)] if rest else []
        if enum is not None:
            if not (isinstance(rest.get("type"), str) or all(isinstance(one, str) for one in enum)):
                raise _UnknownKeyword  # for Python, true is 1
            steps.append(core_schema.literal_schema(enum))
        if choices is not None:
            steps.append(core_schema.union_schema([self(self._of(rest, one)) for one in choices]))
        if check := self._formats.get(schema.get("format", "")):
            steps.append(core_schema.no_info_plain_validator_function(_passing(check)))
        if not steps:
            return core_schema.any_schema()
        return steps[0] if len(steps) == 1 else core_schema.chain_schema(steps)

    def _of(self, parent: Schema, choice: Schema) -> Schema:
        """Give an alternative without a type its parent's, which it has to fit anyway."""
        if "type" in choice or "type" not in parent or "$ref" in choice:
            return choice
        return {"type": parent["type"], **choice}

    def _typed(self, schema: Schema) -> CoreSchema:
        kind = schema.get("type")
        if isinstance(kind, list):
            return core_schema.union_schema([self._typed({**schema, "type": one}) for one in kind])
        if kind not in _UNDERSTOOD or not _UNDERSTOOD[kind] >= schema.keys():
            raise _UnknownKeyword
        match kind:
            case "object":
                return self._object(schema)
            case "array":
                return self._array(schema)
            case "string":
                return self._string(schema)
            case "integer":
                return core_schema.int_schema(ge=schema.get("minimum"), le=schema.get("maximum"))
            case "number":
                return core_schema.float_schema(ge=schema.get("minimum"), le=schema.get("maximum"))
            case "boolean":
                return core_schema.bool_schema()
            case _:
                return core_schema.none_schema()

    def _object(self, schema: Schema) -> CoreSchema:
        required = schema.get("required", ())
        properties = schema.get("properties", {})
        extra = schema.get("additionalProperties", True)
        if extra is not True and not set(required) <= properties.keys():
            raise _UnknownKeyword
        fields = {
            name: core_schema.typed_dict_field(
                self(properties.get(name, {})), required=name in required
            )
            for name in (*properties, *(name for name in required if name not in properties))
        }
        return core_schema.typed_dict_schema(
            fields,
            extra_behavior="allow" if extra else "forbid",
            extras_schema=self(extra) if isinstance(extra, dict) else None,
            config=_STRICT,  # a typed dict does not inherit it
        )

    def _array(self, schema: Schema) -> CoreSchema:
        return core_schema.list_schema(
            self(schema.get("items", {})),
            min_length=schema.get("minItems"),
            max_length=schema.get("maxItems"),
        )

    def _string(self, schema: Schema) -> CoreSchema:
        return core_schema.str_schema(
            min_length=schema.get("minLength"),
            max_length=schema.get("maxLength"),
            pattern=schema.get("pattern"),
            regex_engine="python-re",
        )


def _passing(check: Callable[[object], bool]) -> Callable[[Any], Any]:
    def passed(value: Any) -> Any:
        if not check(value):
            raise ValueError
        return value

    return passed
