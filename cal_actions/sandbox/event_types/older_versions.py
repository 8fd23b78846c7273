"""GET /v2/event-types before version 2024-06-14: the caller's own, in groups.

The first group is the caller's, each further one a team's. Whatever the query asks for is
ignored, and unlike in version 2024-06-14 credentials are needed.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from cal_actions.sandbox.event_types.hosts import PRIORITIES, Host, hosts_of
from cal_actions.sandbox.event_types.older_views import Shown, columns
from cal_actions.sandbox.event_types.records import (
    EventType,
    children_of,
    event_type_of,
    event_types_of_team,
)
from cal_actions.sandbox.exchange import Answer, Request, success
from cal_actions.sandbox.routing import V2024_04_15, V2024_06_11, route
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.teams.records import Team, team_by_id, team_of
from cal_actions.sandbox.users.records import User, user_by_id

_BOOKER_URL = "http://localhost:3000"
_AVATARS = "https://eu.ui-avatars.com/api/?background=fff&color=f9f9f9&bold=true&background=000000"


@route("GET", "/v2/event-types", versions=V2024_04_15 | V2024_06_11)
def list_event_types(request: Request) -> Answer:
    """Every event type of the caller and of the teams the caller is in."""
    groups = [_own_group(request.store, request.user), *_team_groups(request.store, request.user)]
    return success(
        {
            "eventTypeGroups": groups,
            "profiles": [_profile(group) for group in groups],
            "allUsersAcrossAllEventTypes": {},
        }
    )


def _own_group(store: Store, user: User) -> Shown:
    rows = store.all("SELECT * FROM event_types WHERE user_id = ? ORDER BY id", user.id)
    return {
        "teamId": None,
        "bookerUrl": _BOOKER_URL,
        "membershipRole": None,
        "profile": {
            "slug": user.username,
            "name": user.name,
            "image": f"{_BOOKER_URL}/avatar.svg",
        },
        "eventTypes": [_view(store, event_type_of(row), user) for row in rows],
        "metadata": {"membershipCount": 1, "readOnly": False},
    }


def _team_groups(store: Store, user: User) -> list[Shown]:
    rows = store.all(
        "SELECT teams.*, memberships.role FROM teams JOIN memberships ON team_id = teams.id "
        "WHERE user_id = ? AND accepted AND NOT is_organization ORDER BY memberships.id",
        user.id,
    )
    return [_team_group(store, team_of(row), row["role"], user) for row in rows]


def _team_group(store: Store, team: Team, role: str, user: User) -> Shown:
    parent = None if team.parent_id is None else team_by_id(store, team.parent_id)
    members = store.all("SELECT id FROM memberships WHERE team_id = ? AND accepted", team.id)
    return {
        "teamId": team.id,
        "parentId": team.parent_id,
        "bookerUrl": _BOOKER_URL if parent is None else f"http://{parent.slug}.localhost:3000",
        "membershipRole": role,
        "profile": {
            "image": f"{_AVATARS}&name={quote((parent or team).name)}",
            "name": team.name,
            "slug": f"team/{team.slug}" if parent is None else team.slug,
        },
        "metadata": {"membershipCount": len(members), "readOnly": role == "MEMBER"},
        "eventTypes": [_view(store, one, user) for one in event_types_of_team(store, team.id)],
    }


def _profile(group: Shown) -> Shown:
    return {
        **group["profile"],
        **group["metadata"],
        "teamId": group["teamId"],
        "membershipRole": group["membershipRole"],
    }


def _view(store: Store, event_type: EventType, caller: User) -> Shown:
    hosts = hosts_of(store, event_type)
    is_own = event_type.user_id is not None
    has_hosts = event_type.scheduling_type != "managed"
    return {
        **columns(event_type),
        "profileId": _profile_id(store, event_type),
        "owner": {"timeZone": caller.time_zone} if is_own else None,
        "aiPhoneCallConfig": None,
        "instantMeetingSchedule": None,
        "hashedLink": [],
        "children": [_child(store, one) for one in children_of(store, event_type.id)],
        "hosts": []
        if is_own or not has_hosts
        else [_host(store, event_type, one) for one in hosts],
        "team": None if event_type.team_id is None else _team(store, event_type.team_id),
        "userIds": [one.user_id for one in hosts] if has_hosts else [],
    }


def _profile_id(store: Store, event_type: EventType) -> int | None:
    row = store.one("SELECT MIN(id) AS id FROM profiles WHERE user_id = ?", event_type.user_id)
    return None if row is None else row["id"]


def _child(store: Store, event_type: EventType) -> Shown:
    users = [_person(store, host.user_id) for host in hosts_of(store, event_type)]
    return {
        **columns(event_type),
        "profileId": _profile_id(store, event_type),
        "forwardParamsSuccessRedirect": event_type.settings["forwardParamsSuccessRedirect"],
        "users": users,
    }


def _host(store: Store, event_type: EventType, host: Host) -> Shown:
    is_fixed = event_type.scheduling_type == "collective" or host.mandatory
    is_usual = host.priority == "medium"
    return {
        "userId": host.user_id,
        "eventTypeId": event_type.id,
        "isFixed": is_fixed,
        "priority": None if is_usual else PRIORITIES.index(host.priority),
        "weight": None,
        "weightAdjustment": None,
        "scheduleId": None,
        "createdAt": _user(store, host.user_id).created_at,
        "groupId": None,
        "memberId": None,
        "user": _person(store, host.user_id),
    }


def _team(store: Store, team_id: int) -> Shown:
    owners = store.all(
        "SELECT time_zone FROM users JOIN memberships ON user_id = users.id "
        "WHERE team_id = ? AND role = 'OWNER' AND accepted ORDER BY memberships.id",
        team_id,
    )
    return {"id": team_id, "members": [{"user": {"timeZone": one["time_zone"]}} for one in owners]}


def _person(store: Store, user_id: int) -> dict[str, Any]:
    user = _user(store, user_id)
    return {
        "name": user.name,
        "avatarUrl": user.profile.get("avatarUrl"),
        "username": user.username,
        "id": user.id,
        "timeZone": user.time_zone,
    }


def _user(store: Store, user_id: int) -> User:
    user = user_by_id(store, user_id)
    assert user is not None
    return user
