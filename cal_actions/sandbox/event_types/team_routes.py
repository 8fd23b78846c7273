"""The event types of a team, in an organization and on its own; the two answer alike."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cal_actions.sandbox import guards, refusals
from cal_actions.sandbox.checks import Field, check, number, optional, page
from cal_actions.sandbox.event_types.host_input import check_hosts, hosts_from
from cal_actions.sandbox.event_types.hosts import hosts_of, set_hosts
from cal_actions.sandbox.event_types.records import (
    EventType,
    children_of,
    event_type_by_id,
    event_type_of,
    event_types_of_team,
    team_event_type_by_slug,
)
from cal_actions.sandbox.event_types.settings import settings_from
from cal_actions.sandbox.event_types.team_checks import read_change, read_new
from cal_actions.sandbox.event_types.team_views import child_view, listed_view, team_view
from cal_actions.sandbox.event_types.writing import columns_from
from cal_actions.sandbox.exchange import Answer, Request, success
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.rules import is_number, is_string
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.teams.records import Team
from cal_actions.sandbox.users.me import require_schedule

_SLUG = optional(Field("eventSlug", (is_string(),)))
_HOSTS_LIMIT = Field("hostsLimit", (is_number(),))


@route("GET", "/v2/organizations/{orgId}/teams/event-types")
def list_event_types_of_organization(request: Request) -> Answer:
    """Those of all teams of an organization, ordered by id; for its admins.

    The recorded server always breaks here (500): it takes `event-types` for the id of a team.
    """
    organization = guards.organization(request, "ORG_ADMIN")
    take, skip = page(request.query)
    rows = request.store.all(
        "SELECT event_types.* FROM event_types JOIN teams ON teams.id = event_types.team_id "
        "WHERE teams.parent_id = ? ORDER BY event_types.id LIMIT ? OFFSET ?",
        organization.id,
        take,
        skip,
    )
    shown = [listed_view(request.store, event_type_of(row)) for row in rows]
    return replace(success(shown), fault=refusals.broken_inside())


@route("GET", "/v2/organizations/{orgId}/teams/{teamId}/event-types")
@route("GET", "/v2/teams/{teamId}/event-types")
def list_event_types_of_team(request: Request) -> Answer:
    """The event types of a team, ordered by id, or the one with `eventSlug`. Public.

    Children of managed event types are left out. As on Cal.com `hostsLimit` counts together with
    `eventSlug` only, and a team outside organizations that nobody knows has none.
    """
    if "orgId" in request.params:
        guards.team_of_organization(request, guards.existing_organization(request))
    store, team_id = request.store, request.number("teamId")
    slug, limit = check(request.query, (_SLUG,)).get("eventSlug"), _hosts_limit(request)
    if not slug:
        found = event_types_of_team(store, team_id)
        return success([listed_view(store, one) for one in found])
    one = team_event_type_by_slug(store, team_id, slug)
    return success([] if one is None else [listed_view(store, one, hosts_limit=limit)])


@route("POST", "/v2/organizations/{orgId}/teams/{teamId}/event-types")
@route("POST", "/v2/teams/{teamId}/event-types")
def create_team_event_type(request: Request) -> Answer:
    """A new event type of a team; the answer of a managed one lists it and its children.

    Refused are hosts from outside the team (404), a slug that the team uses (400) and a schedule
    of someone else (404).
    """
    team, store = _team(request), request.store
    body = read_new(request.body)
    _check_references(request, team, body)
    is_managed = body["schedulingType"] == "managed"
    metadata: dict[str, Any] = {"managedEventConfig": {}} if is_managed else {}
    event_type_id = store.insert(
        "event_types",
        team_id=team.id,
        scheduling_type=body["schedulingType"],
        settings=settings_from({**body, "metadata": metadata}),
        **columns_from(body),
    )
    created = _reread(store, event_type_id)
    set_hosts(store, created, hosts_from(store, created, body) or [])
    return success(_with_children(store, created), 201)


@route("GET", "/v2/organizations/{orgId}/teams/{teamId}/event-types/{eventTypeId}")
@route("GET", "/v2/teams/{teamId}/event-types/{eventTypeId}")
def get_team_event_type(request: Request) -> Answer:
    """One event type of the team; a managed one without its children."""
    event_type = _event_type_of(request, _team(request))
    if event_type is None:
        raise refusals.not_found(f"Event type with id {request.number('eventTypeId')} not found")
    return success(team_view(request.store, event_type))


@route("PATCH", "/v2/organizations/{orgId}/teams/{teamId}/event-types/{eventTypeId}")
@route("PATCH", "/v2/teams/{teamId}/event-types/{eventTypeId}")
def update_team_event_type(request: Request) -> Answer:
    """Replace the given fields; the children of a managed event type follow.

    `hosts` replaces all hosts, and `assignAllTeamMembers` all by the members of the team. Refused
    is what a new event type is refused for; a given slug must be new even to this event type.
    """
    team, store = _team(request), request.store
    body = read_change(request.body)
    _check_references(request, team, body)
    event_type = _event_type_of(request, team)
    if event_type is None:
        raise refusals.bad_request("Event type to update not found")
    store.update(
        "event_types",
        event_type.id,
        settings=settings_from(body, event_type.settings),
        **columns_from(body),
    )
    updated = _reread(store, event_type.id)
    hosts = hosts_from(store, updated, body)
    set_hosts(store, updated, hosts_of(store, updated) if hosts is None else hosts)
    return success(_with_children(store, updated))


@route("DELETE", "/v2/organizations/{orgId}/teams/{teamId}/event-types/{eventTypeId}")
@route("DELETE", "/v2/teams/{teamId}/event-types/{eventTypeId}")
def delete_team_event_type(request: Request) -> Answer:
    """Delete an event type with its children; the bookings stay."""
    event_type = _event_type_of(request, _team(request))
    if event_type is None:
        raise refusals.not_found(
            f"Event type with ID={request.number('eventTypeId')} does not exist."
        )
    request.store.delete("event_types", event_type.id)
    return success({"id": event_type.id, "title": event_type.title})


def _team(request: Request) -> Team:
    if "orgId" in request.params:
        return guards.team_in_organization(request, "TEAM_ADMIN")
    return guards.team(request, "TEAM_ADMIN")


def _event_type_of(request: Request, team: Team) -> EventType | None:
    found = event_type_by_id(request.store, request.number("eventTypeId"))
    return found if found is not None and found.team_id == team.id else None


def _reread(store: Store, event_type_id: int) -> EventType:
    event_type = event_type_by_id(store, event_type_id)
    assert event_type is not None
    return event_type


def _with_children(store: Store, event_type: EventType) -> Any:
    shown = team_view(store, event_type)
    if event_type.scheduling_type != "managed":
        return shown
    return [shown, *(child_view(child) for child in children_of(store, event_type.id))]


def _check_references(request: Request, team: Team, body: dict[str, Any]) -> None:
    store = request.store
    check_hosts(store, team, body)
    if "slug" in body and team_event_type_by_slug(store, team.id, body["slug"]):
        raise refusals.bad_request("Team event type with this slug already exists")
    require_schedule(store, request.user, body.get("scheduleId"))


def _hosts_limit(request: Request) -> int | None:
    given = request.query.get("hostsLimit")
    if given is None:
        return None
    limit = check({"hostsLimit": number(given)}, (_HOSTS_LIMIT,))["hostsLimit"]
    return int(limit) if limit > 0 else None
