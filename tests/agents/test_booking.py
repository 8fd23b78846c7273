"""A model finds a time and books it, also where someone else was faster."""

from __future__ import annotations

from typing import Any

from cal_actions import Connector, catalog
from cal_actions.sandbox import Sandbox
from tests.agents.conftest import Agent
from tests.agents.model import Call

SCHEDULING = catalog.filter(toolset="scheduling")
TYPES, SLOTS = "CAL_LIST_EVENT_TYPES", "CAL_GET_AVAILABLE_SLOTS_INFO"
BOOK, MOVE = "CAL_POST_NEW_BOOKING_REQUEST", "CAL_RESCHEDULE_BOOKING_BY_UID"
ANA = {"name": "Ana", "email": "ana@example.com", "timeZone": "Europe/Madrid"}
BEN = {"name": "Ben", "email": "ben@example.com", "timeZone": "Europe/Berlin"}
TUESDAY = "2030-01-08"


def slots_of(event_type: int, **more: Any) -> Call:
    return Call(
        SLOTS, {"eventTypeId": event_type, "startTime": TUESDAY, "endTime": TUESDAY, **more}
    )


def a_model_that_books() -> Any:
    (me,) = yield [Call("CAL_RETRIEVE_MY_INFORMATION")]
    (types,) = yield [Call(TYPES, {"username": me.data["username"]})]
    half_hour = next(one for one in types.data["items"] if one["lengthInMinutes"] == 30)
    (slots,) = yield [slots_of(half_hour["id"])]
    first, *others = slots.data[TUESDAY]
    booking = {"eventTypeId": half_hour["id"], "attendee": ANA}
    (booked,) = yield [Call(BOOK, {**booking, "start": first["start"]})]
    while not booked.content["successful"] and "already has booking" in booked.error:
        first, *others = others
        (booked,) = yield [Call(BOOK, {**booking, "start": first["start"]})]
    return f"Booked for {booked.data['start']}."


def a_model_that_moves() -> Any:
    (bookings,) = yield [Call("CAL_FETCH_ALL_BOOKINGS", {"status": ["upcoming"]})]
    (booking,) = bookings.data["items"]
    (slots,) = yield [slots_of(booking["eventTypeId"], rescheduleUid=booking["uid"])]
    late, later = slots.data[TUESDAY][-1]["start"], slots.data[TUESDAY][-2]["start"]
    (moved,) = yield [Call(MOVE, {"bookingUid": booking["uid"], "start": late})]
    if "already has booking" in moved.error:
        (moved,) = yield [Call(MOVE, {"bookingUid": booking["uid"], "start": later})]
    return f"Moved to {moved.data['start']}."


def told(sandbox: Sandbox) -> list[tuple[str, str, str]]:
    return [
        (booking["attendees"][0]["name"], booking["start"][:16], booking["status"])
        for booking in sandbox.state()["bookings"]
    ]


def booked_by(cal: Connector, attendee: dict[str, str], start: str) -> Any:
    booking = {"eventTypeId": 1, "start": start, "attendee": attendee}
    return cal.execute(BOOK, booking).raise_for_error().data


def test_the_first_free_slot_is_booked(agent: Agent, cal: Connector, sandbox: Sandbox) -> None:
    answer = agent.ask(a_model_that_books, cal, SCHEDULING)
    assert answer == "Booked for 2030-01-08T09:00:00.000Z."
    assert told(sandbox) == [("Ana", "2030-01-08T09:00", "accepted")]


def test_the_first_free_slot_is_booked_over_a_stream(
    streaming_agent: Agent, cal: Connector, sandbox: Sandbox
) -> None:
    answer = streaming_agent.ask(a_model_that_books, cal, SCHEDULING)
    assert answer == "Booked for 2030-01-08T09:00:00.000Z."
    assert told(sandbox) == [("Ana", "2030-01-08T09:00", "accepted")]


def test_a_slot_that_was_taken_meanwhile_leads_to_the_next(
    agent: Agent, cal: Connector, sandbox: Sandbox
) -> None:
    def take_the_first() -> None:
        booked_by(cal, BEN, "2030-01-08T09:00:00Z")

    agent.ask(a_model_that_books, cal, SCHEDULING, meanwhile={3: take_the_first})
    assert told(sandbox) == [
        ("Ben", "2030-01-08T09:00", "accepted"),
        ("Ana", "2030-01-08T09:30", "accepted"),
    ]


def test_a_booking_is_moved_around_a_clash(agent: Agent, cal: Connector, sandbox: Sandbox) -> None:
    booked_by(cal, ANA, "2030-01-07T10:00:00Z")

    def take_the_last() -> None:
        booked_by(cal, BEN, "2030-01-08T16:30:00Z")

    agent.ask(a_model_that_moves, cal, SCHEDULING, meanwhile={2: take_the_last})
    assert told(sandbox) == [
        ("Ana", "2030-01-07T10:00", "cancelled"),
        ("Ben", "2030-01-08T16:30", "accepted"),
        ("Ana", "2030-01-08T16:00", "accepted"),
    ]
