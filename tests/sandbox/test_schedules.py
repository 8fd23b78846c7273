"""/v2/schedules."""

from typing import Any

import pytest

KIM = "cal_kim"
NEW = {"name": "Evenings", "timeZone": "Europe/London", "isDefault": False}
EVENINGS = {"days": ["Monday", "Tuesday"], "startTime": "18:00", "endTime": "20:00"}
CHRISTMAS = {"date": "2026-12-24", "startTime": "10:00", "endTime": "11:00"}


@pytest.fixture(autouse=True)
def _version(call: Any) -> None:
    call.version = "2024-06-11"


@pytest.fixture
def evenings(call: Any) -> int:
    body = {**NEW, "availability": [EVENINGS], "overrides": [CHRISTMAS]}
    schedule_id: int = call("POST", "/v2/schedules", body).data["id"]
    return schedule_id


def test_a_new_schedule_is_shown_as_it_was_given(call: Any) -> None:
    told = call("POST", "/v2/schedules", {**NEW, "availability": [EVENINGS]})
    assert told.status == 201
    assert told.data == {"id": 2, "ownerId": 1, **NEW, "availability": [EVENINGS], "overrides": []}


def test_a_schedule_without_availability_gets_working_hours(call: Any) -> None:
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    assert call("POST", "/v2/schedules", NEW).data["availability"] == [
        {"days": days, "startTime": "09:00", "endTime": "17:00"}
    ]


def test_an_empty_availability_stays_empty(call: Any) -> None:
    assert call("POST", "/v2/schedules", {**NEW, "availability": []}).data["availability"] == []


def test_hours_of_one_digit_are_padded(call: Any) -> None:
    early = {**EVENINGS, "startTime": "8:00", "endTime": "9:30"}
    shown = call("POST", "/v2/schedules", {**NEW, "availability": [early]}).data["availability"]
    assert shown == [{**EVENINGS, "startTime": "08:00", "endTime": "09:30"}]


def test_schedules_are_listed_by_id(call: Any, evenings: int) -> None:
    assert [one["id"] for one in call("GET", "/v2/schedules").data] == [1, evenings]


def test_only_the_callers_schedules_are_listed(call: Any) -> None:
    assert call("GET", "/v2/schedules", key=KIM).data == []


def test_one_schedule_is_found_by_its_id(call: Any, evenings: int) -> None:
    assert call("GET", f"/v2/schedules/{evenings}").data["overrides"] == [CHRISTMAS]


def test_the_default_schedule_is_found_without_an_id(call: Any) -> None:
    assert call("GET", "/v2/schedules/default").data["id"] == 1


def test_a_user_without_schedules_has_no_default(call: Any) -> None:
    assert call("GET", "/v2/schedules/default", key=KIM).data is None


def test_a_new_default_takes_the_place_of_the_old_one(call: Any) -> None:
    call("POST", "/v2/schedules", {**NEW, "isDefault": True})
    assert [one["isDefault"] for one in call("GET", "/v2/schedules").data] == [False, True]


def test_a_change_keeps_what_it_does_not_name(call: Any, evenings: int) -> None:
    changed = call("PATCH", f"/v2/schedules/{evenings}", {"name": "Late"}).data
    assert changed["name"] == "Late"
    assert changed["availability"] == [EVENINGS]
    assert changed["overrides"] == [CHRISTMAS]


def test_a_change_replaces_the_overrides_as_a_whole(call: Any, evenings: int) -> None:
    assert call("PATCH", f"/v2/schedules/{evenings}", {"overrides": []}).data["overrides"] == []


def test_a_schedule_can_be_made_the_default_later(call: Any, evenings: int) -> None:
    call("PATCH", f"/v2/schedules/{evenings}", {"isDefault": True})
    assert call("GET", "/v2/me").data["defaultScheduleId"] == evenings


def test_a_deleted_schedule_is_gone(call: Any, evenings: int) -> None:
    assert call("DELETE", f"/v2/schedules/{evenings}").body == {"status": "success"}
    assert call("GET", f"/v2/schedules/{evenings}").status == 404


def test_deleting_a_schedule_twice_is_a_bad_request(call: Any, evenings: int) -> None:
    call("DELETE", f"/v2/schedules/{evenings}")
    told = call("DELETE", f"/v2/schedules/{evenings}")
    assert told.status == 400
    assert told.error["message"] == f"Schedule with ID={evenings} does not exist."


def test_deleting_the_default_schedule_leaves_no_default(call: Any) -> None:
    call("DELETE", "/v2/schedules/1")
    assert call("GET", "/v2/me").data["defaultScheduleId"] is None


def test_deleting_a_schedule_frees_the_event_types_that_used_it(call: Any, evenings: int) -> None:
    version = "2024-06-14"
    call("PATCH", "/v2/event-types/1", {"scheduleId": evenings}, version=version)
    call("DELETE", f"/v2/schedules/{evenings}")
    assert call("GET", "/v2/event-types/1", version=version).data["scheduleId"] is None


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_an_unknown_schedule_is_not_found(call: Any, method: str) -> None:
    told = call(method, "/v2/schedules/999999", {} if method == "PATCH" else None)
    assert told.status == 404
    assert told.error["message"] == "Schedule with ID=999999 does not exist."


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_the_schedule_of_someone_else_is_forbidden(call: Any, method: str) -> None:
    told = call(method, "/v2/schedules/1", {} if method == "PATCH" else None, key=KIM)
    assert told.status == 403
    assert told.error["message"] == "User with ID=2 does not own schedule with ID=1"


def test_missing_fields_are_told_without_a_value(call: Any) -> None:
    errors = call("POST", "/v2/schedules", {"name": "x"}).error["details"]["errors"]
    assert errors[0] == {
        "target": {"name": "x"},
        "property": "timeZone",
        "children": [],
        "constraints": {"isTimeZone": "timeZone must be a valid IANA time-zone"},
    }


def test_errors_inside_a_list_are_told_by_their_position(call: Any) -> None:
    hours = [EVENINGS, {**EVENINGS, "days": ["Mon"], "startTime": "9"}]
    told = call("POST", "/v2/schedules", {**NEW, "availability": hours})
    (outer,) = told.error["details"]["errors"]
    (second,) = outer["children"]
    assert (outer["property"], second["property"]) == ("availability", "1")
    assert [one["property"] for one in second["children"]] == ["days", "startTime"]


def test_hours_that_are_no_objects_are_refused(call: Any) -> None:
    assert call("POST", "/v2/schedules", {**NEW, "availability": ["Monday"]}).status == 400


@pytest.mark.parametrize("date", ["24.12.2026", "2026-13-01", "2026-12-24T00:00:00Z"])
def test_an_override_needs_a_calendar_date(call: Any, date: str) -> None:
    body = {**NEW, "overrides": [{**CHRISTMAS, "date": date}]}
    assert call("POST", "/v2/schedules", body).status == 400


def test_a_name_of_null_is_refused(call: Any) -> None:
    assert call("PATCH", "/v2/schedules/1", {"name": None}).status == 400


@pytest.mark.parametrize("schedule_id", ["abc", "99999999999"])
def test_an_id_that_cannot_be_one_is_refused(call: Any, schedule_id: str) -> None:
    assert call("GET", f"/v2/schedules/{schedule_id}").status == 400
