"""When the events of connected calendars make a user busy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cal_actions.sandbox.calendars.feeds import feed_busy

if TYPE_CHECKING:
    from cal_actions.sandbox.store import Store


def external_busy(store: Store, user_id: int, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The times (Unix seconds) that events in the user's selected calendars take in a span.

    Whole days are those of the user's time zone. A calendar that no longer works takes none.
    Raises Refusal as `feed_busy` does.
    """
    rows = store.all(
        "SELECT selected_calendars.external_id, users.time_zone FROM selected_calendars "
        "JOIN credentials ON credentials.id = selected_calendars.credential_id "
        "JOIN users ON users.id = selected_calendars.user_id "
        "WHERE selected_calendars.user_id = ? AND NOT credentials.invalid",
        user_id,
    )
    for row in rows:
        yield from feed_busy(store, row["external_id"], start, end, ZoneInfo(row["time_zone"]))
