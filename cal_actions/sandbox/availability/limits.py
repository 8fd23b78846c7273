"""How far ahead and how often an event type can be booked.

The settings are Cal.com's: `bookingWindow`, `bookingLimitsCount`, `bookingLimitsDuration`. Days,
weeks (from Monday), months and years are those of the host's time zone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cal_actions.sandbox.availability.spans import MINUTE, Span, local_date, midnight_of

FOREVER: Span = (0, 1 << 62)
_SATURDAY = 5


class Allowance:
    """What is left of the limits per day, week, month and year, given the bookings so far.

    `count` and `minutes` map those units to the most bookings and the most booked minutes.
    """

    def __init__(
        self,
        zone: ZoneInfo,
        booked: Iterable[Span],
        count: Mapping[str, int],
        minutes: Mapping[str, int],
    ) -> None:
        """Count the bookings so far; `booked` is not read where there are no limits."""
        self._zone = zone
        self._limits = {"count": count, "minutes": minutes}
        self._used: Counter[tuple[str, str, object]] = Counter()
        if count or minutes:
            for start, end in booked:
                self._use(start, (end - start) // MINUTE)

    def _use(self, start: int, length: int) -> None:
        for unit, period in _periods(local_date(self._zone, start)):
            self._used["count", unit, period] += 1
            self._used["minutes", unit, period] += length

    def admits(self, start: int, length: int) -> bool:
        """Whether one more booking of so many minutes may begin at this instant."""
        if not any(self._limits.values()):
            return True
        periods = dict(_periods(local_date(self._zone, start)))
        return all(
            self._used[kind, unit, periods[unit]] + (1 if kind == "count" else length) <= most
            for kind, limits in self._limits.items()
            for unit, most in limits.items()
        )


def _periods(day: date) -> Iterator[tuple[str, object]]:
    yield "day", day
    yield "week", day - timedelta(days=day.weekday())
    yield "month", (day.year, day.month)
    yield "year", day.year


def is_rolling(window: Mapping[str, Any]) -> bool:
    """Whether the window always reaches over a number of bookable days, not of calendar days."""
    return bool(window.get("rolling")) and window.get("type") in ("businessDays", "calendarDays")


def window_span(window: Mapping[str, Any], zone: ZoneInfo, now: int) -> Span:
    """The instants in which a meeting may begin, as far as the calendar alone decides.

    A rolling window is open-ended here; `cut_to_rolling_window` closes it.
    """
    kind, value = window.get("type"), window.get("value")
    if kind is None or is_rolling(window):
        return FOREVER
    if kind == "range":
        first, last = (date.fromisoformat(str(day)[:10]) for day in value or ())
        return midnight_of(zone, first), midnight_of(zone, last + timedelta(days=1))
    last = _days_later(local_date(zone, now), int(value or 0), kind == "businessDays")
    return FOREVER[0], midnight_of(zone, last + timedelta(days=1))


def _days_later(day: date, days: int, business_days: bool) -> date:
    while days > 0:
        day += timedelta(days=1)
        if not business_days or day.weekday() < _SATURDAY:
            days -= 1
    return day


def cut_to_rolling_window(
    starts: Iterable[int], window: Mapping[str, Any], zone: ZoneInfo
) -> Iterator[int]:
    """The starts, in order and beginning today, up to the last of the window's bookable days."""
    only_business_days = window.get("type") == "businessDays"
    left, current = int(window.get("value") or 0), None
    for start in starts:
        day = local_date(zone, start)
        if day != current:
            current = day
            left -= not only_business_days or day.weekday() < _SATURDAY
            if left < 0:
                return
        yield start
