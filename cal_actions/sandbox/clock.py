"""What time it is in a sandbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def system_clock() -> datetime:
    """The time on this machine, in UTC."""
    return datetime.now(UTC)


class Clock:
    """Tells the time of `source`, a moment where it stands still or a callable.

    Raises ValueError for a moment without a time zone.
    """

    def __init__(self, source: datetime | Callable[[], datetime]) -> None:
        if isinstance(source, datetime):
            self._source: Callable[[], datetime] = lambda: source
        else:
            self._source = source
        self._ahead = timedelta()
        self.now()

    def now(self) -> datetime:
        """The moment, in UTC."""
        moment = self._source()
        if moment.tzinfo is None:
            raise ValueError(f"the clock needs a time zone: {moment.isoformat()} has none")
        return moment.astimezone(UTC) + self._ahead

    def advance(self, length: timedelta) -> None:
        """Go ahead of the source by this much more. Raises ValueError for a negative length."""
        if length < timedelta():
            raise ValueError(f"the clock only moves forward, not by {length}")
        self._ahead += length

    def restart(self) -> None:
        """Tell the time of the source again."""
        self._ahead = timedelta()
