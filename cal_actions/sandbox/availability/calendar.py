"""When an event type can be booked, by what the database knows.

The working hours and bookings of its hosts, the calendars they have connected, reserved slots and
the event type's own settings meet here; `slots` offers times and `free_crews` judges a given one,
by the same rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from heapq import merge
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cal_actions.sandbox import refusals
from cal_actions.sandbox.availability.busy import busy, reserved
from cal_actions.sandbox.availability.crews import Crew, crews_of
from cal_actions.sandbox.availability.hours import hours_of
from cal_actions.sandbox.availability.limits import (
    Allowance,
    cut_to_rolling_window,
    is_rolling,
    window_span,
)
from cal_actions.sandbox.availability.open_seats import (
    has_seats,
    held_seats,
    open_bookings,
    seats_of,
)
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
    shared,
    slot_starts,
    subtract,
)
from cal_actions.sandbox.calendars.busy import external_busy
from cal_actions.sandbox.exchange import timestamp
from cal_actions.sandbox.moments import LATEST, moment_at, seconds

if TYPE_CHECKING:
    from cal_actions.sandbox.event_types.records import EventType
    from cal_actions.sandbox.store import Store

NOT_AVAILABLE = "User either already has booking at this time or is not available"
HOSTS_NOT_AVAILABLE = "One of the hosts either already has booking at this time or is not available"
IN_THE_PAST = "Attempting to book a meeting in the past."
OUT_OF_BOUNDS = (
    "start is too soon for the minimum booking notice of the event type, or outside its booking "
    "window. GET /v2/slots lists the starts that can be booked."
)
_LONGEST_YEAR = 366 * DAY


@dataclass(frozen=True)
class EventCalendar:
    """The calendar of one event type at one moment.

    `now` is in seconds; `crews` are the users who can hold a meeting; `ignoring` is the uid of a
    booking that is being moved and therefore takes no time. Days are those of the first host.
    """

    store: Store
    event_type: EventType
    now: int
    crews: Sequence[Crew]
    ignoring: str | None = None

    @cached_property
    def hours(self) -> dict[int, Hours]:
        """The hours of every host: of the event type's schedule, else of the host's default one."""
        hosts = dict.fromkeys(chain.from_iterable(self.crews))
        return {host: hours_of(self.store, self.event_type, host) for host in hosts}

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of the first host's schedule."""
        return self._zone_of(self.crews[0]) if self.crews else ZoneInfo("UTC")

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

    def free_crews(self, start: int, length: int) -> list[Crew]:
        """Those crews that can hold a meeting here, one at least.

        Raises Refusal: 400, or 403 where a limit is used up.
        """
        if start < self.now:
            raise refusals.bad_request(IN_THE_PAST)
        if not self._in_bounds(start, length):
            raise refusals.bad_request(OUT_OF_BOUNDS)
        if not self._allowance(start, start + 1).admits(start, length):
            raise refusals.plain(403, "booking_limit_reached")
        free = self.crews_without_conflict(start, length)
        if not free:
            raise self.nobody_is_free()
        return free

    def nobody_is_free(self) -> refusals.Refusal:
        """400 in the words for users or for teams (read in Cal.com's source)."""
        of_team = self.event_type.team_id is not None
        return refusals.bad_request(HOSTS_NOT_AVAILABLE if of_team else NOT_AVAILABLE)

    def crews_without_conflict(self, start: int, length: int) -> list[Crew]:
        """Those crews whose members are all there and free, whatever the event type allows."""
        end = start + length * MINUTE
        free = self._free(start - DAY, end + DAY)
        return [crew for crew in self.crews if fits(_together(crew, free), start, end)]

    def _offered(self, start: int, end: int, length: int) -> Iterable[int]:
        if start >= end:
            return ()
        joined = open_bookings(
            self.store, self.event_type, max(start, self._earliest), end, self.now
        )
        starts = _distinct(merge(self._fresh(start, end, length), joined))
        window = self.event_type.settings["bookingWindow"]
        return cut_to_rolling_window(starts, window, self.zone) if is_rolling(window) else starts

    def _fresh(self, start: int, end: int, length: int) -> Iterator[int]:
        """Where a booking could begin that is not there yet."""
        settings = self.event_type.settings
        grid = Grid(
            length=length,
            step=settings["slotInterval"] or length,
            offset=settings["offsetStart"] or 0,
            earliest=self._earliest,
        )
        free = self._free(start, end + length * MINUTE, with_reservations=True)
        starts = (
            slot_starts(_together(crew, free), grid, self._zone_of(crew)) for crew in self.crews
        )
        allowance = self._allowance(start, end)
        full = self._held_entirely(start, end)
        for instant in _distinct(merge(*starts)):
            if instant < end and instant not in full and allowance.admits(instant, length):
                yield instant

    def _held_entirely(self, start: int, end: int) -> set[int]:
        if not has_seats(self.event_type):
            return set()
        held = held_seats(self.store, self.event_type, start, end, self.now)
        return {opens for opens, seats in held.items() if seats >= seats_of(self.event_type)}

    def _zone_of(self, crew: Crew) -> ZoneInfo:
        return ZoneInfo(self.hours[crew[0]].time_zone)

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

    def _free(
        self, start: int, end: int, *, with_reservations: bool = False
    ) -> dict[int, list[Span]]:
        """When each host is there and free; reserved slots count on demand only."""
        return {
            host: subtract(
                open_spans(hours, start, min(end, LATEST)),
                self._blocked(host, start, end, with_reservations),
            )
            for host, hours in self.hours.items()
        }

    def _blocked(self, host: int, start: int, end: int, with_reservations: bool) -> list[Span]:
        settings = self.event_type.settings
        booked = busy(self.store, host, start - DAY, end + DAY, self.ignoring)
        elsewhere = external_busy(self.store, host, start - DAY, end + DAY)
        taken = chain(booked, (Busy(opens, closes) for opens, closes in elsewhere))
        if with_reservations:
            held = reserved(self.store, self.event_type, host, start, end, self.now)
            taken = chain(taken, held)
        return blocked_spans(
            taken, settings["beforeEventBuffer"] or 0, settings["afterEventBuffer"] or 0
        )

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


def calendar_of(
    store: Store, event_type: EventType, now: int, ignoring: str | None = None
) -> EventCalendar:
    """The calendar of an event type with all its hosts."""
    return EventCalendar(store, event_type, now, crews_of(store, event_type), ignoring)


def _together(crew: Crew, free: dict[int, list[Span]]) -> list[Span]:
    return reduce(shared, (free[host] for host in crew))


def _distinct(starts: Iterable[int]) -> Iterator[int]:
    return (instant for instant, _ in groupby(starts))


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
