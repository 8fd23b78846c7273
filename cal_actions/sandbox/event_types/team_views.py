"""Event types as the operations of teams show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cal_actions.sandbox.event_types.hosts import Host, hosts_of
from cal_actions.sandbox.event_types.views import shared_view
from cal_actions.sandbox.teams.records import team_by_id
from cal_actions.sandbox.users.records import user_by_id

if TYPE_CHECKING:
    from cal_actions.sandbox.event_types.records import EventType
    from cal_actions.sandbox.store import Store

_OF_TEAM = ("bannerUrl", "logoUrl", "weekStart", "brandColor", "darkBrandColor", "theme")


def team_view(store: Store, event_type: EventType) -> dict[str, Any]:
    """A team's event type where an answer is about it alone."""
    return {
        **shared_view(event_type, video_settings=True),
        "hosts": [_host(store, event_type, host) for host in hosts_of(store, event_type)],
        "teamId": event_type.team_id,
        "ownerId": None,
        "parentEventTypeId": None,
        "schedulingType": event_type.scheduling_type,
        "assignAllTeamMembers": event_type.assigns_all_team_members,
        "team": {"id": event_type.team_id},
    }


def listed_view(
    store: Store, event_type: EventType, *, hosts_limit: int | None = None
) -> dict[str, Any]:
    """A team's event type in a list: it tells more about the team (as recorded)."""
    shown = team_view(store, event_type)
    return {
        **shown,
        "hosts": shown["hosts"][:hosts_limit],
        "team": _team(store, shown["teamId"]),
    }


def child_view(event_type: EventType) -> dict[str, Any]:
    """A child of a managed event type: no host, no team, and no settings of Cal Video."""
    return {
        **shared_view(event_type, video_settings=False),
        "hosts": [],
        "teamId": None,
        "ownerId": event_type.user_id,
        "parentEventTypeId": event_type.parent_id,
        "schedulingType": None,
        "team": {"id": None},
    }


def _host(store: Store, event_type: EventType, host: Host) -> dict[str, Any]:
    user = user_by_id(store, host.user_id)
    assert user is not None
    shown = {
        "userId": user.id,
        "name": user.name or "",
        "username": user.username,
        "avatarUrl": user.profile.get("avatarUrl"),
    }
    if event_type.scheduling_type == "roundRobin":
        return {"mandatory": host.mandatory, "priority": host.priority, **shown}
    return shown


def _team(store: Store, team_id: int) -> dict[str, Any]:
    team = team_by_id(store, team_id)
    assert team is not None
    of_team = {name: team.profile.get(name) for name in _OF_TEAM}
    return {
        "id": team.id,
        "name": team.name,
        "slug": team.slug,
        **of_team,
        "weekStart": of_team["weekStart"] or "Sunday",
    }
