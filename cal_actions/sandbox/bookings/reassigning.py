"""POST /v2/bookings/{bookingUid}/reassign: another host of a round robin takes over."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from cal_actions.sandbox import refusals
from cal_actions.sandbox.availability.calendar import EventCalendar
from cal_actions.sandbox.availability.crews import Crew
from cal_actions.sandbox.availability.spans import MINUTE
from cal_actions.sandbox.bookings.access import may_manage
from cal_actions.sandbox.bookings.draft import title_held_by
from cal_actions.sandbox.bookings.hosting import as_attendee, best_crew, crew_of
from cal_actions.sandbox.bookings.input import read_reassign
from cal_actions.sandbox.bookings.records import copies_of_attendees, required_booking
from cal_actions.sandbox.event_types.hosts import hosts_of
from cal_actions.sandbox.event_types.records import EventType, event_type_by_id
from cal_actions.sandbox.exchange import Answer, Request, success, timestamp
from cal_actions.sandbox.moments import seconds
from cal_actions.sandbox.routing import V2024_08_13, route
from cal_actions.sandbox.users.records import User, user_by_id

_NOBODY = "Can't reassign the booking because no other host is available at that time."


@route("POST", "/v2/bookings/{bookingUid}/reassign", versions=V2024_08_13)
def reassign_booking(request: Request) -> Answer:
    """Let the next free host take over.

    400 where there is none, as for every booking that is no round robin (as recorded).
    """
    booking, event_type = _booking(request)
    free = _free(request, booking, event_type, _others(request, booking, event_type))
    if not free:
        raise refusals.bad_request(_NOBODY)
    [chosen] = best_crew(request.store, event_type, [(user_id,) for user_id in free])
    return _reassign(request, booking, event_type, chosen)


@route("POST", "/v2/bookings/{bookingUid}/reassign/{userId}", versions=V2024_08_13)
def reassign_booking_to_user(request: Request) -> Answer:
    """Let a certain host take over, who must be one of the event type's and free."""
    read_reassign(request.body)
    booking, event_type = _booking(request)
    user_id = request.number("userId")
    if user_by_id(request.store, user_id) is None:
        raise refusals.not_found(f"User with id={user_id} was not found in the database")
    host = next(
        (one for one in hosts_of(request.store, event_type) if one.user_id == user_id), None
    )
    if host is None:
        raise refusals.bad_request(
            f"User with id={user_id} is not a valid Round Robin host - the user to which you "
            "reassign this booking must be one of the booking hosts. Fetch the booking using "
            "following endpoint and select id of one of the hosts: "
            "https://cal.com/docs/api-reference/v2/bookings/get-a-booking"
        )
    if host.mandatory or event_type.scheduling_type == "collective":
        message = f"User with id={user_id} is a mandatory host of the event type and takes no turns"
        raise refusals.breaks(instead=refusals.bad_request(message))
    if not _free(request, booking, event_type, [user_id]):
        raise refusals.bad_request(f"User with id={user_id} is not available at that time.")
    return _reassign(request, booking, event_type, user_id)


def _booking(request: Request) -> tuple[sqlite3.Row, EventType]:
    booking = required_booking(request.store, request.params["bookingUid"])
    if not may_manage(request.store, request.user, booking):
        raise refusals.forbidden("You do not have permission to reassign this booking")
    event_type = event_type_by_id(request.store, booking["event_type_id"])
    if event_type is None:
        message = f"Event type with id={booking['event_type_id']} was not found in the database"
        raise refusals.breaks(instead=refusals.bad_request(message))
    return booking, event_type


def _others(request: Request, booking: sqlite3.Row, event_type: EventType) -> list[int]:
    if event_type.scheduling_type != "roundRobin":
        return []
    crew, hosts = crew_of(request.store, booking), hosts_of(request.store, event_type)
    return [one.user_id for one in hosts if not one.mandatory and one.user_id not in crew]


def _free(
    request: Request, booking: sqlite3.Row, event_type: EventType, user_ids: Iterable[int]
) -> list[int]:
    start, end = seconds(booking["starts_at"]), seconds(booking["ends_at"])
    crews = [(user_id,) for user_id in user_ids]
    now = seconds(request.now)
    calendar = EventCalendar(request.store, event_type, now, crews, booking["uid"])
    return [crew[0] for crew in calendar.crews_without_conflict(start, (end - start) // MINUTE)]


def _reassign(
    request: Request, booking: sqlite3.Row, event_type: EventType, user_id: int
) -> Answer:
    """Put the user in the place of the host who took this turn; the mandatory ones stay."""
    store, crew = request.store, crew_of(request.store, booking)
    user = user_by_id(store, user_id)
    assert user is not None
    mandatory = {host.user_id for host in hosts_of(store, event_type) if host.mandatory}
    leaving = next((one for one in crew if one not in mandatory), crew[0])
    if user_id not in crew:
        if leaving == crew[0]:
            _change_organizer(request, booking, event_type, (user_id, *crew[1:]))
        else:
            _change_attendee(request, booking, leaving, user)
    store.update("bookings", booking["id"], updated_at=timestamp(request.now))
    shown = {"id": user.id, "name": user.name, "email": user.email}
    return success({"bookingUid": booking["uid"], "reassignedTo": shown})


def _change_organizer(
    request: Request, booking: sqlite3.Row, event_type: EventType, crew: Crew
) -> None:
    attendees = copies_of_attendees(request.store, booking["id"])
    title = title_held_by(request.store, event_type, booking, crew, attendees)
    request.store.update("bookings", booking["id"], user_id=crew[0], title=title)


def _change_attendee(request: Request, booking: sqlite3.Row, leaving: int, user: User) -> None:
    row = request.store.one(
        "SELECT id FROM attendees WHERE booking_id = ? AND is_host "
        "AND email = (SELECT email FROM users WHERE id = ?)",
        booking["id"],
        leaving,
    )
    assert row is not None
    request.store.update("attendees", row["id"], **as_attendee(user))
