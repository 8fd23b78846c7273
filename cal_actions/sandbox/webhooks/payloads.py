"""What webhooks tell of a booking, in the words of Cal.com's guide to webhooks (2021-10-20).

What only integrations know (`appsStatus`, `videoCallData`, `conferenceData`) is left out.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cal_actions.sandbox.availability.spans import MINUTE
from cal_actions.sandbox.event_types.records import EventType, event_type_by_id
from cal_actions.sandbox.moments import seconds
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.teams.records import team_by_id
from cal_actions.sandbox.users.records import User, user_by_id

_LABELS = {
    "name": "your_name",
    "email": "email_address",
    "attendeePhoneNumber": "phone_number",
    "location": "location",
    "title": "what_is_this_meeting_about",
    "notes": "additional_notes",
    "guests": "additional_guests",
    "rescheduledReason": "reason_for_reschedule",
}
_TIME_ENDS = {"BOOKING_CANCELLED": "+00:00", "BOOKING_REJECTED": ".000Z"}
"""How a time ends, if not in `Z`: the guide's examples write the same moment in three ways."""

_CLOCKS = {12: "h:mma", 24: "HH:mm"}
_SECONDS_A_MINUTE = 60

Payload = dict[str, Any]


def booking_payload(store: Store, trigger: str, booking: sqlite3.Row) -> Payload:
    """What a webhook with any trigger but BOOKING_NO_SHOW_UPDATED tells of a booking."""
    host = user_by_id(store, booking["user_id"])
    assert host is not None
    event_type_id = booking["event_type_id"]
    event_type = None if event_type_id is None else event_type_by_id(store, event_type_id)
    responses = json.loads(booking["responses"])
    return {
        "title": booking["title"],
        "description": booking["description"] or "",
        "additionalNotes": responses.get("notes") or "",
        "customInputs": {},
        "startTime": _time(booking["starts_at"], trigger),
        "endTime": _time(booking["ends_at"], trigger),
        "organizer": _organizer(host, booking["starts_at"]),
        "responses": {name: _response(name, value) for name, value in responses.items()},
        "userFieldsResponses": {
            name: _response(name, value) for name, value in responses.items() if name not in _LABELS
        },
        "attendees": _people(store, booking, are_hosts=False),
        **_team(store, event_type, booking),
        **_place(booking),
        "uid": booking["uid"],
        "iCalUID": booking["ics_uid"],
        "bookingId": booking["id"],
        **_event_type(event_type),
        "length": (seconds(booking["ends_at"]) - seconds(booking["starts_at"])) // MINUTE,
        "status": booking["status"].upper(),
        **_history(store, trigger, booking),
    }


def no_show_payload(booking: sqlite3.Row, attendees: Sequence[Mapping[str, Any]]) -> Payload:
    """What BOOKING_NO_SHOW_UPDATED tells; each of `attendees` has `email` and `absent`."""
    message = "No-show status updated for attendees"
    if len(attendees) == 1:
        done = "marked" if attendees[0]["absent"] else "unmarked"
        message = f"{attendees[0]['email']} {done} as no-show"
    return {
        "message": message,
        "attendees": [{"email": one["email"], "noShow": one["absent"]} for one in attendees],
        "bookingUid": booking["uid"],
        "bookingId": booking["id"],
    }


def _time(moment: str, trigger: str) -> str:
    return moment.removesuffix(".000Z") + _TIME_ENDS.get(trigger, "Z")


def _organizer(host: User, start: str) -> Payload:
    return {
        "id": host.id,
        "name": host.name or host.username,
        "email": host.email,
        "username": host.username,
        "timeZone": host.time_zone,
        "language": {"locale": host.profile.get("locale") or "en"},
        "timeFormat": _CLOCKS.get(host.time_format, "h:mma"),
        "utcOffset": _utc_offset(host.time_zone, start),
    }


def _team(store: Store, event_type: EventType | None, booking: sqlite3.Row) -> Payload:
    """The team of the event type; its `members` are the hosts beside the organizer."""
    team_id = None if event_type is None else event_type.team_id
    team = None if team_id is None else team_by_id(store, team_id)
    if team is None:
        return {}
    members = _people(store, booking, are_hosts=True)
    return {"team": {"id": team.id, "name": team.name, "members": members}}


def _people(store: Store, booking: sqlite3.Row, *, are_hosts: bool) -> list[Payload]:
    rows = store.all(
        "SELECT * FROM attendees WHERE booking_id = ? AND is_host = ? ORDER BY id",
        booking["id"],
        are_hosts,
    )
    return [
        {
            "email": row["email"],
            "name": row["name"],
            "timeZone": row["time_zone"],
            "phoneNumber": row["phone_number"],
            "language": {"locale": row["language"]},
            "utcOffset": _utc_offset(row["time_zone"], booking["starts_at"]),
        }
        for row in rows
    ]


def _utc_offset(time_zone: str, start: str) -> int:
    offset = datetime.fromisoformat(start).astimezone(ZoneInfo(time_zone)).utcoffset()
    assert offset is not None
    return int(offset.total_seconds()) // _SECONDS_A_MINUTE


def _response(name: str, value: Any) -> Payload:
    return {"label": _LABELS.get(name, name), "value": value, "isHidden": False}


def _place(booking: sqlite3.Row) -> Payload:
    metadata, location = json.loads(booking["metadata"]), booking["location"]
    if location == f"https://app.cal.com/video/{booking['uid']}":
        return {
            "location": "integrations:daily",
            "metadata": {**metadata, "videoCallUrl": location},
        }
    return {"location": location, "metadata": metadata}


def _event_type(event_type: EventType | None) -> Payload:
    if event_type is None:
        return {"type": None, "eventTypeId": None}
    settings = event_type.settings
    seats, policy = settings["seats"], settings["confirmationPolicy"] or {}
    return {
        "type": event_type.slug,
        "eventTypeId": event_type.id,
        "eventTitle": event_type.title,
        "eventDescription": settings["description"],
        "price": settings["price"],
        "currency": settings["currency"],
        "requiresConfirmation": policy.get("type") is not None and not policy.get("disabled"),
        "hideCalendarNotes": settings["hideCalendarNotes"],
        "hideOrganizerEmail": settings["hideOrganizerEmail"],
        "schedulingType": event_type.scheduling_type,
        "seatsPerTimeSlot": seats.get("seatsPerTimeSlot"),
        "seatsShowAttendees": bool(seats.get("showAttendeeInfo")),
        "destinationCalendar": settings.get("destinationCalendar"),
    }


def _history(store: Store, trigger: str, booking: sqlite3.Row) -> Payload:
    if trigger == "BOOKING_CANCELLED":
        # Whoever gives up a seat cancels for themselves; the booking may go on.
        reason = booking["cancellation_reason"]
        return {"status": "CANCELLED", "cancellationReason": reason, "requestReschedule": False}
    if trigger == "BOOKING_REJECTED":
        return {"rejectionReason": booking["rejection_reason"]}
    if booking["rescheduled_from"] is not None:
        return _moved_from(store, trigger, booking)
    return {}


def _moved_from(store: Store, trigger: str, booking: sqlite3.Row) -> Payload:
    old = store.one("SELECT * FROM bookings WHERE uid = ?", booking["rescheduled_from"])
    if old is None:
        return {}
    return {
        "rescheduleId": old["id"],
        "rescheduleUid": old["uid"],
        "rescheduleStartTime": _time(old["starts_at"], trigger),
        "rescheduleEndTime": _time(old["ends_at"], trigger),
        "rescheduledBy": booking["rescheduled_by"],
    }
