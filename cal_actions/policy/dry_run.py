"""The request that a call would send, told in place of being sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cal_actions.redaction import CREDENTIALS, HIDDEN

if TYPE_CHECKING:
    from cal_actions.spec import ActionSpec
    from cal_actions.wire import WouldSend


def told(would: WouldSend, action: ActionSpec, base_url: str) -> dict[str, Any]:
    """Return the data of a call that was to send nothing: the request, as plain JSON.

    `***` stands for each credential and each param that is a secret.
    """
    scheme, slashes, rest = base_url.rpartition("//")
    target = would.request.target.replace(quote(HIDDEN), HIDDEN)
    request: dict[str, Any] = {
        "method": would.request.method,
        "url": f"{scheme}{slashes}{rest.rpartition('@')[2]}{target}",
        "headers": {
            name: HIDDEN if name.lower() in CREDENTIALS else value
            for name, value in would.headers.lines
        },
    }
    if would.request.body is not None:
        request["body"] = json.loads(would.request.body)
    data: dict[str, Any] = {"dry_run": True, "request": request}
    if action.flow is not None:
        data["note"] = "The first request: others may follow, depending on its answer."
    return data
