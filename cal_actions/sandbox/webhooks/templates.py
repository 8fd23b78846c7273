"""The body that a subscriber gets: Cal.com's own form, or the webhook's payload template."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"

_PLACE = re.compile(r"[0-9]{1,9}")
_VARIABLE = re.compile(r"\{\{\{?\s*([\w.]+)\s*\}?\}\}")

Payload = Mapping[str, Any]


def own_body(trigger: str, created_at: str, payload: Payload) -> str:
    """The body of a webhook without a template."""
    return _written({"triggerEvent": trigger, "createdAt": created_at, "payload": payload})


def from_template(
    template: str, trigger: str, created_at: str, payload: Payload
) -> tuple[str, str]:
    """The template with every `{{variable}}` replaced, and its content type.

    A variable is a path into the payload (`{{attendees.0.name}}`), `triggerEvent` or `createdAt`;
    an unknown one leaves nothing. A template that is no JSON is sent as a form, as on Cal.com.
    """
    variables = {**payload, "triggerEvent": trigger, "createdAt": created_at}
    try:
        return _written(_replaced(json.loads(template), variables)), JSON_TYPE
    except (ValueError, RecursionError):
        return _fill(template, variables), FORM_TYPE


def _replaced(value: Any, variables: Payload) -> Any:
    if isinstance(value, dict):
        return {_fill(key, variables): _replaced(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, variables) for item in value]
    return _fill(value, variables) if isinstance(value, str) else value


def _fill(text: str, variables: Payload) -> str:
    return _VARIABLE.sub(lambda match: _text(_at(variables, match[1])), text)


def _at(value: Any, path: str) -> Any:
    for step in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and _PLACE.fullmatch(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else _written(value)


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
