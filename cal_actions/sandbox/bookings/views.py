"""How a booking is shown in version 2024-08-13."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cal_actions.sandbox.availability.spans import MINUTE
from cal_actions.sandbox.moments import seconds
from cal_actions.sandbox.users.records import user_by_id

if TYPE_CHECKING:
    from cal_actions.sandbox.store import Store

Shown = dict[str, Any]

_NO_EVENT_TYPE: Shown = {"id": None, "slug": None}
"""What is left once the event type is deleted."""


def view(store: Store, booking: sqlite3.Row) -> Shown:
    """One booking."""
    return view_all(store, [booking])[0]


def view_all(store: Store, bookings: Sequence[sqlite3.Row]) -> list[Shown]:
    """Many bookings, with one query for all their attendees and one for each host."""
    attendees = _attendees(store, [booking["id"] for booking in bookings])
    hosts = {user_id: _host(store, user_id) for user_id in {one["user_id"] for one in bookings}}
    event_types = _event_types(store, [booking["event_type_id"] for booking in bookings])
    return [
        _booking(
            booking,
            hosts[booking["user_id"]],
            event_types.get(booking["event_type_id"], _NO_EVENT_TYPE),
            attendees[booking["id"]],
        )
        for booking in bookings
    ]


def _booking(booking: sqlite3.Row, host: Shown, event_type: Shown, attendees: list[Shown]) -> Shown:
    shown = {
        "id": booking["id"],
        "uid": booking["uid"],
        "title": booking["title"],
        "description": booking["description"],
        "hosts": [host],
        "status": booking["status"],
        **_history(booking),
        "start": booking["starts_at"],
        "end": booking["ends_at"],
        "duration": (seconds(booking["ends_at"]) - seconds(booking["starts_at"])) // MINUTE,
        "eventTypeId": event_type["id"],
        "eventType": event_type,
        "meetingUrl": booking["location"],
        "location": booking["location"],
        "absentHost": bool(booking["absent_host"]),
        "createdAt": booking["created_at"],
        "updatedAt": booking["updated_at"],
        "rating": booking["rating"],
        "icsUid": booking["ics_uid"],
        "attendees": attendees,
    }
    if not booking["is_seated"]:
        shown["metadata"] = json.loads(booking["metadata"])
        shown["bookingFieldsResponses"] = json.loads(booking["responses"])
    guests = json.loads(booking["guests"])
    if guests:
        shown["guests"] = guests
    if booking["recurring_uid"] is not None:
        shown["recurringBookingUid"] = booking["recurring_uid"]
    return shown


def _history(booking: sqlite3.Row) -> Shown:
    """How it came to its status: on the recorded server these keys come and go.

    `cancelledByEmail` and `rescheduledByEmail` stay null there whatever the request says.
    """
    history: Shown = {}
    if booking["status"] == "cancelled":
        history["cancellationReason"] = booking["cancellation_reason"]
        if not booking["is_seated"]:
            history["cancelledByEmail"] = None
    if booking["rescheduling_reason"] is not None:
        history["reschedulingReason"] = booking["rescheduling_reason"]
    if booking["recurring_uid"] is None:
        history["rescheduledByEmail"] = None
    if booking["rescheduled_from"] is not None:
        history["rescheduledFromUid"] = booking["rescheduled_from"]
    if booking["rescheduled_to"] is not None:
        history["rescheduledToUid"] = booking["rescheduled_to"]
    return history


def _attendees(store: Store, booking_ids: Sequence[int]) -> dict[int, list[Shown]]:
    rows = store.all(
        "SELECT * FROM attendees WHERE booking_id IN (SELECT value FROM json_each(?)) ORDER BY id",
        json.dumps(booking_ids),
    )
    attendees: dict[int, list[Shown]] = defaultdict(list)
    for row in rows:
        attendees[row["booking_id"]].append(_attendee(row))
    return attendees


def _attendee(row: sqlite3.Row) -> Shown:
    shown = {
        "name": row["name"],
        "email": row["email"],
        "timeZone": row["time_zone"],
        "language": row["language"],
        "absent": bool(row["absent"]),
    }
    if row["phone_number"] is not None:
        shown["phoneNumber"] = row["phone_number"]
    if row["seat_uid"] is not None:
        shown["seatUid"] = row["seat_uid"]
        shown["bookingFieldsResponses"] = json.loads(row["responses"])
        shown["metadata"] = json.loads(row["metadata"])
    return shown


def _event_types(store: Store, event_type_ids: Sequence[int]) -> dict[int, Shown]:
    rows = store.all(
        "SELECT id, slug FROM event_types WHERE id IN (SELECT value FROM json_each(?))",
        json.dumps(event_type_ids),
    )
    return {row["id"]: {"id": row["id"], "slug": row["slug"]} for row in rows}


def _host(store: Store, user_id: int) -> Shown:
    host = user_by_id(store, user_id)
    assert host is not None
    return {
        "id": host.id,
        "name": host.name,
        "email": host.email,
        "username": host.username,
        "timeZone": host.time_zone,
    }
