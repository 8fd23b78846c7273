"""GET /v2/bookings: filters, order, pages."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from cal_actions.sandbox import Sandbox
from tests.sandbox.conftest import KIM, WORLD, Caller, Clock

_PEOPLE = {
    "ann": {"name": "Ann Tester", "email": "ann@client.example", "timeZone": "Europe/Paris"},
    "bob": {"name": "Bob", "email": "bob@client.example", "timeZone": "UTC"},
    "kim": {"name": "Kim Lee", "email": "kim@example.com", "timeZone": "Asia/Seoul"},
}


def booking(
    number: int,
    day: str,
    attendee: str = "ann",
    status: str = "accepted",
    event_type_id: int = 1,
    **more: Any,
) -> dict[str, Any]:
    return {
        "id": number,
        "uid": f"uid{number}",
        "hostId": 1,
        "eventTypeId": event_type_id,
        "title": f"Booking {number}",
        "status": status,
        "start": f"{day}T10:00:00.000Z",
        "end": f"{day}T10:30:00.000Z",
        "createdAt": f"2026-11-{number:02}T00:00:00.000Z",
        "updatedAt": f"2026-11-{30 - number:02}T00:00:00.000Z",
        "attendees": [_PEOPLE[attendee]],
        **more,
    }


BOOKINGS = [
    booking(1, "2026-11-02"),
    booking(2, "2026-11-10", "bob"),
    booking(3, "2026-12-01", "bob"),
    booking(4, "2026-12-02", "kim", event_type_id=2),
    booking(5, "2026-12-03", status="pending", event_type_id=3),
    booking(6, "2026-12-04", status="cancelled"),
    booking(7, "2026-12-05", status="rejected"),
    booking(8, "2026-11-03", status="cancelled"),
]


@pytest.fixture
def call(clock: Clock) -> Iterator[Caller]:
    with Sandbox(now=clock, world={**WORLD, "bookings": BOOKINGS}) as sandbox:
        caller = Caller(sandbox)
        caller.version = "2024-08-13"
        yield caller


def found(call: Caller, query: str = "", **more: Any) -> list[int]:
    told = call("GET", f"/v2/bookings?{query}", **more)
    assert told.status == 200, told.body
    return [one["id"] for one in told.data]


def test_without_filters_everything_comes_by_start(call: Caller) -> None:
    assert found(call) == [1, 8, 2, 3, 4, 5, 6, 7]


def test_bookings_that_the_caller_attends_are_there_too(call: Caller) -> None:
    assert found(call, key=KIM) == [4]


@pytest.mark.parametrize(
    ("status", "numbers"),
    [
        ("upcoming", [3, 4, 5]),
        ("past", [2, 1]),
        ("cancelled", [7, 6, 8]),
        ("unconfirmed", [5]),
        ("recurring", []),
    ],
)
def test_a_status_selects_its_bookings(call: Caller, status: str, numbers: list[int]) -> None:
    assert found(call, f"status={status}") == numbers


@pytest.mark.parametrize(
    "query",
    [
        "status=upcoming,past",
        "status=upcoming,%20past",
        "status=upcoming&status=past",
        "status[]=upcoming&status[]=past",
        "status[0]=upcoming&status[1]=past",
    ],
)
def test_several_statuses_may_come_in_any_array_style(call: Caller, query: str) -> None:
    assert found(call, query) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("attendeeEmail=bob@client.example", [2, 3]),
        ("attendeeName=Bob", [2, 3]),
        ("attendeeName=bo", []),
        ("bookingUid=uid4", [4]),
        ("eventTypeId=2", [4]),
        ("eventTypeIds=2,3", [4, 5]),
        ("eventTypeIds[]=2&eventTypeIds[]=3", [4, 5]),
        ("teamId=1", []),
        ("teamsIds=1,2", []),
        ("afterStart=2026-12-02", [4, 5, 6, 7]),
        ("afterStart=2026-12-02T10:00:00Z", [4, 5, 6, 7]),
        (f"afterStart={quote('2026-12-02T12:00:01+02:00')}", [5, 6, 7]),
        ("beforeEnd=2026-11-03T10:30:00Z", [1, 8]),
        ("afterCreatedAt=2026-11-07", [8, 7]),
        ("beforeCreatedAt=2026-11-02", [1, 2]),
        ("afterUpdatedAt=2026-11-28", [1, 2]),
        ("beforeUpdatedAt=2026-11-23", [8, 7]),
        ("attendeeName=Bob&status=upcoming", [3]),
        ("limit=1&wat=x", [1, 8, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_a_filter_selects_its_bookings(call: Caller, query: str, numbers: list[int]) -> None:
    assert found(call, query) == numbers


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("sortStart=desc", [7, 6, 5, 4, 3, 2, 8, 1]),
        ("sortStart=asc&status=past", [1, 2]),
        ("sortEnd=desc&take=2", [7, 6]),
        ("sortCreated=asc&take=2", [1, 2]),
        ("sortCreated=desc&take=2", [8, 7]),
        ("sortUpdatedAt=asc&take=2", [8, 7]),
        ("sortUpdatedAt=desc&take=2", [1, 2]),
    ],
)
def test_a_sort_sets_the_order(call: Caller, query: str, numbers: list[int]) -> None:
    assert found(call, query) == numbers


def pages(call: Caller, query: str) -> dict[str, Any]:
    pagination: dict[str, Any] = call("GET", f"/v2/bookings?{query}").body["pagination"]
    return pagination


def test_a_page_in_the_middle_knows_its_neighbors(call: Caller) -> None:
    assert found(call, "take=3&skip=3") == [3, 4, 5]
    assert pages(call, "take=3&skip=3") == {
        "returnedItems": 3,
        "totalItems": 8,
        "itemsPerPage": 3,
        "remainingItems": 2,
        "currentPage": 2,
        "totalPages": 3,
        "hasNextPage": True,
        "hasPreviousPage": True,
    }


def test_a_page_holds_100_bookings_unless_told_otherwise(call: Caller) -> None:
    assert pages(call, "")["itemsPerPage"] == 100


def test_beyond_the_end_the_last_page_is_the_current_one(call: Caller) -> None:
    assert pages(call, f"skip={10**20}") == {
        "returnedItems": 0,
        "totalItems": 8,
        "itemsPerPage": 100,
        "remainingItems": 0,
        "currentPage": 1,
        "totalPages": 1,
        "hasNextPage": False,
        "hasPreviousPage": True,
    }


def test_nothing_found_is_no_page_at_all(call: Caller) -> None:
    empty = pages(call, "teamId=1")
    assert (empty["currentPage"], empty["totalPages"]) == (0, 0)


@pytest.mark.parametrize(
    ("query", "constraint"),
    [
        ("take=500", {"take": {"max": "take must not be greater than 250"}}),
        ("take=0", {"take": {"min": "take must not be less than 1"}}),
        ("skip=-1", {"skip": {"min": "skip must not be less than 0"}}),
        (
            "afterStart=yesterday",
            {"afterStart": {"isIso8601": "fromDate must be a valid ISO 8601 date."}},
        ),
        (
            "sortStart=ASC",
            {"sortStart": {"isEnum": 'SortStart must be either "asc" or "desc".'}},
        ),
        (
            "status=wrong",
            {
                "status": {
                    "isEnum": "Invalid status. Allowed are upcoming, recurring, past, cancelled, "
                    "unconfirmed"
                }
            },
        ),
        (
            f"eventTypeId={2**31}",
            {"eventTypeId": {"isInt": "eventTypeId must be an integer number"}},
        ),
        ("eventTypeId=abc", {"eventTypeId": {"isInt": "eventTypeId must be an integer number"}}),
        (
            "eventTypeIds=abc",
            {
                "eventTypeIds": {
                    "isNumber": "each value in eventTypeIds must be a number conforming to the "
                    "specified constraints"
                }
            },
        ),
    ],
)
def test_a_wrong_parameter_is_named(
    call: Caller, query: str, constraint: dict[str, dict[str, str]]
) -> None:
    told = call("GET", f"/v2/bookings?{query}")
    assert told.status == 400
    assert told.constraints == constraint


def test_a_number_that_is_none_is_echoed_as_null(call: Caller) -> None:
    [error] = call("GET", "/v2/bookings?eventTypeIds=abc").error["details"]["errors"]
    assert error["target"] == {"eventTypeIds": [None]}


def test_without_credentials_the_list_is_forbidden(call: Caller) -> None:
    assert call("GET", "/v2/bookings", key=None).status == 403


def test_what_runs_now_and_what_waits_in_a_series_is_listed_by_its_times(clock: Clock) -> None:
    bookings = [
        booking(1, "2026-11-23", start="2026-11-23T07:30:00.000Z", end="2026-11-23T08:30:00.000Z"),
        booking(2, "2026-11-02", status="pending", recurringUid="series"),
        booking(3, "2026-12-02", status="pending", recurringUid="series"),
        booking(4, "2026-11-22", end="2026-11-30T10:00:00.000Z"),
    ]
    with Sandbox(now=clock, world={**WORLD, "bookings": bookings}) as sandbox:
        call = Caller(sandbox)
        call.version = "2024-08-13"
        assert found(call, "status=upcoming") == [4, 1]
        assert found(call, "status=past") == [2]
        assert found(call, "status=unconfirmed") == found(call, "status=recurring") == [3]
        assert found(call, "sortEnd=desc") == [3, 4, 1, 2]
