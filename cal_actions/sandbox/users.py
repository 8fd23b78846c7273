"""The users of the sandbox as their rows hold them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3

    from cal_actions.sandbox.store import Store


@dataclass(frozen=True, slots=True)
class User:
    """One user; `profile` holds the fields that no query looks at (bio, locale, colors ...)."""

    id: int
    username: str
    name: str | None
    email: str
    time_zone: str
    time_format: int
    week_start: str
    default_schedule_id: int | None
    organization: dict[str, Any] | None
    profile: dict[str, Any]


def user_by_id(store: Store, user_id: int) -> User | None:
    """The user with this id, or None."""
    return _user(store.one("SELECT * FROM users WHERE id = ?", user_id))


def user_by_username(store: Store, username: str) -> User | None:
    """The user with this username, or None."""
    return _user(store.one("SELECT * FROM users WHERE username = ?", username))


def _user(row: sqlite3.Row | None) -> User | None:
    if row is None:
        return None
    return User(
        id=row["id"],
        username=row["username"],
        name=row["name"],
        email=row["email"],
        time_zone=row["time_zone"],
        time_format=row["time_format"],
        week_start=row["week_start"],
        default_schedule_id=row["default_schedule_id"],
        organization=json.loads(row["organization"]),
        profile=json.loads(row["profile"]),
    )
