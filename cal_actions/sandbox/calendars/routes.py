"""/v2/calendars: what is connected, whether it works, Apple's credentials, disconnecting."""

from __future__ import annotations

from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.calendars.connections import (
    BROKEN,
    connection_of,
    connections_of,
    destination_view,
    view,
)
from cal_actions.sandbox.calendars.providers import (
    APPLE,
    GOOGLE,
    ICS_FEED,
    WITH_ACCOUNT,
    Provider,
    provider_of,
)
from cal_actions.sandbox.calendars.records import (
    Credential,
    connect,
    credential_of_user,
    credentials_of_user,
    disconnect,
)
from cal_actions.sandbox.checks import Field, check
from cal_actions.sandbox.exchange import Answer, Request, success
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.rules import Rule, is_int, is_string

_NOT_EMPTY = Rule(
    "minLength",
    lambda value: isinstance(value, str) and bool(value),
    "{property} must be longer than or equal to 1 characters",
)
_ACCOUNT = (
    Field("username", (_NOT_EMPTY, is_string())),
    Field("password", (_NOT_EMPTY, is_string())),
)
_DISCONNECT = (Field("id", (is_int(),)),)
_SHORTEST_PASSWORD = 2


@route("GET", "/v2/calendars", writes=True)
def list_calendars(request: Request) -> Answer:
    """Everything the caller has connected; the first look chooses a destination calendar."""
    connections = connections_of(request.store, request.user)
    return success(
        {
            "connectedCalendars": [view(request.store, one) for one in connections],
            "destinationCalendar": destination_view(
                request.store, request.user, connections, request.now
            ),
        }
    )


@route("GET", "/v2/calendars/{calendar}/check")
def check_calendar(request: Request) -> Answer:
    """Whether a calendar is connected (else 400) and works (else 401)."""
    return _check_connected(request, provider_of(request.params["calendar"], WITH_ACCOUNT))


@route("GET", "/v2/calendars/ics-feed/check")
def check_feeds(request: Request) -> Answer:
    """The same for ICS feeds."""
    return _check_connected(request, ICS_FEED)


@route("GET", "/v2/gcal/check")
def check_google(request: Request) -> Answer:
    """The same for Google Calendar, under its older name."""
    return _check_connected(request, GOOGLE)


@route("POST", "/v2/calendars/{calendar}/credentials")
def save_credentials(request: Request) -> Answer:
    """Connect an Apple account; the same account again changes its password.

    As on the recorded server a password of one character counts as empty.
    """
    account = check(request.body, _ACCOUNT)
    provider = provider_of(request.params["calendar"], (APPLE,))
    if len(account["password"]) < _SHORTEST_PASSWORD:
        raise refusals.bad_request("Username or password cannot be empty")
    for one in credentials_of_user(request.store, request.user.id, (provider.type,)):
        if one.key.get("username") == account["username"]:
            request.store.update("credentials", one.id, key=account, invalid=False)
            break
    else:
        connect(request.store, provider.type, provider.app_id, user_id=request.user.id, key=account)
    return Answer({"status": "success"}, 201)


@route("POST", "/v2/calendars/{calendar}/disconnect")
def disconnect_calendar(request: Request) -> Answer:
    """Forget a connected calendar; as on Cal.com only the id counts, not the path's name."""
    body = check(request.body, _DISCONNECT)
    credential = connection_of(request.store, request.user, body["id"]).credential
    disconnect(request.store, credential.id)
    return success(credential_view(credential))


def credential_view(credential: Credential) -> dict[str, Any]:
    """A calendar's credential as the answers show it."""
    return {
        "id": credential.id,
        "type": credential.type,
        "userId": credential.user_id,
        "teamId": credential.team_id,
        "appId": credential.app_id,
        "invalid": credential.invalid,
    }


def _check_connected(request: Request, provider: Provider) -> Answer:
    credential = credential_of_user(request.store, request.user.id, provider.type)
    if credential is None:
        raise refusals.bad_request(f"Credentials for {provider.called} not found.")
    if credential.invalid:
        raise refusals.unauthorized(BROKEN)
    return Answer({"status": "success"})
