"""/v2/organizations/{orgId}/memberships: who is in an organization, and as what."""

from __future__ import annotations

from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.attributes.records import attributes_of_member
from cal_actions.sandbox.checks import page
from cal_actions.sandbox.exchange import Answer, Request, success
from cal_actions.sandbox.guards import organization
from cal_actions.sandbox.organizations.leaving import leave
from cal_actions.sandbox.organizations.records import ensure_profile
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.teams.checks import read_changed_membership, read_new_membership
from cal_actions.sandbox.teams.memberships import write_change, write_new
from cal_actions.sandbox.teams.records import (
    Membership,
    membership_by_id,
    membership_of,
    membership_of_user,
)
from cal_actions.sandbox.teams.views import member_view
from cal_actions.sandbox.users.records import user_by_id

_COLLECTION = "/v2/organizations/{orgId}/memberships"
_ITEM = "/v2/organizations/{orgId}/memberships/{membershipId}"


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
    body = read_new_membership(request.body)
    user = user_by_id(request.store, body["userId"])
    if user is None:
        raise refusals.unknown_reference()
    membership = membership_of_user(request.store, parent.id, user.id)
    if membership is None:
        membership = write_new(request, parent.id, user.id, body)
        ensure_profile(request.store, parent.id, user)
    else:
        membership = write_change(request, membership, body)
    return success(view(request.store, membership), 201)


@route("GET", _ITEM)
def get_membership(request: Request) -> Answer:
    """One membership of the organization."""
    return success(view(request.store, _membership(request)))


@route("PATCH", _ITEM)
def update_membership(request: Request) -> Answer:
    """Change the given fields."""
    membership = _membership(request)
    changed = write_change(request, membership, read_changed_membership(request.body))
    return success(view(request.store, changed))


@route("DELETE", _ITEM)
def delete_membership(request: Request) -> Answer:
    """Take the user out of the organization and its teams; shows the membership as it was."""
    membership = _membership(request)
    shown = view(request.store, membership)
    leave(request.store, membership.team_id, membership.user_id)
    return success(shown)


def view(store: Store, membership: Membership) -> dict[str, Any]:
    """A membership of an organization as every answer shows it."""
    user = user_by_id(store, membership.user_id)
    assert user is not None
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
        "user": member_view(user),
        "attributes": attributes_of_member(store, membership.id),
    }


def _membership(request: Request) -> Membership:
    parent = organization(request, "ORG_ADMIN")
    membership_id = request.number("membershipId")
    found = membership_by_id(request.store, parent.id, membership_id)
    if found is None:
        raise refusals.not_found(f"IsMembershipInOrg - Membership ({membership_id}) not found.")
    return found
