"""Event types with seats: several attendees in one booking."""

from typing import Any

import pytest

from tests.sandbox.conftest import SAM, Caller, Told, change

TEN, ELEVEN = "2026-12-07T10:00:00Z", "2026-12-07T11:00:00Z"


@pytest.fixture(autouse=True)
def two_seats(call: Caller) -> None:
    seats = {"seatsPerTimeSlot": 2, "showAttendeeInfo": True, "showAvailabilityCount": True}
    change(call, seats=seats)
    call.version = "2024-08-13"


def try_to_book(call: Caller, name: str, start: str = TEN, event_type_id: int = 1) -> Told:
    email = f"{name.lower()}@client.example"
    attendee = {"name": name, "email": email, "timeZone": "UTC"}
    body = {
        "start": start,
        "eventTypeId": event_type_id,
        "attendee": attendee,
        "metadata": {"k": name},
    }
    return call("POST", "/v2/bookings", body, key=None)


def book(call: Caller, name: str, start: str = TEN) -> Any:
    told = try_to_book(call, name, start)
    assert told.status == 201, told.body
    return told.data


def act(call: Caller, uid: str, deed: str, body: Any, key: str | None = None) -> Told:
    return call("POST", f"/v2/bookings/{uid}/{deed}", body, key=key)


def read(call: Caller, uid: str) -> Any:
    return call("GET", f"/v2/bookings/{uid}", key=None).data


def names(shown: Any) -> list[str]:
    return [one["name"] for one in shown["attendees"]]


def offered(call: Caller, query: str = "") -> dict[str, Any]:
    target = f"/v2/slots?eventTypeId=1&start=2026-12-07&end=2026-12-07{query}"
    days = call("GET", target, version="2024-09-04").data
    return {slot["start"][11:16]: slot for slot in days["2026-12-07"]}


def test_a_seat_carries_the_attendees_responses_and_metadata(call: Caller) -> None:
    shown = book(call, "Ann")
    [seat] = shown["attendees"]
    assert seat["seatUid"] == shown["seatUid"]
    assert seat["metadata"] == {"k": "Ann"}
    assert seat["bookingFieldsResponses"] == {"name": "Ann"}
    assert shown.keys().isdisjoint({"metadata", "bookingFieldsResponses"})


def test_a_second_attendee_joins_the_same_booking(call: Caller) -> None:
    first, second = book(call, "Ann"), book(call, "Bob")
    assert second["uid"] == first["uid"]
    assert second["seatUid"] != first["seatUid"]
    assert names(second) == ["Ann", "Bob"]


def test_an_attendee_has_one_seat_only(call: Caller) -> None:
    book(call, "Ann")
    assert try_to_book(call, "Ann").status == 409


def test_no_more_attendees_than_seats_can_join(call: Caller) -> None:
    book(call, "Ann")
    book(call, "Bob")
    assert try_to_book(call, "Cid").status == 400


def test_another_event_type_cannot_book_over_seats(call: Caller) -> None:
    book(call, "Ann")
    assert try_to_book(call, "Bob", event_type_id=2).status == 400


def test_a_slot_is_offered_while_a_seat_is_free(call: Caller) -> None:
    uid = book(call, "Ann")["uid"]
    assert offered(call)["10:00"] == {
        "start": "2026-12-07T10:00:00.000Z",
        "attendeesCount": 1,
        "bookingUid": uid,
    }
    book(call, "Bob")
    assert "10:00" not in offered(call)


def test_a_slot_without_attendees_is_shown_plain(call: Caller) -> None:
    book(call, "Ann")
    assert offered(call)["10:30"] == {"start": "2026-12-07T10:30:00.000Z"}


def test_an_attendee_can_move_alone(call: Caller) -> None:
    ann = book(call, "Ann")
    book(call, "Bob")
    body = {"start": ELEVEN, "seatUid": ann["seatUid"]}
    moved = act(call, ann["uid"], "reschedule", body).data
    assert (moved["uid"] != ann["uid"], names(moved)) == (True, ["Ann"])
    assert names(read(call, ann["uid"])) == ["Bob"]


def test_an_attendee_can_move_into_another_booking(call: Caller) -> None:
    ann, bob = book(call, "Ann"), book(call, "Bob", ELEVEN)
    moved = act(call, ann["uid"], "reschedule", {"start": ELEVEN, "seatUid": ann["seatUid"]}).data
    assert (moved["uid"], names(moved)) == (bob["uid"], ["Bob", "Ann"])


def test_a_booking_that_everyone_left_is_cancelled(call: Caller) -> None:
    ann = book(call, "Ann")
    act(call, ann["uid"], "reschedule", {"start": ELEVEN, "seatUid": ann["seatUid"]})
    left = read(call, ann["uid"])
    assert (left["status"], left["attendees"]) == ("cancelled", [])


def test_the_host_can_move_everyone_at_once(call: Caller) -> None:
    ann = book(call, "Ann")
    book(call, "Bob")
    moved = act(call, ann["uid"], "reschedule", {"start": ELEVEN}, key=SAM).data
    assert names(moved) == ["Ann", "Bob"]


def test_one_attendee_can_cancel_alone(call: Caller) -> None:
    ann = book(call, "Ann")
    book(call, "Bob")
    left = act(call, ann["uid"], "cancel", {"seatUid": ann["seatUid"]}).data
    assert (left["status"], names(left)) == ("accepted", ["Bob"])


def test_the_last_attendee_cancels_the_booking(call: Caller) -> None:
    ann = book(call, "Ann")
    left = act(call, ann["uid"], "cancel", {"seatUid": ann["seatUid"]}).data
    assert (left["status"], left["cancellationReason"]) == ("cancelled", "")


def test_the_host_must_give_a_reason_for_a_seat_too(call: Caller) -> None:
    ann = book(call, "Ann")
    told = act(call, ann["uid"], "cancel", {"seatUid": ann["seatUid"]}, key=SAM)
    assert told.body == {
        "statusCode": 400,
        "message": "Cancellation reason is required when you are the host",
    }


@pytest.mark.parametrize(("deed", "more"), [("cancel", {}), ("reschedule", {"start": ELEVEN})])
def test_an_unknown_seat_is_refused(call: Caller, deed: str, more: dict[str, str]) -> None:
    ann = book(call, "Ann")
    assert act(call, ann["uid"], deed, {"seatUid": "none", **more}).status == 400


def weekly(call: Caller) -> None:
    recurrence = {"frequency": "weekly", "interval": 1, "occurrences": 3}
    body = {"recurrence": recurrence}
    call("PATCH", "/v2/event-types/1", body, version="2024-06-14")


def test_a_recurring_booking_takes_a_seat_in_each_occurrence(call: Caller) -> None:
    weekly(call)
    shown = book(call, "Ann")
    assert [one["start"][:10] for one in shown] == ["2026-12-07", "2026-12-14", "2026-12-21"]
    assert all(one["seatUid"] == one["attendees"][0]["seatUid"] for one in shown)
    [series] = {one["recurringBookingUid"] for one in shown}
    assert len(read(call, series)) == 3


def test_a_second_attendee_joins_every_occurrence(call: Caller) -> None:
    weekly(call)
    first, second = book(call, "Ann"), book(call, "Bob")
    assert [one["uid"] for one in second] == [one["uid"] for one in first]
    assert [names(one) for one in second] == [["Ann", "Bob"]] * 3


def test_a_series_with_one_full_occurrence_takes_no_seat_at_all(call: Caller) -> None:
    weekly(call)
    call("PATCH", "/v2/event-types/1", {"recurrence": None}, version="2024-06-14")
    later = "2026-12-21T10:00:00Z"
    uid = book(call, "Ann", later)["uid"]
    book(call, "Bob", later)
    weekly(call)
    assert try_to_book(call, "Eve").status == 400
    assert [one["uid"] for one in call("GET", "/v2/bookings").data] == [uid]


def test_a_free_seat_can_be_reserved(call: Caller) -> None:
    book(call, "Ann")
    body = {"eventTypeId": 1, "slotStart": TEN}
    assert call("POST", "/v2/slots/reservations", body, version="2024-09-04").status == 201
    book(call, "Bob")
    assert call("POST", "/v2/slots/reservations", body, version="2024-09-04").status == 422
