"""When a host is free: pure arithmetic, no database and no clock.

Instants are whole seconds since 1970-01-01T00:00Z, lengths are minutes, and a `Span` is a
half-open pair of instants. A local hour that a clock change skips is never open, one that it
repeats is open twice: hours are cut at each change of the zone's offset, so that inside one
piece local time is plain addition.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

Span = tuple[int, int]

MINUTE = 60
DAY = 86_400
END_OF_DAY = 1440
_EPOCH = date(1970, 1, 1)
_GRANULES = (60, 30, 20, 15, 10, 5)


@dataclass(frozen=True, slots=True)
class Hours:
    """The opening hours of a schedule, as (opens, closes) in minutes after local midnight.

    `weekly` maps a weekday (0 is Monday) to its hours. `overrides` replaces the hours of single
    dates; an empty sequence closes the day. Closing at 23:59 means midnight, as in Cal.com,
    whose times of day end there.
    """

    time_zone: str
    weekly: Mapping[int, Sequence[Span]]
    overrides: Mapping[date, Sequence[Span]] = field(default_factory=dict)

    def on(self, day: date) -> Sequence[Span]:
        """The hours of one local date."""
        return self.overrides.get(day, self.weekly.get(day.weekday(), ()))


@dataclass(frozen=True, slots=True)
class Busy:
    """A booking that takes its host's time, with the buffers of its own event type."""

    start: int
    end: int
    before: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """Where slots may begin: every `step` minutes, `offset` late, never before `earliest`."""

    length: int
    step: int
    offset: int = 0
    earliest: int = 0


def open_spans(hours: Hours, start: int, end: int) -> list[Span]:
    """The spans between two instants in which the schedule is open, merged and in order.

    Raises `zoneinfo.ZoneInfoNotFoundError` for an unknown time zone.
    """
    spans: list[Span] = []
    for piece in constant_offsets(ZoneInfo(hours.time_zone), start, end):
        spans.extend(_open_in_piece(hours, *piece))
    return merged(spans)


def _open_in_piece(hours: Hours, start: int, end: int, offset: int) -> Iterator[Span]:
    for number in range((start + offset) // DAY, (end + offset - 1) // DAY + 1):
        midnight = number * DAY - offset
        for opens, closes in hours.on(_EPOCH + timedelta(days=number)):
            last = END_OF_DAY if closes == END_OF_DAY - 1 else closes
            span = max(start, midnight + opens * MINUTE), min(end, midnight + last * MINUTE)
            if span[0] < span[1]:
                yield span


def constant_offsets(zone: ZoneInfo, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Cut a span where the zone's offset changes: (start, end, offset from UTC in seconds)."""
    cursor, offset, probe = start, offset_at(zone, start), start
    while probe < end:
        following = min(probe + DAY, end)
        new = offset_at(zone, following)
        if new != offset:
            change = _change_between(zone, probe, following, offset)
            yield cursor, change, offset
            cursor, offset = change, new
        probe = following
    if cursor < end:
        yield cursor, end, offset


def offset_at(zone: ZoneInfo, instant: int) -> int:
    """The zone's offset from UTC at an instant, in seconds, positive to the east."""
    offset = datetime.fromtimestamp(instant, zone).utcoffset()
    return int((offset or timedelta()).total_seconds())


def _change_between(zone: ZoneInfo, before: int, after: int, offset: int) -> int:
    while after - before > 1:
        middle = (before + after) // 2
        if offset_at(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def local_date(zone: ZoneInfo, instant: int) -> date:
    """The calendar date that a clock in the zone shows at an instant."""
    return datetime.fromtimestamp(instant, zone).date()


def midnight_of(zone: ZoneInfo, day: date) -> int:
    """The instant at which a local date begins."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same instants as disjoint spans in order, touching ones joined."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = result[-1][0], max(result[-1][1], end)
        else:
            result.append((start, end))
    return result


def blocked_spans(busy: Iterable[Busy], before: int, after: int) -> list[Span]:
    """What existing bookings keep closed for an event type with the given buffers, in minutes.

    The buffers of both sides add up: a new meeting needs its own `after` and the `before` of
    the booking that follows it.
    """
    return merged(
        (taken.start - (taken.before + after) * MINUTE, taken.end + (taken.after + before) * MINUTE)
        for taken in busy
    )


def subtract(spans: Sequence[Span], blocked: Sequence[Span]) -> list[Span]:
    """`spans` without `blocked`. Both are disjoint and in order; one sweep over each."""
    free: list[Span] = []
    index = 0
    for start, end in spans:
        while index < len(blocked) and blocked[index][1] <= start:
            index += 1
        cursor, probe = start, index
        while probe < len(blocked) and blocked[probe][0] < end:
            if cursor < blocked[probe][0]:
                free.append((cursor, blocked[probe][0]))
            cursor = blocked[probe][1]
            probe += 1
        if cursor < end:
            free.append((cursor, end))
    return free


def shared(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """The instants in both. Both are disjoint and in order; one sweep over each."""
    common: list[Span] = []
    index = 0
    for start, end in one:
        while index < len(other) and other[index][1] <= start:
            index += 1
        probe = index
        while probe < len(other) and other[probe][0] < end:
            common.append((max(start, other[probe][0]), min(end, other[probe][1])))
            probe += 1
    return common


def slot_starts(free: Iterable[Span], grid: Grid, zone: ZoneInfo) -> Iterator[int]:
    """The instants at which a meeting can begin, in order.

    A free span that begins at an odd minute is entered at the next full 60, 30, 20, 15, 10 or 5
    minutes of the host's clock, the largest of these that divides the step.
    """
    granule = next((size for size in _GRANULES if grid.step % size == 0), 1) * MINUTE
    for start, end in free:
        entry = max(start, grid.earliest)
        local = entry + offset_at(zone, entry)
        first = entry + -local % granule + grid.offset * MINUTE
        yield from range(first, end - grid.length * MINUTE + 1, grid.step * MINUTE)


def fits(free: Sequence[Span], start: int, end: int) -> bool:
    """Whether one of the free spans holds all of a meeting."""
    index = bisect_right(free, (start, 1 << 62)) - 1
    return index >= 0 and end <= free[index][1]
