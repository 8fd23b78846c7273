"""From a checked body to what a new booking holds: title, place, responses, attendees."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.availability.crews import Crew
from cal_actions.sandbox.bookings.hosting import crew_of, organizer_of
from cal_actions.sandbox.event_types.records import EventType
from cal_actions.sandbox.rules import is_email
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.teams.records import team_by_id

_STORED_LOCATION = {
    "address": "inPerson",
    "attendeeAddress": "attendeeInPerson",
    "attendeeDefined": "somewhereElse",
    "attendeePhone": "phone",
    "link": "link",
    "organizersDefaultApp": "conferencing",
    "phone": "userPhone",
}
_GIVEN_BY_ATTENDEE = {
    "attendeeAddress": "address",
    "attendeeDefined": "location",
    "attendeePhone": "phone",
}
_GIVEN_BY_HOST = {"address": "address", "link": "link", "phone": "phone"}
_VIDEO = {"cal-video": "integrations:daily"}
_VARIABLE = re.compile(r"\{([^{}]*)\}")

Body = Mapping[str, Any]


def title_of(store: Store, event_type: EventType, crew: Crew, attendee: str) -> str:
    """The booking's title: the event type's `customName` with its variables filled in.

    Without one it is "<title> between <host> and <attendee>", as recorded. A team stands for its
    hosts where the event type is collective or several of them hold the booking.
    """
    host = organizer_of(store, crew)
    organizer = host.name or host.username
    name = event_type.settings.get("customName")
    if not name:
        held_by = _team_name(store, event_type, crew) or organizer
        return f"{event_type.title} between {held_by} and {attendee}"
    variables = {
        "Event type title": event_type.title,
        "Organiser": organizer,
        "Organiser first name": organizer.partition(" ")[0],
        "Scheduler": attendee,
        "Scheduler first name": attendee.partition(" ")[0],
    }
    return _VARIABLE.sub(lambda match: variables.get(match[1], match[0]), name)


def title_held_by(
    store: Store,
    event_type: EventType,
    booking: sqlite3.Row,
    crew: Crew,
    attendees: Sequence[Mapping[str, Any]],
) -> str:
    """The title that the booking has, or a new one where others hold it from now on."""
    if crew == crew_of(store, booking):
        return str(booking["title"])
    return title_of(store, event_type, crew, attendees[0]["name"] if attendees else "")


def _team_name(store: Store, event_type: EventType, crew: Crew) -> str | None:
    if event_type.team_id is None:
        return None
    if event_type.scheduling_type != "collective" and len(crew) == 1:
        return None
    team = team_by_id(store, event_type.team_id)
    return None if team is None else team.name


def attendees_of(body: Body) -> list[dict[str, Any]]:
    """The rows of the attendee and of the guests, who share the attendee's zone and language.

    An attendee without e-mail gets one made from the phone number, as on Cal.com.
    """
    attendee = body["attendee"]
    shared = {
        "time_zone": attendee["timeZone"],
        "language": attendee.get("language") or "en",
    }
    phone = attendee.get("phoneNumber")
    first = {"name": attendee["name"], "email": email_of(attendee), "phone_number": phone}
    guests = ({"name": "", "email": guest, "phone_number": None} for guest in guests_of(body))
    return [{**one, **shared} for one in (first, *guests)]


def email_of(attendee: Mapping[str, Any]) -> str:
    """The attendee's e-mail address, or the one that stands for the phone number."""
    phone = str(attendee.get("phoneNumber") or "")
    return str(attendee.get("email") or f"{phone.removeprefix('+')}@sms.cal.com")


def guests_of(body: Body) -> list[str]:
    """The guests' e-mail addresses."""
    return list(body.get("guests") or ())


def responses_of(event_type: EventType, body: Body) -> dict[str, Any]:
    """`bookingFieldsResponses` as the booking keeps them.

    Raises Refusal (400) for a required field without response, or a guest without an address.
    """
    given = body.get("bookingFieldsResponses") or {}
    for one in event_type.settings["bookingFields"]:
        custom = not one.get("isDefault") and one.get("type") not in ("name", "email", "phone")
        if custom and one.get("required") and given.get(one.get("slug")) is None:
            raise refusals.bad_request(
                f"bookingFieldsResponses must have '{one.get('slug')}', a required booking field "
                f"of the event type with id={event_type.id}."
            )
    if not all(is_email().test(guest) for guest in guests_of(body)):
        raise _bad_responses("responses - {guests}email_validation_error, ")
    attendee = body["attendee"]
    responses = {"email": email_of(attendee), "name": attendee["name"]}
    if attendee.get("phoneNumber"):
        responses["attendeePhoneNumber"] = attendee["phoneNumber"]
    if guests_of(body):
        responses["guests"] = guests_of(body)
    if isinstance(body.get("location"), dict):
        responses["location"] = _location_response(body["location"])
    return {**responses, **given}


def metadata_of(body: Body) -> dict[str, str]:
    """The metadata. Raises Refusal (400) for values that are not text."""
    metadata = dict(body.get("metadata") or {})
    wrong = [
        f"metadata.{name} - Expected string, received {_json_type(value)}, "
        for name, value in metadata.items()
        if not isinstance(value, str)
    ]
    if wrong:
        raise _bad_responses("".join(wrong))
    return metadata


def location_of(event_type: EventType, body: Body, uid: str) -> str | None:
    """Where the meeting takes place: what the body asks for, else the first place on offer.

    Raises Refusal (400) for a kind of place that the event type does not offer.
    """
    asked = body.get("location") or body.get("meetingUrl")
    if isinstance(asked, str):
        return asked
    offered = event_type.settings["locations"] or []
    if asked is None:
        return _place(offered[0], body, uid) if offered else None
    for location in offered:
        same_app = location.get("integration") == asked.get("integration")
        if location["type"] == asked["type"] and same_app:
            return _place({**location, **asked}, body, uid)
    raise refusals.bad_request(
        f"The event type with id={event_type.id} has no location of type {asked['type']}, only: "
        f"{', '.join(location['type'] for location in offered)}"
    )


def _place(location: Body, body: Body, uid: str) -> str | None:
    kind = location["type"]
    if kind == "integration":
        app = location["integration"]
        return f"https://app.cal.com/video/{uid}" if app in _VIDEO else f"integrations:{app}"
    if kind in _GIVEN_BY_HOST:
        return str(location[_GIVEN_BY_HOST[kind]])
    given = location.get(_GIVEN_BY_ATTENDEE.get(kind, ""))
    if kind == "attendeePhone":
        given = given or body["attendee"].get("phoneNumber")
    return given


def _location_response(location: Body) -> dict[str, Any]:
    kind = location["type"]
    if kind == "integration":
        app = location["integration"]
        return {"value": _VIDEO.get(app, f"integrations:{app}"), "optionValue": ""}
    given = location.get(_GIVEN_BY_ATTENDEE.get(kind, ""), "")
    return {"value": _STORED_LOCATION[kind], "optionValue": given}


def _bad_responses(message: str) -> refusals.Refusal:
    return refusals.without_details(400, "BAD_REQUEST", message)


def _json_type(value: Any) -> str:
    names = {bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}
    return names.get(type(value), "null")
