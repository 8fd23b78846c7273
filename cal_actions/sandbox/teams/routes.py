"""/v2/teams: the teams of the caller, inside an organization or on their own.

Nothing of it but the memberships is recorded; what each operation answers is read in the API
document of 2025-08. A team is free here: creating one never answers with a payment link.
"""

from __future__ import annotations

from cal_actions.sandbox import guards, refusals
from cal_actions.sandbox.exchange import Answer, Request, success
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.teams.checks import read_changed_team, read_new_team
from cal_actions.sandbox.teams.records import team_of
from cal_actions.sandbox.teams.views import team_view
from cal_actions.sandbox.teams.writing import change_team, create_team


@route("GET", "/v2/teams")
def list_teams(request: Request) -> Answer:
    """The teams that the caller is in, organizations among them, ordered by id."""
    rows = request.store.all(
        "SELECT * FROM teams WHERE id IN (SELECT team_id FROM memberships WHERE user_id = ?) "
        "ORDER BY id",
        request.user.id,
    )
    return success([team_view(team_of(row)) for row in rows])


@route("POST", "/v2/teams")
def create(request: Request) -> Answer:
    """A new team, owned by the caller; 400 when the caller is in one of this name."""
    body = read_new_team(request.body)
    _refuse_taken_name(request, body["name"])
    return success(team_view(create_team(request, body, None)), 201)


@route("GET", "/v2/teams/{teamId}")
def get_team(request: Request) -> Answer:
    """One team."""
    return success(team_view(guards.team(request, "TEAM_MEMBER")))


@route("PATCH", "/v2/teams/{teamId}")
def update_team(request: Request) -> Answer:
    """Change the given fields; the name has to be given."""
    team = guards.team(request, "TEAM_OWNER")
    body = read_changed_team(request.body)
    return success(team_view(change_team(request.store, team, body)))


@route("DELETE", "/v2/teams/{teamId}")
def delete_team(request: Request) -> Answer:
    """Delete a team and all that belongs to it; the answer shows it as it was."""
    team = guards.team(request, "TEAM_OWNER")
    request.store.delete("teams", team.id)
    return success(team_view(team))


def _refuse_taken_name(request: Request, name: str) -> None:
    taken = request.store.one(
        "SELECT 1 FROM teams JOIN memberships ON team_id = teams.id WHERE user_id = ? AND name = ?",
        request.user.id,
        name,
    )
    if taken is not None:
        raise refusals.bad_request(f"You already have created a team with name={name}")
