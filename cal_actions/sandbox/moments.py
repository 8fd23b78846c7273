"""Reading the dates and times that requests carry."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any

from cal_actions.sandbox.rules import Rule

_FIRST_YEAR, _LAST_YEAR = 1970, 9000
LATEST = int(datetime(_LAST_YEAR + 1, 1, 1, tzinfo=UTC).timestamp())
"""The instant at which the calendar ends here; nothing is computed beyond."""


def read_moment(value: Any, zone: tzinfo = UTC) -> datetime | None:
    """An ISO 8601 text as a moment in UTC, or None for anything else.

    Without an offset it is read in `zone`; a date alone means its midnight. Years outside 1970
    to 9000 count as anything else: the calendar's arithmetic ends there.
    """
    try:
        moment = datetime.fromisoformat(value)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        moment = moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None


def seconds(moment: datetime | str) -> int:
    """A moment (or a time as the database keeps it) in whole seconds since 1970."""
    moment = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return int(moment.timestamp())


def moment_at(instant: int) -> datetime:
    """The inverse of `seconds`: a moment in UTC, `LATEST` at most."""
    return datetime.fromtimestamp(min(instant, LATEST), UTC)


def is_date_string() -> Rule:
    """ISO 8601 text."""
    return Rule(
        "isDateString",
        lambda value: read_moment(value) is not None,
        "{property} must be a valid ISO 8601 date string",
    )
