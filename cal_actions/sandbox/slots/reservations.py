"""Holding a slot for a few minutes: version 2024-09-04, and the two retired routes.

A reserved slot is no longer offered, but anyone can still book it: a booking does not say whose
reservation it is.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.availability.lookup import refuse_template
from cal_actions.sandbox.availability.spans import DAY, MINUTE
from cal_actions.sandbox.checks import Field, check, optional
from cal_actions.sandbox.event_types.hosts import hosts_of
from cal_actions.sandbox.event_types.records import EventType, event_type_by_id
from cal_actions.sandbox.exchange import Answer, Request, success, timestamp
from cal_actions.sandbox.moments import is_date_string, read_moment, seconds
from cal_actions.sandbox.routing import V2024_09_04, route
from cal_actions.sandbox.rules import at_least, at_most, is_int
from cal_actions.sandbox.slots.holding import may_set_duration, refuse_taken
from cal_actions.sandbox.slots.routes import RETIRED_VERSIONS
from cal_actions.sandbox.store import Store

DEFAULT_MINUTES = 5

_EVENT_TYPE_ID = Field("eventTypeId", (is_int(),))
_FIELDS = (
    _EVENT_TYPE_ID,
    Field("slotStart", (is_date_string(),)),
    optional(Field("slotDuration", (is_int(), at_least(1), at_most(DAY // MINUTE)))),
    optional(Field("reservationDuration", (is_int(), at_least(1), at_most(DAY // MINUTE)))),
)
_RETIRED_FIELDS = (
    _EVENT_TYPE_ID,
    Field("slotUtcStartDate", (is_date_string(),)),
    Field("slotUtcEndDate", (is_date_string(),)),
)


@route("POST", "/v2/slots/reservations", versions=V2024_09_04)
def reserve_slot(request: Request) -> Answer:
    """Hold a slot, for 5 minutes unless a caller who has to do with the event type says otherwise.

    422 where it is booked or held; of an event type with seats, where all seats are.
    """
    uid = request.store.new_uuid()
    _reserve(request, uid)
    return success(_view(request.store, uid), 201)


@route("GET", "/v2/slots/reservations/{uid}", versions=V2024_09_04)
def get_reservation(request: Request) -> Answer:
    """The reservation; data is null when it is unknown or over."""
    uid = request.params["uid"]
    row = _row(request.store, uid)
    known = row is not None and row["expires_at"] > timestamp(request.now)
    return success(_view(request.store, uid) if known else None)


@route("PATCH", "/v2/slots/reservations/{uid}", versions=V2024_09_04)
def update_reservation(request: Request) -> Answer:
    """Hold another slot, or the same one for longer, under the same uid."""
    uid = request.params["uid"]
    if _row(request.store, uid) is None:
        raise refusals.not_found(f"Slot reservation with uid={uid} not found")
    _release(request.store, uid)
    _reserve(request, uid)
    return success(_view(request.store, uid))


@route("DELETE", "/v2/slots/reservations/{uid}", versions=V2024_09_04)
def delete_reservation(request: Request) -> Answer:
    """Release the slot. An unknown uid is no error."""
    _release(request.store, request.params["uid"])
    return Answer({"status": "success"})


@route("POST", "/v2/slots/reserve", versions=RETIRED_VERSIONS)
def reserve_retired(request: Request) -> Answer:
    """Hold a slot; the answer is its uid, which a cookie repeats (seen in the recorded server)."""
    body = check(request.body, _RETIRED_FIELDS)
    event_type = _event_type(request.store, body["eventTypeId"])
    start, end = _moment(body["slotUtcStartDate"]), _moment(body["slotUtcEndDate"])
    uid = request.store.new_uuid()
    _hold(request, uid, event_type, start, end, DEFAULT_MINUTES)
    answer = success(uid, 201)
    answer.headers["Set-Cookie"] = f"uid={uid}; Path=/"
    return answer


@route("DELETE", "/v2/slots/selected-slot", versions=RETIRED_VERSIONS)
def release_retired(request: Request) -> Answer:
    """Release the slot that `uid` names. Without one, or with an unknown one, nothing happens."""
    uid = request.query.get("uid")
    if isinstance(uid, str):
        _release(request.store, uid)
    return Answer({"status": "success"})


def _reserve(request: Request, uid: str) -> None:
    body = check(request.body, _FIELDS)
    own_duration = body.get("reservationDuration") is not None
    if own_duration and request.caller is None:
        raise refusals.unauthorized(
            "reservationDuration can only be used for authenticated requests - use access token, "
            "api key or OAuth credentials"
        )
    event_type = _event_type(request.store, body["eventTypeId"])
    if own_duration and not may_set_duration(request.store, request.user, event_type):
        raise refusals.forbidden(
            "authenticated user is not owner of event type, does not have memberships in common "
            "with owner of the event type, nor does belong to event type's team or org."
        )
    start = _moment(body["slotStart"])
    end = start + timedelta(minutes=_length(event_type, body.get("slotDuration")))
    refuse_taken(request.store, event_type, seconds(start), seconds(end), seconds(request.now))
    minutes = body.get("reservationDuration") or DEFAULT_MINUTES
    _hold(request, uid, event_type, start, end, minutes)


def _length(event_type: EventType, asked: int | None) -> int:
    """The length in minutes; only an event type of several lengths may be asked for one."""
    if asked is None:
        return event_type.length_in_minutes
    options = event_type.settings.get("lengthInMinutesOptions") or ()
    if not options:
        raise refusals.bad_request(
            "You passed 'slotDuration' but this event type is not a variable length event type."
        )
    if asked not in options:
        lengths = ", ".join(map(str, options))
        raise refusals.bad_request(f"'slotDuration' must be one of the lengths {lengths}.")
    return asked


def _hold(
    request: Request, uid: str, event_type: EventType, start: datetime, end: datetime, minutes: int
) -> None:
    request.store.insert(
        "slot_reservations",
        uid=uid,
        event_type_id=event_type.id,
        user_id=hosts_of(request.store, event_type)[0].user_id,
        starts_at=timestamp(start),
        ends_at=timestamp(end),
        created_at=timestamp(request.now),
        expires_at=timestamp(request.now + timedelta(minutes=minutes)),
    )


def _release(store: Store, uid: str) -> None:
    store.run("DELETE FROM slot_reservations WHERE uid = ?", uid)


def _row(store: Store, uid: str) -> sqlite3.Row | None:
    return store.one("SELECT * FROM slot_reservations WHERE uid = ?", uid)


def _view(store: Store, uid: str) -> dict[str, Any]:
    row = _row(store, uid)
    assert row is not None
    return {
        "eventTypeId": row["event_type_id"],
        "slotStart": row["starts_at"],
        "slotEnd": row["ends_at"],
        "slotDuration": (seconds(row["ends_at"]) - seconds(row["starts_at"])) // MINUTE,
        "reservationUid": row["uid"],
        "reservationDuration": (seconds(row["expires_at"]) - seconds(row["created_at"])) // MINUTE,
        "reservationUntil": row["expires_at"],
    }


def _moment(text: str) -> datetime:
    moment = read_moment(text)
    assert moment is not None
    return moment


def _event_type(store: Store, event_type_id: int) -> EventType:
    found = event_type_by_id(store, event_type_id)
    if found is None:
        raise refusals.not_found(f"Event Type with ID={event_type_id} not found")
    refuse_template(found)
    if not hosts_of(store, found):
        raise refusals.bad_request("Cannot reserve a slot for a team event without any hosts")
    return found
