"""A call's arguments → params, or in words what is wrong with them."""

from __future__ import annotations

import json
from typing import Any

from cal_actions.errors import ActionError
from cal_actions.tool_calls.plain import plain
from cal_actions.validation import invalid_params

_ENCODED_AT_MOST = 3  # some models and gateways encode the text of the arguments again
_KINDS = {
    list: "an array",
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
}


def params_of(slug: str, arguments: Any) -> dict[str, Any]:
    """Return the params in a call's arguments: JSON text, or what it says as an object.

    Nothing, as "" or null, is no params. Raises ActionError `invalid_params` for malformed
    JSON and for what is no object.
    """
    value = arguments
    for _ in range(_ENCODED_AT_MOST):
        if not isinstance(value, str):
            break
        value = _decoded(slug, value) if value.strip() else None
    try:
        value = {} if value is None else plain(value)
    except RecursionError:
        raise refused(slug, "the arguments are nested too deeply") from None
    except (TypeError, ValueError):
        raise refused(slug, "the arguments cannot be written as JSON") from None
    if not isinstance(value, dict):
        kind = _KINDS.get(type(value), f"a Python {type(value).__name__}")
        raise refused(slug, f"the arguments must be one JSON object, not {kind}")
    return value


def refused(slug: str, message: str) -> ActionError:
    """Make the error of a call that was not run."""
    return invalid_params(slug, [{"path": "", "message": message}])


def _decoded(slug: str, source: str) -> Any:
    try:
        return json.loads(source, parse_constant=_no_constant)
    except json.JSONDecodeError as wrong:
        fault = f"{wrong.msg} at character {wrong.pos + 1}".replace(" at at ", " at ")
        message = f"the arguments are malformed JSON ({fault}); send one JSON object"
    except RecursionError:
        message = "the arguments are nested too deeply"
    except ValueError:
        message = "the arguments hold a number that JSON has not; send one JSON object"
    raise refused(slug, message) from None


def _no_constant(name: str) -> None:
    raise ValueError(name)
