"""Schedules of an organization's people; always in the shape of version 2024-06-11."""

from __future__ import annotations

from cal_actions.sandbox import refusals
from cal_actions.sandbox.checks import check, page
from cal_actions.sandbox.exchange import Answer, Request, success
from cal_actions.sandbox.guards import organization, team_in_organization, user_in_organization
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.schedules.routes import (
    CREATE,
    UPDATE,
    create,
    delete,
    owned_row,
    schedules_of,
    update,
    view,
)
from cal_actions.sandbox.teams.records import membership_of_user
from cal_actions.sandbox.users.records import User, user_by_id

_OF_USER = "/v2/organizations/{orgId}/users/{userId}/schedules"
_ONE_OF_USER = "/v2/organizations/{orgId}/users/{userId}/schedules/{scheduleId}"
_OF_TEAM_MEMBER = "/v2/organizations/{orgId}/teams/{teamId}/users/{userId}/schedules"


@route("GET", "/v2/organizations/{orgId}/schedules")
def list_organization_schedules(request: Request) -> Answer:
    """The schedules of everyone with a profile in the organization, ordered by id."""
    parent = organization(request, "ORG_ADMIN")
    take, skip = page(request.query)
    rows = request.store.all(
        "SELECT schedules.* FROM schedules JOIN profiles ON profiles.user_id = schedules.user_id "
        "WHERE organization_id = ? ORDER BY schedules.id LIMIT ? OFFSET ?",
        parent.id,
        take,
        skip,
    )
    owners = {row["user_id"]: user_by_id(request.store, row["user_id"]) for row in rows}
    return success(
        [view(row, owner) for row in rows if (owner := owners[row["user_id"]]) is not None]
    )


@route("GET", _OF_USER)
def list_user_schedules(request: Request) -> Answer:
    """Every schedule of a user of the organization, by id."""
    return success(schedules_of(request.store, _owner(request)))


@route("POST", _OF_USER)
def create_user_schedule(request: Request) -> Answer:
    """A new schedule of a user; without availability Monday to Friday from 09:00 to 17:00."""
    owner = _owner(request)
    return success(create(request.store, owner, check(request.body, CREATE)), 201)


@route("GET", _ONE_OF_USER)
def get_user_schedule(request: Request) -> Answer:
    """One schedule of a user: 404 for an unknown one, 403 for someone else's."""
    owner = _owner(request)
    return success(view(owned_row(request, owner), owner))


@route("PATCH", _ONE_OF_USER)
def update_user_schedule(request: Request) -> Answer:
    """Replace the given fields; availability and overrides are replaced as a whole."""
    owner = _owner(request)
    body = check(request.body, UPDATE)
    row = owned_row(request, owner)
    return success(update(request.store, owner, row["id"], body))


@route("DELETE", _ONE_OF_USER)
def delete_user_schedule(request: Request) -> Answer:
    """Delete a schedule of a user; an unknown one is a 400 here, as on /v2/schedules."""
    owner = _owner(request)
    row = owned_row(request, owner, unknown=refusals.bad_request)
    delete(request.store, owner, row["id"])
    return Answer({"status": "success"})


@route("GET", _OF_TEAM_MEMBER)
def list_team_member_schedules(request: Request) -> Answer:
    """Every schedule of a member of one of the organization's teams, by id."""
    team = team_in_organization(request, "TEAM_ADMIN")
    user_id = request.number("userId")
    member = user_by_id(request.store, user_id)
    if member is None or membership_of_user(request.store, team.id, user_id) is None:
        raise refusals.forbidden(
            f"IsUserInOrgTeam - user with id=({user_id}) is not part of the team with "
            f"id=({team.id}) in the organization with id=({team.parent_id})"
        )
    return success(schedules_of(request.store, member))


def _owner(request: Request) -> User:
    return user_in_organization(request, organization(request, "ORG_ADMIN"))
