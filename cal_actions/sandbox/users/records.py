"""The users of the sandbox as their rows hold them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3

    from cal_actions.sandbox.store import Store

PROFILE_WORDS = frozenset(
    {
        "locale", "avatarUrl", "bio", "metadata", "emailVerified", "appTheme", "theme",
        "hideBranding", "brandColor", "darkBrandColor", "allowDynamicBooking", "verified",
        "invitedTo", "defaultConferencingApp",
    }
)  # fmt: skip
"""The fields of a user that no query looks at."""

# The first profile counts, as on the recorded server.
_SELECT = (
    "SELECT users.*, profiles.organization_id, teams.slug AS organization_slug, "
    "teams.is_platform FROM users "
    "LEFT JOIN profiles ON profiles.id = (SELECT MIN(id) FROM profiles WHERE user_id = users.id) "
    "LEFT JOIN teams ON teams.id = profiles.organization_id"
)


@dataclass(frozen=True, slots=True)
class Organization:
    """The organization that a user's profile is in."""

    id: int
    slug: str | None
    is_platform: bool


@dataclass(frozen=True, slots=True)
class User:
    """One user; `profile` holds what `PROFILE_WORDS` names, `oauth_client_id` who manages it."""

    id: int
    username: str
    name: str | None
    email: str
    time_zone: str
    time_format: int
    week_start: str
    default_schedule_id: int | None
    oauth_client_id: str | None
    created_at: str
    organization: Organization | None
    profile: dict[str, Any]


def user_by_id(store: Store, user_id: int) -> User | None:
    """The user with this id, or None."""
    return _user(store.one(f"{_SELECT} WHERE users.id = ?", user_id))


def user_by_username(store: Store, username: str) -> User | None:
    """The user with this username, or None."""
    return _user(store.one(f"{_SELECT} WHERE users.username = ?", username))


def user_by_email(store: Store, email: str) -> User | None:
    """The user with this email address, or None."""
    return _user(store.one(f"{_SELECT} WHERE users.email = ?", email))


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
        oauth_client_id=row["oauth_client_id"],
        created_at=row["created_at"],
        organization=_organization(row),
        profile=json.loads(row["profile"]),
    )


def _organization(row: sqlite3.Row) -> Organization | None:
    if row["organization_id"] is None:
        return None
    return Organization(row["organization_id"], row["organization_slug"], bool(row["is_platform"]))
