"""/v2/conferencing: the caller's conferencing apps and the default one."""

from __future__ import annotations

from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.calendars.providers import GOOGLE
from cal_actions.sandbox.calendars.records import (
    Credential,
    connect,
    credential_by_id,
    credential_of_user,
    credentials_of_user,
    disconnect,
)
from cal_actions.sandbox.exchange import Answer, Request, success
from cal_actions.sandbox.routing import route

TYPES = {"google-meet": "google_video", "zoom": "zoom_video", "msteams": "office365_video"}
"""What the apps that a user connects are called in credentials."""

CAL_VIDEO = "daily-video"
"""Cal.com's own app, which everyone has."""

_GOOGLE_MEET = "google-meet"
_DEFAULT = "defaultConferencingApp"
_UNKNOWN = "Invalid app, available apps are: "


@route("GET", "/v2/conferencing")
def list_apps(request: Request) -> Answer:
    """The apps that the caller has connected; Cal.com's own is not among them, as recorded."""
    connected = credentials_of_user(request.store, request.user.id, TYPES.values())
    return success([view(one) for one in connected])


@route("GET", "/v2/conferencing/default")
def get_default(request: Request) -> Answer:
    """The default app; without one the answer has no data, as recorded."""
    chosen = _metadata(request).get(_DEFAULT)
    return Answer({"status": "success"}) if chosen is None else success(chosen)


@route("POST", "/v2/conferencing/{app}/connect")
def connect_app(request: Request) -> Answer:
    """Connect Google Meet, which needs Google Calendar and no consent of its own."""
    if request.params["app"] != _GOOGLE_MEET:
        raise refusals.bad_request("Invalid conferencing app. Available apps: GOOGLE_MEET.")
    store, user = request.store, request.user
    if credential_of_user(store, user.id, GOOGLE.type) is None:
        raise refusals.bad_request("Google Meet requires a Google Calendar connection.")
    if credential_of_user(store, user.id, TYPES[_GOOGLE_MEET]) is not None:
        raise refusals.bad_request("Google Meet is already connected.")
    credential_id = connect(store, TYPES[_GOOGLE_MEET], _GOOGLE_MEET, user_id=user.id)
    credential = credential_by_id(store, credential_id)
    assert credential is not None
    return success({**view(credential), "key": credential.key})


@route("POST", "/v2/conferencing/{app}/default")
def set_default(request: Request) -> Answer:
    """Make an app the default. Raises Refusal (400) when it is unknown or not connected."""
    app = request.params["app"]
    if app != CAL_VIDEO:
        _connected(request, app)
    _write_default(request, {"appSlug": app})
    return Answer({"status": "success"})


@route("DELETE", "/v2/conferencing/{app}/disconnect")
def disconnect_app(request: Request) -> Answer:
    """Forget an app; it is then no longer the default either."""
    app = request.params["app"]
    disconnect(request.store, _connected(request, app).id)
    chosen = _metadata(request).get(_DEFAULT)
    if isinstance(chosen, dict) and chosen.get("appSlug") == app:
        _write_default(request, None)
    return Answer({"status": "success"})


def view(credential: Credential) -> dict[str, Any]:
    """A connected app as the answers show it."""
    return {
        "id": credential.id,
        "type": credential.type,
        "userId": credential.user_id,
        "teamId": credential.team_id,
        "appId": credential.app_id,
        "subscriptionId": None,
        "paymentStatus": None,
        "billingCycleStart": None,
        "invalid": credential.invalid,
        "delegationCredentialId": None,
    }


def _connected(request: Request, app: str) -> Credential:
    if app not in TYPES:
        raise refusals.bad_request(_UNKNOWN)
    credential = credential_of_user(request.store, request.user.id, TYPES[app])
    if credential is None:
        raise refusals.bad_request(f"{app} not connected.")
    return credential


def _metadata(request: Request) -> dict[str, Any]:
    return request.user.profile.get("metadata") or {}


def _write_default(request: Request, chosen: dict[str, str] | None) -> None:
    metadata = {name: value for name, value in _metadata(request).items() if name != _DEFAULT}
    if chosen is not None:
        metadata[_DEFAULT] = chosen
    profile = {**request.user.profile, "metadata": metadata}
    request.store.update("users", request.user.id, profile=profile)
