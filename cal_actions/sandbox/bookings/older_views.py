"""Bookings as Cal.com's database words them, which versions before 2024-08-13 show."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

from cal_actions.sandbox.event_types.hosts import hosts_of
from cal_actions.sandbox.event_types.older_views import columns
from cal_actions.sandbox.event_types.records import EventType, event_type_by_id
from cal_actions.sandbox.teams.records import team_by_id
from cal_actions.sandbox.users.records import User, user_by_id

if TYPE_CHECKING:
    from cal_actions.sandbox.store import Store

Shown = dict[str, Any]

_LISTED = (
    "slug", "id", "title", "eventName", "price", "recurringEvent", "currency", "metadata",
    "disableGuests", "seatsShowAttendees", "seatsShowAvailabilityCount", "eventTypeColor",
    "customReplyToEmail", "allowReschedulingPastBookings", "hideOrganizerEmail",
    "disableCancelling", "disableRescheduling", "schedulingType", "length",
)  # fmt: skip
_ALONE = ("eventName", "slug", "timeZone", "schedulingType", "hideOrganizerEmail")


def view(store: Store, booking: sqlite3.Row) -> Shown:
    """A booking alone."""
    host, event_type = _people(store, booking)
    return {
        **_shared(booking, host),
        "smsReminderNumber": None,
        "cancellationReason": booking["cancellation_reason"],
        "cancelledBy": None,
        "rejectionReason": booking["rejection_reason"],
        "rescheduledBy": booking["rescheduled_by"],
        "user": {
            **_person(host),
            "username": host.username,
            "timeZone": host.time_zone,
            "avatarUrl": host.profile.get("avatarUrl"),
        },
        "attendees": [_attendee(one) for one in _attendees(store, booking)],
        "eventTypeId": booking["event_type_id"],
        "eventType": _picked(event_type, _ALONE),
        "seatsReferences": _seats(store, booking),
        "tracking": None,
    }


def listed_view(store: Store, booking: sqlite3.Row) -> Shown:
    """A booking in a list."""
    host, event_type = _people(store, booking)
    return {
        **_shared(booking, host),
        "createdAt": booking["created_at"],
        "updatedAt": booking["updated_at"],
        "paid": False,
        "isRecorded": False,
        "routedFromRoutingFormReponse": None,
        "eventType": None if event_type is None else _listed_event_type(store, event_type),
        "references": [],
        "payment": [],
        "user": _person(host),
        "attendees": [_listed_attendee(one) for one in _attendees(store, booking)],
        "seatsReferences": _seats(store, booking),
        "assignmentReason": [],
        "rescheduler": booking["rescheduled_by"],
    }


def _people(store: Store, booking: sqlite3.Row) -> tuple[User, EventType | None]:
    host = user_by_id(store, booking["user_id"])
    assert host is not None
    return host, event_type_by_id(store, booking["event_type_id"])


def _shared(booking: sqlite3.Row, host: User) -> Shown:
    return {
        "id": booking["id"],
        "uid": booking["uid"],
        "title": booking["title"],
        "description": booking["description"],
        "customInputs": {},
        "startTime": booking["starts_at"],
        "endTime": booking["ends_at"],
        "metadata": json.loads(booking["metadata"]),
        "responses": None if booking["is_seated"] else json.loads(booking["responses"]),
        "recurringEventId": booking["recurring_uid"],
        "location": booking["location"],
        "status": booking["status"].upper(),
        "userPrimaryEmail": host.email,
        "fromReschedule": booking["rescheduled_from"],
        "rescheduled": None if booking["rescheduled_to"] is None else True,
    }


def _person(user: User) -> Shown:
    return {"id": user.id, "name": user.name, "email": user.email}


def _picked(event_type: EventType | None, names: tuple[str, ...]) -> Shown | None:
    if event_type is None:
        return None
    every = columns(event_type)
    return {name: every[name] for name in names}


def _listed_event_type(store: Store, event_type: EventType) -> Shown:
    is_own = event_type.user_id is not None
    users = (
        [] if is_own else [user_by_id(store, one.user_id) for one in hosts_of(store, event_type)]
    )
    team = None if event_type.team_id is None else team_by_id(store, event_type.team_id)
    return {
        **(_picked(event_type, _LISTED) or {}),
        "hosts": [
            {"userId": user.id, "user": {"id": user.id, "email": user.email}}
            for user in users
            if user is not None
        ],
        "team": None if team is None else {"id": team.id, "name": team.name, "slug": team.slug},
        "hostGroups": [],
    }


def _attendees(store: Store, booking: sqlite3.Row) -> list[sqlite3.Row]:
    return store.all("SELECT * FROM attendees WHERE booking_id = ? ORDER BY id", booking["id"])


def _attendee(row: sqlite3.Row) -> Shown:
    return {
        "name": row["name"],
        "email": row["email"],
        "timeZone": row["time_zone"],
        "phoneNumber": row["phone_number"],
    }


def _listed_attendee(row: sqlite3.Row) -> Shown:
    return {
        "id": row["id"],
        "bookingId": row["booking_id"],
        **_attendee(row),
        "locale": row["language"],
        "noShow": bool(row["absent"]),
    }


def _seats(store: Store, booking: sqlite3.Row) -> list[Shown]:
    uids = [row["seat_uid"] for row in _attendees(store, booking)]
    return [{"referenceUid": uid, "attendee": None} for uid in uids if uid is not None]
