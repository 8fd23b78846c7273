"""What every provider asks of the tools it is given.

Names and counts: https://platform.openai.com/docs/api-reference/chat/create (64 characters, 128
tools), https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/implement-tool-use and
https://ai.google.dev/api/caching#FunctionDeclaration. Strict mode:
https://platform.openai.com/docs/guides/structured-outputs#supported-schemas.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, SchemaError

from tests.agents.model import Refused

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def check_names(names: list[Any], most: int | None = None) -> None:
    """Refuse names that a provider does not take, one twice, and more tools than `most`."""
    if most is not None and len(names) > most:
        message = f"tools: at most {most} are taken, {len(names)} were sent"
        raise Refused(message, "tools", "array_above_max_length")
    for place, name in enumerate(names):
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise Refused(
                f"tools[{place}]: {name!r} is no name", f"tools[{place}]", "invalid_value"
            )
    if len(set(names)) < len(names):
        raise Refused("tools: a name comes twice", "tools", "invalid_value")


def check_schema(name: str, schema: Any, *, strict: bool = False) -> None:
    """Refuse what is no JSON Schema of an object, or breaks the rules of strict mode."""
    _check(name, json.dumps(schema), strict)


@cache  # an agent sends the same tools with each request
def _check(name: str, text: str, strict: bool) -> None:
    schema = json.loads(text)
    if not isinstance(schema, dict) or schema.get("type") != "object":
        raise _wrong(name, 'the schema must be of type "object"')
    if {"anyOf", "oneOf", "allOf", "not", "enum"} & set(schema):
        raise _wrong(name, "no alternatives at the top")
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as fault:
        raise _wrong(name, f"no JSON Schema: {fault.message}") from None
    for part in _parts(schema):
        if part.get("type") == "array" and not isinstance(part.get("items"), dict):
            raise _wrong(name, "an array says nothing of its items")
        if strict and "object" in _types(part):
            if part.get("additionalProperties") is not False:
                raise _wrong(name, "strict: additionalProperties must be false")
            if set(part.get("required", ())) != set(part.get("properties", {})):
                raise _wrong(name, "strict: every property must be required")


def _types(part: dict[str, Any]) -> list[str]:
    types = part.get("type", ())
    return [types] if isinstance(types, str) else list(types)


def _parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    nested = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    nested += schema.get("anyOf", [])
    nested += [schema[key] for key in ("items", "additionalProperties") if key in schema]
    for part in nested:
        if isinstance(part, dict):
            yield from _parts(part)


def _wrong(name: str, fault: str) -> Refused:
    message = f"Invalid schema for function {name!r}: {fault}"
    return Refused(message, "tools", "invalid_function_parameters")
