"""An action's description and parameters, cut down for small prompts.

What is left out of the offer can still be sent, so the offer says less but nothing false.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cal_actions.schemas.walk import inner, parts, target

if TYPE_CHECKING:
    from cal_actions.spec import ActionSpec, Effect, Schema

_SENTENCE = re.compile(r"(?<=[.!?])(?<!e\.g\.) (?=[A-Z\[{])")
# What a call fails without, where ids come from, and what must not happen.
_NEEDED = re.compile(
    r"^(Take|Needs?|Leave|Set|Send|Start|Use|Only|Without)\b"
    r"|\bCal\.com needs\b|[Cc]annot be undone|\bnobody else\b"
)
_OTHER_ACTION = re.compile(r"\bCAL_[A-Z]")


def compacted(spec: ActionSpec) -> tuple[str, Schema]:
    """Return the description and the input schema of an action, both shorter.

    The schema has no optional objects or lists of objects, and does not say that there are no
    other parameters. Of the description stay the first sentence, those that a call fails
    without, and what else a write does, less those on a parameter that is gone.
    """
    schema = spec.input_schema
    gone: set[str] = set()
    parameters = _flat(schema, schema.get("$defs", {}), gone)
    del parameters["additionalProperties"]
    if not any("$ref" in part for part in parts(parameters)):
        parameters.pop("$defs", None)
    for part in parts(parameters):
        if said := " ".join(_without(gone, _SENTENCE.split(part.pop("description", "")))):
            part["description"] = said
    first, *others = _SENTENCE.split(spec.description)
    kept = [sentence for sentence in others if _stays(sentence, spec.effect)]
    return " ".join([first, *_without(gone, kept)]), parameters


def _stays(sentence: str, effect: Effect) -> bool:
    return bool(_NEEDED.search(sentence)) or (
        effect != "read" and not _OTHER_ACTION.search(sentence)
    )


def _flat(schema: Schema, definitions: Schema, gone: set[str]) -> Schema:
    """Copy `schema` less the optional properties that hold objects, at any depth.

    Their names are added to `gone`.
    """
    result: Schema = {}
    for keyword, value in schema.items():
        match keyword:
            case "properties":
                required = schema.get("required", ())
                left_out = {
                    name
                    for name, item in value.items()
                    if name not in required and _holds_objects(item, definitions)
                }
                gone |= left_out
                result[keyword] = {
                    name: _flat(item, definitions, gone)
                    for name, item in value.items()
                    if name not in left_out
                }
            case "items":
                result[keyword] = _flat(value, definitions, gone)
            case "anyOf":
                result[keyword] = [_flat(choice, definitions, gone) for choice in value]
            case _:
                result[keyword] = value
    return result


def _holds_objects(schema: Schema, definitions: Schema) -> bool:
    if "$ref" in schema:
        schema = target(schema, definitions)
    kind = schema.get("type", ())
    return "object" in ((kind,) if isinstance(kind, str) else kind) or any(
        _holds_objects(item, definitions) for item in inner(schema)
    )


def _without(gone: set[str], sentences: list[str]) -> list[str]:
    """Return the sentences that name no parameter of `gone`."""
    if not gone:
        return sentences
    named = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, sorted(gone)))})(?!\w)")
    return [sentence for sentence in sentences if not named.search(sentence)]
