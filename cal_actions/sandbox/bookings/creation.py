"""POST /v2/bookings, version 2024-08-13: one booking, or a series of recurring ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cal_actions.sandbox import refusals
from cal_actions.sandbox.availability.calendar import EventCalendar
from cal_actions.sandbox.availability.crews import crews_of
from cal_actions.sandbox.availability.lookup import find_event_type, refuse_template
from cal_actions.sandbox.availability.open_seats import has_seats
from cal_actions.sandbox.bookings.draft import attendees_of
from cal_actions.sandbox.bookings.hosting import choose_crew
from cal_actions.sandbox.bookings.input import read_new
from cal_actions.sandbox.bookings.records import required_booking, series
from cal_actions.sandbox.bookings.seats import take_seat
from cal_actions.sandbox.bookings.views import Shown, view, view_all
from cal_actions.sandbox.bookings.writing import book, length_of
from cal_actions.sandbox.event_types.records import EventType
from cal_actions.sandbox.exchange import Answer, Request, success
from cal_actions.sandbox.moments import read_moment, seconds
from cal_actions.sandbox.routing import V2024_08_13, route
from cal_actions.sandbox.store import Store


@route("POST", "/v2/bookings", versions=V2024_08_13)
def create_booking(request: Request) -> Answer:
    """Book a meeting. Needs no credentials, as on Cal.com.

    `data` is one booking, or a list of them for a recurring event type. A start that is taken or
    outside the hours is a 400; so is one that is past or too near.
    """
    body = read_new(request.body)
    event_type = _event_type(request.store, body)
    if body.get("instant"):
        raise _no_instant_booking(event_type)
    if event_type.settings["recurrence"]:
        return success(_create_series(request, event_type, body), 201)
    crews = crews_of(request.store, event_type)
    if has_seats(event_type):
        return success(take_seat(request, event_type, body, _start(body), crews), 201)
    uid = book(request, event_type, body, _start(body), attendees_of(body), crews)
    return success(view(request.store, required_booking(request.store, uid)), 201)


def _event_type(store: Store, body: Mapping[str, Any]) -> EventType:
    found = find_event_type(store, body)
    if found is None:
        raise refusals.not_found(f"Event type with {_wanted(body)} not found.")
    refuse_template(found)
    return found


def _wanted(body: Mapping[str, Any]) -> str:
    if body.get("eventTypeId") is not None:
        return f"id {body['eventTypeId']}"
    kind, name = ("user", "username") if body.get("username") else ("team", "teamSlug")
    wanted = f"slug {body['eventTypeSlug']} belonging to {kind} {body[name]}"
    organization = body.get("organizationSlug")
    return wanted if organization is None else f"{wanted} within organization {organization}"


def _no_instant_booking(event_type: EventType) -> refusals.Refusal:
    """An instant meeting waits in Cal.com's own web app for a host to join; there is none here."""
    if event_type.team_id is None:
        return refusals.bad_request(
            "Instant bookings are only supported for team event types, not individual user event "
            "types."
        )
    return refusals.bad_request(
        f"Event type with id={event_type.id} does not take instant bookings."
    )


def _start(body: Mapping[str, Any]) -> datetime:
    start = read_moment(body["start"])
    assert start is not None
    return start


def _create_series(request: Request, event_type: EventType, body: Mapping[str, Any]) -> list[Shown]:
    """Book all occurrences with the same hosts; with seats, a seat in each."""
    recurring_uid = request.store.new_uuid()
    starts = _occurrences(event_type, body)
    crews = crews_of(request.store, event_type)
    if has_seats(event_type):
        return [
            take_seat(request, event_type, body, start, crews, recurring_uid) for start in starts
        ]
    attendees = attendees_of(body)
    if len(crews) > 1:
        calendar = EventCalendar(request.store, event_type, seconds(request.now), crews)
        length = length_of(event_type, body.get("lengthInMinutes"))
        crews = [choose_crew(calendar, map(seconds, starts), length)]
    for start in starts:
        book(request, event_type, body, start, attendees, crews, recurring_uid=recurring_uid)
    return view_all(request.store, series(request.store, recurring_uid))


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
    try:
        return [_later(local, frequency, interval * number) for number in range(count)]
    except (OverflowError, ValueError):  # no date is later than the year 9999
        raise refusals.bad_request(
            f"The calendar ends before the last of {count} occurrences."
        ) from None


def _later(start: datetime, frequency: str, number: int) -> datetime:
    if frequency == "weekly":
        return start + timedelta(weeks=number)
    months = start.month - 1 + number * (12 if frequency == "yearly" else 1)
    year, month = start.year + months // 12, months % 12 + 1
    next_month = start.replace(year=year + month // 12, month=month % 12 + 1, day=1)
    return start.replace(
        year=year, month=month, day=min(start.day, (next_month - timedelta(days=1)).day)
    )
