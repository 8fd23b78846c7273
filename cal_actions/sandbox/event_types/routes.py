"""/v2/event-types: what can be booked, version 2024-06-14."""

from __future__ import annotations

from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.checks import number
from cal_actions.sandbox.event_types.checks import CHANGE, NEW, read
from cal_actions.sandbox.event_types.records import (
    EventType,
    event_type_by_id,
    event_type_by_slug,
    event_type_of,
)
from cal_actions.sandbox.event_types.settings import settings_from
from cal_actions.sandbox.event_types.views import dynamic_view, view
from cal_actions.sandbox.event_types.writing import columns_from
from cal_actions.sandbox.exchange import Answer, Query, Request, success
from cal_actions.sandbox.routing import V2024_06_14, route
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.users.me import require_schedule
from cal_actions.sandbox.users.records import User, user_by_username


@route("GET", "/v2/event-types", versions=V2024_06_14)
def list_event_types(request: Request) -> Answer:
    """The event types of `username`, one by `eventSlug`, or the group of `usernames`.

    Public. Users of an organization are found with `orgId` or `orgSlug` only. Hidden event types
    are shown to their owner. Nothing found, or nothing asked for, is a 404.
    """
    query = request.query
    if "username" in query:
        found = _of_user(request, _text(query["username"]))
    elif "usernames" in query:
        found = _of_group(request.store, query)
    else:
        found = []
    if not found:
        raise refusals.not_found("Event types not found")
    return success(found)


@route("POST", "/v2/event-types", versions=V2024_06_14)
def create_event_type(request: Request) -> Answer:
    """A new event type; 400 when the caller has one with this slug."""
    user, body = request.user, read(request.body, NEW)
    _refuse_taken_slug(request.store, user, body["slug"], None)
    require_schedule(request.store, user, body.get("scheduleId"))
    event_type_id = request.store.insert(
        "event_types", user_id=user.id, settings=settings_from(body), **columns_from(body)
    )
    return success(_shown(request.store, user, event_type_id), 201)


@route("GET", "/v2/event-types/{eventTypeId}", versions=V2024_06_14)
def get_event_type(request: Request) -> Answer:
    """One event type of the caller; someone else's is a 404 like an unknown one."""
    return success(view(_own(request), request.user))


@route("PATCH", "/v2/event-types/{eventTypeId}", versions=V2024_06_14)
def update_event_type(request: Request) -> Answer:
    """Replace the given fields; nested objects and lists are replaced as a whole."""
    user, body = request.user, read(request.body, CHANGE)
    event_type = _own(request)
    if "slug" in body:
        _refuse_taken_slug(request.store, user, body["slug"], event_type.id)
    require_schedule(request.store, user, body.get("scheduleId"))
    request.store.update(
        "event_types",
        event_type.id,
        settings=settings_from(body, event_type.settings),
        **columns_from(body),
    )
    return success(_shown(request.store, user, event_type.id))


@route("DELETE", "/v2/event-types/{eventTypeId}", versions=V2024_06_14)
def delete_event_type(request: Request) -> Answer:
    """Delete an event type; its bookings stay."""
    event_type = event_type_by_id(request.store, request.number("eventTypeId"))
    if event_type is None:
        raise refusals.not_found(
            f"Event type with ID={request.number('eventTypeId')} does not exist."
        )
    if event_type.user_id != request.user.id:
        raise refusals.forbidden(
            f"User with ID={request.user.id} does not own event type with ID={event_type.id}"
        )
    request.store.delete("event_types", event_type.id)
    return success(
        {
            "id": event_type.id,
            "lengthInMinutes": event_type.length_in_minutes,
            "slug": event_type.slug,
            "title": event_type.title,
        }
    )


def find_user(store: Store, username: str, query: Query) -> User | None:
    """The user behind a name and `orgId` or `orgSlug`; names of organizations are their own."""
    user = user_by_username(store, username)
    if user is None:
        return None
    organization = user.organization
    if "orgId" in query:
        return user if organization and organization.id == number(query["orgId"]) else None
    if "orgSlug" in query:
        return user if organization and organization.slug == query["orgSlug"] else None
    return user if organization is None else None


def _of_user(request: Request, username: str) -> list[dict[str, Any]]:
    owner = find_user(request.store, username, request.query)
    if owner is None:
        return []
    rows = request.store.all("SELECT * FROM event_types WHERE user_id = ? ORDER BY id", owner.id)
    found = [event_type_of(row) for row in rows]
    if "eventSlug" in request.query:
        found = [one for one in found if one.slug == request.query["eventSlug"]]
    elif request.caller is None or request.caller.id != owner.id:
        found = [one for one in found if not one.hidden]
    return [view(one, owner, public=True) for one in found]


def _of_group(store: Store, query: Query) -> list[dict[str, Any]]:
    asked = query["usernames"]
    names = asked if isinstance(asked, list) else asked.split(",")
    users = [find_user(store, name, query) for name in names]
    known = [user for user in users if user is not None]
    return [dynamic_view(known)] if known else []


def _own(request: Request) -> EventType:
    event_type_id = request.number("eventTypeId")
    event_type = event_type_by_id(request.store, event_type_id)
    if event_type is None or event_type.user_id != request.user.id:
        raise refusals.not_found(f"Event type with id {event_type_id} not found")
    return event_type


def _shown(store: Store, owner: User, event_type_id: int) -> dict[str, Any]:
    event_type = event_type_by_id(store, event_type_id)
    assert event_type is not None
    return view(event_type, owner, written=True)


def _refuse_taken_slug(store: Store, user: User, slug: str, own_id: int | None) -> None:
    taken = event_type_by_slug(store, user.id, slug)
    if taken is not None and taken.id != own_id:
        raise refusals.bad_request("User already has an event type with this slug.")


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else value[-1]
