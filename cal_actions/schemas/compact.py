"""An action's description and parameters, cut down for small prompts: less, but nothing false."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cal_actions.schemas.walk import described, inner, parts, target

if TYPE_CHECKING:
    from cal_actions.spec import ActionSpec, Effect, Schema

_SENTENCE = re.compile(r"(?<=[.!?])(?<!e\.g\.) (?=[A-Z\[{])")
# What a call fails without, where ids come from, and what must not happen.
_NEEDED = re.compile(
    r"^(Take|Needs?|Leave|Set|Send|Start|Use|Only|Without)\b"
    r"|\bCal\.com needs\b|[Cc]annot be undone|\bnobody else\b"
)
_OTHER_ACTION = re.compile(r"\bCAL_[A-Z]")


def compacted(spec: ActionSpec, *, shapeless: bool = True) -> tuple[str, Schema]:
    """Return the description and the input schema of an action, both shorter.

    Optional objects and lists of objects lose their shape, or, where that must not be
    (`shapeless` false), are left out. So are deprecated parameters, and the word that there
    are no others. Of the description stay the first sentence, those that a call fails without,
    and what else a write does.
    """
    schema = spec.input_schema
    parameters = _flat(schema, schema.get("$defs", {}), shapeless)
    del parameters["additionalProperties"]
    if not any("$ref" in part for part in parts(parameters)):
        parameters.pop("$defs", None)
    deprecated = [name for name, one in schema["properties"].items() if "deprecated" in one]
    first, *others = _SENTENCE.split(spec.description)
    kept = [
        sentence
        for sentence in others
        if _stays(sentence, spec.effect) and not any(name in sentence for name in deprecated)
    ]
    return " ".join([first, *kept]), parameters


def _stays(sentence: str, effect: Effect) -> bool:
    return bool(_NEEDED.search(sentence)) or (
        effect != "read" and not _OTHER_ACTION.search(sentence)
    )


def _flat(schema: Schema, definitions: Schema, shapeless: bool) -> Schema:
    """Copy `schema`; optional properties that hold objects lose their shape, at any depth."""
    result: Schema = {}
    for keyword, value in schema.items():
        match keyword:
            case "properties":
                required = schema.get("required", ())
                result[keyword] = {
                    name: offer
                    for name, item in value.items()
                    if (offer := _property(item, definitions, shapeless, name in required))
                }
            case "items":
                result[keyword] = _flat(value, definitions, shapeless)
            case "anyOf":
                result[keyword] = [_flat(choice, definitions, shapeless) for choice in value]
            case "$defs":
                result[keyword] = {
                    name: _flat(item, definitions, shapeless) for name, item in value.items()
                }
            case _:
                result[keyword] = value
    return result


def _property(
    schema: Schema, definitions: Schema, shapeless: bool, required: bool
) -> Schema | None:
    """Return what is offered of a property: None for nothing."""
    if required:
        return _flat(schema, definitions, shapeless)
    if "deprecated" in schema:
        return None
    if not _holds_objects(schema, definitions):
        return schema
    if not shapeless:
        return None
    description = described(schema)
    if target(schema, definitions).get("type") == "array":
        return {"type": "array", "items": {"type": "object"}, **description}
    return {"type": "object", **description}


def _holds_objects(schema: Schema, definitions: Schema) -> bool:
    schema = target(schema, definitions)
    kind = schema.get("type", ())
    return "object" in ((kind,) if isinstance(kind, str) else kind) or any(
        _holds_objects(item, definitions) for item in inner(schema)
    )
