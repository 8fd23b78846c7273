"""Bookings with seats that others can still join, and seats that are held for someone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cal_actions.sandbox.exchange import timestamp
from cal_actions.sandbox.moments import moment_at, seconds

if TYPE_CHECKING:
    from cal_actions.sandbox.event_types.records import EventType
    from cal_actions.sandbox.store import Store


@dataclass(frozen=True, slots=True)
class OpenBooking:
    """A booking with free seats: who it is and how many seats are taken or held."""

    uid: str
    attendees: int


def has_seats(event_type: EventType) -> bool:
    """Whether several attendees can book the same slot."""
    return not event_type.settings["seats"].get("disabled")


def seats_of(event_type: EventType) -> int:
    """How many attendees a slot of an event type with seats has room for."""
    return int(event_type.settings["seats"].get("seatsPerTimeSlot", 1))


def open_bookings(
    store: Store, event_type: EventType, start: int, end: int, now: int
) -> dict[int, OpenBooking]:
    """The bookings of the event type with a free seat that begin in a span, by their start."""
    if not has_seats(event_type):
        return {}
    rows = store.all(
        "SELECT uid, starts_at, (SELECT count(*) FROM attendees WHERE booking_id = bookings.id "
        "AND NOT is_host) AS attendees FROM bookings WHERE event_type_id = ? AND is_seated "
        "AND status IN ('accepted', 'pending') AND starts_at >= ? AND starts_at < ? "
        "ORDER BY starts_at, id DESC",
        event_type.id,
        timestamp(moment_at(start)),
        timestamp(moment_at(end)),
    )
    held = held_seats(store, event_type, start, end, now)
    taken = [(seconds(row["starts_at"]), row["uid"], row["attendees"]) for row in rows]
    return {
        opens: OpenBooking(uid, attendees + held.get(opens, 0))
        for opens, uid, attendees in taken
        if attendees + held.get(opens, 0) < seats_of(event_type)
    }


def held_seats(
    store: Store, event_type: EventType, start: int, end: int, now: int
) -> dict[int, int]:
    """How many seats of the event type are reserved at the moment `now`, by the slot's start."""
    rows = store.all(
        "SELECT starts_at, count(*) AS seats FROM slot_reservations WHERE event_type_id = ? "
        "AND starts_at >= ? AND starts_at < ? AND expires_at > ? GROUP BY starts_at",
        event_type.id,
        timestamp(moment_at(start)),
        timestamp(moment_at(end)),
        timestamp(moment_at(now)),
    )
    return {seconds(row["starts_at"]): row["seats"] for row in rows}
