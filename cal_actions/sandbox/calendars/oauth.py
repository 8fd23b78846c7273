"""Google and Office 365: where the user consents, and the callbacks that connect the calendar."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote

from cal_actions.sandbox import refusals
from cal_actions.sandbox.calendars.consent import (
    CLIENT_ID,
    MICROSOFT,
    callback_url,
    consent_url,
    host,
    query_text,
    state_text,
    user_of_state,
)
from cal_actions.sandbox.calendars.providers import BY_CONSENT, GOOGLE, provider_of
from cal_actions.sandbox.calendars.records import connect_again
from cal_actions.sandbox.exchange import Answer, Request, redirect, success
from cal_actions.sandbox.routing import route

_GOOGLE_SCOPES = ("calendar.readonly", "calendar.events")
_BOOLEANS = {"true": True, "false": False, None: None}


@dataclass(frozen=True, slots=True)
class _State:
    token: str
    origin: str
    afterwards: str | None
    is_dry_run: bool


@route("GET", "/v2/calendars/{calendar}/connect")
def connect_url(request: Request) -> Answer:
    """Where the caller consents; the state in it carries the caller's key, as recorded."""
    provider = provider_of(request.params["calendar"], BY_CONSENT)
    is_dry_run = query_text(request, "isDryRun")
    if is_dry_run not in _BOOLEANS:
        raise refusals.bad_request("Validation failed (boolean string is expected)")
    state = state_text(
        {
            "accessToken": request.token,
            "origin": _origin(request),
            "redir": query_text(request, "redir") or "",
            "isDryRun": _BOOLEANS[is_dry_run],
        }
    )
    url = _google_url if provider is GOOGLE else _microsoft_url
    return success({"authUrl": url(request, state)})


@route("GET", "/v2/gcal/oauth/auth-url")
def google_connect_url(request: Request) -> Answer:
    """The same for Google, under its older name and with its older state.

    As recorded its callback ends in a 400: that state lacks `isDryRun`.
    """
    state = f"accessToken={request.token}&origin={_origin(request)}"
    return success({"authUrl": _google_url(request, state)})


@route("GET", "/v2/gcal/oauth/save")
def google_callback(request: Request) -> Answer:
    """Where Google sends the user back to: goes on to the calendar's own callback."""
    code, state = (query_text(request, name) or "undefined" for name in ("code", "state"))
    path = f"/v2/calendars/{GOOGLE.slug}/save"
    url = callback_url(request, path)
    return redirect(f"{url}?code={quote(code, safe='')}&state={quote(state, safe='')}")


@route("GET", "/v2/calendars/{calendar}/save", writes=True)
def callback(request: Request) -> Answer:
    """Connect the calendar of the user whom the state names, whatever the code, and go on.

    Nothing is connected in a dry run, or without a code: the user has not consented. Raises
    Refusal: 400 for a state that lacks something, 401 for one with a token of no managed user.
    """
    state = _read_state(query_text(request, "state") or "")
    provider = provider_of(request.params["calendar"], BY_CONSENT)
    has_consented = query_text(request, "code") not in (None, "", "undefined")
    if has_consented and not state.is_dry_run:
        user = user_of_state(request.store, state.token)
        if user is None:
            raise refusals.unauthorized("Invalid Access token.")
        connect_again(request.store, user, provider.type, provider.app_id)
    return redirect(state.afterwards or state.origin)


def _read_state(text: str) -> _State:
    """JSON as `connect_url` makes it, or the older form of a query string, which names all."""
    words: dict[str, Any]
    required: tuple[str, ...] = ("origin", "accessToken")
    try:
        words = dict(json.loads(text))
    except (TypeError, ValueError, RecursionError):
        words = {name: values[0] for name, values in parse_qs(text).items()}
        required = ("isDryRun", *required)
    missing = [name for name in required if not isinstance(words.get(name), str)]
    if missing:
        listed = "".join(f"{name} - Expected string, received null, " for name in missing)
        raise refusals.without_details(400, "BAD_REQUEST", listed)
    afterwards = words.get("redir")
    return _State(
        token=words["accessToken"],
        origin=words["origin"],
        afterwards=afterwards if isinstance(afterwards, str) else None,
        is_dry_run=words.get("isDryRun") in (True, "true"),
    )


def _origin(request: Request) -> str:
    return request.headers.get("origin", host(request))


def _google_url(request: Request, state: str) -> str:
    scopes = (f"https://www.googleapis.com/auth/{scope}" for scope in _GOOGLE_SCOPES)
    return consent_url(
        "https://accounts.google.com/o/oauth2/v2/auth",
        {
            "access_type": "offline",
            "scope": " ".join(scopes),
            "prompt": "consent",
            "state": state,
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": callback_url(request, "/v2/gcal/oauth/save"),
        },
    )


def _microsoft_url(request: Request, state: str) -> str:
    return consent_url(
        MICROSOFT,
        {
            "response_type": "code",
            "scope": "User.Read Calendars.Read Calendars.ReadWrite offline_access",
            "client_id": CLIENT_ID,
            "prompt": "select_account",
            "redirect_uri": callback_url(request, "/v2/calendars/office365/save"),
            "state": state,
        },
    )
