"""The opening hours of an event type's host, read from the schedule."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from cal_actions.sandbox.availability.spans import Hours, Span
from cal_actions.sandbox.rules import WEEKDAYS

if TYPE_CHECKING:
    from cal_actions.sandbox.event_types.records import EventType
    from cal_actions.sandbox.store import Store


def hours_of(store: Store, event_type: EventType, user_id: int) -> Hours:
    """A host's hours: the event type's own schedule, else the host's default one, else none."""
    row = store.one(
        "SELECT time_zone, availability, overrides FROM schedules WHERE id = coalesce(?, "
        "(SELECT default_schedule_id FROM users WHERE id = ?))",
        event_type.schedule_id,
        user_id,
    )
    if row is None:
        return Hours("UTC", {})
    availability, overrides = json.loads(row["availability"]), json.loads(row["overrides"])
    return Hours(row["time_zone"], _weekly(availability), _by_date(overrides))


def _weekly(availability: Iterable[dict[str, Any]]) -> dict[int, list[Span]]:
    weekly: dict[int, list[Span]] = {}
    for hours in availability:
        for name in hours["days"]:
            weekly.setdefault(WEEKDAYS.index(name), []).append(_minutes(hours))
    return weekly


def _by_date(overrides: Iterable[dict[str, Any]]) -> dict[date, list[Span]]:
    by_date: dict[date, list[Span]] = {}
    for hours in overrides:
        by_date.setdefault(date.fromisoformat(hours["date"][:10]), []).append(_minutes(hours))
    return by_date


def _minutes(hours: dict[str, Any]) -> Span:
    opens, closes = (
        int(text[:2]) * 60 + int(text[3:5]) for text in (hours["startTime"], hours["endTime"])
    )
    return opens, closes
