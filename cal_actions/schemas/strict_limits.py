"""How much each provider takes in strict mode, as it says itself.

- OpenAI, of each schema: 5,000 properties, 10 levels of objects, 1,000 enum values and 120,000
  characters of names and enum values
  (https://platform.openai.com/docs/guides/structured-outputs#supported-schemas).
- Anthropic, of all tools of a request: 20 tools, and 16 parameters with a list of types or
  `anyOf` (https://platform.claude.com/docs/en/build-with-claude/structured-outputs). Of the 24
  optional parameters that it takes there are none: in a strict export all are required.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cal_actions.schemas.limits import FEWER
from cal_actions.schemas.walk import inner, parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cal_actions.spec import Schema

_MOST_STRICT_TOOLS = 20
_MOST_UNIONS = 16
_MOST_OF_A_SCHEMA = {
    "properties": 5_000,
    "levels of objects": 10,
    "enum values": 1_000,
    "characters of names and enum values": 120_000,
}


def check(schemas: dict[str, Schema], format: str) -> None:
    """Raise ValueError where the strict mode of `format` refuses these schemas, by slug."""
    if format == "anthropic":
        _check_together(schemas)
    else:
        for slug, schema in schemas.items():
            _check_size(slug, schema)


def _check_together(schemas: dict[str, Schema]) -> None:
    if len(schemas) > _MOST_STRICT_TOOLS:
        raise ValueError(
            f"{len(schemas)} actions are more than the {_MOST_STRICT_TOOLS} strict tools that "
            f"'anthropic' takes in one request: {FEWER}, or leave strict out"
        )
    unions = {
        slug: sum(
            "anyOf" in part or isinstance(part.get("type"), list) for part in _everything(schema)
        )
        for slug, schema in schemas.items()
    }
    total = sum(unions.values())
    if total > _MOST_UNIONS:
        dearest = sorted(unions, key=lambda slug: -unions[slug])[:3]
        told = ", ".join(f"{slug} {unions[slug]}" for slug in dearest)
        raise ValueError(
            f"these actions have {total} parameters of several types, null among them, more than "
            f"the {_MOST_UNIONS} that strict 'anthropic' tools may have in one request (most in "
            f"{told}): {FEWER}, or leave strict out"
        )


def _check_size(slug: str, schema: Schema) -> None:
    every = list(_everything(schema))
    properties = [name for part in every for name in part.get("properties", ())]
    values = [str(value) for part in every for value in part.get("enum", ())]
    sizes = {
        "properties": len(properties),
        "levels of objects": _levels(schema),
        "enum values": len(values),
        "characters of names and enum values": sum(
            map(len, [*properties, *values, *schema.get("$defs", ())])
        ),
    }
    for what, most in _MOST_OF_A_SCHEMA.items():
        if sizes[what] > most:
            raise ValueError(
                f"{slug} has {sizes[what]} {what}, more than the {most} that a strict schema may "
                "have: leave it out with catalog.filter(slugs=…), or leave strict out"
            )


def _levels(schema: Schema) -> int:
    return ("properties" in schema) + max(map(_levels, inner(schema)), default=0)


def _everything(schema: Schema) -> Iterator[Schema]:
    for root in (schema, *schema.get("$defs", {}).values()):
        yield from parts(root)
