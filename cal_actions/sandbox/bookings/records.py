"""Bookings in the database: finding and writing them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.availability.crews import Crew
from cal_actions.sandbox.bookings.hosting import further_hosts

if TYPE_CHECKING:
    from cal_actions.sandbox.store import Store

_KEPT = (
    "event_type_id",
    "recurring_uid",
    "description",
    "location",
    "metadata",
    "guests",
    "is_seated",
)
_KEPT_OF_ATTENDEE = (
    "name",
    "email",
    "time_zone",
    "language",
    "phone_number",
    "seat_uid",
    "responses",
    "metadata",
)

Columns = dict[str, Any]


def booking_by_uid(store: Store, uid: str) -> sqlite3.Row | None:
    """The booking with this uid, or None."""
    return store.one("SELECT * FROM bookings WHERE uid = ?", uid)


def required_booking(store: Store, uid: str) -> sqlite3.Row:
    """The booking with this uid. Raises Refusal (404)."""
    booking = booking_by_uid(store, uid)
    if booking is None:
        raise refusals.not_found(f"Booking with uid={uid} was not found in the database")
    return booking


def series(store: Store, recurring_uid: str) -> list[sqlite3.Row]:
    """The bookings of a recurring booking by start; none when the uid is unknown."""
    return store.all(
        "SELECT * FROM bookings WHERE recurring_uid = ? ORDER BY starts_at, id", recurring_uid
    )


def add_booking(
    store: Store, crew: Crew, attendees: Iterable[Mapping[str, Any]], **columns: Any
) -> None:
    """Write a booking with its hosts and attendees."""
    booking_id = store.insert("bookings", user_id=crew[0], **columns)
    for attendee in (*attendees, *further_hosts(store, crew)):
        store.insert("attendees", booking_id=booking_id, **attendee)


def copy_of(booking: sqlite3.Row) -> Columns:
    """What a booking at another time takes over from this one."""
    return {column: booking[column] for column in _KEPT}


def copies_of_attendees(store: Store, booking_id: int) -> list[Columns]:
    """The attendees of a booking that are no hosts, to be written to another.

    Nobody is absent there yet.
    """
    rows = store.all(
        "SELECT * FROM attendees WHERE booking_id = ? AND NOT is_host ORDER BY id", booking_id
    )
    return [{column: row[column] for column in _KEPT_OF_ATTENDEE} for row in rows]
