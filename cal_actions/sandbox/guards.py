"""Who may do what in an organization or team: the guards that stand before its operations.

Each takes a request whose path names the organization, team or user, and gives what it let
through. They answer in the recorded server's order: does the organization exist, may the caller,
is the rest of the path inside the organization.

A role holds from the invitation on: like Cal.com's, these guards do not ask whether a membership
is accepted. Admins and owners of an organization may do in its teams what the teams' own may.
"""

from __future__ import annotations

from typing import Literal

from cal_actions.sandbox import refusals
from cal_actions.sandbox.exchange import Request
from cal_actions.sandbox.teams.records import (
    ROLES,
    Membership,
    Team,
    membership_of_user,
    team_by_id,
)
from cal_actions.sandbox.users.records import User, user_by_id

OrganizationRole = Literal["ORG_MEMBER", "ORG_ADMIN"]
TeamRole = Literal["TEAM_MEMBER", "TEAM_ADMIN", "TEAM_OWNER"]


def organization(request: Request, role: OrganizationRole) -> Team:
    """The organization `{orgId}` of a caller who has at least this role in it.

    Raises Refusal (403) for an unknown organization, an outsider and a role that is too low.
    """
    found = existing_organization(request)
    _check_role(request, role)
    return found


def existing_organization(request: Request) -> Team:
    """The organization `{orgId}`, whoever asks. Raises Refusal (403) when it is none."""
    org_id = request.number("orgId")
    found = team_by_id(request.store, org_id)
    if found is None or not found.is_organization:
        raise refusals.forbidden(
            f"IsOrgGuard - provided organization id={org_id} does not represent any existing "
            "organization."
        )
    return found


def team_in_organization(request: Request, role: OrganizationRole | TeamRole) -> Team:
    """The team `{teamId}` of organization `{orgId}` for a caller with at least this role.

    Raises Refusal: 403 as `organization` does, and for a member of the organization who is not in
    the team; 404 for a team of another organization, told only to those who may.
    """
    parent = existing_organization(request)
    _check_role(request, role)
    return team_of_organization(request, parent)


def team_of_organization(request: Request, parent: Team) -> Team:
    """The team `{teamId}` if it is in this organization. Raises Refusal (404)."""
    team_id = request.number("teamId")
    found = team_by_id(request.store, team_id)
    if found is None or found.parent_id != parent.id:
        raise refusals.not_found(f"IsTeamInOrg - Team ({team_id}) not found.")
    return found


def team(request: Request, role: TeamRole) -> Team:
    """The team `{teamId}` of a caller who has at least this role in it.

    Raises Refusal (403) for outsiders and roles that are too low. A team that does not exist has
    no members, so that everyone is an outsider there, as on Cal.com.
    """
    _check_role(request, role)
    found = team_by_id(request.store, request.number("teamId"))
    assert found is not None
    return found


def user_in_organization(request: Request, parent: Team) -> User:
    """The user `{userId}` if that is a member of this organization. Raises Refusal (403)."""
    user_id = request.number("userId")
    user = user_by_id(request.store, user_id)
    if user is None or membership_of_user(request.store, parent.id, user_id) is None:
        raise refusals.forbidden(
            f"IsUserInOrg - user with id={user_id} is not part of the organization with "
            f"id={parent.id}."
        )
    return user


def _check_role(request: Request, role: OrganizationRole | TeamRole) -> None:
    above = _membership_above(request)
    if role in ("ORG_MEMBER", "ORG_ADMIN"):
        held = above
    elif above is not None and _reaches(above, "TEAM_ADMIN"):
        return
    else:
        held = _membership_in_team(request)
    if held is None or not _reaches(held, role):
        raise _too_low(request, role)


def _membership_above(request: Request) -> Membership | None:
    """The caller's membership in `{orgId}`; None where the path names no organization."""
    if "orgId" not in request.params:
        return None
    org_id = request.number("orgId")
    found = membership_of_user(request.store, org_id, request.user.id)
    if found is None:
        words = "part" if "teamId" in request.params else "a member"
        raise refusals.forbidden(
            f"RolesGuard - User is not {words} of the organization with id={org_id}."
        )
    return found


def _membership_in_team(request: Request) -> Membership:
    team_id = request.number("teamId")
    found = membership_of_user(request.store, team_id, request.user.id)
    if found is not None:
        return found
    if "orgId" in request.params:
        raise refusals.forbidden(
            f"RolesGuard - User is not part of the team with id={team_id} and/or, is not an admin "
            f"nor an owner of the organization with id={request.number('orgId')}."
        )
    raise refusals.forbidden(f"RolesGuard - User is not a member of the team with id={team_id}.")


def _reaches(membership: Membership, role: OrganizationRole | TeamRole) -> bool:
    return ROLES.index(membership.role) >= ROLES.index(role.partition("_")[2])


def _too_low(request: Request, role: str) -> refusals.Refusal:
    kinds = {"orgId": "organization", "teamId": "team"}
    places = [
        f" {kind} with id={request.number(name)}"
        for name, kind in kinds.items()
        if name in request.params
    ]
    return refusals.forbidden(
        f"RolesGuard - user with id={request.user.id} does not have the minimum required "
        f"role={role} within{''.join(places)}."
    )
