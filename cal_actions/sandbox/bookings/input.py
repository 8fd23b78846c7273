"""What the bodies of the bookings' routes may hold, version 2024-08-13."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cal_actions.sandbox.checks import Field, check, find_errors, optional
from cal_actions.sandbox.checks_in_words import (
    check_in_words,
    field_error,
    refuse_any,
    unknown_errors,
)
from cal_actions.sandbox.moments import is_date_string
from cal_actions.sandbox.refusals import FieldError
from cal_actions.sandbox.rules import (
    at_least,
    is_array,
    is_boolean,
    is_email,
    is_enum,
    is_int,
    is_object,
    is_string,
    is_time_zone,
)
from cal_actions.sandbox.users.me import LOCALES

_WHICH = (
    "eventTypeId or eventTypeSlug + username",
    "Either eventTypeId or eventTypeSlug + username or eventTypeSlug + teamSlug must be provided",
)
_CONTACT = (
    "attendee email or phone",
    "Attendee must have at least one contact method (email or phone number)",
)
_METADATA = (
    "Metadata must have at most 50 keys, each key up to 40 characters, and string values up to "
    "500 characters."
)
_START = Field("start", (is_date_string(),))
_REST = tuple(
    optional(one)
    for one in (
        Field("bookingFieldsResponses", (is_object(),)),
        Field("eventTypeId", (is_int(),)),
        Field("eventTypeSlug", (is_string(),)),
        Field("username", (is_string(),)),
        Field("teamSlug", (is_string(),)),
        Field("organizationSlug", (is_string(),)),
        Field("guests", (is_string().for_each(), is_array())),
        Field("meetingUrl", (is_string(),)),
        Field("metadata", (is_object(),)),
        Field("lengthInMinutes", (is_int(),)),
        Field("routing", (is_object(),)),
        Field("emailVerificationCode", (is_string(),)),
        Field("instant", (is_boolean(),)),
        Field("recurrenceCount", (at_least(1), is_int())),
    )
)
_KNOWN = {"start", "attendee", "location", *(one.name for one in _REST)}
_ATTENDEE = (
    Field("name", (is_string(),)),
    optional(Field("email", (is_email(),))),
    Field("timeZone", (is_time_zone(),)),
    optional(Field("phoneNumber", (is_string(),))),
    optional(Field("language", (is_enum(LOCALES),))),
)
_LOCATION_FIELDS = {
    "address": (),
    "attendeeAddress": ("address",),
    "attendeeDefined": ("location",),
    "attendeePhone": ("phone",),
    "integration": ("integration",),
    "link": (),
    "organizersDefaultApp": (),
    "phone": (),
}
_RESCHEDULE = (
    _START,
    optional(Field("rescheduledBy", (is_email(),))),
    optional(Field("reschedulingReason", (is_string(),))),
    optional(Field("seatUid", (is_string(),))),
    optional(Field("emailVerificationCode", (is_string(),))),
)
_CANCEL = (
    optional(Field("cancellationReason", (is_string(),))),
    optional(Field("cancelSubsequentBookings", (is_boolean(),))),
    optional(Field("seatUid", (is_string(),))),
)
_MARK_ABSENT = (
    optional(Field("host", (is_boolean(),))),
    optional(
        Field(
            "attendees",
            (is_array(),),
            nested=(Field("email", (is_email(),)), Field("absent", (is_boolean(),))),
            each=True,
        )
    ),
)
_DECLINE = (optional(Field("reason", (is_string(),))),)
_REASSIGN = (optional(Field("reason", (is_string(),))),)


def read_new(body: Any) -> dict[str, Any]:
    """The body of POST /v2/bookings. Raises Refusal (400); unknown fields are an error here."""
    errors = unknown_errors(body, _KNOWN)
    if isinstance(body, dict):
        errors += [
            *find_errors(body, (_START,)),
            *_attendee_errors(body.get("attendee")),
            *find_errors(body, _REST),
            *_metadata_errors(body.get("metadata")),
            *_location_errors(body.get("location")),
            *_which_errors(body),
        ]
    refuse_any(errors)
    return dict(body)


def read_reschedule(body: Any) -> dict[str, Any]:
    """The body of POST /v2/bookings/{bookingUid}/reschedule. Raises Refusal (400)."""
    return check_in_words(body, _RESCHEDULE)


def read_cancel(body: Any) -> dict[str, Any]:
    """The body of POST /v2/bookings/{bookingUid}/cancel. Raises Refusal (400)."""
    return check_in_words(body, _CANCEL)


def read_mark_absent(body: Any) -> dict[str, Any]:
    """The body of POST /v2/bookings/{bookingUid}/mark-absent. Raises Refusal (400)."""
    return check(body, _MARK_ABSENT)


def read_decline(body: Any) -> dict[str, Any]:
    """The body of POST /v2/bookings/{bookingUid}/decline. Raises Refusal (400)."""
    return check(body, _DECLINE)


def read_reassign(body: Any) -> dict[str, Any]:
    """The body of POST /v2/bookings/{bookingUid}/reassign/{userId}. Raises Refusal (400)."""
    return check(body, _REASSIGN)


def _attendee_errors(attendee: Any) -> Sequence[FieldError]:
    if attendee is None:
        return [field_error("attendee", "attendee should not be null or undefined")]
    if not isinstance(attendee, dict):
        message = "nested property attendee must be either object or array"
        return [field_error("attendee", message)]
    errors = unknown_errors(attendee, {one.name for one in _ATTENDEE})
    errors += find_errors(attendee, _ATTENDEE)
    if not attendee.get("email") and not attendee.get("phoneNumber"):
        errors.append(field_error(*_CONTACT))
    return [field_error("attendee", children=errors)] if errors else ()


def _metadata_errors(metadata: Any) -> Sequence[FieldError]:
    if not isinstance(metadata, dict):
        return ()
    texts = (value for value in metadata.values() if isinstance(value, str))
    small = len(metadata) <= 50 and all(len(name) <= 40 for name in metadata)
    if small and all(len(text) <= 500 for text in texts):
        return ()
    return [field_error("metadata", _METADATA)]


def _location_errors(location: Any) -> Sequence[FieldError]:
    if location is None or isinstance(location, str):
        return ()
    kind = location.get("type") if isinstance(location, dict) else None
    if not isinstance(kind, str) or kind not in _LOCATION_FIELDS:
        listed = ", ".join(_LOCATION_FIELDS)
        message = f"location type must be one of the following values: {listed}"
        return [field_error("location", message)]
    fields = [Field(name, (is_string(),)) for name in _LOCATION_FIELDS[kind]]
    errors = find_errors(location, fields)
    return [field_error("location", children=errors)] if errors else ()


def _which_errors(body: dict[str, Any]) -> Sequence[FieldError]:
    slug = body.get("eventTypeSlug")
    by_slug = slug and (body.get("username") or body.get("teamSlug"))
    if body.get("eventTypeId") is not None or by_slug:
        return ()
    return [field_error(*_WHICH)]
