"""The world of `team_world` with profiles, schedules and what else hangs on a user."""

from typing import Any

from tests.sandbox import team_world
from tests.sandbox.team_world import (
    ACME,
    ADA,
    MAX,
    MIA,
    OLIVIA,
    PETRA,
    PLATFORM,
    SALES,
    TESS,
    user_id,
)

DEMO, CHAT, OWN_COPY = 60, 61, 62
"""Event types: the team's round robin, the one of Max alone, his copy of the team's managed one."""

_MANAGED = 63
_HOURS = [{"days": ["Monday"], "startTime": "09:00", "endTime": "17:00"}]


def schedule_id(name: str) -> int:
    """The id of a person's only schedule."""
    return 100 + user_id(name)


def _event_type(number: int, slug: str, **owner: Any) -> dict[str, Any]:
    return {"id": number, "title": slug, "slug": slug, "lengthInMinutes": 30, **owner}


WORLD: dict[str, Any] = team_world.WORLD | {
    "profiles": [
        {"userId": user_id(name), "organizationId": organization_id, "username": name}
        for organization_id, names in ((ACME, (OLIVIA, ADA, MAX, TESS, MIA)), (PLATFORM, (PETRA,)))
        for name in names
    ],
    "schedules": [
        {
            "id": schedule_id(name),
            "ownerId": user_id(name),
            "name": "Working hours",
            "timeZone": "Europe/London",
            "availability": _HOURS,
        }
        for name in team_world.PEOPLE
    ],
    "eventTypes": [
        _event_type(
            DEMO,
            "demo",
            teamId=SALES,
            schedulingType="roundRobin",
            hosts=[{"userId": user_id(OLIVIA)}, {"userId": user_id(MAX)}],
        ),
        _event_type(CHAT, "chat", ownerId=user_id(MAX)),
        _event_type(OWN_COPY, "copy", ownerId=user_id(MAX), parentId=_MANAGED),
        _event_type(_MANAGED, "managed", teamId=SALES, schedulingType="managed"),
    ],
    "bookings": [
        {
            "id": 1,
            "uid": "chat-with-max",
            "hostId": user_id(MAX),
            "eventTypeId": CHAT,
            "title": "Chat",
            "start": "2026-12-01T10:00:00.000Z",
            "end": "2026-12-01T10:30:00.000Z",
            "attendees": [
                {"name": "Pat", "email": "pat@client.example", "timeZone": "Europe/Paris"}
            ],
        }
    ],
    "webhooks": [
        {
            "id": "hook-of-max",
            "userId": user_id(MAX),
            "subscriberUrl": "http://127.0.0.1:9/max",
            "triggers": ["BOOKING_CREATED"],
            "active": False,
        }
    ],
    "attributes": [
        {
            "id": "department",
            "teamId": ACME,
            "type": "SINGLE_SELECT",
            "name": "Department",
            "slug": "department",
            "options": [
                {"id": "sales", "value": "Sales", "slug": "sales"},
                {"id": "support", "value": "Support", "slug": "support"},
            ],
        },
        {
            "id": "city",
            "teamId": ACME,
            "type": "SINGLE_SELECT",
            "name": "City",
            "slug": "city",
            "options": [{"id": "oslo", "value": "Oslo", "slug": "oslo"}],
        },
    ],
    "attributeAssignments": [
        {
            "id": f"{name}-{option}",
            "memberId": team_world.membership_id(ACME, name),
            "attributeOptionId": option,
        }
        for name, option in ((MAX, "sales"), (MAX, "oslo"), (TESS, "sales"), (MIA, "support"))
    ],
}
