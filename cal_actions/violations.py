"""What does not fit a schema, in words that a model can act on.

Every violation is `{path, message}`. Secrets and long values are never echoed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

_LONGEST_ECHO = 40
_LONGEST_LIST = 30
_FORMATS = {
    "date-time": "an ISO 8601 date-time such as 2030-01-07T10:00:00Z",
    "date": "a date such as 2030-01-07",
}
_TYPES = {
    "object": "an object",
    "array": "an array",
    "string": "text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def violations(validator: Draft202012Validator, params: Any) -> Iterator[dict[str, str]]:
    """Yield every violation of the validator's schema, in the order of the params."""
    told = set()
    errors: list[Any] = list(validator.iter_errors(params))
    mistyped = {tuple(error.path) for error in errors if error.validator == "type"}
    for error in errors:
        if error.validator != "type" and tuple(error.path) in mistyped:
            continue  # of the wrong type: nothing else that is said of it helps
        for violation in _told(error):
            if (said := tuple(violation.values())) not in told:
                told.add(said)
                yield violation


def _told(error: Any) -> Iterator[dict[str, str]]:
    match error.validator:
        case "anyOf":
            yield from _closest_alternative(error)
        case "required":
            for name in error.validator_value:
                if name not in error.instance:
                    yield {"path": _path(error, name), "message": "is required"}
        case "additionalProperties":
            yield from _unexpected(error)
        case _:
            yield {"path": _path(error), "message": _message(error)}


def _closest_alternative(error: Any) -> Iterator[dict[str, str]]:
    """Tell only the alternative that was most likely meant: of the right type, nearly right."""
    branches: dict[Any, list[Any]] = {}
    for nested in error.context or ():
        branches.setdefault(nested.schema_path[0], []).append(nested)
    fitting = [
        nested
        for nested in branches.values()
        if not any(item.validator == "type" and not item.path for item in nested)
    ]
    if not fitting:
        kinds = [
            kind
            for nested_error in error.context or ()
            if nested_error.validator == "type"
            for kind in _kinds(nested_error.validator_value)
        ]
        message = f"must be {' or '.join(dict.fromkeys(kinds))}{_instead(error)}"
        yield {"path": _path(error), "message": message}
        return
    for nested_error in min(fitting, key=len):
        yield from _told(nested_error)


def _unexpected(error: Any) -> Iterator[dict[str, str]]:
    known = list(error.schema.get("properties", {}))
    for name in error.instance:
        if name in known:
            continue
        shown = _printable(str(name)[:_LONGEST_ECHO])
        yield {
            "path": _path(error, shown),
            "message": f"is not a parameter{_near(str(name), known, 'the parameters are')}",
        }


def _message(error: Any) -> str:
    limit = error.validator_value
    match error.validator:
        case "type":
            return f"must be {' or '.join(_kinds(limit))}{_instead(error)}"
        case "enum":
            near = _near(str(error.instance), [str(item) for item in limit], "use one of")
            return f"is not a possible value{_instead(error, ': got ')}{near}"
        case "const":
            return f"must be {json.dumps(limit)}"
        case "format":
            return f"must be {_FORMATS[str(limit)]}{_instead(error)}"
        case "pattern":
            return f"must match the pattern {limit}{_instead(error)}"
        case "minimum":
            return f"must be {limit} or more{_instead(error)}"
        case "maximum":
            return f"must be {limit} or less{_instead(error)}"
        case "minLength":
            return "must not be empty" if limit == 1 else f"must have {limit} characters or more"
        case "maxLength":
            return f"must have {limit} characters or fewer"
        case "minItems":
            return "must not be empty" if limit == 1 else f"must have {limit} items or more"
        case "maxItems":
            return f"must have {limit} items or fewer"
        case "uniqueItems":
            return "must not hold the same item twice"
    return f"does not fit {error.validator}"


def _kinds(types: str | Iterable[str]) -> list[str]:
    return [_TYPES[name] for name in ([types] if isinstance(types, str) else types)]


def _near(name: str, known: list[str], otherwise: str) -> str:
    folded = {item.casefold(): item for item in known}
    close = get_close_matches(name.casefold(), folded, n=2, cutoff=0.75)
    if close:
        return f" (did you mean {' or '.join(folded[item] for item in close)}?)"
    if not known:
        return " (there are none)"
    shown = ", ".join(known[:_LONGEST_LIST])
    return f" ({otherwise} {shown}{' …' if len(known) > _LONGEST_LIST else ''})"


def _instead(error: Any, joint: str = ", not ") -> str:
    """Show the value that was given, when it is short and no secret."""
    value = error.instance
    if isinstance(value, dict | list):
        return joint + _TYPES["object" if isinstance(value, dict) else "array"]
    if isinstance(value, bool) or value is None:
        return joint + json.dumps(value)
    if isinstance(value, str | int | float):
        shown = _shown(value)
        secret = isinstance(error.schema, dict) and error.schema.get("format") == "password"
        return "" if secret or len(shown) > _LONGEST_ECHO else joint + shown
    return f"{joint}a Python {type(value).__name__}"


def _shown(value: str | float) -> str:
    try:
        return _printable(json.dumps(value, ensure_ascii=False))
    except ValueError:  # an integer of thousands of digits
        return "a very long number"


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)


def _path(error: Any, name: str | None = None) -> str:
    path = ""
    for step in (*error.absolute_path, *(() if name is None else (name,))):
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            shown = _printable(str(step)[:_LONGEST_ECHO])
            path += f".{shown}" if path else shown
    return path
