"""Event types with seats: several attendees share one booking, each with a seat uid."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.availability.calendar import EventCalendar, calendar_of
from cal_actions.sandbox.availability.crews import Crew
from cal_actions.sandbox.availability.open_seats import seats_of
from cal_actions.sandbox.availability.spans import MINUTE
from cal_actions.sandbox.bookings.draft import (
    attendees_of,
    metadata_of,
    responses_of,
    title_held_by,
)
from cal_actions.sandbox.bookings.hosting import choose_crew, crew_of
from cal_actions.sandbox.bookings.records import (
    add_booking,
    copies_of_attendees,
    copy_of,
    required_booking,
)
from cal_actions.sandbox.bookings.views import Shown, view
from cal_actions.sandbox.bookings.writing import Body, book, length_of, status_at_first
from cal_actions.sandbox.event_types.records import EventType
from cal_actions.sandbox.exchange import Request, timestamp
from cal_actions.sandbox.moments import moment_at, seconds
from cal_actions.sandbox.webhooks.announcing import announce, announce_new


def take_seat(
    request: Request,
    event_type: EventType,
    body: Body,
    start: datetime,
    crews: Sequence[Crew],
    recurring_uid: str | None = None,
) -> Shown:
    """Book a seat: in the booking that is there, or in a new one that one of the `crews` holds.

    Gives the booking as shown. `recurring_uid` is that of a new booking in a series.
    Raises Refusal: 400 when no seat is left, 409 when the attendee has one already.
    """
    seat = _seat(request, event_type, body)
    shared = _booking_at(request, event_type, start, seat)
    if shared is not None:
        length = length_of(event_type, body.get("lengthInMinutes"))
        _join(request, event_type, shared, seat, length)
        announce_new(request, shared)
        return _shown(request, shared["uid"], seat)
    uid = book(
        request,
        event_type,
        body,
        start,
        [seat],
        crews,
        recurring_uid=recurring_uid,
        is_seated=True,
        description=None,
        metadata={},
        responses={},
        guests=[],
        ics_uid=f"{request.store.new_uid()}@Cal.com",
    )
    return _shown(request, uid, seat)


def move_seat(
    request: Request, event_type: EventType, old: sqlite3.Row, seat_uid: str, start: datetime
) -> Shown:
    """Move one attendee to another start, with a new seat uid. Gives the booking there as shown.

    The old booking keeps its other attendees; without any it is cancelled.
    """
    seat = {**_taken_seat(request, old, seat_uid), "seat_uid": request.store.new_uuid()}
    length = (seconds(old["ends_at"]) - seconds(old["starts_at"])) // MINUTE
    shared = _booking_at(request, event_type, start, seat)
    if shared is not None:
        _join(request, event_type, shared, seat, length)
        uid = shared["uid"]
    else:
        uid = _copy(request, event_type, old, seat, start, length)
    _remove(request, old, seat_uid, reason=None)
    announce(request, "BOOKING_RESCHEDULED", required_booking(request.store, uid))
    return _shown(request, uid, seat)


def leave_seat(request: Request, booking: sqlite3.Row, seat_uid: str, reason: str | None) -> Shown:
    """Give up one seat; the last one cancels the booking. Gives the booking as shown."""
    _taken_seat(request, booking, seat_uid)
    _remove(request, booking, seat_uid, reason=reason or "")
    announce(request, "BOOKING_CANCELLED", booking, cancellationReason=reason)
    return view(request.store, required_booking(request.store, booking["uid"]))


def _seat(request: Request, event_type: EventType, body: Body) -> dict[str, Any]:
    responses = responses_of(event_type, body)
    del responses["email"]
    return {
        **attendees_of(body)[0],
        "seat_uid": request.store.new_uuid(),
        "responses": json.dumps(responses),
        "metadata": json.dumps(metadata_of(body)),
    }


def _booking_at(
    request: Request, event_type: EventType, start: datetime, seat: dict[str, Any]
) -> sqlite3.Row | None:
    """The booking to join: one that the attendee is in already, else one with a free seat."""
    rows = request.store.all(
        "SELECT *, (SELECT count(*) FROM attendees WHERE booking_id = bookings.id AND NOT is_host) "
        "AS taken, EXISTS (SELECT 1 FROM attendees WHERE booking_id = bookings.id AND email = ?) "
        "AS is_in FROM bookings WHERE event_type_id = ? AND starts_at = ? AND is_seated "
        "AND status IN ('accepted', 'pending') ORDER BY is_in DESC, id",
        seat["email"],
        event_type.id,
        timestamp(start),
    )
    free = (row for row in rows if row["is_in"] or row["taken"] < seats_of(event_type))
    return next(free, None)


def _join(
    request: Request,
    event_type: EventType,
    booking: sqlite3.Row,
    seat: dict[str, Any],
    length: int,
) -> None:
    crews = [crew_of(request.store, booking)]
    now = seconds(request.now)
    EventCalendar(request.store, event_type, now, crews, booking["uid"]).free_crews(
        seconds(booking["starts_at"]), length
    )
    if booking["is_in"]:
        raise refusals.plain(409, "already_signed_up_for_this_booking_error")
    request.store.insert("attendees", booking_id=booking["id"], **seat)
    _touch(request, booking)


def _copy(
    request: Request,
    event_type: EventType,
    old: sqlite3.Row,
    seat: dict[str, Any],
    start: datetime,
    length: int,
) -> str:
    opens, now = seconds(start), seconds(request.now)
    crew = choose_crew(calendar_of(request.store, event_type, now), [opens], length)
    uid = request.store.new_uid()
    add_booking(
        request.store,
        crew,
        [seat],
        **copy_of(old),
        uid=uid,
        title=title_held_by(request.store, event_type, old, crew, [seat]),
        status=status_at_first(event_type, opens, now),
        starts_at=timestamp(start),
        ends_at=timestamp(moment_at(opens + length * MINUTE)),
        ics_uid=f"{request.store.new_uid()}@Cal.com",
        created_at=timestamp(request.now),
        updated_at=timestamp(request.now),
    )
    return uid


def _taken_seat(request: Request, booking: sqlite3.Row, seat_uid: str) -> dict[str, Any]:
    for attendee in copies_of_attendees(request.store, booking["id"]):
        if attendee["seat_uid"] == seat_uid:
            return attendee
    raise refusals.bad_request(
        f"Booking with uid={booking['uid']} has no seat with seatUid={seat_uid}."
    )


def _remove(request: Request, booking: sqlite3.Row, seat_uid: str, reason: str | None) -> None:
    store = request.store
    store.run(
        "DELETE FROM attendees WHERE booking_id = ? AND seat_uid = ?", booking["id"], seat_uid
    )
    if copies_of_attendees(store, booking["id"]):
        _touch(request, booking)
    else:
        _touch(request, booking, status="cancelled", cancellation_reason=reason)


def _touch(request: Request, booking: sqlite3.Row, **columns: Any) -> None:
    now = timestamp(request.now)
    request.store.update("bookings", booking["id"], updated_at=now, **columns)


def _shown(request: Request, uid: str, seat: dict[str, Any]) -> Shown:
    booking = required_booking(request.store, uid)
    return {**view(request.store, booking), "seatUid": seat["seat_uid"]}
