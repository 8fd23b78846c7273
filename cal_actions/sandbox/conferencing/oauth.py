"""Zoom and Microsoft Teams: where the user consents, and the callback that connects the app."""

from __future__ import annotations

import json
from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.calendars.consent import (
    CLIENT_ID,
    MICROSOFT,
    callback_url,
    consent_url,
    query_text,
    state_text,
    user_of_state,
)
from cal_actions.sandbox.calendars.records import connect_again
from cal_actions.sandbox.conferencing.routes import TYPES
from cal_actions.sandbox.exchange import Answer, Request, redirect, success
from cal_actions.sandbox.routing import route

_ZOOM, _TEAMS = "zoom", "msteams"


@route("GET", "/v2/conferencing/{app}/oauth/auth-url")
def consent(request: Request) -> Answer:
    """Where the caller consents; the state in it carries the caller's key, as recorded."""
    app = request.params["app"]
    if app not in (_ZOOM, _TEAMS):
        raise refusals.bad_request("Invalid conferencing app. Available apps: ZOOM, MSTEAMS.")
    state = state_text(
        {
            "returnTo": query_text(request, "returnTo"),
            "onErrorReturnTo": query_text(request, "onErrorReturnTo"),
            "fromApp": False,
            "accessToken": request.token,
        }
    )
    answer = {"response_type": "code", "client_id": CLIENT_ID}
    back = {
        "redirect_uri": callback_url(request, f"/v2/conferencing/{app}/oauth/callback"),
        "state": state,
    }
    if app == _ZOOM:
        url = consent_url("https://zoom.us/oauth/authorize", {**answer, **back})
    else:
        scope = {"scope": "OnlineMeetings.ReadWrite offline_access"}
        url = consent_url(MICROSOFT, {**answer, **scope, **back})
    return success({"url": url})


@route("GET", "/v2/conferencing/{app}/oauth/callback", writes=True)
def callback(request: Request) -> Answer:
    """Connect the app of the user whom the state names, whatever the code, and go on.

    Where the user refused, the token is none of a managed user's, or the app has no consent, it
    goes to `onErrorReturnTo`. Raises Refusal (400) for a state that cannot be read.
    """
    text = query_text(request, "state")
    if not text:
        raise refusals.bad_request("Missing `state` query param")
    state = _read_state(text)
    is_connected = _connect(request, state)
    place = state.get("returnTo" if is_connected else "onErrorReturnTo")
    return redirect(place if isinstance(place, str) else "")


def _connect(request: Request, state: dict[str, Any]) -> bool:
    app = request.params["app"]
    user = user_of_state(request.store, state.get("accessToken"))
    has_consented = query_text(request, "code") and not query_text(request, "error")
    if app not in (_ZOOM, _TEAMS) or user is None or not has_consented:
        return False
    connect_again(request.store, user, TYPES[app], app)
    return True


def _read_state(text: str) -> dict[str, Any]:
    try:
        state = json.loads(text)
    except (ValueError, RecursionError):
        state = None
    if not isinstance(state, dict):
        raise refusals.breaks(refusals.bad_request("The `state` query param is no JSON object"))
    return state
