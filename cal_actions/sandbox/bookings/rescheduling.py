"""POST /v2/bookings/{bookingUid}/reschedule, version 2024-08-13."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.availability.calendar import calendar_of
from cal_actions.sandbox.availability.spans import MINUTE
from cal_actions.sandbox.bookings.draft import title_held_by
from cal_actions.sandbox.bookings.hosting import choose_crew
from cal_actions.sandbox.bookings.input import read_reschedule
from cal_actions.sandbox.bookings.records import (
    add_booking,
    copies_of_attendees,
    copy_of,
    required_booking,
)
from cal_actions.sandbox.bookings.seats import move_seat
from cal_actions.sandbox.bookings.views import view
from cal_actions.sandbox.bookings.writing import status_at_first
from cal_actions.sandbox.event_types.records import EventType, event_type_by_id
from cal_actions.sandbox.exchange import Answer, Request, success, timestamp
from cal_actions.sandbox.moments import moment_at, read_moment, seconds
from cal_actions.sandbox.routing import V2024_08_13, route
from cal_actions.sandbox.users.records import user_by_id
from cal_actions.sandbox.webhooks.announcing import announce_new


@route("POST", "/v2/bookings/{bookingUid}/reschedule", versions=V2024_08_13)
def reschedule_booking(request: Request) -> Answer:
    """Move a booking: a new one with a new uid takes its place, the old one is cancelled.

    Needs no credentials. The length stays; a round robin chooses its host anew (read in Cal.com's
    source). Where the event type asks for confirmation, so does the new booking, unless
    `rescheduledBy` is the host's e-mail address.
    """
    body = read_reschedule(request.body)
    old = required_booking(request.store, request.params["bookingUid"])
    _refuse_moved(old)
    event_type = event_type_by_id(request.store, old["event_type_id"])
    if event_type is None:
        raise refusals.not_found(f"Event type with id {old['event_type_id']} not found.")
    start = read_moment(body["start"])
    assert start is not None
    if body.get("seatUid") is not None:
        return success(move_seat(request, event_type, old, body["seatUid"], start), 201)
    length = (seconds(old["ends_at"]) - seconds(old["starts_at"])) // MINUTE
    calendar = calendar_of(request.store, event_type, seconds(request.now), old["uid"])
    crew = choose_crew(calendar, [seconds(start)], length)
    attendees = copies_of_attendees(request.store, old["id"])
    uid = request.store.new_uid()
    request.store.update(
        "bookings",
        old["id"],
        status="cancelled",
        rescheduled_to=uid,
        updated_at=timestamp(request.now),
    )
    add_booking(
        request.store,
        crew,
        attendees,
        **copy_of(old),
        uid=uid,
        title=title_held_by(request.store, event_type, old, crew, attendees),
        status=_status(request, event_type, body, old, seconds(start)),
        starts_at=timestamp(start),
        ends_at=timestamp(moment_at(seconds(start) + length * MINUTE)),
        responses=_responses(old, body),
        ics_uid=old["ics_uid"],
        rescheduling_reason=body.get("reschedulingReason"),
        rescheduled_by=body.get("rescheduledBy"),
        rescheduled_from=old["uid"],
        created_at=timestamp(request.now),
        updated_at=timestamp(request.now),
    )
    booking = required_booking(request.store, uid)
    announce_new(request, booking)
    return success(view(request.store, booking), 201)


def _refuse_moved(booking: sqlite3.Row) -> None:
    uid, moved_to = booking["uid"], booking["rescheduled_to"]
    if booking["status"] == "cancelled" and moved_to is not None:
        raise refusals.bad_request(
            f"Can't reschedule booking with uid={uid} because it has been rescheduled already to "
            f"the booking with uid={moved_to}."
        )
    if booking["status"] in ("cancelled", "rejected"):
        raise refusals.bad_request(
            f"Can't reschedule booking with uid={uid} because it has been {booking['status']} "
            "already."
        )


def _status(
    request: Request, event_type: EventType, body: dict[str, Any], old: sqlite3.Row, start: int
) -> str:
    host = user_by_id(request.store, old["user_id"])
    if host is not None and body.get("rescheduledBy") == host.email:
        return "accepted"
    return status_at_first(event_type, start, seconds(request.now))


def _responses(old: sqlite3.Row, body: dict[str, Any]) -> dict[str, Any]:
    responses: dict[str, Any] = json.loads(old["responses"])
    if body.get("reschedulingReason") is not None:
        responses["rescheduledReason"] = body["reschedulingReason"]
    return responses
