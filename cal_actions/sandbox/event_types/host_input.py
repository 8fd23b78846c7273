"""The hosts that the body of a team's event type asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.event_types.hosts import Host
from cal_actions.sandbox.teams.records import Team, membership_of_user

if TYPE_CHECKING:
    from cal_actions.sandbox.event_types.records import EventType
    from cal_actions.sandbox.store import Store


def check_hosts(store: Store, team: Team, body: Mapping[str, Any]) -> None:
    """Raises Refusal: 404 for hosts who are not in the team, 409 for one who is named twice."""
    asked = [host["userId"] for host in body.get("hosts", ())]
    strangers = [str(one) for one in asked if membership_of_user(store, team.id, one) is None]
    if strangers:
        raise refusals.not_found(
            f"Invalid hosts: {', '.join(strangers)} are not members of team with id {team.id}."
        )
    if len(set(asked)) < len(asked):
        raise refusals.already_exists()


def hosts_from(store: Store, event_type: EventType, body: Mapping[str, Any]) -> list[Host] | None:
    """The hosts after a POST or PATCH; None where the body leaves them as they are.

    `assignAllTeamMembers` counts more than `hosts`.
    """
    if body.get("assignAllTeamMembers"):
        return _all_members(store, event_type)
    if "hosts" not in body:
        return None
    if event_type.scheduling_type != "roundRobin":
        return [Host(one["userId"]) for one in body["hosts"]]
    return [
        Host(one["userId"], bool(one.get("mandatory")), one.get("priority") or "medium")
        for one in body["hosts"]
    ]


def _all_members(store: Store, event_type: EventType) -> list[Host]:
    rows = store.all(
        "SELECT user_id FROM memberships WHERE team_id = ? AND accepted ORDER BY id",
        event_type.team_id,
    )
    return [Host(row["user_id"]) for row in rows]
