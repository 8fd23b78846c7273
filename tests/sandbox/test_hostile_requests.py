"""Whatever is sent, the sandbox answers what Cal.com could, and its world holds together.

Recorded requests are sent again with something changed: another caller, a path, query or body
that nobody should send.
"""

import json
import random
import re
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from cal_actions.sandbox import Reply, Sandbox
from tests.sandbox.conftest import Caller
from tests.sandbox.replay import recorded_exchanges, replayed, world

NOW = datetime(2026, 11, 23, 1, 14, tzinfo=UTC)
ROUNDS = 12
JUNK: list[Any] = [
    None, True, False, 0, 1, -1, 7, 101, 211, 301, 1001, 2**31, 2**63, 10**30, 1.5, 1e308, "", " ",
    "x", "abc", "0", "-1", "1e999", "\x00", "\ud800", "é" * 300, "2026-12-01",
    "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "Europe/London", "a@b.example", "http://[",
    "{{", "%", "..", [], [None], [[]], [1, "x"], {}, {"": None}, {"a": {"b": []}}, {"id": 1},
]  # fmt: skip
QUERIES = [
    f"{name}={value}"
    for name in (
        "take",
        "skip",
        "limit",
        "offset",
        "eventTypeId",
        "teamId",
        "teamIds",
        "credentialId",
        "orgId",
        "username",
        "start",
        "status[]",
        "calendarsToLoad[0][credentialId]",
        "x",
    )
    for value in ("", "-1", "x", "%00", "9" * 30, "9" * 5000, "%C2%B2")
]
SETTINGS: dict[str, Any] = {
    "lengthInMinutesOptions": [30, 45],
    "locations": [{"type": "address", "address": "1 Lab Street", "public": True}],
    "bookingFields": [{"type": "text", "slug": "topic", "label": "Topic", "required": False}],
    "slotInterval": 20,
    "minimumBookingNotice": 60,
    "beforeEventBuffer": 5,
    "afterEventBuffer": 5,
    "offsetStart": 5,
    "bookingLimitsCount": {"day": 9, "week": 20},
    "bookingLimitsDuration": {"day": 300, "month": 900},
    "bookingWindow": {"type": "range", "value": ["2026-12-01", "2026-12-31"]},
    "confirmationPolicy": {
        "type": "time",
        "noticeThreshold": {"unit": "hours", "count": 48},
        "blockUnconfirmedBookingsInBooker": True,
    },
    "recurrence": {"interval": 1, "occurrences": 3, "frequency": "weekly"},
    "seats": {"seatsPerTimeSlot": 3, "showAttendeeInfo": True, "showAvailabilityCount": True},
    "color": {"lightThemeHex": "#ffffff", "darkThemeHex": "#000000"},
    "customName": "{Scheduler} meets {Organiser}",
    "onlyShowFirstAvailableSlot": True,
}
STATUSES = {200, 201, 301, 400, 401, 403, 404, 409, 413, 422, 429, 498, 501}


@cache
def requests() -> list[dict[str, Any]]:
    return list(recorded_exchanges())


def keys() -> list[str]:
    return [key["key"] for user in world()["users"] for key in user["apiKeys"]]


def hostile(request: dict[str, Any], chance: random.Random) -> tuple[str, dict[str, str], bytes]:
    """The target, headers and body of a request with one to three things changed."""
    target, headers = request["url"], dict(request["request_headers"])
    body = json.loads(json.dumps(request["request_body"]))
    for _ in range(chance.randint(1, 3)):
        what = chance.choice(["path", "query", "body", "body", "body", "caller", "version"])
        if what == "path":
            target = other_path(target, chance)
        elif what == "query":
            target += ("&" if "?" in target else "?") + chance.choice(QUERIES)
        elif what == "body":
            body = changed(body, chance)
        elif what == "caller":
            headers["Authorization"] = f"Bearer {chance.choice(keys())}"
        else:
            headers["cal-api-version"] = chance.choice(["2024-04-15", "2024-06-14", "2024-08-13"])
    headers.setdefault("Content-Type", "application/json")
    sent = b"" if body is None else json.dumps(body).encode()
    return target, headers, sent


def other_path(target: str, chance: random.Random) -> str:
    """A target with junk in place of one segment of its path."""
    path, mark, query = target.partition("?")
    segments = path.split("/")
    junk = re.sub(r"[^!-~]|[?#/]", "", str(chance.choice([*JUNK, "9" * 5000, "%C2%B2"])))
    segments[chance.randrange(2, len(segments))] = junk or "0"
    return "/".join(segments) + mark + query


def changed(value: Any, chance: random.Random) -> Any:
    """A value with junk somewhere in it."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        name = chance.choice(list(value))
        if chance.random() < 0.15:
            return {key: item for key, item in value.items() if key != name}
        return {**value, name: changed(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.6:
        place = chance.randrange(len(value))
        return [*value[:place], changed(value[place], chance), *value[place + 1 :]]
    return chance.choice(JUNK)


def answers(sandbox: Sandbox, request: dict[str, Any], chance: random.Random) -> Reply:
    target, headers, body = hostile(request, chance)
    reply = sandbox.handle(request["method"], target, headers, body)
    assert reply.status in STATUSES, (request["method"], target, headers, body, reply.body)
    return reply


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_hostile_request_is_answered_as_cal_com_could(seed: int) -> None:
    chance = random.Random(seed)
    with Sandbox(now=NOW, world=replayed().left) as sandbox:
        for request in chance.choices(requests(), k=400):
            answers(sandbox, request, chance)
        left = sandbox.state()
    with Sandbox(now=NOW, world=left) as again:
        assert again.state() == left


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_whatever_event_type_is_taken_can_be_shown_and_booked(seed: int) -> None:
    chance = random.Random(seed)
    for number in range(25):
        settings = {name: SETTINGS[name] for name in chance.sample([*SETTINGS], 4)}
        name = chance.choice([*settings])
        settings[name] = changed(settings[name], chance)
        with Sandbox(now=NOW) as sandbox:
            call = Caller(sandbox)
            call.version = "2024-06-14"
            new = {"title": "x", "slug": f"x{number}", "lengthInMinutes": 30}
            made = call("POST", "/v2/event-types", {**new, **settings})
            assert made.status in (201, 400)
            if made.status == 201:
                use(call, made.data["id"])


def use(call: Caller, event_type_id: int) -> None:
    """Ask for everything that reads an event type's settings."""
    which = {"eventTypeId": event_type_id}
    start = {"start": "2026-12-07T10:00:00Z"}
    ann = {"attendee": {"name": "Ann", "email": "ann@x.example", "timeZone": "Europe/Madrid"}}
    hook = {"active": True, "subscriberUrl": "http://[", "triggers": ["BOOKING_CREATED"]}
    slots = f"/v2/slots?eventTypeId={event_type_id}&start=2026-11-25&end=2026-12-10"
    for method, target, body, version in (
        ("POST", "/v2/webhooks", hook, "2024-06-14"),
        ("GET", slots, None, "2024-09-04"),
        ("POST", "/v2/bookings", {**start, **which, **ann}, "2024-08-13"),
        ("POST", "/v2/bookings", {**start, **which, **ann, "lengthInMinutes": 45}, "2024-08-13"),
        ("GET", "/v2/bookings", None, "2024-08-13"),
        ("GET", "/v2/bookings", None, "2024-04-15"),
        ("GET", "/v2/event-types?username=sam", None, "2024-06-14"),
        ("GET", "/v2/event-types", None, "2024-04-15"),
        ("POST", "/v2/slots/reservations", {"slotStart": start["start"], **which}, "2024-09-04"),
        ("GET", slots, None, "2024-09-04"),
    ):
        assert call(method, target, body, version=version).status in STATUSES


@pytest.mark.parametrize(
    "target",
    [
        f"/v2/event-types/{'9' * 5000}/webhooks",
        f"/v2/organizations/201/attributes/labattr-dept/options/assigned?teamIds={'9' * 5000}",
        "/v2/organizations/201/attributes/labattr-dept/options/assigned?teamIds=%C2%B2",
        f"/v2/calendars/busy-times?calendarsToLoad%5B{'9' * 5000}%5D%5BcredentialId%5D=1",
    ],
)
def test_a_number_of_thousands_of_digits_is_refused(target: str) -> None:
    with Sandbox(now=NOW, world=world()) as sandbox:
        headers = {"Authorization": f"Bearer {sandbox.api_key}"}
        assert sandbox.handle("GET", target, headers, b"").status == 400
