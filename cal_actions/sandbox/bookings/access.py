"""Who may see and act on a booking: its organizer, and who runs the team of its event type."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

from cal_actions.sandbox.event_types.hosts import hosts_of
from cal_actions.sandbox.event_types.records import event_type_by_id

if TYPE_CHECKING:
    from cal_actions.sandbox.store import Store
    from cal_actions.sandbox.users.records import User

Condition = tuple[str, list[Any]]
"""A condition on rows of `bookings` with the values of its question marks."""

_TYPES_RUN = (
    "SELECT event_types.id FROM memberships "
    "JOIN teams ON memberships.team_id IN (teams.id, teams.parent_id) "
    "JOIN event_types AS owned ON owned.team_id = teams.id "
    "JOIN event_types ON owned.id IN (event_types.id, event_types.parent_id) "
    "WHERE memberships.user_id = ? AND memberships.accepted "
    "AND memberships.role IN ('ADMIN', 'OWNER')"
)
_MEMBERS_RUN = (
    "SELECT others.user_id AS id FROM memberships AS own JOIN teams ON teams.id = own.team_id "
    "JOIN memberships AS others ON others.team_id = teams.id "
    "WHERE own.user_id = ? AND own.accepted AND own.role IN ('ADMIN', 'OWNER') AND "
)
_IN_ORGANIZATION = "teams.id = ?"
_IN_PLAIN_TEAM = "NOT teams.is_organization AND teams.parent_id IS NULL"
_VISIBLE = (
    "(user_id IN (SELECT value FROM json_each(?)) OR event_type_id IN (SELECT value FROM "
    "json_each(?)) OR id IN (SELECT booking_id FROM attendees WHERE email IN (SELECT email "
    "FROM users WHERE id IN (SELECT value FROM json_each(?)))))"
)


def visible_to(store: Store, user: User) -> Condition:
    """The bookings that a user's list holds.

    Those of the user as host or attendee, and for admins and owners those of the event types of
    their teams, and those of the members of their organization (or of their teams, when they are
    in no organization). Read in Cal.com's source.
    """
    members = json.dumps([user.id, *_members_run_by(store, user)])
    event_types = json.dumps([row["id"] for row in store.all(_TYPES_RUN, user.id)])
    return _VISIBLE, [members, event_types, members]


def _members_run_by(store: Store, user: User) -> list[int]:
    if user.organization is None:
        rows = store.all(_MEMBERS_RUN + _IN_PLAIN_TEAM, user.id)
    else:
        rows = store.all(_MEMBERS_RUN + _IN_ORGANIZATION, user.id, user.organization.id)
    return [row["id"] for row in rows]


def may_manage(store: Store, user: User, booking: sqlite3.Row) -> bool:
    """Whether the user organizes the booking, or is admin or owner of the event type's team.

    An admin of the team's organization may do what one of the team may.
    """
    if booking["user_id"] == user.id:
        return True
    run = (row["id"] for row in store.all(_TYPES_RUN, user.id))
    return booking["event_type_id"] in run


def may_confirm(store: Store, user: User, booking: sqlite3.Row) -> bool:
    """Whether the user may manage the booking, or hosts its event type."""
    if may_manage(store, user, booking):
        return True
    event_type = event_type_by_id(store, booking["event_type_id"])
    hosts = () if event_type is None else hosts_of(store, event_type)
    return any(host.user_id == user.id for host in hosts)
