"""What takes a host's time: bookings over all event types, and reserved slots."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cal_actions.sandbox.availability.spans import Busy
from cal_actions.sandbox.exchange import timestamp
from cal_actions.sandbox.moments import moment_at, seconds

if TYPE_CHECKING:
    from cal_actions.sandbox.store import Store


def busy(
    store: Store, user_id: int, start: int, end: int, ignoring: str | None = None
) -> Iterator[Busy]:
    """The host's bookings that reach into a span, but for the one with the uid `ignoring`.

    Pending ones take time only where their event type blocks unconfirmed bookings.
    """
    settings = _settings_by_event_type(store, user_id)
    rows = store.all(
        "SELECT uid, event_type_id, status, starts_at, ends_at FROM bookings WHERE user_id = ? "
        "AND status IN ('accepted', 'pending') AND starts_at < ? AND ends_at > ?",
        user_id,
        timestamp(moment_at(end)),
        timestamp(moment_at(start)),
    )
    for row in rows:
        own = settings.get(row["event_type_id"], {})
        if row["uid"] != ignoring and (row["status"] == "accepted" or _blocks(own)):
            yield Busy(
                seconds(row["starts_at"]),
                seconds(row["ends_at"]),
                own.get("beforeEventBuffer") or 0,
                own.get("afterEventBuffer") or 0,
            )


def reserved(store: Store, user_id: int, start: int, end: int, now: int) -> Iterator[Busy]:
    """The host's slots in a span that are held at the moment `now`."""
    rows = store.all(
        "SELECT starts_at, ends_at FROM slot_reservations WHERE user_id = ? AND starts_at < ? "
        "AND ends_at > ? AND expires_at > ?",
        user_id,
        timestamp(moment_at(end)),
        timestamp(moment_at(start)),
        timestamp(moment_at(now)),
    )
    return (Busy(seconds(row["starts_at"]), seconds(row["ends_at"])) for row in rows)


def _settings_by_event_type(store: Store, user_id: int) -> dict[int, dict[str, Any]]:
    rows = store.all("SELECT id, settings FROM event_types WHERE user_id = ?", user_id)
    return {row["id"]: json.loads(row["settings"]) for row in rows}


def _blocks(settings: dict[str, Any]) -> bool:
    policy = settings.get("confirmationPolicy") or {}
    return bool(policy.get("blockUnconfirmedBookingsInBooker"))
