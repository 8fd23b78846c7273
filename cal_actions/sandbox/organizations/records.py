"""Profiles as their rows hold them: under which name a user is in an organization."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cal_actions.sandbox.store import Store
    from cal_actions.sandbox.users.records import User


@dataclass(frozen=True, slots=True)
class Profile:
    """A user in an organization."""

    id: int
    user_id: int
    organization_id: int
    username: str


def profile_of(store: Store, organization_id: int, user_id: int) -> Profile | None:
    """The profile of this user in this organization, or None."""
    row = store.one(
        "SELECT * FROM profiles WHERE organization_id = ? AND user_id = ?",
        organization_id,
        user_id,
    )
    if row is None:
        return None
    return Profile(row["id"], row["user_id"], row["organization_id"], row["username"])


def is_username_taken(store: Store, organization_id: int, username: str) -> bool:
    """Whether someone in this organization has this name."""
    row = store.one(
        "SELECT 1 FROM profiles WHERE organization_id = ? AND username = ?",
        organization_id,
        username,
    )
    return row is not None


def ensure_profile(store: Store, organization_id: int, user: User) -> None:
    """Give a user a profile in an organization; with the id behind a name that is taken there."""
    if profile_of(store, organization_id, user.id) is not None:
        return
    is_taken = is_username_taken(store, organization_id, user.username)
    store.insert(
        "profiles",
        user_id=user.id,
        organization_id=organization_id,
        username=f"{user.username}-{user.id}" if is_taken else user.username,
    )
