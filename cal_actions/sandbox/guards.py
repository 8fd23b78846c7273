"""Who may do what in an organization or team: the guards that stand before its operations.

Each takes a request whose path names the organization, team or user, and gives what it let
through. They answer in the recorded server's order: does it exist, may the caller, does the rest
of the path belong together.
"""

from __future__ import annotations

from typing import Literal

from cal_actions.sandbox import refusals
from cal_actions.sandbox.exchange import Request
from cal_actions.sandbox.teams.records import (
    Membership,
    Team,
    membership_of_user,
    team_by_id,
)
from cal_actions.sandbox.users.records import User, user_by_id

OrganizationRole = Literal["ORG_MEMBER", "ORG_ADMIN"]
TeamRole = Literal["TEAM_MEMBER", "TEAM_ADMIN"]

_ADMINS = ("ADMIN", "OWNER")


def organization(request: Request, role: OrganizationRole) -> Team:
    """The organization `{orgId}` of a caller who has at least this role in it.

    Raises Refusal (403) for an unknown organization, an outsider and a role that is too low.
    """
    found = existing_organization(request)
    membership = _accepted(request, found.id)
    if membership is None:
        raise _not_a_member("organization", found.id)
    if role == "ORG_ADMIN" and membership.role not in _ADMINS:
        raise _too_low(request, role, "organization", found.id)
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

    An admin of the organization may do what an admin of the team may.
    Raises Refusal: 403 as `organization` does, 404 for a team of another organization.
    """
    if role in ("ORG_MEMBER", "ORG_ADMIN"):
        parent = organization(request, role)
        return team_of_organization(request, parent)
    parent = organization(request, "ORG_MEMBER")
    found = team_of_organization(request, parent)
    above = _accepted(request, parent.id)
    if above is None or above.role not in _ADMINS:
        _check_team_role(request, found, role)
    return found


def team_of_organization(request: Request, parent: Team) -> Team:
    """The team `{teamId}` if it is in this organization. Raises Refusal (404)."""
    team_id = request.number("teamId")
    found = team_by_id(request.store, team_id)
    if found is None or found.parent_id != parent.id:
        raise refusals.not_found(f"IsTeamInOrg - Team ({team_id}) not found.")
    return found


def team(request: Request, role: TeamRole) -> Team:
    """The team `{teamId}` of a caller who has at least this role in it.

    Raises Refusal: 404 for an unknown team, 403 for outsiders and roles that are too low.
    """
    team_id = request.number("teamId")
    found = team_by_id(request.store, team_id)
    if found is None:
        raise refusals.not_found(f"Team with id={team_id} not found.")
    _check_team_role(request, found, role)
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


def _check_team_role(request: Request, team: Team, role: OrganizationRole | TeamRole) -> None:
    membership = _accepted(request, team.id)
    if membership is None:
        raise _not_a_member("team", team.id)
    if role == "TEAM_ADMIN" and membership.role not in _ADMINS:
        raise _too_low(request, role, "team", team.id)


def _accepted(request: Request, team_id: int) -> Membership | None:
    membership = membership_of_user(request.store, team_id, request.user.id)
    return membership if membership is not None and membership.accepted else None


def _not_a_member(kind: str, team_id: int) -> refusals.Refusal:
    return refusals.forbidden(f"RolesGuard - User is not a member of the {kind} with id={team_id}.")


def _too_low(request: Request, role: str, kind: str, team_id: int) -> refusals.Refusal:
    return refusals.forbidden(
        f"RolesGuard - user with id={request.user.id} does not have the minimum required "
        f"role={role} within {kind} with id={team_id}."
    )
