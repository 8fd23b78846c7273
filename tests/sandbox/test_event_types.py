"""/v2/event-types."""

from typing import Any

import pytest

KIM = "cal_kim"
NEW = {"title": "Coffee", "slug": "coffee", "lengthInMinutes": 45}


@pytest.fixture(autouse=True)
def _version(call: Any) -> None:
    call.version = "2024-06-14"


@pytest.fixture
def coffee(call: Any) -> int:
    event_type_id: int = call("POST", "/v2/event-types", NEW).data["id"]
    return event_type_id


def test_a_new_event_type_is_shown_with_what_was_given(call: Any) -> None:
    told = call("POST", "/v2/event-types", NEW)
    assert told.status == 201
    assert NEW.items() <= told.data.items()


def test_a_new_event_type_takes_cal_coms_defaults(call: Any, coffee: int) -> None:
    shown = call("GET", f"/v2/event-types/{coffee}").data
    assert shown["minimumBookingNotice"] == 120
    assert shown["locations"] == [{"type": "integration", "integration": "cal-video"}]
    assert shown["seats"] == {"disabled": True}
    assert shown["recurrence"] is None


def test_settings_are_shown_as_they_were_given(call: Any) -> None:
    settings = {
        "confirmationPolicy": {"type": "always", "blockUnconfirmedBookingsInBooker": False},
        "bookingLimitsCount": {"day": 2},
        "beforeEventBuffer": 15,
        "locations": [{"type": "address", "address": "1 High Street", "public": True}],
    }
    shown = call("POST", "/v2/event-types", {**NEW, **settings}).data
    assert settings.items() <= shown.items()


def test_seats_and_recurrence_are_shown_as_switched_on(call: Any) -> None:
    seats = {"seatsPerTimeSlot": 3, "showAttendeeInfo": True, "showAvailabilityCount": True}
    recurrence = {"frequency": "weekly", "interval": 1, "occurrences": 3}
    body = {**NEW, "seats": seats, "recurrence": recurrence}
    shown = call("POST", "/v2/event-types", body).data
    assert shown["seats"] == {"disabled": False, **seats}
    assert shown["recurrence"] == {"disabled": False, **recurrence}


def test_recurrence_can_be_switched_off_again(call: Any, coffee: int) -> None:
    recurrence = {"frequency": "weekly", "interval": 1, "occurrences": 3}
    call("PATCH", f"/v2/event-types/{coffee}", {"recurrence": recurrence})
    body = {"recurrence": {"disabled": True}}
    assert call("PATCH", f"/v2/event-types/{coffee}", body).data["recurrence"] is None


def test_an_own_booking_field_follows_the_default_ones(call: Any) -> None:
    field = {"type": "text", "slug": "company", "label": "Company", "required": True}
    fields = call("POST", "/v2/event-types", {**NEW, "bookingFields": [field]}).data[
        "bookingFields"
    ]
    assert fields[-1] == {"isDefault": False, **field}
    assert fields[0]["slug"] == "name"


def test_a_second_event_type_with_the_same_slug_is_refused(call: Any, coffee: int) -> None:
    told = call("POST", "/v2/event-types", NEW)
    assert told.status == 400
    assert told.error["message"] == "User already has an event type with this slug."


def test_two_users_may_have_the_same_slug(call: Any, coffee: int) -> None:
    assert call("POST", "/v2/event-types", NEW, key=KIM).status == 201


def test_a_change_to_a_taken_slug_is_refused(call: Any, coffee: int) -> None:
    assert call("PATCH", f"/v2/event-types/{coffee}", {"slug": "30min"}).status == 400


def test_a_change_touches_the_given_fields_only(call: Any, coffee: int) -> None:
    before = call("PATCH", f"/v2/event-types/{coffee}", {}).data
    body = {"title": "Long coffee", "lengthInMinutes": 50}
    assert call("PATCH", f"/v2/event-types/{coffee}", body).data == {**before, **body}


def test_an_event_type_can_use_a_schedule_of_its_owner(call: Any, coffee: int) -> None:
    assert call("PATCH", f"/v2/event-types/{coffee}", {"scheduleId": 1}).data["scheduleId"] == 1


def test_an_event_type_cannot_use_the_schedule_of_someone_else(call: Any) -> None:
    assert call("POST", "/v2/event-types", {**NEW, "scheduleId": 1}, key=KIM).status == 404


def test_a_deleted_event_type_is_named_once_more(call: Any, coffee: int) -> None:
    told = call("DELETE", f"/v2/event-types/{coffee}")
    assert told.data == {"id": coffee, **NEW}


def test_deleting_an_event_type_twice_is_not_found(call: Any, coffee: int) -> None:
    call("DELETE", f"/v2/event-types/{coffee}")
    told = call("DELETE", f"/v2/event-types/{coffee}")
    assert told.status == 404
    assert told.error["message"] == f"Event type with ID={coffee} does not exist."


def test_the_id_of_a_deleted_event_type_is_not_given_again(call: Any, coffee: int) -> None:
    call("DELETE", f"/v2/event-types/{coffee}")
    assert call("POST", "/v2/event-types", NEW).data["id"] > coffee


def test_the_event_type_of_someone_else_is_not_found(call: Any) -> None:
    told = call("GET", "/v2/event-types/1", key=KIM)
    assert told.status == 404
    assert told.error["message"] == "Event type with id 1 not found"


def test_the_event_type_of_someone_else_cannot_be_deleted(call: Any) -> None:
    assert call("DELETE", "/v2/event-types/1", key=KIM).status == 403


def test_the_length_must_be_a_number(call: Any) -> None:
    told = call("POST", "/v2/event-types", {**NEW, "lengthInMinutes": "15"})
    assert told.constraints == {
        "lengthInMinutes": {
            "min": "lengthInMinutes must not be less than 1",
            "isInt": "lengthInMinutes must be an integer number",
        }
    }


def test_a_number_beyond_32_bits_is_refused(call: Any) -> None:
    assert call("POST", "/v2/event-types", {**NEW, "lengthInMinutes": 10**30}).status == 400


def test_an_unknown_kind_of_location_is_told(call: Any) -> None:
    told = call("POST", "/v2/event-types", {**NEW, "locations": [{"type": "moonbase"}]})
    assert told.status == 400
    assert told.error["message"] == (
        "Unsupported location type 'moonbase'. Valid types are address, link, integration, and "
        "phone."
    )


@pytest.mark.parametrize(
    "locations", [[], "cal-video", [{}], ["address"], [{"type": ["address"]}], [{"type": "link"}]]
)
def test_locations_that_are_none_are_refused(call: Any, locations: Any) -> None:
    assert call("POST", "/v2/event-types", {**NEW, "locations": locations}).status == 400


@pytest.mark.parametrize(
    "settings",
    [
        {"seats": {"seatsPerTimeSlot": 0}},
        {"recurrence": {"frequency": "daily", "interval": 1, "occurrences": 2}},
        {"confirmationPolicy": {"type": "sometimes"}},
        {"confirmationPolicy": {"type": "time", "blockUnconfirmedBookingsInBooker": False}},
        {"bookingWindow": {"type": "range", "value": ["2026-12-01"]}},
        {"bookingWindow": {"type": "range", "value": ["2026-12-01", "tomorrow"]}},
        {"bookingWindow": {"type": "range", "value": ["2026-12-01", "9999-12-31"]}},
        {"bookingWindow": {"type": "calendarDays", "value": 1_000_000_000}},
        {"lengthInMinutes": 1441},
        {"lengthInMinutesOptions": [45, -5]},
        {"bookingFields": [{"slug": ["topic"]}]},
        {"bookingWindow": {"type": "range", "value": 3}},
        {"bookingWindow": {"type": "calendarDays", "value": "3"}},
        {"bookingLimitsCount": {"day": 0}},
        {"color": {"lightThemeHex": "#fff"}},
    ],
)
def test_settings_of_the_wrong_shape_are_refused(call: Any, settings: dict[str, Any]) -> None:
    assert call("POST", "/v2/event-types", {**NEW, **settings}).status == 400


def test_a_refusal_says_what_a_part_inside_a_part_lacks(call: Any) -> None:
    policy = {"type": "time", "noticeThreshold": {"unit": "hours"}}
    told = call("POST", "/v2/event-types", {**NEW, "confirmationPolicy": policy})
    assert "count must be an integer number" in told.error["message"]


def test_a_whole_number_is_shown_without_its_fraction(call: Any) -> None:
    body = b'{"title": "Coffee", "slug": "coffee", "lengthInMinutes": 45, "slotInterval": 15.0}'
    told = call("POST", "/v2/event-types", body)
    assert isinstance(told.data["slotInterval"], int)


@pytest.mark.parametrize("name", ["title", "slug", "lengthInMinutes", "hidden"])
def test_null_is_refused_where_an_event_type_needs_a_value(
    call: Any, coffee: int, name: str
) -> None:
    assert call("PATCH", f"/v2/event-types/{coffee}", {name: None}).status == 400


def test_event_types_are_listed_for_everyone(call: Any) -> None:
    found = call("GET", "/v2/event-types?username=sam", key=None).data
    assert [one["slug"] for one in found] == ["30min", "15min", "consultation"]


def test_one_event_type_is_found_by_its_slug(call: Any) -> None:
    found = call("GET", "/v2/event-types?username=sam&eventSlug=15min").data
    assert [one["id"] for one in found] == [2]


@pytest.mark.parametrize(
    "query", ["", "?username=nobody", "?username=sam&eventSlug=nothing", "?eventSlug=30min"]
)
def test_a_list_without_event_types_is_not_found(call: Any, query: str) -> None:
    told = call("GET", f"/v2/event-types{query}")
    assert told.status == 404
    assert told.error["message"] == "Event types not found"


def test_a_hidden_event_type_is_listed_for_its_owner_only(call: Any, coffee: int) -> None:
    call("PATCH", f"/v2/event-types/{coffee}", {"hidden": True})
    listed = "/v2/event-types?username=sam"
    assert coffee in [one["id"] for one in call("GET", listed).data]
    assert coffee not in [one["id"] for one in call("GET", listed, key=None).data]


@pytest.mark.parametrize(
    ("query", "status"), [("", 404), ("&orgId=7", 200), ("&orgSlug=lees", 200), ("&orgId=8", 404)]
)
def test_a_user_of_an_organization_is_found_through_it(call: Any, query: str, status: int) -> None:
    call("POST", "/v2/event-types", NEW, key=KIM)
    assert call("GET", f"/v2/event-types?username=kim{query}").status == status


@pytest.mark.parametrize(
    "query", ["usernames=sam,nobody", "usernames=sam&usernames=nobody", "usernames[]=sam"]
)
def test_several_usernames_make_one_group_meeting(call: Any, query: str) -> None:
    (group,) = call("GET", f"/v2/event-types?{query}").data
    assert group["slug"] == "dynamic"
    assert [user["username"] for user in group["users"]] == ["sam"]
