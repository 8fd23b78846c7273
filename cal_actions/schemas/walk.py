"""The schemas inside a schema."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from cal_actions.spec import Schema


def inner(schema: Schema) -> list[Schema]:
    """Return the schemas of the values directly inside `schema`, without its definitions."""
    found = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    return [*found, schema["items"]] if "items" in schema else found


def parts(schema: Schema) -> Iterator[Schema]:
    """Yield `schema` and every schema inside it, without its definitions."""
    yield schema
    for part in inner(schema):
        yield from parts(part)


def target(schema: Schema, definitions: Schema) -> Schema:
    """Return the definition that a `$ref` names, under what else `schema` says; else `schema`."""
    while "$ref" in schema:
        own = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**definitions[schema["$ref"].rpartition("/")[2]], **own}
    return schema


def described(schema: Schema) -> Schema:
    """Return the description alone, where there is one."""
    return {key: schema[key] for key in ("description",) if key in schema}
