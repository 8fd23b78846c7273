"""OAuth clients as their rows hold them, and whom they act for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cal_actions.sandbox.store import Store


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """An OAuth client of a platform organization; `permissions` are names such as BOOKING_READ."""

    id: str
    secret: str
    name: str
    organization_id: int
    permissions: frozenset[str]


def client_by_id(store: Store, client_id: str) -> OAuthClient | None:
    """The OAuth client with this id, or None."""
    row = store.one("SELECT * FROM oauth_clients WHERE id = ?", client_id)
    if row is None:
        return None
    return OAuthClient(
        id=row["id"],
        secret=row["secret"],
        name=row["name"],
        organization_id=row["organization_id"],
        permissions=frozenset(json.loads(row["permissions"])),
    )


def platform_owner_id(store: Store, client: OAuthClient) -> int | None:
    """The user a client's own credentials act for: its organization's owner, else an admin."""
    row = store.one(
        "SELECT user_id FROM memberships WHERE team_id = ? AND role IN ('OWNER', 'ADMIN') "
        "ORDER BY role = 'ADMIN', id",
        client.organization_id,
    )
    return None if row is None else int(row["user_id"])
