"""Writing a new booking: what POST /v2/bookings and the booking of seats share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.availability.calendar import EventCalendar
from cal_actions.sandbox.availability.crews import Crew
from cal_actions.sandbox.availability.spans import DAY, MINUTE
from cal_actions.sandbox.bookings.draft import (
    guests_of,
    location_of,
    metadata_of,
    responses_of,
    title_of,
)
from cal_actions.sandbox.bookings.hosting import choose_crew
from cal_actions.sandbox.bookings.records import add_booking, required_booking
from cal_actions.sandbox.event_types.records import EventType
from cal_actions.sandbox.exchange import Request, timestamp
from cal_actions.sandbox.moments import moment_at, seconds
from cal_actions.sandbox.webhooks.announcing import announce_new

_UNIT_SECONDS = {"minutes": MINUTE, "hours": 60 * MINUTE, "days": DAY}

Body = Mapping[str, Any]


def book(
    request: Request,
    event_type: EventType,
    body: Body,
    start: datetime,
    attendees: Iterable[Mapping[str, Any]],
    crews: Sequence[Crew],
    **columns: Any,
) -> str:
    """Write one booking with its attendees and give its uid. `columns` are set as they are.

    One of the `crews` holds it. Every new booking but a moved one is written here.
    Raises Refusal (400, 403) when the body does not suit the event type or the time is not free.
    """
    responses, metadata = responses_of(event_type, body), metadata_of(body)
    length = length_of(event_type, body.get("lengthInMinutes"))
    opens, now = seconds(start), seconds(request.now)
    calendar = EventCalendar(request.store, event_type, now, crews)
    crew = choose_crew(calendar, [opens], length)
    uid = request.store.new_uid()
    drafted = {
        "uid": uid,
        "event_type_id": event_type.id,
        "title": title_of(request.store, event_type, crew, body["attendee"]["name"]),
        "description": str(responses.get("notes") or ""),
        "status": status_at_first(event_type, opens, now),
        "starts_at": timestamp(start),
        "ends_at": timestamp(moment_at(opens + length * MINUTE)),
        "location": location_of(event_type, body, uid),
        "metadata": metadata,
        "responses": responses,
        "guests": guests_of(body),
        "ics_uid": f"{uid}@Cal.com",
        "created_at": timestamp(request.now),
        "updated_at": timestamp(request.now),
    }
    add_booking(request.store, crew, attendees, **{**drafted, **columns})
    announce_new(request, required_booking(request.store, uid))
    return uid


def status_at_first(event_type: EventType, start: int, now: int) -> str:
    """ "pending" where the host has to confirm, else "accepted".

    A confirmation policy of type "time" asks only for bookings that are closer than its threshold.
    """
    policy = event_type.settings["confirmationPolicy"] or {}
    if policy.get("disabled") or policy.get("type") is None:
        return "accepted"
    if policy["type"] == "time":
        threshold = policy["noticeThreshold"]
        notice = threshold["count"] * _UNIT_SECONDS[threshold["unit"]]
        return "pending" if start - now < notice else "accepted"
    return "pending"


def length_of(event_type: EventType, asked: int | None) -> int:
    """The length in minutes; a length of one's own needs an event type that offers several.

    Raises Refusal (400).
    """
    options = event_type.settings.get("lengthInMinutesOptions") or ()
    if asked is None:
        return event_type.length_in_minutes
    if not options:
        raise refusals.bad_request(
            "Can't specify 'lengthInMinutes' because event type does not have multiple possible "
            "lengths. Please, remove the 'lengthInMinutes' field from the request."
        )
    if asked not in options:
        listed = ", ".join(str(option) for option in options)
        raise refusals.bad_request(
            f"lengthInMinutes={asked} is none of the event type's lengths: {listed}"
        )
    return int(asked)
