"""What a schema demands, in words: for dialects that have no keyword for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cal_actions.spec import Schema

_FORMATS = {
    "date": "A date such as 2030-01-07.",
    "date-time": "A time such as 2030-01-07T10:00:00Z.",
    "email": "An e-mail address.",
    "uri": "A URL.",
}
_PHRASES = {
    "minimum": "At least {}.",
    "maximum": "At most {}.",
    "minLength": "At least {} characters.",
    "maxLength": "At most {} characters.",
    "minItems": "At least {} items.",
    "maxItems": "At most {} items.",
    "pattern": "Matches {}.",
}


def in_words(keyword: str, value: Any) -> str:
    """Say one keyword as a sentence, or nothing where it demands nothing."""
    match keyword, value:
        case "minLength" | "minItems", 0:
            return ""
        case "minLength" | "minItems", 1:
            return "Not empty."
        case "uniqueItems", _:
            return "No item twice." if value else ""
        case "deprecated", _:
            return ""  # which the description says
        case "format", _:
            return _FORMATS.get(value, "")
        case "const", _:
            return f"Always {json.dumps(value)}."
        case "enum", _:
            return f"One of {', '.join(map(json.dumps, value))}."
        case "additionalProperties", {"type": types}:
            kinds = [types] if isinstance(types, str) else types
            return f"Each value is of type {' or '.join(kinds)}."
        case "additionalProperties", _:
            return ""
    return _PHRASES[keyword].format(value)


def with_words(schema: Schema, words: Iterable[str]) -> None:
    """Add sentences to the description of `schema`."""
    said = [word for word in words if word]
    if not said:
        return
    description = schema.get("description", "")
    if description and not description.endswith((".", "!", "?")):
        description += "."
    schema["description"] = " ".join([description, *said]).strip()
