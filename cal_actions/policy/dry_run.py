"""The request that a call would send, told in place of being sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cal_actions.redaction import CREDENTIALS

if TYPE_CHECKING:
    from cal_actions.spec import ActionSpec
    from cal_actions.wire import WouldSend

_HIDDEN = "***"


def told(would: WouldSend, action: ActionSpec, base_url: str) -> dict[str, Any]:
    """Return the data of a call that was to send nothing: the request, as plain JSON.

    `***` stands for each credential and each param that is a secret.
    """
    secrets = [
        value
        for name, value in would.params.items()
        if isinstance(value, str)
        and would.spec.input["properties"].get(name, {}).get("format") == "password"
    ]
    target = would.request.target
    for secret in secrets:
        target = target.replace(quote(secret, safe=""), _HIDDEN)
    request = {
        "method": would.request.method,
        "url": f"{base_url}{target}",
        "headers": {
            name: _HIDDEN if name.lower() in CREDENTIALS else value
            for name, value in would.headers.lines
        },
    }
    if would.request.body is not None:
        request["body"] = _hidden(json.loads(would.request.body), secrets)
    data: dict[str, Any] = {"dry_run": True, "request": request}
    if action.flow is not None:
        data["note"] = "The first of several requests; what follows depends on its answer."
    return data


def _hidden(value: Any, secrets: list[str]) -> Any:
    if isinstance(value, dict):
        return {name: _hidden(item, secrets) for name, item in value.items()}
    if isinstance(value, list):
        return [_hidden(item, secrets) for item in value]
    return _HIDDEN if isinstance(value, str) and value in secrets else value
