"""POST /v2/bookings, version 2024-08-13: one booking, or a series of recurring ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cal_actions.sandbox import refusals
from cal_actions.sandbox.availability.open_seats import has_seats
from cal_actions.sandbox.bookings.draft import attendees_of
from cal_actions.sandbox.bookings.input import read_new
from cal_actions.sandbox.bookings.records import required_booking, series
from cal_actions.sandbox.bookings.seats import take_seat
from cal_actions.sandbox.bookings.views import view, view_all
from cal_actions.sandbox.bookings.writing import book
from cal_actions.sandbox.event_types.settings import EventType, event_type_by_id, event_type_by_slug
from cal_actions.sandbox.exchange import Answer, Request, success
from cal_actions.sandbox.moments import read_moment
from cal_actions.sandbox.routing import V2024_08_13, route
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.users.records import user_by_username


@route("POST", "/v2/bookings", versions=V2024_08_13)
def create_booking(request: Request) -> Answer:
    """Book a meeting. Needs no credentials, as on Cal.com.

    `data` is one booking, or a list of them for a recurring event type. A start that is taken or
    outside the hours is a 400; so is one that is past or too near.
    """
    body = read_new(request.body)
    event_type = _event_type(request.store, body)
    if body.get("instant"):
        raise refusals.bad_request(
            "Instant bookings are only supported for team event types, not individual user event "
            "types."
        )
    if has_seats(event_type):
        return success(take_seat(request, event_type, body, _start(body)), 201)
    if event_type.settings["recurrence"]:
        return _create_series(request, event_type, body)
    uid = book(request, event_type, body, _start(body), attendees_of(body))
    return success(view(request.store, required_booking(request.store, uid)), 201)


def _event_type(store: Store, body: Mapping[str, Any]) -> EventType:
    if body.get("eventTypeId") is not None:
        wanted = f"id {body['eventTypeId']}"
        found = event_type_by_id(store, body["eventTypeId"])
    elif body.get("username"):
        wanted = f"slug {body['eventTypeSlug']} belonging to user {body['username']}"
        owner = user_by_username(store, body["username"])
        slug = body["eventTypeSlug"]
        found = None if owner is None else event_type_by_slug(store, owner.id, slug)
    else:
        raise refusals.not_played("The sandbox does not play bookings of teams yet.")
    if found is None:
        raise refusals.not_found(f"Event type with {wanted} not found.")
    return found


def _start(body: Mapping[str, Any]) -> datetime:
    start = read_moment(body["start"])
    assert start is not None
    return start


def _create_series(request: Request, event_type: EventType, body: Mapping[str, Any]) -> Answer:
    recurring_uid = request.store.new_uuid()
    attendees = attendees_of(body)
    for start in _occurrences(event_type, body):
        book(request, event_type, body, start, attendees, recurring_uid=recurring_uid)
    bookings = series(request.store, recurring_uid)
    return success(view_all(request.store, bookings), 201)


def _occurrences(event_type: EventType, body: Mapping[str, Any]) -> Sequence[datetime]:
    """The starts of a series: at the same time of the attendee's day, whatever the clocks do."""
    recurrence = event_type.settings["recurrence"]
    most = int(recurrence["occurrences"])
    count = int(body.get("recurrenceCount") or most)
    if count > most:
        raise refusals.bad_request(
            f"recurrenceCount can't be more than {most}, the occurrences of the event type."
        )
    local = _start(body).astimezone(ZoneInfo(body["attendee"]["timeZone"]))
    interval, frequency = int(recurrence["interval"]), recurrence["frequency"]
    return [_later(local, frequency, interval * number) for number in range(count)]


def _later(start: datetime, frequency: str, number: int) -> datetime:
    if frequency == "weekly":
        return start + timedelta(weeks=number)
    months = start.month - 1 + number * (12 if frequency == "yearly" else 1)
    year, month = start.year + months // 12, months % 12 + 1
    next_month = start.replace(year=year + month // 12, month=month % 12 + 1, day=1)
    return start.replace(
        year=year, month=month, day=min(start.day, (next_month - timedelta(days=1)).day)
    )
