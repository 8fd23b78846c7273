"""What takes a user's time: bookings over all event types, and reserved slots."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from cal_actions.sandbox.availability.open_seats import has_seats
from cal_actions.sandbox.availability.spans import Busy
from cal_actions.sandbox.exchange import timestamp
from cal_actions.sandbox.moments import moment_at, seconds

if TYPE_CHECKING:
    from cal_actions.sandbox.event_types.records import EventType
    from cal_actions.sandbox.store import Store

_SELECT = (
    "SELECT uid, event_type_id, status, starts_at, ends_at FROM bookings "
    "WHERE status IN ('accepted', 'pending') AND starts_at < ? AND ends_at > ?"
)


def busy(
    store: Store, user_id: int, start: int, end: int, ignoring: str | None = None
) -> Iterator[Busy]:
    """The bookings in a span that the user hosts or attends, but for the one `ignoring` names.

    Pending ones take time only where their event type blocks unconfirmed bookings.
    """
    span = timestamp(moment_at(end)), timestamp(moment_at(start))
    rows = store.all(
        f"{_SELECT} AND user_id = ? UNION {_SELECT} AND id IN (SELECT booking_id FROM attendees "
        "WHERE email = (SELECT email FROM users WHERE id = ?))",
        *span,
        user_id,
        *span,
        user_id,
    )
    settings = _settings(store, {row["event_type_id"] for row in rows})
    for row in rows:
        own = settings.get(row["event_type_id"], {})
        if row["uid"] != ignoring and (row["status"] == "accepted" or _blocks(own)):
            yield Busy(
                seconds(row["starts_at"]),
                seconds(row["ends_at"]),
                own.get("beforeEventBuffer") or 0,
                own.get("afterEventBuffer") or 0,
            )


def reserved(
    store: Store, event_type: EventType, user_id: int, start: int, end: int, now: int
) -> Iterator[Busy]:
    """The slots in a span that are held at the moment `now`, of the event type or of the user.

    Of an event type with seats they take a seat each and no time.
    """
    rows = store.all(
        "SELECT starts_at, ends_at FROM slot_reservations WHERE (user_id = ? OR event_type_id = ?) "
        "AND event_type_id IS NOT ? AND starts_at < ? AND ends_at > ? AND expires_at > ?",
        user_id,
        event_type.id,
        event_type.id if has_seats(event_type) else None,
        timestamp(moment_at(end)),
        timestamp(moment_at(start)),
        timestamp(moment_at(now)),
    )
    return (Busy(seconds(row["starts_at"]), seconds(row["ends_at"])) for row in rows)


def _settings(store: Store, event_type_ids: Iterable[int | None]) -> dict[int, dict[str, Any]]:
    rows = store.all(
        "SELECT id, settings FROM event_types WHERE id IN (SELECT value FROM json_each(?))",
        json.dumps([*event_type_ids]),
    )
    return {row["id"]: json.loads(row["settings"]) for row in rows}


def _blocks(settings: dict[str, Any]) -> bool:
    policy = settings.get("confirmationPolicy") or {}
    return bool(policy.get("blockUnconfirmedBookingsInBooker"))
