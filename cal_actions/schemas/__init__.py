"""Actions → the tool definitions that language models take."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Literal

    from cal_actions.spec import ActionSpec

    Format = Literal[
        "json-schema",
        "openai",
        "openai-responses",
        "anthropic",
        "gemini",
        "gemini-openapi",
        "mcp",
    ]
    Actions = Mapping[str, ActionSpec] | Iterable[ActionSpec]

__all__ = ["FORMATS", "STRICT_FORMATS", "estimate_tokens", "export", "not_strict"]

FORMATS: tuple[Format, ...] = (
    "json-schema",
    "openai",
    "openai-responses",
    "anthropic",
    "gemini",
    "gemini-openapi",
    "mcp",
)
"""The formats that `export` knows."""

STRICT_FORMATS: tuple[Format, ...] = ("openai", "openai-responses", "anthropic")
"""Those of a provider that can hold a model to a schema."""


def export(
    actions: Actions,
    format: Format = "json-schema",
    *,
    strict: bool = False,
    compact: bool = False,
) -> list[Any]:
    """Return one tool definition per action, in the order of `actions`; yours to change.

    Each is a dict, typed loosely: every SDK has a type of its own for it. An action that comes
    twice is exported once.

    `actions` is a catalogue, or action specs. `format` is one of

    - "json-schema": name, title, description, effect, idempotent, input and output schema
    - "openai": a function tool of the Chat Completions API
    - "openai-responses": a function tool of the Responses API
    - "anthropic": a tool of the Messages API
    - "gemini": a FunctionDeclaration with `parametersJsonSchema`
    - "gemini-openapi": a FunctionDeclaration with `parameters`, for what takes no JSON Schema
    - "mcp": a Tool of the Model Context Protocol, whose output is the envelope

    `strict` has the provider hold the model to the schema: every parameter is required, and
    null where it was optional, which a connector takes for left out (unless it is told not to
    coerce). Strict tools and others may stand in one request. `compact` is for small prompts:
    shorter descriptions, and optional objects without their shape, or, with `strict`, not
    offered at all; executing with all of them works as ever.

    Raises ValueError for an unknown format, for `strict` with a format that has no such mode
    or with actions that `not_strict` names, and for more than the provider takes; TypeError
    for anything but actions.
    """
    if format not in FORMATS:
        raise ValueError(f"unknown format {format!r}: use one of {', '.join(FORMATS)}")
    if strict and format not in STRICT_FORMATS:
        raise ValueError(
            f"{format!r} has no strict mode: leave strict out, or use one of "
            f"{', '.join(STRICT_FORMATS)}"
        )
    from cal_actions.schemas import limits
    from cal_actions.schemas.formats import SHAPES

    specs = _specs(actions)
    if compact:
        from cal_actions.schemas.compact import compacted

        offers = [(spec, *compacted(spec, shapeless=not strict)) for spec in specs]
    else:
        offers = [(spec, spec.description, spec.input_schema) for spec in specs]
    limits.check([(spec.slug, text) for spec, text, _ in offers], format)
    if strict:
        _refuse_free_forms(specs, compact=compact)
        from cal_actions.schemas import strict_limits
        from cal_actions.schemas.strict import DIALECTS, held

        offers = [(spec, text, held(schema, DIALECTS[format])) for spec, text, schema in offers]
        strict_limits.check({spec.slug: schema for spec, _, schema in offers}, format)
    shape = SHAPES[format]
    return [shape(spec, text, schema, strict) for spec, text, schema in offers]


def not_strict(actions: Actions, *, compact: bool = False) -> dict[str, list[str]]:
    """Tell which of `actions` cannot be exported with `strict`, and why.

    Returns slug → the parameters that take a free-form value, such as an object of any keys,
    or null for something else than left out; a strict schema has no word for these. `compact`
    tells it of a compact export.
    """
    from cal_actions.schemas.compact import compacted
    from cal_actions.schemas.strict import free_forms

    found = {
        spec.slug: free_forms(compacted(spec, shapeless=False)[1] if compact else spec.input)
        for spec in _specs(actions)
    }
    return {slug: paths for slug, paths in found.items() if paths}


def estimate_tokens(tools: list[dict[str, Any]]) -> int:
    """Estimate what the tools of an export cost in a prompt: tokens of OpenAI's newer models.

    Comes up to a fifth above what o200k makes of them as compact JSON; other
    tokenizers, and a provider's own way to write tools, make something else of them.
    """
    import json

    from cal_actions.results.tokens import estimate

    return estimate(json.dumps(tools, ensure_ascii=False, separators=(",", ":")))


def _specs(actions: Actions) -> list[ActionSpec]:
    from cal_actions.spec import ActionSpec

    given: Any = actions.values() if hasattr(actions, "values") else actions
    specs = list(given) if hasattr(given, "__iter__") else [given]
    if not all(isinstance(spec, ActionSpec) for spec in specs):
        raise TypeError("actions must be a catalogue, such as catalog.filter(slugs=…), or specs")
    return list({spec.slug: spec for spec in specs}.values())


def _refuse_free_forms(specs: list[ActionSpec], *, compact: bool) -> None:
    found = not_strict(specs, compact=compact)
    if not found:
        return
    named = ", ".join(f"{slug} ({', '.join(paths)})" for slug, paths in found.items())
    way_out = "leave those actions out with catalog.filter(slugs=…)"
    if not compact and not not_strict(specs, compact=True):
        way_out += ", or pass compact=True, which leaves these optional parameters out"
    raise ValueError(f"a strict schema cannot describe the free-form values of {named}: {way_out}")
