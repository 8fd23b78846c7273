"""/v2/schedules: the weekly hours and date overrides of the caller, version 2024-06-11."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.checks import Field, check, optional
from cal_actions.sandbox.exchange import Answer, Request, success
from cal_actions.sandbox.routing import V2024_06_11, V2024_06_14, route
from cal_actions.sandbox.rules import (
    WEEKDAYS,
    is_array,
    is_boolean,
    is_date,
    is_in,
    is_string,
    is_time_zone,
    matches,
)
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.users.records import User, user_by_id

_VERSIONS = V2024_06_11 | V2024_06_14
_TIME = r"([01]?[0-9]|2[0-3]):[0-5][0-9]"
_WORKING_HOURS = {"days": list(WEEKDAYS[:5]), "startTime": "09:00", "endTime": "17:00"}


def _time(name: str) -> Field:
    return Field(name, (matches(_TIME, "{property} must be a valid time format HH:MM"),))


_HOURS = (
    Field("days", (is_in(WEEKDAYS, each=True), is_array())),
    _time("startTime"),
    _time("endTime"),
)
_OVERRIDE = (Field("date", (is_date(),)), _time("startTime"), _time("endTime"))
CREATE = (
    Field("name", (is_string(),), nullable=False),
    Field("timeZone", (is_time_zone(),), nullable=False),
    optional(Field("availability", (is_array(),), nested=_HOURS, each=True)),
    Field("isDefault", (is_boolean(),), nullable=False),
    optional(Field("overrides", (is_array(),), nested=_OVERRIDE, each=True)),
)
UPDATE = tuple(optional(one) for one in CREATE)


@route("GET", "/v2/schedules", versions=_VERSIONS)
def list_schedules(request: Request) -> Answer:
    """Every schedule of the caller, by id."""
    return success(schedules_of(request.store, request.user))


@route("POST", "/v2/schedules", versions=_VERSIONS)
def create_schedule(request: Request) -> Answer:
    """A new schedule; without availability Monday to Friday from 09:00 to 17:00."""
    body = check(request.body, CREATE)
    return success(create(request.store, request.user, body), 201)


@route("GET", "/v2/schedules/default", versions=_VERSIONS)
def get_default_schedule(request: Request) -> Answer:
    """The default schedule; null where the caller has none."""
    default = request.user.default_schedule_id
    row = request.store.one(
        "SELECT * FROM schedules WHERE id = ? AND user_id = ?", default, request.user.id
    )
    return success(None if row is None else view(row, request.user))


@route("GET", "/v2/schedules/{scheduleId}", versions=_VERSIONS)
def get_schedule(request: Request) -> Answer:
    """One schedule of the caller: 404 for an unknown one, 403 for someone else's."""
    return success(view(owned_row(request, request.user), request.user))


@route("PATCH", "/v2/schedules/{scheduleId}", versions=_VERSIONS)
def update_schedule(request: Request) -> Answer:
    """Replace the given fields; availability and overrides are replaced as a whole."""
    body = check(request.body, UPDATE)
    row = owned_row(request, request.user)
    return success(update(request.store, request.user, row["id"], body))


@route("DELETE", "/v2/schedules/{scheduleId}", versions=_VERSIONS)
def delete_schedule(request: Request) -> Answer:
    """Delete a schedule; an unknown one is a 400 here, unlike on GET and PATCH."""
    row = owned_row(request, request.user, unknown=refusals.bad_request)
    delete(request.store, request.user, row["id"])
    return Answer({"status": "success"})


def schedules_of(store: Store, owner: User) -> list[dict[str, Any]]:
    """Every schedule of `owner` as it is shown, by id."""
    rows = store.all("SELECT * FROM schedules WHERE user_id = ? ORDER BY id", owner.id)
    return [view(row, owner) for row in rows]


def owned_row(
    request: Request,
    owner: User,
    *,
    unknown: Callable[[str], refusals.Refusal] = refusals.not_found,
) -> sqlite3.Row:
    """The row of the schedule `{scheduleId}` of `owner`.

    Raises Refusal: 404 for an unknown schedule (or what `unknown` makes of it), 403 for the
    schedule of someone else.
    """
    schedule_id = request.number("scheduleId")
    row = _row(request.store, schedule_id)
    if row is None:
        raise unknown(f"Schedule with ID={schedule_id} does not exist.")
    if row["user_id"] != owner.id:
        raise refusals.forbidden(
            f"User with ID={owner.id} does not own schedule with ID={schedule_id}"
        )
    return row


def create(store: Store, user: User, body: dict[str, Any]) -> dict[str, Any]:
    """Write a checked body as a new schedule of `user`; gives it as it is shown."""
    given = body.get("availability")
    schedule_id = store.insert(
        "schedules",
        user_id=user.id,
        name=body["name"],
        time_zone=body["timeZone"],
        availability=_padded([_WORKING_HOURS] if given is None else given),
        overrides=_padded(body.get("overrides") or []),
    )
    if body["isDefault"]:
        store.update("users", user.id, default_schedule_id=schedule_id)
    return _shown(store, user.id, schedule_id)


def update(store: Store, user: User, schedule_id: int, body: dict[str, Any]) -> dict[str, Any]:
    """Write the given fields of a checked body; gives the schedule as it is shown."""
    columns = {"name": "name", "timeZone": "time_zone"}
    changes = {column: body[name] for name, column in columns.items() if name in body}
    for name in ("availability", "overrides"):
        if body.get(name) is not None:
            changes[name] = _padded(body[name])
    store.update("schedules", schedule_id, **changes)
    if body.get("isDefault"):
        store.update("users", user.id, default_schedule_id=schedule_id)
    return _shown(store, user.id, schedule_id)


def delete(store: Store, user: User, schedule_id: int) -> None:
    """Delete a schedule; whatever used it falls back to the default, or to none."""
    store.delete("schedules", schedule_id)
    store.run("UPDATE event_types SET schedule_id = NULL WHERE schedule_id = ?", schedule_id)
    if user.default_schedule_id == schedule_id:
        store.update("users", user.id, default_schedule_id=None)


def view(row: sqlite3.Row, owner: User) -> dict[str, Any]:
    """A row of `schedules` in the shape of version 2024-06-11."""
    return {
        "id": row["id"],
        "ownerId": row["user_id"],
        "name": row["name"],
        "timeZone": row["time_zone"],
        "availability": json.loads(row["availability"]),
        "isDefault": owner.default_schedule_id == row["id"],
        "overrides": json.loads(row["overrides"]),
    }


def _shown(store: Store, user_id: int, schedule_id: int) -> dict[str, Any]:
    row, owner = _row(store, schedule_id), user_by_id(store, user_id)
    assert row is not None
    assert owner is not None
    return view(row, owner)


def _row(store: Store, schedule_id: int) -> sqlite3.Row | None:
    return store.one("SELECT * FROM schedules WHERE id = ?", schedule_id)


def _padded(periods: list[dict[str, Any]]) -> list[dict[str, Any]]:
    times = ("startTime", "endTime")
    return [one | {name: one[name].rjust(5, "0") for name in times} for one in periods]
