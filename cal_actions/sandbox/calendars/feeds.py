"""What stands in a calendar: the iCalendar text that the world holds for its url."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.moments import moment_at, seconds

if TYPE_CHECKING:
    from icalendar import Calendar

    from cal_actions.sandbox.store import Store

_A_DAY = timedelta(days=1)


def feed_name(store: Store, url: str) -> str:
    """The calendar's own name, or its url where it has none. Raises Refusal as `feed_busy` does."""
    text = _text(store, url)
    return url if text is None else str(_parsed(text, url).get("X-WR-CALNAME", url))


def feed_busy(
    store: Store, url: str, start: int, end: int, zone: tzinfo
) -> Iterator[tuple[int, int]]:
    """The times (Unix seconds) between `start` and `end` that events of a calendar take.

    Whole days and times without a zone are read in `zone`; cancelled and transparent events take
    no time. A url that the world does not know is an empty calendar.

    Raises Refusal: 400 when the text cannot be read, 501 without the libraries that read it.
    """
    text = _text(store, url)
    if text is None or end <= start:
        return
    for event in _events(text, url, start, end):
        if not _is_free(event):
            first, last = _instant(event.start, zone), _instant(event.end, zone)
            if first < min(last, end) and last > start:
                yield first, last


def _text(store: Store, url: str) -> str | None:
    row = store.one("SELECT ics FROM calendar_feeds WHERE url = ?", url)
    return None if row is None else str(row["ics"])


def _events(text: str, url: str, start: int, end: int) -> list[Any]:
    calendar = _parsed(text, url)
    import recurring_ical_events  # type: ignore[import-untyped]  # has no types

    try:
        # A day wider on both sides, as a whole day begins elsewhere in every zone.
        return list(
            recurring_ical_events.of(calendar).between(
                moment_at(start) - _A_DAY, moment_at(end) + _A_DAY
            )
        )
    except (AttributeError, KeyError, ValueError) as problem:
        raise _unreadable(url, problem) from None


@lru_cache(maxsize=16)
def _parsed(text: str, url: str) -> Calendar:
    try:
        import icalendar
        import recurring_ical_events  # noqa: F401 - needed later, told now
    except ImportError:
        raise refusals.not_played(
            "The sandbox reads calendars with two libraries: pip install 'cal-actions[sandbox]'"
        ) from None
    try:
        found = icalendar.Calendar.from_ical(text)
    except ValueError as problem:
        raise _unreadable(url, problem) from None
    if not isinstance(found, icalendar.Calendar):
        raise _unreadable(url, "it holds no VCALENDAR")
    return found


def _is_free(event: Any) -> bool:
    status, transparency = (str(event.get(name)).upper() for name in ("STATUS", "TRANSP"))
    return status == "CANCELLED" or transparency == "TRANSPARENT"


def _unreadable(url: str, problem: object) -> refusals.Refusal:
    return refusals.bad_request(f"The calendar at {url} cannot be read: {problem}")


def _instant(moment: date, zone: tzinfo) -> int:
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time.min)
    return seconds(moment if moment.tzinfo else moment.replace(tzinfo=zone))
