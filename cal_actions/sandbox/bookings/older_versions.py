"""/v2/bookings before version 2024-08-13: the two reads, and what a new booking lacks."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.bookings.access import visible_to
from cal_actions.sandbox.bookings.listing import STATUSES
from cal_actions.sandbox.bookings.older_views import listed_view, view
from cal_actions.sandbox.bookings.records import required_booking
from cal_actions.sandbox.checks import Field, check, optional
from cal_actions.sandbox.exchange import Answer, Request, success, timestamp
from cal_actions.sandbox.routing import V2024_04_15, V2024_06_11, V2024_06_14, route
from cal_actions.sandbox.rules import is_number, is_object, is_string, is_time_zone

_VERSIONS = V2024_04_15 | V2024_06_11 | V2024_06_14
_NEW = (
    Field("start", (is_string(),)),
    Field("eventTypeId", (is_number(),)),
    Field("timeZone", (is_time_zone(),)),
    Field("language", (is_string(),)),
    optional(Field("metadata", (is_object(),))),
)
_STATUSES_OF_SERIES = ("ACCEPTED", "CANCELLED", "REJECTED", "PENDING", "AWAITING_HOST")


@route("GET", "/v2/bookings", versions=_VERSIONS)
def list_bookings(request: Request) -> Answer:
    """The caller's upcoming bookings by start, all of them: `take` is ignored (as recorded)."""
    visible, values = visible_to(request.store, request.user)
    rows = request.store.all(
        f"SELECT * FROM bookings WHERE {visible} AND {STATUSES['upcoming']} ORDER BY starts_at, id",
        *values,
        timestamp(request.now),
    )
    in_series = request.store.all(
        f"SELECT * FROM bookings WHERE {visible} AND recurring_uid IS NOT NULL "
        "ORDER BY starts_at, id",
        *values,
    )
    return success(
        {
            "bookings": [listed_view(request.store, row) for row in rows],
            "recurringInfo": _recurring_info(in_series),
            "totalCount": len(rows),
            "nextCursor": None,
        }
    )


@route("GET", "/v2/bookings/{bookingUid}", versions=_VERSIONS)
def get_booking(request: Request) -> Answer:
    """One booking. Needs no credentials."""
    booking = required_booking(request.store, request.params["bookingUid"])
    return success(view(request.store, booking))


@route("POST", "/v2/bookings", versions=_VERSIONS)
def create_booking(request: Request) -> Answer:
    """Says what the body lacks in these versions, so that a forgotten header is noticed.

    Raises Refusal: 400 as recorded, 501 for a body that these versions take.
    """
    check(request.body, _NEW)
    raise refusals.not_played(
        f"The sandbox does not make bookings with cal-api-version {request.version}. "
        "Send 2024-08-13."
    )


def _recurring_info(bookings: list[sqlite3.Row]) -> list[dict[str, Any]]:
    """The dates of every series by status, whether they are over or not."""
    every: dict[str, list[sqlite3.Row]] = defaultdict(list)
    for booking in bookings:
        every[booking["recurring_uid"]].append(booking)
    return [
        {
            "recurringEventId": recurring_uid,
            "count": len(series),
            "firstDate": series[0]["starts_at"],
            "bookings": {
                status: [one["starts_at"] for one in series if one["status"].upper() == status]
                for status in _STATUSES_OF_SERIES
            },
        }
        for recurring_uid, series in every.items()
    ]
