"""Bookings with seats that others can still join."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cal_actions.sandbox.exchange import timestamp
from cal_actions.sandbox.moments import moment_at, seconds

if TYPE_CHECKING:
    from cal_actions.sandbox.event_types.settings import EventType
    from cal_actions.sandbox.store import Store


@dataclass(frozen=True, slots=True)
class OpenBooking:
    """A booking with free seats: who it is and how many have a seat."""

    uid: str
    attendees: int


def has_seats(event_type: EventType) -> bool:
    """Whether several attendees can book the same slot."""
    return not event_type.settings["seats"].get("disabled")


def open_bookings(
    store: Store, event_type: EventType, start: int, end: int
) -> dict[int, OpenBooking]:
    """The bookings of the event type with a free seat that begin in a span, by their start."""
    if not has_seats(event_type):
        return {}
    rows = store.all(
        "SELECT uid, starts_at, (SELECT count(*) FROM attendees WHERE booking_id = bookings.id) "
        "AS attendees FROM bookings WHERE event_type_id = ? AND is_seated "
        "AND status IN ('accepted', 'pending') AND starts_at >= ? AND starts_at < ? "
        "ORDER BY starts_at",
        event_type.id,
        timestamp(moment_at(start)),
        timestamp(moment_at(end)),
    )
    return {
        seconds(row["starts_at"]): OpenBooking(row["uid"], row["attendees"])
        for row in rows
        if row["attendees"] < event_type.settings["seats"]["seatsPerTimeSlot"]
    }
