"""/v2/organizations/{orgId}/users: the people with a profile in an organization."""

from __future__ import annotations

import re
from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.exchange import Answer, Request, success, timestamp
from cal_actions.sandbox.guards import organization, user_in_organization
from cal_actions.sandbox.organizations.records import ensure_profile, is_username_taken, profile_of
from cal_actions.sandbox.organizations.user_checks import read_changes, read_creation
from cal_actions.sandbox.organizations.user_search import find_users, read_search
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.teams.memberships import write_new
from cal_actions.sandbox.users.me import write_profile
from cal_actions.sandbox.users.records import User, user_by_email, user_by_id, user_by_username

_COLLECTION = "/v2/organizations/{orgId}/users"
_ITEM = "/v2/organizations/{orgId}/users/{userId}"
_DEFAULT_TIME_ZONE = "Europe/London"
_NO_WORD = re.compile(r"[^a-z0-9]+")


@route("GET", _COLLECTION)
def list_users(request: Request) -> Answer:
    """The users of the organization that pass every filter, ordered by id."""
    parent = organization(request, "ORG_ADMIN")
    found = find_users(request.store, parent.id, read_search(request.query))
    return success([view(request.store, parent.id, user) for user in found])


@route("POST", _COLLECTION)
def create_user(request: Request) -> Answer:
    """A new account in the organization, named after its email address.

    As recorded: 409 where the organization, or anyone, has the email address; 400 whenever a
    username is given.
    """
    parent = organization(request, "ORG_ADMIN")
    body = read_creation(request)
    _refuse_taken_email(request.store, parent.id, body["email"])
    if "username" in body:
        _refuse_taken_username(request.store, parent.id, body["username"])
        raise refusals.without_details(
            400, "TRPCError", "Bad request: Please check your request data and try again"
        )
    user = _create(request, parent.id, body)
    return success(view(request.store, parent.id, write_profile(request.store, user, body)), 201)


@route("PATCH", _ITEM)
def update_user(request: Request) -> Answer:
    """Change the given fields; 409 for a username that someone in the organization has."""
    parent = organization(request, "ORG_ADMIN")
    user = user_in_organization(request, parent)
    body = read_changes(request)
    if "username" in body:
        _refuse_taken_username(request.store, parent.id, body["username"])
    return success(view(request.store, parent.id, write_profile(request.store, user, body)))


@route("DELETE", _ITEM)
def delete_user(request: Request) -> Answer:
    """Delete the whole account with everything it owns; shows the user once more."""
    parent = organization(request, "ORG_ADMIN")
    user = user_in_organization(request, parent)
    shown = view(request.store, parent.id, user)
    request.store.delete("users", user.id)
    return success(shown)


def view(store: Store, organization_id: int, user: User) -> dict[str, Any]:
    """A user with the profile in this organization, as every answer shows it."""
    settings = user.profile
    metadata = settings.get("metadata")
    return {
        "id": user.id,
        "username": user.username,
        "name": user.name,
        "email": user.email,
        "emailVerified": settings.get("emailVerified"),
        "bio": settings.get("bio"),
        "avatarUrl": settings.get("avatarUrl"),
        "timeZone": user.time_zone,
        "weekStart": user.week_start,
        "appTheme": settings.get("appTheme"),
        "theme": settings.get("theme"),
        "defaultScheduleId": user.default_schedule_id,
        "locale": settings.get("locale"),
        "timeFormat": user.time_format,
        "hideBranding": settings.get("hideBranding", False),
        "brandColor": settings.get("brandColor"),
        "darkBrandColor": settings.get("darkBrandColor"),
        "allowDynamicBooking": settings.get("allowDynamicBooking", True),
        "createdDate": user.created_at,
        "verified": settings.get("verified", False),
        "invitedTo": settings.get("invitedTo"),
        **({} if metadata is None else {"metadata": metadata}),
        "profile": _profile_view(store, organization_id, user.id),
    }


def _profile_view(store: Store, organization_id: int, user_id: int) -> dict[str, Any]:
    profile = profile_of(store, organization_id, user_id)
    if profile is None:
        return {}
    return {
        "id": profile.id,
        "organizationId": profile.organization_id,
        "userId": profile.user_id,
        "username": profile.username,
    }


def _refuse_taken_email(store: Store, organization_id: int, email: str) -> None:
    other = user_by_email(store, email)
    if other is None:
        return
    if profile_of(store, organization_id, other.id) is not None:
        raise refusals.conflict("A user already exists with that email")
    raise refusals.already_exists()


def _refuse_taken_username(store: Store, organization_id: int, username: str) -> None:
    if is_username_taken(store, organization_id, username):
        raise refusals.conflict("Username is already taken")


def _create(request: Request, organization_id: int, body: dict[str, Any]) -> User:
    username = _username_from(body["email"])
    if user_by_username(request.store, username) is not None:
        raise refusals.already_exists()
    user_id = request.store.insert(
        "users",
        username=username,
        email=body["email"],
        time_zone=_DEFAULT_TIME_ZONE,
        created_at=timestamp(request.now),
        profile={"verified": True, "invitedTo": organization_id},
    )
    user = user_by_id(request.store, user_id)
    assert user is not None
    ensure_profile(request.store, organization_id, user)
    settings = {"accepted": body["autoAccept"], "role": body["organizationRole"]}
    write_new(request, organization_id, user.id, settings)
    return user


def _username_from(email: str) -> str:
    """`new@acme.example` is called `new-acme`, as recorded."""
    name, _, domain = email.partition("@")
    return _NO_WORD.sub("-", f"{name}-{domain.partition('.')[0]}").strip("-")
