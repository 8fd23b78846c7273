"""Exports of all actions, however few a provider takes at a time."""

from functools import cache
from typing import Any

from cal_actions import ActionSpec, catalog, schemas

VARIANTS = [
    (format_name, strict, compact)
    for format_name in schemas.FORMATS
    for strict in (False, True)
    for compact in (False, True)
    if not strict or format_name in schemas.STRICT_FORMATS
]
IDS = [
    "-".join([name, *["strict"] * strict, *["compact"] * compact])
    for name, strict, compact in VARIANTS
]
# Alone more unions than Anthropic takes in strict tools.
TOO_LARGE = {"CAL_CREATE_TEAM_EVENT_TYPE", "CAL_CREATE_TEAM_EVENT_TYPES_WITH_CUSTOM_OPTIONS"}
PARAMETERS = ("parameters", "parametersJsonSchema", "input_schema", "inputSchema")


@cache
def offered(format_name: Any, strict: bool, compact: bool) -> dict[str, dict[str, Any]]:
    """Slug → tool of every action that the format can describe, exported one by one."""
    left_out = {*schemas.not_strict(catalog, compact=compact)} if strict else set()
    if format_name == "anthropic" and strict and not compact:
        left_out |= TOO_LARGE
    return {
        slug: schemas.export([spec], format_name, strict=strict, compact=compact)[0]
        for slug, spec in catalog.items()
        if slug not in left_out
    }


def parameters(tool: dict[str, Any]) -> dict[str, Any]:
    """The schema of a tool's parameters, in whichever format it is."""
    function = tool.get("function", tool)
    return next((function[key] for key in PARAMETERS if key in function), {})


def made_up(slug: str = "CAL_DO", **properties: dict[str, Any]) -> ActionSpec:
    """An action of these parameters, the first of them required."""
    document = {
        "slug": slug,
        "title": "Do it",
        "description": "Does it.",
        "resource": "things",
        "effect": "write",
        "idempotent": False,
        "request": {"method": "POST", "path": "/v2/things", "auth": ["user"]},
        "input": {
            "type": "object",
            "required": list(properties)[:1],
            "additionalProperties": False,
            "properties": properties,
        },
        "output": {"type": "array", "items": {"type": "string"}},
    }
    return ActionSpec(document)
