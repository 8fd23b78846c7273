"""The world a sandbox starts with when it is given none.

Sam Rivera (`cal_sandbox_owner`) has a personal account with three event types, owns the
organization Northwind with its team Support, and owns a platform with an OAuth client. Robin Park
is a member of both Northwind and Support.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cal_actions.sandbox import routing, worlds
from cal_actions.sandbox.exchange import timestamp
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.worlds import World, WorldError

PERMISSIONS = [
    f"{resource}_{right}"
    for resource in ("EVENT_TYPE", "BOOKING", "SCHEDULE", "APPS", "PROFILE")
    for right in ("READ", "WRITE")
]
"""What an OAuth client may be allowed."""

_WORKING_HOURS = {
    "days": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
    "startTime": "09:00",
    "endTime": "17:00",
}
_UNLIMITED = {"name": "Sandbox", "requests": 1_000_000}

BUILT_IN: World = {
    "users": [
        {
            "id": 1,
            "username": "sam",
            "name": "Sam Rivera",
            "email": "sam@example.com",
            "timeZone": "UTC",
            "timeFormat": 24,
            "weekStart": "Monday",
            "defaultScheduleId": 1,
            "apiKeys": [{"key": "cal_sandbox_owner", "rateLimit": _UNLIMITED}],
        },
        {
            "id": 2,
            "username": "robin",
            "name": "Robin Park",
            "email": "robin@example.com",
            "timeZone": "Europe/London",
            "timeFormat": 24,
            "weekStart": "Monday",
            "defaultScheduleId": 2,
            "apiKeys": [{"key": "cal_sandbox_member", "rateLimit": _UNLIMITED}],
        },
    ],
    "teams": [
        {"id": 1, "name": "Northwind", "slug": "northwind", "isOrganization": True},
        {
            "id": 2,
            "name": "Northwind Platform",
            "slug": "northwind-platform",
            "isOrganization": True,
            "isPlatform": True,
        },
        {"id": 3, "name": "Support", "slug": "support", "parentId": 1},
    ],
    "memberships": [
        {"id": 1, "teamId": 1, "userId": 1, "role": "OWNER", "accepted": True},
        {"id": 2, "teamId": 2, "userId": 1, "role": "OWNER", "accepted": True},
        {"id": 3, "teamId": 3, "userId": 1, "role": "OWNER", "accepted": True},
        {"id": 4, "teamId": 1, "userId": 2, "role": "MEMBER", "accepted": True},
        {"id": 5, "teamId": 3, "userId": 2, "role": "MEMBER", "accepted": True},
    ],
    "oAuthClients": [
        {
            "id": "cal_sandbox_client",
            "secret": "cal_sandbox_secret",
            "name": "Northwind",
            "organizationId": 2,
            "permissions": PERMISSIONS,
        }
    ],
    "schedules": [
        {
            "id": number,
            "ownerId": number,
            "name": "Working hours",
            "timeZone": time_zone,
            "availability": [_WORKING_HOURS],
        }
        for number, time_zone in ((1, "UTC"), (2, "Europe/London"))
    ],
    "eventTypes": [
        {
            "id": 1,
            "ownerId": 1,
            "title": "30 minute meeting",
            "slug": "30min",
            "lengthInMinutes": 30,
        },
        {
            "id": 2,
            "ownerId": 1,
            "title": "15 minute meeting",
            "slug": "15min",
            "lengthInMinutes": 15,
        },
        {
            "id": 3,
            "ownerId": 1,
            "title": "Consultation",
            "slug": "consultation",
            "lengthInMinutes": 60,
            "confirmationPolicy": {"type": "always", "blockUnconfirmedBookingsInBooker": False},
        },
    ],
}


@dataclass(frozen=True, slots=True)
class Keys:
    """The credentials of a world's first user and first OAuth client."""

    api_key: str
    oauth_client_id: str | None
    oauth_client_secret: str | None


def ensure_world(store: Store, world: World | None, now: datetime) -> Keys:
    """Fill an empty database with `world` (left out: the built-in one); keep what one holds.

    Called inside a writing transaction. Raises WorldError for a world that no sandbox can have.
    """
    routing.load_rooms()
    if store.fact("api_key") is None:
        worlds.fill(store, BUILT_IN if world is None else world, timestamp(now))
        _remember_keys(store)
    return Keys(
        store.fact("api_key") or "",
        store.fact("oauth_client_id"),
        store.fact("oauth_client_secret"),
    )


def _remember_keys(store: Store) -> None:
    key = store.one("SELECT key FROM api_keys ORDER BY rowid")
    if key is None:
        raise WorldError("a world needs a user with one of apiKeys")
    store.insert("facts", name="api_key", value=key["key"])
    client = store.one("SELECT id, secret FROM oauth_clients ORDER BY rowid")
    if client is not None:
        store.insert("facts", name="oauth_client_id", value=client["id"])
        store.insert("facts", name="oauth_client_secret", value=client["secret"])
