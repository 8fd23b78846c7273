"""What the body of POST and PATCH /v2/event-types may hold, version 2024-06-14.

Cal.com documents no upper bounds; those here keep the sandbox's arithmetic inside its calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.checks import Field, check, optional
from cal_actions.sandbox.moments import read_moment
from cal_actions.sandbox.refusals import FieldError
from cal_actions.sandbox.rules import (
    Rule,
    at_least,
    at_most,
    is_array,
    is_boolean,
    is_in,
    is_int,
    is_number,
    is_object,
    is_string,
)


def _minutes(name: str, minimum: int = 0) -> Field:
    return Field(name, (at_least(minimum), is_int()), nullable=False)


def _flag(name: str) -> Field:
    return Field(name, (is_boolean(),), nullable=False)


def _text(name: str) -> Field:
    return Field(name, (is_string(),), nullable=False)


def _object(name: str) -> Field:
    return Field(name, (is_object(),))


_OPTIONAL = tuple(
    optional(one)
    for one in (
        Field("lengthInMinutesOptions", (is_int().for_each(), is_array())),
        Field("description", (is_string(),)),
        Field("locations"),
        Field("bookingFields", (is_object().for_each(), is_array())),
        _flag("disableGuests"),
        Field("slotInterval", (at_least(1), is_int())),
        _minutes("minimumBookingNotice"),
        _minutes("beforeEventBuffer"),
        _minutes("afterEventBuffer"),
        Field("scheduleId", (is_int(),)),
        _object("bookingLimitsCount"),
        _flag("onlyShowFirstAvailableSlot"),
        _object("bookingLimitsDuration"),
        _object("bookingWindow"),
        _minutes("offsetStart", 1),
        _object("bookerLayouts"),
        _object("confirmationPolicy"),
        _object("recurrence"),
        _flag("requiresBookerEmailVerification"),
        _flag("hideCalendarNotes"),
        _flag("lockTimeZoneToggleOnBookingPage"),
        _object("color"),
        _object("seats"),
        Field("customName", (is_string(),)),
        _object("destinationCalendar"),
        _flag("useDestinationCalendarEmail"),
        _flag("hideCalendarEventDetails"),
        Field("successRedirectUrl", (is_string(),)),
        _flag("hideOrganizerEmail"),
        _object("calVideoSettings"),
        _flag("hidden"),
    )
)
_REQUIRED = (_minutes("lengthInMinutes", 1), _text("title"), _text("slug"))
NEW = (*_REQUIRED, *_OPTIONAL)
CHANGE = (*(optional(one) for one in _REQUIRED), *_OPTIONAL)

Locations = Mapping[str, tuple[Field, ...]]
"""The types of locations with the fields of each."""

_PUBLIC = _flag("public")
LOCATIONS: Locations = {
    "address": (_text("address"), _PUBLIC),
    "link": (_text("link"), _PUBLIC),
    "integration": (
        Field("integration", (is_in(("cal-video", "google-meet", "office365-video", "zoom")),)),
    ),
    "phone": (_text("phone"), _PUBLIC),
    "attendeeAddress": (),
    "attendeePhone": (),
    "attendeeDefined": (),
}
_BOOKING_FIELD = (optional(_text("slug")), optional(_text("type")))
_PARTS: Mapping[str, tuple[Field, ...]] = {
    "seats": (
        _minutes("seatsPerTimeSlot", 1),
        _flag("showAttendeeInfo"),
        _flag("showAvailabilityCount"),
    ),
    "recurrence": (
        _minutes("interval", 1),
        _minutes("occurrences", 1),
        Field("frequency", (is_in(("yearly", "monthly", "weekly")),)),
    ),
    "color": (_text("lightThemeHex"), _text("darkThemeHex")),
    "bookingLimitsCount": tuple(
        optional(_minutes(name, 1)) for name in ("day", "week", "month", "year")
    ),
    "bookingLimitsDuration": tuple(
        optional(_minutes(name, 15)) for name in ("day", "week", "month", "year")
    ),
}
_LONGEST_LENGTH = 1440
_LONGEST_WINDOW = 3660


def _is_range(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_day, value))


def _is_day(text: Any) -> bool:
    try:
        day = date.fromisoformat(text[:10])
    except (TypeError, ValueError):
        return False
    return read_moment(day.isoformat()) is not None


_NOTICE = Field(
    "noticeThreshold",
    (is_object(),),
    nested=(Field("unit", (is_in(("minutes", "hours", "days")),)), _minutes("count")),
)
_POLICY = (Field("type", (is_in(("always", "time")),)), _flag("blockUnconfirmedBookingsInBooker"))
_VARIANTS: Mapping[str, Mapping[str | None, tuple[Field, ...]]] = {
    "confirmationPolicy": {
        "time": (*_POLICY, _NOTICE),
        None: (*_POLICY, optional(_NOTICE)),
    },
    "bookingWindow": {
        "range": (
            Field("type"),
            Field("value", (Rule("isRange", _is_range, "{property} must be two dates"),)),
        ),
        None: (
            Field("type", (is_in(("businessDays", "calendarDays")),)),
            Field("value", (at_most(_LONGEST_WINDOW), at_least(0), is_number())),
            optional(_flag("rolling")),
        ),
    },
}
"""The parts whose fields follow from their `type`; None is any other."""


def read(body: Any, fields: Sequence[Field], locations: Locations = LOCATIONS) -> dict[str, Any]:
    """The checked body of POST (`NEW`) or PATCH (`CHANGE`). Raises Refusal (400)."""
    cleaned = check(body, fields)
    if cleaned.get("locations") is not None:
        cleaned["locations"] = _read_locations(cleaned["locations"], locations)
    for name, part in _PARTS.items():
        if _is_on(cleaned.get(name)):
            cleaned[name] = _read_part(cleaned[name], part, name)
    for name, variants in _VARIANTS.items():
        if _is_on(cleaned.get(name)):
            kind = cleaned[name].get("type")
            part = variants.get(kind if isinstance(kind, str) else None, variants[None])
            cleaned[name] = _read_part(cleaned[name], part, name)
    _refuse_lengths(cleaned)
    for one in cleaned.get("bookingFields") or ():
        _read_part(one, _BOOKING_FIELD, "bookingFields")
    return {name: value for name, value in cleaned.items() if value is not None or _clears(name)}


def _clears(name: str) -> bool:
    return name in ("slotInterval", "scheduleId", "successRedirectUrl", "recurrence", "seats")


def _is_on(value: Any) -> bool:
    return value is not None and not value.get("disabled")


def _read_locations(locations: Any, known: Locations) -> list[dict[str, Any]]:
    if not isinstance(locations, list):
        raise refusals.bad_request("'locations' must be an array.")
    if not locations:
        raise refusals.bad_request("'locations' must contain at least 1 element.")
    return [_read_location(location, known) for location in locations]


def _read_location(location: Any, known: Locations) -> dict[str, Any]:
    kind = location.get("type") if isinstance(location, dict) else None
    if not kind:
        raise refusals.bad_request("Each object in 'locations' must have a 'type' property.")
    fields = known.get(kind) if isinstance(kind, str) else None
    if fields is None:
        raise refusals.bad_request(
            f"Unsupported location type '{kind}'. Valid types are address, link, integration, "
            "and phone."
        )
    return {"type": kind, **_read_part(location, fields, f"{kind} location")}


def _refuse_lengths(body: Mapping[str, Any]) -> None:
    """Raise Refusal (400) for lengths that no meeting can have; Cal.com's own pages end at a day.

    They are told apart from what `check` finds, so that its errors are those that were recorded.
    """
    for length in (body.get("lengthInMinutes"), *(body.get("lengthInMinutesOptions") or ())):
        if length is not None and not 1 <= length <= _LONGEST_LENGTH:
            raise refusals.bad_request(f"A length is 1 to {_LONGEST_LENGTH} minutes, not {length}.")


def _read_part(value: Any, fields: Sequence[Field], name: str) -> dict[str, Any]:
    try:
        return check(value, fields)
    except refusals.Refusal as refusal:
        errors: list[FieldError] = (refusal.error or {})["details"]["errors"]
        raise refusals.bad_request(
            f"Validation failed for {name}: {', '.join(_said(errors))}"
        ) from None


def _said(errors: Sequence[FieldError]) -> Iterable[str]:
    for error in errors:
        yield from error.get("constraints", {}).values()
        yield from _said(error["children"])
