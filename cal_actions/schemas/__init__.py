"""Actions → the tool definitions that language models take."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, Literal

    from cal_actions.spec import ActionSpec

    Format = Literal["json-schema", "openai"]

__all__ = ["FORMATS", "export"]


def export(
    actions: Mapping[str, ActionSpec] | Iterable[ActionSpec], format: Format = "json-schema"
) -> list[dict[str, Any]]:
    """Return one tool definition per action, in the order of `actions`.

    `actions` is a catalogue, or action specs. `format` is "json-schema" (name, title,
    description, input and output schema) or "openai" (a function tool of the Chat
    Completions API). The result is yours to change. Raises ValueError for another format.
    """
    if format not in FORMATS:
        raise ValueError(f"unknown format {format!r}: use one of {', '.join(FORMATS)}")
    specs = actions.values() if hasattr(actions, "values") else actions
    return [FORMATS[format](spec) for spec in specs]


def _json_schema(spec: ActionSpec) -> dict[str, Any]:
    return {
        "name": spec.slug,
        "title": spec.title,
        "description": spec.description,
        "effect": spec.effect,
        "idempotent": spec.idempotent,
        "input_schema": spec.input_schema,
        "output_schema": spec.output_schema,
    }


def _openai(spec: ActionSpec) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {
            "name": spec.slug,
            "description": spec.description,
            "parameters": spec.input_schema,
        },
    }


FORMATS: dict[str, Callable[[ActionSpec], dict[str, Any]]] = {
    "json-schema": _json_schema,
    "openai": _openai,
}
"""The formats that `export` knows."""
