"""Reading /v2/schedules in version 2024-04-15, which is served where no version is sent.

A schedule is shown three ways at once: as working hours in minutes, as the periods of Cal.com's
database, and as the ranges of a week, whose first day is Sunday.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from typing import Any

from cal_actions.sandbox.exchange import Answer, Request, success
from cal_actions.sandbox.routing import V2024_04_15, route
from cal_actions.sandbox.rules import WEEKDAYS
from cal_actions.sandbox.schedules.routes import owned_row

_DAYS = (WEEKDAYS[-1], *WEEKDAYS[:-1])
_Periods = list[dict[str, Any]]


@route("GET", "/v2/schedules", versions=V2024_04_15)
def list_schedules(request: Request) -> Answer:
    """Every schedule of the caller, by id."""
    return success([_view(request, row) for row in _rows(request)])


@route("GET", "/v2/schedules/default", versions=V2024_04_15)
def get_default_schedule(request: Request) -> Answer:
    """The default schedule; null where the caller has none."""
    default = request.user.default_schedule_id
    row = next((one for one in _rows(request) if one["id"] == default), None)
    return success(None if row is None else _view(request, row))


@route("GET", "/v2/schedules/{scheduleId}", versions=V2024_04_15)
def get_schedule(request: Request) -> Answer:
    """One schedule of the caller: 404 for an unknown one, 403 for someone else's."""
    return success(_view(request, owned_row(request, request.user)))


def _rows(request: Request) -> list[sqlite3.Row]:
    return request.store.all(
        "SELECT * FROM schedules WHERE user_id = ? ORDER BY id", request.user.id
    )


def _view(request: Request, row: sqlite3.Row) -> dict[str, Any]:
    weekly: _Periods = json.loads(row["availability"])
    overrides: _Periods = json.loads(row["overrides"])
    return {
        "id": row["id"],
        "name": row["name"],
        "isManaged": False,
        "workingHours": [_working_hours(one) for one in weekly],
        "schedule": [
            _period(one, number, row["id"]) for number, one in enumerate([*weekly, *overrides], 1)
        ],
        "availability": [_ranges_on(day, weekly, request.now) for day in _DAYS],
        "timeZone": row["time_zone"],
        "isDefault": request.user.default_schedule_id == row["id"],
        "dateOverrides": [{"ranges": [_range(one, one["date"])]} for one in overrides],
        "readOnly": False,
        "isLastSchedule": len(_rows(request)) == 1,
        "userId": row["user_id"],
    }


def _working_hours(period: dict[str, Any]) -> dict[str, Any]:
    return {
        "days": _numbers(period),
        "startTime": _minutes(period["startTime"]),
        "endTime": _minutes(period["endTime"]),
    }


def _period(period: dict[str, Any], number: int, schedule_id: int) -> dict[str, Any]:
    """A period as a row; the sandbox keeps none, so they are numbered within the schedule."""
    date = period.get("date")
    return {
        "id": number,
        "userId": None,
        "eventTypeId": None,
        "days": _numbers(period),
        "startTime": _moment("1970-01-01", period["startTime"]),
        "endTime": _moment("1970-01-01", period["endTime"]),
        "date": None if date is None else _moment(date, "00:00"),
        "scheduleId": schedule_id,
    }


def _ranges_on(day: str, weekly: _Periods, now: datetime) -> list[dict[str, str]]:
    # As recorded, the ranges of every day of the week bear the date of the request.
    return [_range(one, now.date().isoformat()) for one in weekly if day in one["days"]]


def _range(period: dict[str, Any], date: str) -> dict[str, str]:
    return {
        "start": _moment(date, period["startTime"]),
        "end": _moment(date, period["endTime"]),
    }


def _numbers(period: dict[str, Any]) -> list[int]:
    return [number for number, day in enumerate(_DAYS) if day in period.get("days", ())]


def _minutes(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


def _moment(date: str, time: str) -> str:
    return f"{date}T{time}:00.000Z"
