"""Who holds a booking: its organizer, and the further hosts, whom Cal.com lists as attendees."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from cal_actions.sandbox.availability.calendar import EventCalendar
from cal_actions.sandbox.availability.crews import Crew
from cal_actions.sandbox.event_types.hosts import PRIORITIES, hosts_of
from cal_actions.sandbox.users.records import User, user_by_id

if TYPE_CHECKING:
    from cal_actions.sandbox.event_types.records import EventType
    from cal_actions.sandbox.store import Store

_LAST_BOOKING = (
    "SELECT max(id) AS id FROM bookings WHERE event_type_id = ? "
    "AND status IN ('accepted', 'pending') AND (user_id = ? OR id IN "
    "(SELECT booking_id FROM attendees WHERE is_host "
    "AND email = (SELECT email FROM users WHERE id = ?)))"
)


def choose_crew(calendar: EventCalendar, starts: Iterable[int], length: int) -> Crew:
    """Who holds a meeting, or all meetings of a series.

    A round robin takes the host of the highest priority, among equals the one whose last booking
    of this event type is the oldest, at last the first. Raises Refusal as `free_crews` does.
    """
    free: Sequence[Crew] = calendar.crews
    for start in starts:
        at_start = calendar.free_crews(start, length)
        free = [crew for crew in at_start if crew in free]
    if not free:
        raise calendar.nobody_is_free()
    return best_crew(calendar.store, calendar.event_type, free)


def best_crew(store: Store, event_type: EventType, crews: Sequence[Crew]) -> Crew:
    """The crew whose turn it is; the last of each crew is the host who takes turns."""
    if len(crews) == 1:
        return crews[0]
    priorities = {
        host.user_id: PRIORITIES.index(host.priority) for host in hosts_of(store, event_type)
    }

    def rank(crew: Crew) -> tuple[int, int]:
        return -priorities[crew[-1]], _last_booking(store, event_type, crew[-1])

    return min(crews, key=rank)


def organizer_of(store: Store, crew: Crew) -> User:
    """The first of a crew."""
    organizer = user_by_id(store, crew[0])
    assert organizer is not None
    return organizer


def further_hosts(store: Store, crew: Crew) -> list[dict[str, Any]]:
    """The attendee rows of everyone in a crew but the organizer."""
    users = (user_by_id(store, user_id) for user_id in crew[1:])
    return [as_attendee(user) for user in users if user is not None]


def as_attendee(host: User) -> dict[str, Any]:
    """What the attendee row of a further host holds."""
    return {
        "name": host.name or "",
        "email": host.email,
        "time_zone": host.time_zone,
        "language": host.profile.get("locale") or "en",
        "is_host": True,
    }


def crew_of(store: Store, booking: sqlite3.Row) -> Crew:
    """Who holds a booking that is there."""
    rows = store.all(
        "SELECT users.id FROM attendees JOIN users ON users.email = attendees.email "
        "WHERE attendees.booking_id = ? AND attendees.is_host ORDER BY attendees.id",
        booking["id"],
    )
    return (booking["user_id"], *(row["id"] for row in rows))


def _last_booking(store: Store, event_type: EventType, user_id: int) -> int:
    row = store.one(_LAST_BOOKING, event_type.id, user_id, user_id)
    return 0 if row is None else row["id"] or 0
