"""/v2/oauth-clients/{clientId}/users: the users a platform manages through its OAuth client."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.checks import Field, check, number, optional
from cal_actions.sandbox.exchange import Answer, Query, Request, success, timestamp
from cal_actions.sandbox.oauth_clients import tokens
from cal_actions.sandbox.oauth_clients.guards import oauth_client_of_users
from cal_actions.sandbox.oauth_clients.records import OAuthClient
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.rules import at_least, at_most, is_email, is_number, is_string
from cal_actions.sandbox.schedules.routes import create as create_schedule
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.teams.memberships import write_new
from cal_actions.sandbox.users.me import PROFILE_FIELDS, write_profile
from cal_actions.sandbox.users.records import User, user_by_email, user_by_id, user_by_username

_MAX_PAGE = 250
_DEFAULT_LIMIT = 50
_PAGE = (
    optional(Field("limit", (at_most(_MAX_PAGE), at_least(1), is_number()), nullable=False)),
    optional(Field("offset", (at_most(_MAX_PAGE), at_least(0), is_number()), nullable=False)),
)
# Only PATCH /v2/me checks that the e-mail address is one, as recorded.
_EMAIL = Field("email", (is_string(),), nullable=False)
_PROFILE = tuple(one for one in PROFILE_FIELDS if one.name not in ("email", "name"))
_CREATE = (
    _EMAIL,
    Field("name", (is_string(),), nullable=False),
    *(one for one in _PROFILE if one.name != "defaultScheduleId"),
)
_UPDATE = (optional(_EMAIL), optional(Field("name", (is_string(),))), *_PROFILE)
_DEFAULTS = {"time_zone": "Europe/London", "week_start": "Sunday", "time_format": 12}


@route("GET", "/v2/oauth-clients/{clientId}/users")
def list_managed_users(request: Request) -> Answer:
    """The users of a client by id, with `limit`, `offset` and `emails`; `take` is ignored.

    An address of `emails` may be the one it was created with.
    """
    client = oauth_client_of_users(request)
    limit, offset = _page(request.query)
    emails = _emails(request.query, client)
    rows = request.store.all(
        "SELECT id, email FROM users WHERE oauth_client_id = ? ORDER BY id", client.id
    )
    found = [row["id"] for row in rows if emails is None or row["email"] in emails]
    return success([_view(_user(request.store, one)) for one in found[offset : offset + limit]])


@route("POST", "/v2/oauth-clients/{clientId}/users")
def create_managed_user(request: Request) -> Answer:
    """A new user with tokens; given a time zone it gets a default schedule too.

    409 when the client has a user with this e-mail address.
    """
    client = oauth_client_of_users(request)
    body = check(request.body, _CREATE)
    email = _email(body["email"], client)
    existing = user_by_email(request.store, email)
    if existing is not None:
        raise refusals.conflict(
            f"User with the provided e-mail already exists. Existing user ID={existing.id}"
        )
    user = _add_user(request, client, email)
    user = write_profile(request.store, user, body | {"email": email})
    if body.get("timeZone"):
        schedule = {"name": "Default schedule", "timeZone": body["timeZone"], "isDefault": True}
        create_schedule(request.store, user, schedule)
    issued = tokens.issue(request.store, client, user.id, request.now)
    return success({"user": _view(_user(request.store, user.id)), **issued}, 201)


@route("GET", "/v2/oauth-clients/{clientId}/users/{userId}")
def get_managed_user(request: Request) -> Answer:
    """One user of the client; anyone else is a 404."""
    return success(_view(_managed(request, oauth_client_of_users(request))))


@route("PATCH", "/v2/oauth-clients/{clientId}/users/{userId}")
def update_managed_user(request: Request) -> Answer:
    """Change the given fields; a new e-mail address makes a new username as well.

    Unlike PATCH /v2/me it leaves the time zone of the default schedule as it is (as recorded).
    """
    client = oauth_client_of_users(request)
    changes = check(request.body, _UPDATE)
    user = _managed(request, client)
    if "email" in changes:
        changes["email"] = _email(changes["email"], client)
        _rename(request.store, user, _slug(changes["email"]))
    return success(_view(write_profile(request.store, user, changes)))


@route("DELETE", "/v2/oauth-clients/{clientId}/users/{userId}")
def delete_managed_user(request: Request) -> Answer:
    """Delete the account with everything that is the user's; the answer shows it as it was."""
    user = _managed(request, oauth_client_of_users(request))
    request.store.delete("users", user.id)
    return success(_view(user))


@route("POST", "/v2/oauth-clients/{clientId}/users/{userId}/force-refresh")
def force_refresh(request: Request) -> Answer:
    """New tokens without the refresh token; the user's old ones stop working."""
    client = oauth_client_of_users(request)
    user = _managed(request, client)
    return success(tokens.reissue(request.store, client, user.id, request.now))


def _page(query: Query) -> tuple[int, int]:
    target = {name: number(query[name]) for name in ("limit", "offset") if name in query}
    checked = check(target, _PAGE)
    return int(checked.get("limit", _DEFAULT_LIMIT)), int(checked.get("offset", 0))


def _emails(query: Query, client: OAuthClient) -> set[str] | None:
    asked = query.get("emails")
    if asked is None:
        return None
    given = asked if isinstance(asked, list) else [one.strip() for one in asked.split(",")]
    wrong = next((one for one in given if not is_email().holds(one)), None)
    if wrong is not None:
        raise refusals.bad_request(f"Invalid email {wrong}")
    return {one if client.id in one else _email(one, client) for one in given}


def _email(address: str, client: OAuthClient) -> str:
    if not is_email().holds(address):
        raise refusals.bad_request("email must be an email")
    local, _, domain = address.partition("@")
    return f"{local}+{client.id}@{domain}"


def _slug(email: str) -> str:
    plain = unicodedata.normalize("NFD", email.lower())
    letters = "".join(one for one in plain if not unicodedata.combining(one))
    return re.sub(r"[\W_]+", "-", letters).strip("-")


def _add_user(request: Request, client: OAuthClient, email: str) -> User:
    store, now, username = request.store, timestamp(request.now), _slug(email)
    organization_id = client.organization_id
    _refuse_taken_username(store, username)
    user_id = store.insert(
        "users",
        email=email,
        username=username,
        oauth_client_id=client.id,
        created_at=now,
        profile={"invitedTo": organization_id, "verified": True},
        **_DEFAULTS,
    )
    store.insert("profiles", user_id=user_id, organization_id=organization_id, username=username)
    write_new(request, organization_id, user_id, {"role": "MEMBER", "accepted": True})
    return _user(store, user_id)


def _rename(store: Store, user: User, username: str) -> None:
    if username != user.username:
        _refuse_taken_username(store, username)
        store.update("users", user.id, username=username)
        store.run("UPDATE profiles SET username = ? WHERE user_id = ?", username, user.id)


def _refuse_taken_username(store: Store, username: str) -> None:
    if user_by_username(store, username) is not None:
        raise refusals.already_exists()


def _managed(request: Request, client: OAuthClient) -> User:
    user_id = request.number("userId")
    user = user_by_id(request.store, user_id)
    if user is None or user.oauth_client_id != client.id:
        raise refusals.not_found(f"User with ID {user_id} is not part of this OAuth client.")
    return user


def _user(store: Store, user_id: int) -> User:
    user = user_by_id(store, user_id)
    assert user is not None
    return user


def _view(user: User) -> dict[str, Any]:
    shown = {
        "id": user.id,
        "email": user.email,
        "username": user.username,
        "name": user.name,
        "bio": user.profile.get("bio"),
        "timeZone": user.time_zone,
        "weekStart": user.week_start,
        "createdDate": user.created_at,
        "timeFormat": user.time_format,
        "defaultScheduleId": user.default_schedule_id,
        "locale": user.profile.get("locale"),
        "avatarUrl": user.profile.get("avatarUrl"),
    }
    metadata = user.profile.get("metadata")
    return {**shown, "metadata": metadata} if metadata else shown
