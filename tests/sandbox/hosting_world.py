"""The people of team_world with working hours, and event types that they host together.

On Mondays Max works from 09:00 to 13:00, Tess from 11:00 to 17:00, the others from 09:00 to 17:00,
all in UTC.
"""

from typing import Any

from tests.sandbox import team_world
from tests.sandbox.conftest import Caller, Told
from tests.sandbox.team_world import CHESS, MAX, OLIVIA, OSCAR, SALES, TESS, key, user_id

TURNS, TOGETHER, MIXED, TEMPLATE, CHILD, GAME, OWN, ASKING = range(60, 68)
ANN = {"name": "Ann", "email": "ann@client.example", "timeZone": "UTC"}
NINE, ELEVEN, NOON, TWO = (f"2026-12-07T{hour}:00:00Z" for hour in ("09", "11", "12", "14"))
NEXT_NOON = "2026-12-14T12:00:00Z"
MONDAY = "start=2026-12-07&end=2026-12-07"
BOOKINGS, SLOTS = "2024-08-13", "2024-09-04"
_HOURS = {MAX: ("09:00", "13:00"), TESS: ("11:00", "17:00")}
_ALL_DAY = ("09:00", "17:00")
_HOSTS = {
    TURNS: [{"userId": user_id(MAX)}, {"userId": user_id(TESS)}],
    TOGETHER: [{"userId": user_id(MAX)}, {"userId": user_id(TESS)}],
    MIXED: [
        {"userId": user_id(MAX), "priority": "low"},
        {"userId": user_id(TESS), "mandatory": True},
        {"userId": user_id(OLIVIA), "priority": "high"},
    ],
    GAME: [{"userId": user_id(OSCAR)}, {"userId": user_id(MAX)}],
    ASKING: [{"userId": user_id(MAX)}, {"userId": user_id(TESS)}],
}


def _event_type(number: int, slug: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "title": slug.title(),
        "slug": slug,
        "lengthInMinutes": 30,
        "minimumBookingNotice": 0,
        "locations": [{"type": "address", "address": "1 Main Street", "public": True}],
        "hosts": _HOSTS.get(number, []),
        **more,
    }


EVENT_TYPES = [
    _event_type(TURNS, "turns", teamId=SALES, schedulingType="roundRobin"),
    _event_type(TOGETHER, "together", teamId=SALES, schedulingType="collective"),
    _event_type(MIXED, "mixed", teamId=SALES, schedulingType="roundRobin"),
    _event_type(TEMPLATE, "template", teamId=SALES, schedulingType="managed"),
    _event_type(CHILD, "template", ownerId=user_id(MAX), parentId=TEMPLATE),
    _event_type(GAME, "game", teamId=CHESS, schedulingType="roundRobin"),
    _event_type(OWN, "own", ownerId=user_id(MAX)),
    _event_type(
        ASKING,
        "asking",
        teamId=SALES,
        schedulingType="roundRobin",
        confirmationPolicy={"type": "always", "blockUnconfirmedBookingsInBooker": True},
    ),
]


def _hours(name: str) -> dict[str, Any]:
    opens, closes = _HOURS.get(name, _ALL_DAY)
    return {"days": ["Monday"], "startTime": opens, "endTime": closes}


WORLD: dict[str, Any] = {
    **team_world.WORLD,
    "users": [
        {**user, "defaultScheduleId": user["id"], "locale": "es" if name == TESS else "en"}
        for name, user in zip(team_world.PEOPLE, team_world.WORLD["users"], strict=True)
    ],
    "schedules": [
        {
            "id": user_id(name),
            "ownerId": user_id(name),
            "name": "Mondays",
            "timeZone": "UTC",
            "availability": [_hours(name)],
        }
        for name in team_world.PEOPLE
    ],
    "profiles": [
        {"userId": user_id(name), "organizationId": team_world.ACME, "username": f"{name}-acme"}
        for name in (OLIVIA, TESS, MAX)
    ],
    "eventTypes": EVENT_TYPES,
}


def try_to_book(call: Caller, event_type_id: int, start: str = NOON, **more: Any) -> Told:
    body = {"start": start, "eventTypeId": event_type_id, "attendee": ANN, **more}
    return call("POST", "/v2/bookings", body, key=None, version=BOOKINGS)


def book(call: Caller, event_type_id: int, start: str = NOON, **more: Any) -> Any:
    told = try_to_book(call, event_type_id, start, **more)
    assert told.status == 201, told.body
    return told.data


def act(call: Caller, uid: str, deed: str, name: str, body: Any = None) -> Told:
    return call("POST", f"/v2/bookings/{uid}/{deed}", body, key=key(name), version=BOOKINGS)


def read(call: Caller, uid: str) -> Any:
    return call("GET", f"/v2/bookings/{uid}", key=None, version=BOOKINGS).data


def listed(call: Caller, name: str, query: str = "") -> list[str]:
    told = call("GET", f"/v2/bookings?{query}", key=key(name), version=BOOKINGS)
    assert told.status == 200, told.body
    return [one["uid"] for one in told.data]


def offered(call: Caller, query: str) -> list[str]:
    """The times of day, in UTC, that are offered on the Monday."""
    told = call("GET", f"/v2/slots?{MONDAY}&{query}", key=None, version=SLOTS)
    assert told.status == 200, told.body
    return [slot["start"][11:16] for slot in told.data.get("2026-12-07", [])]


def organizer(shown: Any) -> str:
    [host] = shown["hosts"]
    name: str = host["username"]
    return name


def attendees(shown: Any) -> list[str]:
    return [one["name"] for one in shown["attendees"]]
