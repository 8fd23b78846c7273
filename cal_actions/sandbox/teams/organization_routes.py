"""/v2/organizations/{orgId}/teams: the teams of an organization."""

from __future__ import annotations

from cal_actions.sandbox import guards
from cal_actions.sandbox.checks import page
from cal_actions.sandbox.exchange import Answer, Request, success
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.teams.checks import read_changed_team, read_new_team
from cal_actions.sandbox.teams.records import team_of
from cal_actions.sandbox.teams.views import team_view
from cal_actions.sandbox.teams.writing import change_team, create_team


@route("GET", "/v2/organizations/{orgId}/teams")
def list_teams(request: Request) -> Answer:
    """Every team of the organization, ordered by id."""
    organization = guards.organization(request, "ORG_ADMIN")
    rows = request.store.all(
        "SELECT * FROM teams WHERE parent_id = ? ORDER BY id LIMIT ? OFFSET ?",
        organization.id,
        *page(request.query),
    )
    return success([team_view(team_of(row)) for row in rows])


@route("POST", "/v2/organizations/{orgId}/teams")
def create(request: Request) -> Answer:
    """A new team, owned by the caller; 409 for a slug that the organization has already."""
    organization = guards.organization(request, "ORG_ADMIN")
    body = read_new_team(request.body)
    return success(team_view(create_team(request, body, organization)), 201)


@route("GET", "/v2/organizations/{orgId}/teams/me")
def list_own_teams(request: Request) -> Answer:
    """The teams that the caller is in, each with the caller's role, ordered by id."""
    organization = guards.organization(request, "ORG_MEMBER")
    rows = request.store.all(
        "SELECT teams.*, memberships.accepted, memberships.role FROM teams "
        "JOIN memberships ON memberships.team_id = teams.id "
        "WHERE parent_id = ? AND user_id = ? ORDER BY teams.id LIMIT ? OFFSET ?",
        organization.id,
        request.user.id,
        *page(request.query),
    )
    return success(
        [
            {**team_view(team_of(row)), "accepted": bool(row["accepted"]), "role": row["role"]}
            for row in rows
        ]
    )


@route("GET", "/v2/organizations/{orgId}/teams/{teamId}")
def get_team(request: Request) -> Answer:
    """One team."""
    return success(team_view(guards.team_in_organization(request, "TEAM_ADMIN")))


@route("PATCH", "/v2/organizations/{orgId}/teams/{teamId}")
def update_team(request: Request) -> Answer:
    """Change the given fields; the name has to be given (as recorded)."""
    team = guards.team_in_organization(request, "ORG_ADMIN")
    body = read_changed_team(request.body)
    return success(team_view(change_team(request.store, team, body)))


@route("DELETE", "/v2/organizations/{orgId}/teams/{teamId}")
def delete_team(request: Request) -> Answer:
    """Delete a team and all that belongs to it; the answer shows it as it was."""
    team = guards.team_in_organization(request, "ORG_ADMIN")
    request.store.delete("teams", team.id)
    return success(team_view(team))
