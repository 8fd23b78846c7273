"""/v2/organizations/{orgId}/memberships: who is in an organization, and as what."""

from __future__ import annotations

from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.attributes.records import attributes_of_member
from cal_actions.sandbox.checks import Field, check, optional, page
from cal_actions.sandbox.exchange import Answer, Request, success, timestamp
from cal_actions.sandbox.guards import organization
from cal_actions.sandbox.organizations.leaving import leave
from cal_actions.sandbox.organizations.records import ensure_profile
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.rules import is_boolean, is_enum, is_int
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.teams.records import (
    Membership,
    membership_by_id,
    membership_of,
    membership_of_user,
)
from cal_actions.sandbox.users.records import user_by_id

ROLES = ("MEMBER", "ADMIN", "OWNER")

_COLLECTION = "/v2/organizations/{orgId}/memberships"
_ITEM = "/v2/organizations/{orgId}/memberships/{membershipId}"
_UPDATE = (
    optional(Field("accepted", (is_boolean(),), nullable=False)),
    optional(Field("role", (is_enum(ROLES),), nullable=False)),
    optional(Field("disableImpersonation", (is_boolean(),), nullable=False)),
)
_CREATE = (Field("userId", (is_int(),)), *_UPDATE)
_DEFAULTS = {"accepted": False, "role": "MEMBER", "disableImpersonation": False}
_COLUMNS = {
    "accepted": "accepted",
    "role": "role",
    "disableImpersonation": "disable_impersonation",
}


@route("GET", _COLLECTION)
def list_memberships(request: Request) -> Answer:
    """The memberships of the organization, ordered by id."""
    parent = organization(request, "ORG_ADMIN")
    take, skip = page(request.query)
    rows = request.store.all(
        "SELECT * FROM memberships WHERE team_id = ? ORDER BY id LIMIT ? OFFSET ?",
        parent.id,
        take,
        skip,
    )
    return success([view(request.store, membership_of(row)) for row in rows])


@route("POST", _COLLECTION)
def create_membership(request: Request) -> Answer:
    """Add a user; one who is in it already gets the given role, and defaults for the rest."""
    parent = organization(request, "ORG_ADMIN")
    body = check(with_defaults(request.body, _DEFAULTS), _CREATE)
    user = user_by_id(request.store, body["userId"])
    if user is None:
        raise refusals.without_details(
            400, "BAD_REQUEST", "Invalid input: The referenced data does not exist."
        )
    existing = membership_of_user(request.store, parent.id, user.id)
    if existing is None:
        add_member(request, parent.id, user.id, body)
        ensure_profile(request.store, parent.id, user)
    else:
        _write(request, existing, body)
    membership = membership_of_user(request.store, parent.id, user.id)
    assert membership is not None
    return success(view(request.store, membership), 201)


@route("GET", _ITEM)
def get_membership(request: Request) -> Answer:
    """One membership of the organization."""
    return success(view(request.store, _membership(request)))


@route("PATCH", _ITEM)
def update_membership(request: Request) -> Answer:
    """Change the given fields."""
    membership = _membership(request)
    _write(request, membership, check(request.body, _UPDATE))
    return success(view(request.store, _membership(request)))


@route("DELETE", _ITEM)
def delete_membership(request: Request) -> Answer:
    """Take the user out of the organization and its teams; shows the membership as it was."""
    membership = _membership(request)
    shown = view(request.store, membership)
    leave(request.store, membership.team_id, membership.user_id)
    return success(shown)


def with_defaults(body: Any, defaults: dict[str, Any]) -> Any:
    """A body as Cal.com checks it, and shows it in errors: what is left out has its default."""
    return defaults | body if isinstance(body, dict) else body


def add_member(
    request: Request, organization_id: int, user_id: int, settings: dict[str, Any]
) -> None:
    """Write a new membership; `settings` are a checked body's."""
    now = timestamp(request.now)
    request.store.insert(
        "memberships",
        team_id=organization_id,
        user_id=user_id,
        created_at=now,
        updated_at=now,
        **_columns(settings),
    )


def view(store: Store, membership: Membership) -> dict[str, Any]:
    """A membership of an organization as every answer shows it."""
    user = user_by_id(store, membership.user_id)
    assert user is not None
    metadata = user.profile.get("metadata")
    return {
        "id": membership.id,
        "teamId": membership.team_id,
        "userId": membership.user_id,
        "accepted": membership.accepted,
        "role": membership.role,
        "customRoleId": f"{membership.role.lower()}_role",
        "disableImpersonation": membership.disable_impersonation,
        "createdAt": membership.created_at,
        "updatedAt": membership.updated_at,
        "user": {
            "username": user.username,
            "email": user.email,
            "avatarUrl": user.profile.get("avatarUrl"),
            "name": user.name,
            **({} if metadata is None else {"metadata": metadata}),
            "bio": user.profile.get("bio"),
        },
        "attributes": attributes_of_member(store, membership.id),
    }


def _membership(request: Request) -> Membership:
    parent = organization(request, "ORG_ADMIN")
    membership_id = request.number("membershipId")
    found = membership_by_id(request.store, parent.id, membership_id)
    if found is None:
        raise refusals.not_found(f"IsMembershipInOrg - Membership ({membership_id}) not found.")
    return found


def _write(request: Request, membership: Membership, settings: dict[str, Any]) -> None:
    request.store.update(
        "memberships",
        membership.id,
        updated_at=timestamp(request.now),
        **_columns(settings),
    )


def _columns(settings: dict[str, Any]) -> dict[str, Any]:
    return {column: settings[name] for name, column in _COLUMNS.items() if name in settings}
