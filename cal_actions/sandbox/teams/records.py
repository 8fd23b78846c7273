"""Teams, organizations (which are teams too) and memberships as their rows hold them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3

    from cal_actions.sandbox.store import Store

PROFILE_WORDS = frozenset(
    {
        "logoUrl", "calVideoLogo", "appLogo", "appIconLogo", "bio", "hideBranding", "isPrivate",
        "hideBookATeamMember", "metadata", "theme", "brandColor", "darkBrandColor", "bannerUrl",
        "timeFormat", "timeZone", "weekStart", "bookingLimits", "includeManagedEventsInLimits",
    }
)  # fmt: skip
"""The fields of a team that no query looks at."""

ROLES = ("MEMBER", "ADMIN", "OWNER")
"""From the least to the most that a member may."""


@dataclass(frozen=True, slots=True)
class Team:
    """A team or organization; `profile` holds what `PROFILE_WORDS` names."""

    id: int
    parent_id: int | None
    is_organization: bool
    is_platform: bool
    name: str
    slug: str | None
    profile: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Membership:
    """A user in a team or organization; `role` is one of `ROLES`."""

    id: int
    team_id: int
    user_id: int
    role: str
    accepted: bool
    disable_impersonation: bool
    created_at: str
    updated_at: str | None


def team_by_id(store: Store, team_id: int) -> Team | None:
    """The team or organization with this id, or None."""
    row = store.one("SELECT * FROM teams WHERE id = ?", team_id)
    return None if row is None else team_of(row)


def team_of(row: sqlite3.Row) -> Team:
    """A row of `teams`, read."""
    return Team(
        id=row["id"],
        parent_id=row["parent_id"],
        is_organization=bool(row["is_organization"]),
        is_platform=bool(row["is_platform"]),
        name=row["name"],
        slug=row["slug"],
        profile=json.loads(row["profile"]),
    )


def membership_of_user(store: Store, team_id: int, user_id: int) -> Membership | None:
    """The membership of this user in this team or organization, accepted or not, or None."""
    row = store.one("SELECT * FROM memberships WHERE team_id = ? AND user_id = ?", team_id, user_id)
    return None if row is None else membership_of(row)


def membership_by_id(store: Store, team_id: int, membership_id: int) -> Membership | None:
    """The membership with this id in this team or organization, or None."""
    row = store.one(
        "SELECT * FROM memberships WHERE team_id = ? AND id = ?", team_id, membership_id
    )
    return None if row is None else membership_of(row)


def membership_of(row: sqlite3.Row) -> Membership:
    """A row of `memberships`, read."""
    return Membership(
        id=row["id"],
        team_id=row["team_id"],
        user_id=row["user_id"],
        role=row["role"],
        accepted=bool(row["accepted"]),
        disable_impersonation=bool(row["disable_impersonation"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
