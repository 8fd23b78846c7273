"""The memberships of a team, inside an organization or on its own."""

from __future__ import annotations

from cal_actions.sandbox import guards, refusals
from cal_actions.sandbox.checks import page
from cal_actions.sandbox.exchange import Answer, Request, success
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.teams.checks import read_changed_membership, read_new_membership
from cal_actions.sandbox.teams.memberships import add_member, change_member, remove_member
from cal_actions.sandbox.teams.records import (
    Membership,
    Team,
    membership_by_id,
    membership_of,
    membership_of_user,
)
from cal_actions.sandbox.teams.views import membership_view
from cal_actions.sandbox.users.records import user_by_id

_IN_ORGANIZATION = "/v2/organizations/{orgId}/teams/{teamId}/memberships"
_OF_TEAM = "/v2/teams/{teamId}/memberships"


@route("GET", _IN_ORGANIZATION)
@route("GET", _OF_TEAM)
def list_memberships(request: Request) -> Answer:
    """The memberships of the team, ordered by id."""
    team = _team(request)
    rows = request.store.all(
        "SELECT * FROM memberships WHERE team_id = ? ORDER BY id LIMIT ? OFFSET ?",
        team.id,
        *page(request.query),
    )
    return success([_shown(request.store, membership_of(row)) for row in rows])


@route("POST", _IN_ORGANIZATION)
@route("POST", _OF_TEAM)
def create_membership(request: Request) -> Answer:
    """A new membership; 409 when the user has one, 422 when not in the team's organization."""
    team = _team(request)
    body = read_new_membership(request.body)
    if "orgId" in request.params:
        _refuse_outsider(request, body["userId"])
    membership = add_member(request, team.id, body["userId"], body)
    return success(_shown(request.store, membership), 201)


@route("GET", f"{_IN_ORGANIZATION}/{{membershipId}}")
@route("GET", f"{_OF_TEAM}/{{membershipId}}")
def get_membership(request: Request) -> Answer:
    """One membership."""
    return success(_shown(request.store, _membership(request)))


@route("PATCH", f"{_IN_ORGANIZATION}/{{membershipId}}")
@route("PATCH", f"{_OF_TEAM}/{{membershipId}}")
def update_membership(request: Request) -> Answer:
    """Change the role, whether it is accepted, and whether others may act as the user."""
    team = _team(request)
    body = read_changed_membership(request.body)
    membership = change_member(request, _membership_in(request, team), body)
    return success(_shown(request.store, membership))


@route("DELETE", f"{_IN_ORGANIZATION}/{{membershipId}}")
@route("DELETE", f"{_OF_TEAM}/{{membershipId}}")
def delete_membership(request: Request) -> Answer:
    """Delete a membership, even that of the last owner; the answer shows it as it was.

    The user leaves the event types of the team too.
    """
    membership = _membership(request)
    shown = _shown(request.store, membership)
    remove_member(request.store, membership)
    return success(shown)


def _team(request: Request) -> Team:
    if "orgId" in request.params:
        return guards.team_in_organization(request, "TEAM_ADMIN")
    return guards.team(request, "TEAM_ADMIN")


def _membership(request: Request) -> Membership:
    return _membership_in(request, _team(request))


def _membership_in(request: Request, team: Team) -> Membership:
    found = membership_by_id(request.store, team.id, request.number("membershipId"))
    if found is None:
        raise refusals.not_found("Organization's Team membership not found")
    return found


def _refuse_outsider(request: Request, user_id: int) -> None:
    if membership_of_user(request.store, request.number("orgId"), user_id) is None:
        raise refusals.unprocessable("User is not part of the Organization")


def _shown(store: Store, membership: Membership) -> dict[str, object]:
    user = user_by_id(store, membership.user_id)
    assert user is not None
    return membership_view(membership, user)
