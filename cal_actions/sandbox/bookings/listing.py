"""GET /v2/bookings: the caller's bookings, filtered, sorted, in pages. Version 2024-08-13."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from cal_actions.sandbox.bookings.access import Condition, visible_to
from cal_actions.sandbox.bookings.views import view_all
from cal_actions.sandbox.checks import Field, check, number, optional
from cal_actions.sandbox.exchange import LARGEST_ID, Answer, Query, Request, timestamp
from cal_actions.sandbox.moments import read_moment
from cal_actions.sandbox.routing import V2024_08_13, route
from cal_actions.sandbox.rules import (
    Rule,
    at_least,
    at_most,
    is_int,
    is_number,
    is_string,
)
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.users.records import User

DEFAULT_TAKE = 100

_LIVE = "status NOT IN ('cancelled', 'rejected')"
STATUSES = {
    "upcoming": f"(ends_at >= ? AND {_LIVE} AND (recurring_uid IS NULL OR status = 'accepted'))",
    "recurring": f"(ends_at >= ? AND {_LIVE} AND recurring_uid IS NOT NULL)",
    "past": f"(ends_at <= ? AND {_LIVE})",
    "cancelled": "status IN ('cancelled', 'rejected')",
    "unconfirmed": "(ends_at >= ? AND status = 'pending')",
}
_NEWEST_FIRST = (["past"], ["cancelled"])
_TIMES = {
    "afterStart": ("starts_at >=", "fromDate"),
    "beforeEnd": ("ends_at <=", "toDate"),
    "afterCreatedAt": ("created_at >=", "afterCreatedAt"),
    "beforeCreatedAt": ("created_at <=", "beforeCreatedAt"),
    "afterUpdatedAt": ("updated_at >=", "afterUpdatedAt"),
    "beforeUpdatedAt": ("updated_at <=", "beforeUpdatedAt"),
}
_SORTS = {
    "sortStart": ("starts_at", "SortStart"),
    "sortEnd": ("ends_at", "SortEnd"),
    "sortCreated": ("created_at", "SortCreated"),
    "sortUpdatedAt": ("updated_at", "SortUpdated"),
}
_ATTENDEE = {"attendeeEmail": "email", "attendeeName": "name"}

_OF_EVENT_TYPES = (
    "event_type_id IN (SELECT event_types.id FROM event_types, json_each(?) AS asked "
    "WHERE asked.value IN (event_types.id, event_types.parent_id))"
)
_OF_TEAMS = (
    "event_type_id IN (SELECT event_types.id FROM json_each(?) AS asked, event_types "
    "LEFT JOIN event_types AS parents ON parents.id = event_types.parent_id "
    "WHERE asked.value IN (event_types.team_id, parents.team_id))"
)


def _is_status() -> Rule:
    allowed = ", ".join(STATUSES)
    return Rule(
        "isEnum",
        lambda value: value in STATUSES,
        f"Invalid status. Allowed are {allowed}",
        each=True,
    )


def _are_numbers() -> Rule:
    message = "each value in {property} must be a number conforming to the specified constraints"
    return Rule("isNumber", is_number().test, message, each=True)


def _is_iso_8601(name: str) -> Rule:
    return Rule(
        "isIso8601",
        lambda value: read_moment(value) is not None,
        f"{name} must be a valid ISO 8601 date.",
    )


def _is_direction(name: str) -> Rule:
    message = f'{name} must be either "asc" or "desc".'
    return Rule("isEnum", lambda value: value in ("asc", "desc"), message)


_FIELDS = tuple(
    optional(one)
    for one in (
        Field("status", (_is_status(),)),
        Field("attendeeEmail", (is_string(),)),
        Field("attendeeName", (is_string(),)),
        Field("bookingUid", (is_string(),)),
        Field("eventTypeIds", (_are_numbers(),)),
        Field("teamsIds", (_are_numbers(),)),
        *(Field(name, (_is_iso_8601(shown),)) for name, (_, shown) in _TIMES.items()),
        *(Field(name, (_is_direction(shown),)) for name, (_, shown) in _SORTS.items()),
    )
)
_NUMBERS = (
    Field("eventTypeId", (is_int(),)),
    Field("teamId", (is_int(),)),
    Field("take", (at_most(250), at_least(1), is_number())),
    Field("skip", (at_least(0), is_number())),
)


@route("GET", "/v2/bookings", versions=V2024_08_13)
def list_bookings(request: Request) -> Answer:
    """The bookings that the caller hosts or attends; who runs a team sees those of its members.

    By start, the earliest first; past or cancelled ones asked for alone, the latest first (seen
    in the recorded server). Unknown parameters are ignored.
    """
    query = _read(request.query)
    take, skip = int(query.get("take", DEFAULT_TAKE)), int(query.get("skip", 0))
    now = timestamp(request.now)
    conditions = [*_conditions(request.store, query, request.user, now)]
    where = " AND ".join(sql for sql, _ in conditions)
    values = [value for _, some in conditions for value in some]
    [counted] = request.store.all(f"SELECT count(*) AS total FROM bookings WHERE {where}", *values)
    rows = request.store.all(
        f"SELECT * FROM bookings WHERE {where} ORDER BY {_order(query)} LIMIT ? OFFSET ?",
        *values,
        take,
        min(skip, LARGEST_ID),
    )
    return Answer(
        {
            "status": "success",
            "data": view_all(request.store, rows),
            "pagination": pagination(counted["total"], len(rows), take, skip),
        }
    )


def pagination(total: int, returned: int, take: int, skip: int) -> dict[str, Any]:
    """Where in the list a page lies. Beyond the end, Cal.com names the last page as current."""
    pages = math.ceil(total / take)
    remaining = max(total - skip - returned, 0)
    return {
        "returnedItems": returned,
        "totalItems": total,
        "itemsPerPage": take,
        "remainingItems": remaining,
        "currentPage": min(skip // take + 1, pages),
        "totalPages": pages,
        "hasNextPage": remaining > 0,
        "hasPreviousPage": skip > 0,
    }


def _read(query: Query) -> dict[str, Any]:
    read: dict[str, Any] = dict(query)
    for name in ("status", "eventTypeIds", "teamsIds"):
        if name in read:
            read[name] = _items(read[name])
    for name in ("eventTypeIds", "teamsIds"):
        if name in read:
            read[name] = [number(item) for item in read[name]]
    given = [one for one in _NUMBERS if one.name in read]
    read |= {one.name: number(read[one.name]) for one in given}
    return check(read, [*_FIELDS, *given])


def _items(value: str | list[str]) -> list[str]:
    return [item.strip() for item in value.split(",")] if isinstance(value, str) else value


def _conditions(store: Store, query: dict[str, Any], user: User, now: str) -> Iterator[Condition]:
    yield visible_to(store, user)
    if "status" in query:
        wanted = " OR ".join(STATUSES[one] for one in query["status"])
        yield f"({wanted})", [now] * wanted.count("?")
    if "bookingUid" in query:
        yield "uid = ?", [query["bookingUid"]]
    if "eventTypeId" in query:
        yield _OF_EVENT_TYPES, [json.dumps([query["eventTypeId"]])]
    for name, column in _ATTENDEE.items():
        if name in query:
            yield f"id IN (SELECT booking_id FROM attendees WHERE {column} = ?)", [query[name]]
    if "eventTypeIds" in query:
        yield _OF_EVENT_TYPES, [json.dumps(query["eventTypeIds"])]
    if "teamsIds" in query:
        yield _OF_TEAMS, [json.dumps(query["teamsIds"])]
    if "teamId" in query:
        yield _OF_TEAMS, [json.dumps([query["teamId"]])]
    for name, (comparison, _) in _TIMES.items():
        moment = read_moment(query.get(name))
        if moment is not None:
            yield f"{comparison} ?", [timestamp(moment)]


def _order(query: dict[str, Any]) -> str:
    sorts = [f"{column} {query[name]}" for name, (column, _) in _SORTS.items() if name in query]
    if not sorts:
        newest_first = query.get("status") in _NEWEST_FIRST
        sorts = [f"starts_at {'desc' if newest_first else 'asc'}"]
    return ", ".join([*sorts, "id"])
