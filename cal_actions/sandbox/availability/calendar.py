"""When an event type of a host can be booked, by what the database knows.

The working hours, the host's bookings over all event types, reserved slots and the event type's
own settings meet here; `slots` offers times and `refuse` judges a given one, by the same rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from heapq import merge
from itertools import chain
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cal_actions.sandbox import refusals
from cal_actions.sandbox.availability.busy import busy, reserved
from cal_actions.sandbox.availability.hours import hours_of
from cal_actions.sandbox.availability.limits import (
    Allowance,
    cut_to_rolling_window,
    is_rolling,
    window_span,
)
from cal_actions.sandbox.availability.open_seats import open_bookings
from cal_actions.sandbox.availability.spans import (
    DAY,
    MINUTE,
    Busy,
    Grid,
    Hours,
    Span,
    blocked_spans,
    fits,
    local_date,
    open_spans,
    slot_starts,
    subtract,
)
from cal_actions.sandbox.exchange import timestamp
from cal_actions.sandbox.moments import LATEST, moment_at, seconds

if TYPE_CHECKING:
    from cal_actions.sandbox.event_types.settings import EventType
    from cal_actions.sandbox.store import Store

NOT_AVAILABLE = "User either already has booking at this time or is not available"
IN_THE_PAST = "Attempting to book a meeting in the past."
OUT_OF_BOUNDS = (
    "start is too soon for the minimum booking notice of the event type, or outside its booking "
    "window. GET /v2/slots lists the starts that can be booked."
)
_LONGEST_YEAR = 366 * DAY


@dataclass(frozen=True)
class HostCalendar:
    """The calendar of one event type's host at one moment.

    `now` is in seconds; `ignoring` is the uid of a booking that is being moved and therefore
    takes no time.
    """

    store: Store
    event_type: EventType
    now: int
    ignoring: str | None = None

    @cached_property
    def hours(self) -> Hours:
        """The hours of the event type's schedule, else of the host's default one."""
        return hours_of(self.store, self.event_type)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of the schedule."""
        return ZoneInfo(self.hours.time_zone)

    def slots(self, start: int, end: int, length: int) -> list[int]:
        """The instants from `start` until `end` at which `length` minutes can begin."""
        window = self.event_type.settings["bookingWindow"]
        first = self.now if is_rolling(window) else max(start, self.now)
        opens, closes = window_span(window, self.zone, self.now)
        offered = self._offered(first, min(end, closes), length)
        wanted = [instant for instant in offered if instant >= max(start, opens)]
        if self.event_type.settings["onlyShowFirstAvailableSlot"]:
            return list(_first_of_each_day(wanted, self.zone))
        return wanted

    def refuse(self, start: int, length: int) -> None:
        """Raise Refusal (400, or 403 where a limit is used up) unless a meeting fits here."""
        if start < self.now:
            raise refusals.bad_request(IN_THE_PAST)
        if not self._in_bounds(start, length):
            raise refusals.bad_request(OUT_OF_BOUNDS)
        if not self._allowance(start, start + 1).admits(start, length):
            raise refusals.plain(403, "booking_limit_reached")
        end = start + length * MINUTE
        if not fits(self._free(start - DAY, end + DAY), start, end):
            raise refusals.bad_request(NOT_AVAILABLE)

    def _offered(self, start: int, end: int, length: int) -> Iterable[int]:
        settings = self.event_type.settings
        if start >= end:
            return ()
        grid = Grid(
            length=length,
            step=settings["slotInterval"] or length,
            offset=settings["offsetStart"] or 0,
            earliest=self._earliest,
        )
        until = end + length * MINUTE
        owner = self.event_type.user_id
        free = self._free(start, until, reserved(self.store, owner, start, until, self.now))
        allowance = self._allowance(start, end)
        fresh = (
            instant
            for instant in slot_starts(free, grid, self.zone)
            if instant < end and allowance.admits(instant, length)
        )
        joined = open_bookings(self.store, self.event_type, max(start, self._earliest), end)
        starts = merge(fresh, joined)
        window = settings["bookingWindow"]
        return cut_to_rolling_window(starts, window, self.zone) if is_rolling(window) else starts

    @property
    def _earliest(self) -> int:
        return self.now + (self.event_type.settings["minimumBookingNotice"] or 0) * MINUTE

    def _in_bounds(self, start: int, length: int) -> bool:
        window = self.event_type.settings["bookingWindow"]
        opens, closes = window_span(window, self.zone, self.now)
        if start < max(opens, self._earliest) or start >= closes:
            return False
        if not is_rolling(window):
            return True
        earlier = self._offered(self.now, start, length)
        return start in cut_to_rolling_window(chain(earlier, [start]), window, self.zone)

    def _free(self, start: int, end: int, held: Iterable[Busy] = ()) -> list[Span]:
        settings = self.event_type.settings
        owner = self.event_type.user_id
        booked = busy(self.store, owner, start - DAY, end + DAY, self.ignoring)
        blocked = blocked_spans(
            chain(booked, held),
            settings["beforeEventBuffer"] or 0,
            settings["afterEventBuffer"] or 0,
        )
        return subtract(open_spans(self.hours, start, min(end, LATEST)), blocked)

    def _allowance(self, start: int, end: int) -> Allowance:
        settings = self.event_type.settings
        count = _limits(settings.get("bookingLimitsCount"))
        minutes = _limits(settings.get("bookingLimitsDuration"))
        booked = self._booked(start - _LONGEST_YEAR, end + _LONGEST_YEAR)
        return Allowance(self.zone, booked if count or minutes else (), count, minutes)

    def _booked(self, start: int, end: int) -> Iterator[Span]:
        rows = self.store.all(
            "SELECT uid, starts_at, ends_at FROM bookings WHERE event_type_id = ? "
            "AND status = 'accepted' AND starts_at BETWEEN ? AND ?",
            self.event_type.id,
            timestamp(moment_at(start)),
            timestamp(moment_at(end)),
        )
        for row in rows:
            if row["uid"] != self.ignoring:
                yield seconds(row["starts_at"]), seconds(row["ends_at"])


def _limits(value: Any) -> dict[str, int]:
    limits = value or {}
    units = ("day", "week", "month", "year")
    return {} if limits.get("disabled") else {u: limits[u] for u in units if u in limits}


def _first_of_each_day(starts: Iterable[int], zone: ZoneInfo) -> Iterator[int]:
    current = None
    for start in starts:
        day = local_date(zone, start)
        if day != current:
            current = day
            yield start
