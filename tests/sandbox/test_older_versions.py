"""Schedules, event types and bookings as versions before their newest show them."""

from collections.abc import Iterator
from typing import Any

import pytest

from cal_actions.sandbox import Sandbox
from cal_actions.sandbox.seed import BUILT_IN
from tests.sandbox.conftest import Caller, Clock

SAM, ROBIN = "cal_sandbox_owner", "cal_sandbox_member"
OLDEST, JUNE_11, JUNE_14 = "2024-04-15", "2024-06-11", "2024-06-14"
NEWEST_OF_BOOKINGS = "2024-08-13"
TEAM_EVENT_TYPE = {
    "id": 10,
    "teamId": 3,
    "schedulingType": "roundRobin",
    "title": "Help",
    "slug": "help",
    "lengthInMinutes": 30,
    "hosts": [{"userId": 1}, {"userId": 2}],
}
WORLD = {
    **BUILT_IN,
    "eventTypes": [*BUILT_IN["eventTypes"], TEAM_EVENT_TYPE],
}


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(now=clock, world=WORLD) as made:
        yield made


def book(call: Caller, start: str = "2026-12-01T10:00:00Z", **more: Any) -> Any:
    body = {
        "start": start,
        "eventTypeId": 1,
        "attendee": {"name": "Ann", "email": "ann@x.example", "timeZone": "Europe/Paris"},
        **more,
    }
    return call("POST", "/v2/bookings", body, version=NEWEST_OF_BOOKINGS).data


def groups(call: Caller, key: str = SAM) -> list[Any]:
    data = call("GET", "/v2/event-types", key=key, version=OLDEST).data
    return list(data["eventTypeGroups"])


def add_event_type(call: Caller, **settings: Any) -> Any:
    body = {"title": "New", "slug": "new", "lengthInMinutes": 20, **settings}
    made = call("POST", "/v2/event-types", body, version=JUNE_14).data
    [found] = [one for one in groups(call)[0]["eventTypes"] if one["id"] == made["id"]]
    return found


# --- schedules


def test_a_schedule_counts_its_hours_in_minutes_and_its_days_from_sunday(call: Caller) -> None:
    [schedule] = call("GET", "/v2/schedules", version=OLDEST).data

    assert schedule["workingHours"] == [
        {"days": [1, 2, 3, 4, 5], "startTime": 540, "endTime": 1020}
    ]
    sunday, monday, *_, saturday = schedule["availability"]
    assert (sunday, saturday) == ([], [])
    assert monday == [{"start": "2026-11-23T09:00:00.000Z", "end": "2026-11-23T17:00:00.000Z"}]


def test_an_override_is_a_period_with_a_date(call: Caller) -> None:
    override = {"date": "2026-12-24", "startTime": "10:00", "endTime": "12:00"}
    call("PATCH", "/v2/schedules/1", {"overrides": [override]}, version=JUNE_11)

    schedule = call("GET", "/v2/schedules/1", version=OLDEST).data

    assert schedule["dateOverrides"] == [
        {"ranges": [{"start": "2026-12-24T10:00:00.000Z", "end": "2026-12-24T12:00:00.000Z"}]}
    ]
    assert [one["date"] for one in schedule["schedule"]] == [None, "2026-12-24T00:00:00.000Z"]
    assert len(schedule["workingHours"]) == 1


def test_the_last_schedule_says_so(call: Caller) -> None:
    assert call("GET", "/v2/schedules/default", version=OLDEST).data["isLastSchedule"]

    body = {"name": "Second", "timeZone": "UTC", "isDefault": False}
    call("POST", "/v2/schedules", body, version=JUNE_11)

    schedules = call("GET", "/v2/schedules", version=OLDEST).data
    assert [one["isLastSchedule"] for one in schedules] == [False, False]
    assert [one["isDefault"] for one in schedules] == [True, False]


def test_without_a_default_schedule_there_is_none_to_show(call: Caller) -> None:
    call("DELETE", "/v2/schedules/1", version=JUNE_11)

    assert call("GET", "/v2/schedules/default", version=OLDEST).data is None


def test_the_schedule_of_another_user_is_a_403_and_an_unknown_one_a_404(call: Caller) -> None:
    assert call("GET", "/v2/schedules/2", version=OLDEST).status == 403
    assert call("GET", "/v2/schedules/99", version=OLDEST).status == 404


def test_schedules_need_credentials(call: Caller) -> None:
    assert call("GET", "/v2/schedules", key=None, version=OLDEST).status == 401


# --- event types


def test_event_types_come_in_the_groups_of_their_owners(call: Caller) -> None:
    own, team = groups(call)

    assert [one["slug"] for one in own["eventTypes"]] == ["30min", "15min", "consultation"]
    assert [one["slug"] for one in team["eventTypes"]] == ["help"]
    assert (team["teamId"], team["parentId"], team["membershipRole"]) == (3, 1, "OWNER")
    assert team["metadata"] == {"membershipCount": 2, "readOnly": False}


def test_a_member_may_only_read_the_event_types_of_a_team(call: Caller) -> None:
    own, team = groups(call, ROBIN)

    assert own["eventTypes"] == []
    assert team["metadata"]["readOnly"]


def test_a_teams_event_type_names_its_hosts(call: Caller) -> None:
    [_, team] = groups(call)
    [event_type] = team["eventTypes"]

    assert event_type["schedulingType"] == "ROUND_ROBIN"
    assert event_type["userIds"] == [1, 2]
    assert [host["user"]["username"] for host in event_type["hosts"]] == ["sam", "robin"]


def test_whatever_the_query_asks_for_the_callers_own_are_shown(call: Caller) -> None:
    asked = call("GET", "/v2/event-types?username=robin", version=JUNE_11)

    assert asked.body == call("GET", "/v2/event-types", version=JUNE_11).body


def test_event_types_need_credentials_in_older_versions(call: Caller) -> None:
    assert call("GET", "/v2/event-types?username=sam", key=None, version=OLDEST).status == 401


def test_the_defaults_are_worded_as_in_the_database(call: Caller) -> None:
    event_type = add_event_type(call)

    assert event_type["locations"] == [{"type": "integrations:daily"}]
    assert (event_type["periodType"], event_type["requiresConfirmation"]) == ("UNLIMITED", False)
    for name in (
        "description",
        "recurringEvent",
        "bookingLimits",
        "eventTypeColor",
        "bookingFields",
    ):
        assert event_type[name] is None


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"description": "A & B"}, {"safeDescription": "<p>A &amp; B</p>\n"}),
        ({"customName": "Call"}, {"eventName": "Call"}),
        (
            {"locations": [{"type": "phone", "phone": "+15551234567", "public": False}]},
            {
                "locations": [
                    {
                        "type": "userPhone",
                        "hostPhoneNumber": "+15551234567",
                        "displayLocationPublicly": False,
                    }
                ]
            },
        ),
        (
            {"recurrence": {"interval": 1, "occurrences": 3, "frequency": "weekly"}},
            {"recurringEvent": {"freq": 2, "count": 3, "interval": 1}},
        ),
        (
            {"bookingLimitsCount": {"day": 2}, "bookingLimitsDuration": {"week": 90}},
            {"bookingLimits": {"PER_DAY": 2}, "durationLimits": {"PER_WEEK": 90}},
        ),
        (
            {"color": {"lightThemeHex": "#ffffff", "darkThemeHex": "#000000"}},
            {
                "eventTypeColor": {
                    "lightEventTypeColor": "#ffffff",
                    "darkEventTypeColor": "#000000",
                }
            },
        ),
        (
            {"confirmationPolicy": {"type": "always", "blockUnconfirmedBookingsInBooker": True}},
            {"requiresConfirmation": True, "requiresConfirmationWillBlockSlot": True},
        ),
        (
            {
                "seats": {
                    "seatsPerTimeSlot": 3,
                    "showAttendeeInfo": True,
                    "showAvailabilityCount": False,
                }
            },
            {
                "seatsPerTimeSlot": 3,
                "seatsShowAttendees": True,
                "seatsShowAvailabilityCount": False,
            },
        ),
        (
            {"bookingWindow": {"type": "calendarDays", "value": 30, "rolling": True}},
            {"periodType": "ROLLING_WINDOW", "periodDays": 30, "periodCountCalendarDays": True},
        ),
        (
            {"bookingWindow": {"type": "range", "value": ["2026-12-01", "2026-12-31"]}},
            {
                "periodType": "RANGE",
                "periodStartDate": "2026-12-01",
                "periodEndDate": "2026-12-31",
                "periodDays": None,
            },
        ),
    ],
)
def test_a_setting_is_worded_as_in_the_database(
    call: Caller, given: dict[str, Any], shown: dict[str, Any]
) -> None:
    event_type = add_event_type(call, **given)

    assert event_type | shown == event_type


def test_an_added_booking_field_is_shown(call: Caller) -> None:
    field = {
        "type": "text",
        "slug": "topic",
        "label": "Topic",
        "required": True,
        "placeholder": "",
    }

    [shown] = add_event_type(call, bookingFields=[field])["bookingFields"]

    assert (shown["name"], shown["type"], shown["required"]) == ("topic", "text", True)


# --- bookings


@pytest.mark.parametrize("version", [OLDEST, JUNE_11, JUNE_14, None])
def test_the_upcoming_bookings_are_listed_by_start(call: Caller, version: str | None) -> None:
    late = book(call, "2026-12-02T10:00:00Z")
    early = book(call)
    gone = book(call, "2026-12-03T10:00:00Z")
    reason = {"cancellationReason": "No time"}
    call("POST", f"/v2/bookings/{gone['uid']}/cancel", reason, version=NEWEST_OF_BOOKINGS)

    data = call("GET", "/v2/bookings?take=1", version=version).data

    assert [one["uid"] for one in data["bookings"]] == [early["uid"], late["uid"]]
    assert (data["totalCount"], data["nextCursor"]) == (2, None)


def test_a_booking_that_is_over_is_not_listed(call: Caller, clock: Clock) -> None:
    book(call)
    clock.advance(days=30)

    assert call("GET", "/v2/bookings", version=OLDEST).data["bookings"] == []


def test_a_series_is_summed_up_by_status(call: Caller) -> None:
    recurrence = {"interval": 1, "occurrences": 2, "frequency": "weekly"}
    event_type = add_event_type(call, recurrence=recurrence)
    first, second = book(call, eventTypeId=event_type["id"])
    reason = {"cancellationReason": "No time"}
    call("POST", f"/v2/bookings/{second['uid']}/cancel", reason, version=NEWEST_OF_BOOKINGS)

    [info] = call("GET", "/v2/bookings", version=OLDEST).data["recurringInfo"]

    assert info["recurringEventId"] == first["recurringBookingUid"]
    assert (info["count"], info["firstDate"]) == (2, "2026-12-01T10:00:00.000Z")
    assert info["bookings"]["ACCEPTED"] == ["2026-12-01T10:00:00.000Z"]
    assert info["bookings"]["CANCELLED"] == ["2026-12-08T10:00:00.000Z"]


def test_one_booking_is_read_without_credentials(call: Caller) -> None:
    made = book(call)

    shown = call("GET", f"/v2/bookings/{made['uid']}", key=None, version=OLDEST).data

    assert (shown["startTime"], shown["status"]) == ("2026-12-01T10:00:00.000Z", "ACCEPTED")
    assert shown["user"]["username"] == "sam"
    assert [one["email"] for one in shown["attendees"]] == ["ann@x.example"]


def test_a_booking_outlives_its_event_type(call: Caller) -> None:
    made = book(call)
    call("DELETE", "/v2/event-types/1", version=JUNE_14)

    assert call("GET", f"/v2/bookings/{made['uid']}", version=OLDEST).data["eventType"] is None
    [listed] = call("GET", "/v2/bookings", version=OLDEST).data["bookings"]
    assert listed["eventType"] is None


def test_a_moved_booking_names_the_one_before(call: Caller) -> None:
    made = book(call)
    moved = call(
        "POST",
        f"/v2/bookings/{made['uid']}/reschedule",
        {"start": "2026-12-02T10:00:00Z"},
        version=NEWEST_OF_BOOKINGS,
    ).data

    [listed] = call("GET", "/v2/bookings", version=OLDEST).data["bookings"]
    before = call("GET", f"/v2/bookings/{made['uid']}", version=OLDEST).data

    assert (listed["uid"], listed["fromReschedule"]) == (moved["uid"], made["uid"])
    assert before["rescheduled"] is True


def test_an_unknown_booking_is_a_404(call: Caller) -> None:
    assert call("GET", "/v2/bookings/nope", version=OLDEST).status == 404


def test_the_bookings_of_others_are_not_listed(call: Caller) -> None:
    book(call)

    assert call("GET", "/v2/bookings", key=ROBIN, version=OLDEST).data["bookings"] == []


def test_a_forgotten_version_is_noticed_when_booking(call: Caller) -> None:
    body = {
        "start": "2026-12-01T10:00:00Z",
        "eventTypeId": 1,
        "attendee": {"name": "Ann", "email": "ann@x.example", "timeZone": "UTC"},
    }

    told = call("POST", "/v2/bookings", body)

    assert (told.status, set(told.constraints)) == (400, {"timeZone", "language"})


def test_an_older_booking_is_told_which_version_is_played(call: Caller, sandbox: Sandbox) -> None:
    body = {"start": "2026-12-01T10:00:00Z", "eventTypeId": 1, "timeZone": "UTC", "language": "en"}

    told = call("POST", "/v2/bookings", body, version=JUNE_14)

    assert told.status == 501
    assert NEWEST_OF_BOOKINGS in told.error["message"]
    assert sandbox.state()["bookings"] == []
