"""Open slots: version 2024-09-04, and the retired GET /v2/slots/available."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cal_actions.sandbox import refusals
from cal_actions.sandbox.availability.calendar import EventCalendar
from cal_actions.sandbox.availability.open_seats import OpenBooking, open_bookings
from cal_actions.sandbox.availability.spans import DAY, MINUTE, local_date
from cal_actions.sandbox.checks import Field, check, find_errors, number, optional
from cal_actions.sandbox.checks_in_words import refuse_any, unknown_errors
from cal_actions.sandbox.exchange import Answer, Query, Request, timestamp
from cal_actions.sandbox.moments import is_date_string, moment_at, read_moment, seconds
from cal_actions.sandbox.routing import V2024_09_04, route
from cal_actions.sandbox.rules import (
    Rule,
    at_least,
    at_most,
    is_array,
    is_in,
    is_int,
    is_string,
    is_time_zone,
)
from cal_actions.sandbox.slots.asked import Asked, asked, asked_retired

LONGEST_RANGE = 367 * DAY
"""The sandbox offers slots over a year at most; Cal.com sets no such limit."""

RETIRED_VERSIONS = frozenset({"2024-04-15", "2024-06-11", "2024-06-14", "2024-08-13"})
"""Those in which Cal.com still serves the retired routes of slots."""


def _at_least_two() -> Rule:
    """An array with two items or more."""
    message = "The array must contain at least 2 elements."
    return Rule("arrayMinSize", lambda value: isinstance(value, list) and len(value) >= 2, message)


_FIELDS = (
    Field("start", (is_date_string(),)),
    Field("end", (is_date_string(),)),
    optional(Field("eventTypeId", (is_int(),))),
    optional(Field("eventTypeSlug", (is_string(),))),
    optional(Field("username", (is_string(),))),
    optional(Field("usernames", (is_string().for_each(), _at_least_two(), is_array()))),
    optional(Field("teamSlug", (is_string(),))),
    optional(Field("organizationSlug", (is_string(),))),
    optional(Field("timeZone", (is_time_zone(),))),
    optional(Field("format", (is_in(("range", "time")),))),
    optional(Field("duration", (is_int(), at_least(1), at_most(DAY // MINUTE)))),
    optional(Field("bookingUidToReschedule", (is_string(),))),
)
_BESIDE_NO_ID = ("eventTypeSlug", "username", "usernames", "teamSlug", "organizationSlug")
"""What Cal.com refuses in a query that has eventTypeId."""

_RETIRED_FIELDS = (
    Field("startTime", (is_date_string(),)),
    Field("endTime", (is_date_string(),)),
    optional(Field("eventTypeId", (is_int(),))),
    optional(Field("eventTypeSlug", (is_string(),))),
    optional(Field("usernameList", (is_array(),))),
    optional(Field("orgSlug", (is_string(),))),
    optional(Field("timeZone", (is_time_zone(),))),
    optional(Field("slotFormat", (is_in(("range", "time")),))),
    optional(Field("duration", (is_int(), at_least(1), at_most(DAY // MINUTE)))),
    optional(Field("rescheduleUid", (is_string(),))),
)

Slot = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """Which slots are wanted, and how they are to be shown.

    `keys` names an opening without its end, then a range's opening and closing; `count` names the
    number of taken seats; `moved` is the uid of a booking whose own time counts as free.
    """

    asked: Asked
    start: datetime
    end: datetime
    length: int
    zone: ZoneInfo
    moved: str | None
    as_range: bool
    keys: tuple[str, str, str]
    count: str

    def show(self, instant: int, joined: OpenBooking | None) -> Slot:
        """One slot as the answer holds it; `joined` is the booking with free seats there."""
        single, first, last = self.keys
        slot: Slot = {single: _written(instant, self.zone)}
        if self.as_range:
            end = _written(instant + self.length * MINUTE, self.zone)
            slot = {first: slot[single], last: end}
        if joined is not None:
            slot |= {self.count: joined.attendees, "bookingUid": joined.uid}
        return slot


@route("GET", "/v2/slots", versions=V2024_09_04)
def list_slots(request: Request) -> Answer:
    """The open slots by local date.

    A date without a time, and an end at midnight, mean the whole day in `timeZone` (seen in the
    recorded server: `end=2026-12-15` includes the 15th).
    """
    query = _numbers(request.query, "eventTypeId", "duration")
    if isinstance(query.get("usernames"), str):
        query["usernames"] = [name.strip() for name in query["usernames"].split(",")]
    unknown = unknown_errors(query, query.keys() - _BESIDE_NO_ID) if "eventTypeId" in query else []
    refuse_any(unknown + find_errors(query, _FIELDS))
    wanted = asked(request.store, query)
    zone = ZoneInfo(query.get("timeZone") or "UTC")
    end = _moment(query["end"], zone)
    if end.astimezone(zone).time() == time.min:
        end += timedelta(days=1)
    question = Question(
        asked=wanted,
        start=_moment(query["start"], zone),
        end=end,
        length=query.get("duration") or wanted.event_type.length_in_minutes,
        zone=zone,
        moved=query.get("bookingUidToReschedule"),
        as_range=query.get("format") == "range",
        keys=("start", "start", "end"),
        count="attendeesCount",
    )
    return Answer({"data": _days(request, question), "status": "success"})


@route("GET", "/v2/slots/available", versions=RETIRED_VERSIONS)
def list_available_slots(request: Request) -> Answer:
    """The same in the older shape; here the end is exact, and usernames come as an array."""
    query = check(_numbers(request.query, "eventTypeId", "duration"), _RETIRED_FIELDS)
    wanted = asked_retired(request.store, query)
    zone = ZoneInfo(query.get("timeZone") or "UTC")
    question = Question(
        asked=wanted,
        start=_moment(query["startTime"], zone),
        end=_moment(query["endTime"], zone),
        length=query.get("duration") or wanted.event_type.length_in_minutes,
        zone=zone,
        moved=query.get("rescheduleUid"),
        as_range=query.get("slotFormat") == "range",
        keys=("time", "startTime", "endTime"),
        count="attendees",
    )
    return Answer({"data": {"slots": _days(request, question)}, "status": "success"})


def _days(request: Request, question: Question) -> dict[str, list[Slot]]:
    start, end = seconds(question.start), seconds(question.end)
    if end - start > LONGEST_RANGE:
        raise refusals.bad_request("The sandbox offers slots over at most 367 days at a time.")
    event_type, now = question.asked.event_type, seconds(request.now)
    calendar = EventCalendar(request.store, event_type, now, question.asked.crews, question.moved)
    joined = open_bookings(request.store, event_type, start, end, now)
    days: dict[str, list[Slot]] = {}
    for instant in calendar.slots(start, end, question.length):
        day = local_date(question.zone, instant).isoformat()
        days.setdefault(day, []).append(question.show(instant, joined.get(instant)))
    return days


def _written(instant: int, zone: ZoneInfo) -> str:
    moment = moment_at(instant)
    if zone.key == "UTC":
        return timestamp(moment)
    return moment.astimezone(zone).isoformat(timespec="milliseconds")


def _moment(text: str, zone: ZoneInfo) -> datetime:
    moment = read_moment(text, zone)
    assert moment is not None
    return moment


def _numbers(query: Query, *names: str) -> dict[str, Any]:
    return {**query, **{name: number(query[name]) for name in names if name in query}}
