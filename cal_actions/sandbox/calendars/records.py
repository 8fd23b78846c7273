"""The apps that users and teams have connected (calendars, conferencing, Stripe) as rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

    from cal_actions.sandbox.store import Store
    from cal_actions.sandbox.users.records import User


@dataclass(frozen=True, slots=True)
class Credential:
    """One connected app of a user or a team; `invalid` where the other side no longer lets in.

    `type` is such as "google_calendar", "zoom_video" or "stripe_payment"; `key` holds what the
    connection was made with.
    """

    id: int
    type: str
    app_id: str
    user_id: int | None
    team_id: int | None
    invalid: bool
    key: dict[str, Any]


def credential_by_id(store: Store, credential_id: int) -> Credential | None:
    """The credential with this id, or None."""
    return _credential(store.one("SELECT * FROM credentials WHERE id = ?", credential_id))


def credential_of_user(store: Store, user_id: int, type: str) -> Credential | None:
    """The user's first credential of this type, or None."""
    sql = "SELECT * FROM credentials WHERE user_id = ? AND type = ? ORDER BY id"
    return _credential(store.one(sql, user_id, type))


def credential_of_team(store: Store, team_id: int, type: str) -> Credential | None:
    """The team's first credential of this type, or None."""
    sql = "SELECT * FROM credentials WHERE team_id = ? AND type = ? ORDER BY id"
    return _credential(store.one(sql, team_id, type))


def credentials_of_user(store: Store, user_id: int, types: Collection[str]) -> list[Credential]:
    """The user's credentials of these types, ordered by id."""
    rows = store.all("SELECT * FROM credentials WHERE user_id = ? ORDER BY id", user_id)
    return [credential_of(row) for row in rows if row["type"] in types]


def connect_again(store: Store, user: User, type: str, app_id: str) -> None:
    """A working credential of this type for the user, who may have one that no longer works."""
    credential = credential_of_user(store, user.id, type)
    if credential is None:
        connect(store, type, app_id, user_id=user.id)
    else:
        store.update("credentials", credential.id, invalid=False)


def connect(
    store: Store,
    type: str,
    app_id: str,
    *,
    user_id: int | None = None,
    team_id: int | None = None,
    key: dict[str, Any] | None = None,
) -> int:
    """A new credential of a user or a team; gives its id."""
    return store.insert(
        "credentials", type=type, app_id=app_id, user_id=user_id, team_id=team_id, key=key or {}
    )


def disconnect(store: Store, credential_id: int) -> None:
    """Delete a credential, with the calendars that are selected or written to through it."""
    store.delete("credentials", credential_id)


def credential_of(row: sqlite3.Row) -> Credential:
    """A row of `credentials`, read."""
    return Credential(
        id=row["id"],
        type=row["type"],
        app_id=row["app_id"],
        user_id=row["user_id"],
        team_id=row["team_id"],
        invalid=bool(row["invalid"]),
        key=json.loads(row["key"]),
    )


def _credential(row: sqlite3.Row | None) -> Credential | None:
    return None if row is None else credential_of(row)
