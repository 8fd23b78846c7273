"""Whether a slot can be held, and who may say for how long. As read in Cal.com's source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cal_actions.sandbox import refusals
from cal_actions.sandbox.availability.busy import busy
from cal_actions.sandbox.availability.crews import crews_of
from cal_actions.sandbox.availability.open_seats import (
    has_seats,
    held_seats,
    open_bookings,
    seats_of,
)
from cal_actions.sandbox.exchange import timestamp
from cal_actions.sandbox.moments import moment_at

if TYPE_CHECKING:
    from cal_actions.sandbox.event_types.records import EventType
    from cal_actions.sandbox.store import Store
    from cal_actions.sandbox.users.records import User

_IN_COMMON = (
    "SELECT 1 FROM memberships AS own "
    "JOIN memberships AS owners ON owners.team_id = own.team_id AND owners.accepted "
    "WHERE own.user_id = ? AND own.accepted AND owners.user_id = ?"
)
_IN_TEAM = (
    "SELECT 1 FROM memberships AS own JOIN teams ON own.team_id IN (teams.id, teams.parent_id) "
    "WHERE own.user_id = ? AND own.accepted AND teams.id = ?"
)


def may_set_duration(store: Store, user: User, event_type: EventType) -> bool:
    """Whether the user owns the event type, shares a team with its owner, or is in its team."""
    if event_type.user_id == user.id:
        return True
    if event_type.user_id is not None:
        return store.one(_IN_COMMON, user.id, event_type.user_id) is not None
    return store.one(_IN_TEAM, user.id, event_type.team_id) is not None


def refuse_taken(store: Store, event_type: EventType, start: int, end: int, now: int) -> None:
    """Raise Refusal (422) for a slot that is booked or held; with seats, when no seat is left."""
    if has_seats(event_type):
        _refuse_full(store, event_type, start, end, now)
        return
    if _is_held(store, event_type, start, end, now):
        raise refusals.unprocessable(
            "This time slot is already reserved by another user. Please choose a different time."
        )
    if not _somebody_is_free(store, event_type, start, end):
        raise refusals.unprocessable("Can't reserve a slot if the event is already booked.")


def _refuse_full(store: Store, event_type: EventType, start: int, end: int, now: int) -> None:
    if start in open_bookings(store, event_type, start, end, now):
        return
    held = held_seats(store, event_type, start, end, now).get(start, 0)
    if held >= seats_of(event_type) or not _somebody_is_free(store, event_type, start, end):
        raise refusals.unprocessable(
            f"Booking with id={event_type.id} at {timestamp(moment_at(start))} has no more seats "
            "left."
        )


def _is_held(store: Store, event_type: EventType, start: int, end: int, now: int) -> bool:
    row = store.one(
        "SELECT 1 FROM slot_reservations WHERE event_type_id = ? AND starts_at < ? "
        "AND ends_at > ? AND expires_at > ?",
        event_type.id,
        timestamp(moment_at(end)),
        timestamp(moment_at(start)),
        timestamp(moment_at(now)),
    )
    return row is not None


def _somebody_is_free(store: Store, event_type: EventType, start: int, end: int) -> bool:
    return any(
        not any(any(busy(store, host, start, end)) for host in crew)
        for crew in crews_of(store, event_type)
    )
