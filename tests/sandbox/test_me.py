"""GET and PATCH /v2/me."""

from typing import Any

import pytest

KIM = "cal_kim"


def test_a_profile_names_the_user_and_the_default_schedule(call: Any) -> None:
    assert call("GET", "/v2/me").data == {
        "id": 1,
        "email": "sam@example.com",
        "timeFormat": 24,
        "defaultScheduleId": 1,
        "weekStart": "Monday",
        "timeZone": "UTC",
        "username": "sam",
        "organizationId": None,
    }


def test_a_profile_names_the_organization_of_its_user(call: Any) -> None:
    assert call("GET", "/v2/me", key=KIM).data["organization"] == {"isPlatform": False, "id": 7}


def test_the_answer_to_a_change_leaves_the_organization_out(call: Any) -> None:
    assert "organization" not in call("PATCH", "/v2/me", {}, key=KIM).data


def test_a_change_touches_the_given_fields_only(call: Any) -> None:
    before = call("GET", "/v2/me").data
    changed = call("PATCH", "/v2/me", {"timeFormat": 12, "weekStart": "Sunday"}).data
    assert changed == {**before, "timeFormat": 12, "weekStart": "Sunday"}


def test_a_change_stays(call: Any) -> None:
    call("PATCH", "/v2/me", {"email": "sam.rivera@example.com"})
    assert call("GET", "/v2/me").data["email"] == "sam.rivera@example.com"


def test_a_new_time_zone_moves_the_default_schedule_along(call: Any) -> None:
    call("PATCH", "/v2/me", {"timeZone": "Europe/Paris"})
    schedule = call("GET", "/v2/schedules/default", version="2024-06-11").data
    assert schedule["timeZone"] == "Europe/Paris"


def test_the_name_may_be_cleared(call: Any) -> None:
    assert call("PATCH", "/v2/me", {"name": None}).status == 200
    [shown, *_] = call("GET", "/v2/event-types?username=sam", version="2024-06-14").data
    assert shown["users"][0]["name"] is None


def test_an_unknown_field_is_dropped_silently(call: Any) -> None:
    assert call("PATCH", "/v2/me", {"bogus": 1}).status == 200


def test_every_wrong_field_is_told_in_one_answer(call: Any) -> None:
    told = call("PATCH", "/v2/me", {"timeFormat": 13, "timeZone": "Mars/Phobos"})
    assert told.status == 400
    assert told.constraints == {
        "timeFormat": {"isIn": "timeFormat must be one of the following values: 12, 24"},
        "timeZone": {"isTimeZone": "timeZone must be a valid IANA time-zone"},
    }


@pytest.mark.parametrize("field", ["email", "timeFormat", "weekStart", "timeZone"])
def test_null_is_refused_where_the_profile_needs_a_value(call: Any, field: str) -> None:
    told = call("PATCH", "/v2/me", {field: None})
    assert told.status == 400
    assert list(told.constraints) == [field]


def test_the_email_address_of_someone_else_is_refused(call: Any) -> None:
    told = call("PATCH", "/v2/me", {"email": "kim@example.com"})
    assert told.status == 409
    assert told.error["code"] == "CONFLICT"


def test_a_refused_change_leaves_everything_as_it_was(call: Any) -> None:
    before = call("GET", "/v2/me").data
    call("PATCH", "/v2/me", {"timeFormat": 12, "weekStart": "Caturday"})
    assert call("GET", "/v2/me").data == before
