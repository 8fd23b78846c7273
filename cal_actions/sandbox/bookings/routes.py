"""/v2/bookings/{bookingUid}: read, cancel, confirm, decline, mark absent. Version 2024-08-13."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.bookings.access import may_confirm, may_manage
from cal_actions.sandbox.bookings.input import read_cancel, read_decline, read_mark_absent
from cal_actions.sandbox.bookings.records import booking_by_uid, required_booking, series
from cal_actions.sandbox.bookings.seats import leave_seat
from cal_actions.sandbox.bookings.views import view, view_all
from cal_actions.sandbox.exchange import Answer, Request, success, timestamp
from cal_actions.sandbox.routing import V2024_08_13, route
from cal_actions.sandbox.webhooks.announcing import announce, announce_no_show


@route("GET", "/v2/bookings/{bookingUid}", versions=V2024_08_13)
def get_booking(request: Request) -> Answer:
    """One booking; a list of bookings for the uid of a recurring one. Needs no credentials."""
    occurrences = series(request.store, request.params["bookingUid"])
    if occurrences:
        return success(view_all(request.store, occurrences))
    return _shown(request)


@route("POST", "/v2/bookings/{bookingUid}/cancel", versions=V2024_08_13)
def cancel_booking(request: Request) -> Answer:
    """Cancel a booking, a seat in it, this one and those after it in a series, or all of a series.

    Needs no credentials; the host, who is known by them, must give a reason (seen in the recorded
    server: 400 in shape 5).
    """
    body = read_cancel(request.body)
    bookings = _to_cancel(request, bool(body.get("cancelSubsequentBookings")))
    reason, seat_uid = body.get("cancellationReason"), body.get("seatUid")
    is_host = request.caller is not None and request.caller.id == bookings[0]["user_id"]
    if is_host and not reason:
        raise refusals.plain(400, "Cancellation reason is required when you are the host")
    if bookings[0]["ends_at"] < timestamp(request.now):
        raise refusals.plain(400, "Can't cancel a booking that is over")
    if seat_uid is not None:
        return success(leave_seat(request, bookings[0], seat_uid, reason))
    for booking in bookings:
        _change(request, booking, status="cancelled", cancellation_reason=reason)
    announce(request, "BOOKING_CANCELLED", bookings[0])
    changed = [required_booking(request.store, booking["uid"]) for booking in bookings]
    shown = view_all(request.store, changed)
    is_list = body.get("cancelSubsequentBookings") or _names_series(request, bookings)
    return success(shown if is_list else shown[0])


@route("POST", "/v2/bookings/{bookingUid}/confirm", versions=V2024_08_13)
def confirm_booking(request: Request) -> Answer:
    """Accept a pending booking, as its organizer, a host of its event type or a team admin.

    Anything else is a 400, another user's a 401 (as recorded).
    """
    booking = _pending(request)
    _change(request, booking, status="accepted")
    announce(request, "BOOKING_CREATED", booking)
    return _shown(request)


@route("POST", "/v2/bookings/{bookingUid}/decline", versions=V2024_08_13)
def decline_booking(request: Request) -> Answer:
    """Reject a pending booking, with an optional reason that is not shown again.

    Who may confirm may decline.
    """
    body = read_decline(request.body)
    booking = _pending(request)
    _change(request, booking, status="rejected", rejection_reason=body.get("reason"))
    announce(request, "BOOKING_REJECTED", booking)
    return _shown(request)


@route("POST", "/v2/bookings/{bookingUid}/mark-absent", versions=V2024_08_13)
def mark_absent(request: Request) -> Answer:
    """Note who did not come, host or attendees. 400 before the start, whoever asks.

    For the organizer and admins of the event type's team.
    """
    body = read_mark_absent(request.body)
    booking = required_booking(request.store, request.params["bookingUid"])
    now = timestamp(request.now)
    if now < booking["starts_at"]:
        raise refusals.bad_request(
            "Bookings can only be marked as absent after their scheduled start time. Current time "
            f"in UTC+0: {now}, Booking start time in UTC+0: {booking['starts_at']}"
        )
    if not may_manage(request.store, request.user, booking):
        raise refusals.plain(403, "You are not allowed to access the booking")
    absent_host = {"absent_host": body["host"]} if body.get("host") is not None else {}
    _change(request, booking, **absent_host)
    for attendee in body.get("attendees") or ():
        request.store.run(
            "UPDATE attendees SET absent = ? WHERE booking_id = ? AND email = ?",
            attendee["absent"],
            booking["id"],
            attendee["email"],
        )
    announce_no_show(request, booking, body.get("attendees") or ())
    return _shown(request)


def _shown(request: Request) -> Answer:
    booking = required_booking(request.store, request.params["bookingUid"])
    return success(view(request.store, booking))


def _change(request: Request, booking: sqlite3.Row, **columns: Any) -> None:
    now = timestamp(request.now)
    request.store.update("bookings", booking["id"], updated_at=now, **columns)


def _pending(request: Request) -> sqlite3.Row:
    booking = required_booking(request.store, request.params["bookingUid"])
    if not may_confirm(request.store, request.user, booking):
        raise refusals.without_details(
            401, "TRPCError", "You are not authorized to access this resource"
        )
    if booking["status"] != "pending":
        raise refusals.without_details(
            400, "TRPCError", "Bad request: Please check your request data and try again"
        )
    return booking


def _to_cancel(request: Request, subsequent: bool) -> Sequence[sqlite3.Row]:
    """The bookings that a cancellation means, at least one. Raises Refusal (404, 400)."""
    uid = request.params["bookingUid"]
    occurrences = series(request.store, uid)
    if occurrences and subsequent:
        raise refusals.bad_request(
            "Cannot cancel subsequent bookings for recurring event - you have to provide uid of "
            "one of the individual bookings of a recurring booking."
        )
    booking = occurrences[0] if occurrences else booking_by_uid(request.store, uid)
    if booking is None:
        raise refusals.not_found(f"Booking with uid={uid} not found")
    chosen = occurrences or [booking]
    if subsequent and booking["recurring_uid"] is not None:
        following = series(request.store, booking["recurring_uid"])
        chosen = [one for one in following if one["starts_at"] >= booking["starts_at"]]
    live = [one for one in chosen if one["status"] != "cancelled"]
    if not live or (not occurrences and booking["status"] == "cancelled"):
        raise refusals.bad_request(
            f"Can't cancel booking with uid={uid} because it has been cancelled already. Please "
            "provide uid of a booking that is not cancelled."
        )
    return live


def _names_series(request: Request, bookings: Sequence[sqlite3.Row]) -> bool:
    return bool(bookings[0]["recurring_uid"] == request.params["bookingUid"])
