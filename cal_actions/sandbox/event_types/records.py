"""Event types as their rows hold them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import sqlite3

    from cal_actions.sandbox.store import Store

SchedulingType = Literal["roundRobin", "collective", "managed"]


@dataclass(frozen=True, slots=True)
class EventType:
    """One event type; `settings` has every key of the answer that no column holds.

    It belongs to a user or to a team: exactly one of `user_id` and `team_id` is set. Only those of
    teams have a `scheduling_type`. A managed one has a child for each host, which belongs to that
    user and names it as `parent_id`.
    """

    id: int
    user_id: int | None
    team_id: int | None
    parent_id: int | None
    scheduling_type: SchedulingType | None
    assigns_all_team_members: bool
    slug: str
    title: str
    length_in_minutes: int
    schedule_id: int | None
    hidden: bool
    settings: dict[str, Any]


def event_type_of(row: sqlite3.Row) -> EventType:
    """A row of `event_types`, read."""
    return EventType(
        id=row["id"],
        user_id=row["user_id"],
        team_id=row["team_id"],
        parent_id=row["parent_id"],
        scheduling_type=row["scheduling_type"],
        assigns_all_team_members=bool(row["assign_all_team_members"]),
        slug=row["slug"],
        title=row["title"],
        length_in_minutes=row["length_in_minutes"],
        schedule_id=row["schedule_id"],
        hidden=bool(row["hidden"]),
        settings=json.loads(row["settings"]),
    )


def event_type_by_id(store: Store, event_type_id: int) -> EventType | None:
    """The event type with this id, whoever owns it, or None."""
    row = store.one("SELECT * FROM event_types WHERE id = ?", event_type_id)
    return None if row is None else event_type_of(row)


def event_type_by_slug(store: Store, user_id: int, slug: str) -> EventType | None:
    """The event type of this user with this slug, or None."""
    row = store.one("SELECT * FROM event_types WHERE user_id = ? AND slug = ?", user_id, slug)
    return None if row is None else event_type_of(row)


def team_event_type_by_slug(store: Store, team_id: int, slug: str) -> EventType | None:
    """The event type of this team with this slug, or None."""
    row = store.one("SELECT * FROM event_types WHERE team_id = ? AND slug = ?", team_id, slug)
    return None if row is None else event_type_of(row)


def event_types_of_team(store: Store, team_id: int) -> list[EventType]:
    """Every event type of this team, ordered by id."""
    rows = store.all("SELECT * FROM event_types WHERE team_id = ? ORDER BY id", team_id)
    return [event_type_of(row) for row in rows]


def children_of(store: Store, event_type_id: int) -> list[EventType]:
    """The children of a managed event type, ordered by id."""
    rows = store.all("SELECT * FROM event_types WHERE parent_id = ? ORDER BY id", event_type_id)
    return [event_type_of(row) for row in rows]
