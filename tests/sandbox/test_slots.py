"""GET /v2/slots, its retired sibling, and reservations."""

from datetime import date
from typing import Any

import pytest

from cal_actions.sandbox import Sandbox
from tests.sandbox.conftest import KIM, SAM, WORLD, Caller, Clock, change

MONDAY = "start=2026-12-07&end=2026-12-07"


@pytest.fixture(autouse=True)
def newest_version(call: Caller) -> None:
    call.version = "2024-09-04"


def slots(call: Caller, query: str = MONDAY) -> dict[str, list[dict[str, str]]]:
    told = call("GET", f"/v2/slots?eventTypeId=1&{query}", key=None)
    assert told.status == 200
    data: dict[str, list[dict[str, str]]] = told.data
    return data


def starts(call: Caller, query: str = MONDAY) -> list[str]:
    """The times of day in UTC, when they are shown in UTC."""
    return [slot["start"][11:16] for day in slots(call, query).values() for slot in day]


def book(call: Caller, start: str, event_type_id: int = 1) -> str:
    attendee = {"name": "Ann", "email": "ann@client.example", "timeZone": "UTC"}
    body = {"start": start, "eventTypeId": event_type_id, "attendee": attendee}
    told = call("POST", "/v2/bookings", body, version="2024-08-13")
    assert told.status == 201, told.body
    uid: str = told.data["uid"]
    return uid


class TestWhatIsOffered:
    def test_slots_fill_the_working_hours_of_a_day(self, call: Caller) -> None:
        times = starts(call)
        assert (times[0], times[-1], len(times)) == ("09:00", "16:30", 16)

    def test_an_end_without_a_time_includes_its_day(self, call: Caller) -> None:
        days = slots(call, "start=2026-12-07&end=2026-12-08")
        assert list(days) == ["2026-12-07", "2026-12-08"]

    def test_an_end_with_a_time_is_exact(self, call: Caller) -> None:
        query = "start=2026-12-07T09:00:00Z&end=2026-12-07T10:00:00Z"
        assert starts(call, query) == ["09:00", "09:30"]

    def test_days_without_slots_are_left_out(self, call: Caller) -> None:
        assert slots(call, "start=2026-12-05&end=2026-12-06") == {}

    def test_a_booking_takes_its_slot(self, call: Caller) -> None:
        book(call, "2026-12-07T10:00:00Z")
        assert "10:00" not in starts(call)

    def test_a_booking_of_another_event_type_takes_the_slot_too(self, call: Caller) -> None:
        book(call, "2026-12-07T10:15:00Z", event_type_id=2)
        assert "10:00" not in starts(call)

    def test_a_pending_booking_leaves_its_slot_open(self, call: Caller) -> None:
        book(call, "2026-12-07T10:00:00Z", event_type_id=3)
        assert "10:00" in starts(call)

    def test_a_pending_booking_takes_its_slot_where_unconfirmed_ones_block(
        self, call: Caller
    ) -> None:
        policy = {"type": "always", "blockUnconfirmedBookingsInBooker": True}
        change(call, 3, confirmationPolicy=policy)
        book(call, "2026-12-07T10:00:00Z", event_type_id=3)
        assert "10:00" not in starts(call)

    def test_the_slot_of_a_booking_to_move_is_offered_again(self, call: Caller) -> None:
        uid = book(call, "2026-12-07T10:00:00Z")
        assert "10:00" in starts(call, f"{MONDAY}&bookingUidToReschedule={uid}")

    def test_the_minimum_notice_hides_the_next_hours(self, call: Caller) -> None:
        assert starts(call, "start=2026-11-23&end=2026-11-23")[0] == "10:00"

    def test_nothing_is_offered_in_the_past(self, call: Caller) -> None:
        assert slots(call, "start=2026-11-16&end=2026-11-20") == {}

    def test_buffers_keep_time_around_bookings(self, call: Caller) -> None:
        change(call, beforeEventBuffer=60, afterEventBuffer=30)
        book(call, "2026-12-07T12:00:00Z", event_type_id=2)
        times = [one for one in starts(call) if "10:30" <= one <= "13:30"]
        assert times == ["10:30", "11:00", "13:30"]

    def test_the_buffers_of_the_other_event_type_count_too(self, call: Caller) -> None:
        change(call, 2, beforeEventBuffer=30, afterEventBuffer=60)
        book(call, "2026-12-07T12:00:00Z", event_type_id=2)
        assert [one for one in starts(call) if "11:00" <= one <= "13:30"] == ["11:00", "13:30"]

    def test_an_offset_shifts_every_start(self, call: Caller) -> None:
        change(call, offsetStart=10)
        assert starts(call)[:2] == ["09:10", "09:40"]

    def test_used_up_minutes_close_the_day(self, call: Caller) -> None:
        change(call, bookingLimitsDuration={"day": 45})
        book(call, "2026-12-07T10:00:00Z")
        assert slots(call) == {}

    def test_a_limit_that_is_switched_off_closes_nothing(self, call: Caller) -> None:
        change(call, bookingLimitsCount={"day": 1, "disabled": True})
        book(call, "2026-12-07T10:00:00Z")
        assert len(starts(call)) == 15

    def test_bookings_of_other_event_types_use_up_no_limit(self, call: Caller) -> None:
        change(call, bookingLimitsCount={"day": 1})
        book(call, "2026-12-07T10:00:00Z", event_type_id=2)
        assert "11:00" in starts(call)

    def test_a_range_opens_and_closes_with_its_days(self, call: Caller) -> None:
        window = {"type": "range", "value": ["2026-12-08", "2026-12-09"]}
        change(call, bookingWindow=window)
        week = "start=2026-12-07&end=2026-12-11"
        assert list(slots(call, week)) == ["2026-12-08", "2026-12-09"]

    def test_the_slot_interval_sets_the_distance(self, call: Caller) -> None:
        change(call, slotInterval=15)
        assert starts(call)[:3] == ["09:00", "09:15", "09:30"]

    def test_another_length_can_be_asked_for(self, call: Caller) -> None:
        assert starts(call, f"{MONDAY}&duration=120") == ["09:00", "11:00", "13:00", "15:00"]

    def test_a_used_up_daily_limit_closes_the_day(self, call: Caller) -> None:
        change(call, bookingLimitsCount={"day": 1})
        book(call, "2026-12-07T10:00:00Z")
        assert list(slots(call, "start=2026-12-07&end=2026-12-08")) == ["2026-12-08"]

    def test_the_booking_window_closes_what_lies_beyond(self, call: Caller) -> None:
        change(call, bookingWindow={"type": "calendarDays", "value": 1, "rolling": False})
        assert list(slots(call, "start=2026-11-23&end=2026-11-27")) == ["2026-11-23", "2026-11-24"]

    def test_a_rolling_window_reaches_over_bookable_days(self, call: Caller) -> None:
        change(call, bookingWindow={"type": "calendarDays", "value": 6, "rolling": True})
        assert list(slots(call, "start=2026-11-27&end=2026-12-04")) == ["2026-11-27", "2026-11-30"]

    def test_only_the_first_slot_of_a_day_is_shown_where_so_wanted(self, call: Caller) -> None:
        change(call, onlyShowFirstAvailableSlot=True)
        assert starts(call, "start=2026-12-07&end=2026-12-08") == ["09:00", "09:00"]

    def test_an_override_of_the_schedule_closes_its_date(self, call: Caller) -> None:
        override = {"date": "2026-12-07", "startTime": "00:00", "endTime": "00:00"}
        told = call("PATCH", "/v2/schedules/1", {"overrides": [override]}, version="2024-06-11")
        assert told.status == 200
        assert slots(call) == {}

    def test_a_day_may_have_several_periods(self, call: Caller) -> None:
        def period(opens: str, closes: str, **on: Any) -> dict[str, Any]:
            return {"startTime": opens, "endTime": closes, **on}

        hours = [period(*one, days=["Monday"]) for one in (("09:00", "10:00"), ("13:00", "14:00"))]
        dates = [
            period(*one, date="2026-12-14") for one in (("09:00", "09:30"), ("13:00", "13:30"))
        ]
        body = {"availability": hours, "overrides": dates}
        assert call("PATCH", "/v2/schedules/1", body, version="2024-06-11").status == 200
        assert starts(call) == ["09:00", "09:30", "13:00", "13:30"]
        assert starts(call, "start=2026-12-14&end=2026-12-14") == ["09:00", "13:00"]

    def test_an_event_type_can_follow_a_schedule_of_its_own(self, call: Caller) -> None:
        hours = {"days": ["Monday"], "startTime": "18:00", "endTime": "19:00"}
        schedule = {
            "name": "Evenings",
            "timeZone": "America/New_York",
            "isDefault": False,
            "availability": [hours],
        }
        made = call("POST", "/v2/schedules", schedule, version="2024-06-11")
        change(call, scheduleId=made.data["id"])
        assert starts(call) == ["23:00", "23:30"]

    def test_an_event_type_is_found_by_slug_and_username(self, call: Caller) -> None:
        told = call("GET", f"/v2/slots?eventTypeSlug=30min&username=sam&{MONDAY}", key=None)
        assert len(told.data["2026-12-07"]) == 16


class TestHowSlotsAreShown:
    def test_times_are_in_utc(self, call: Caller) -> None:
        assert slots(call)["2026-12-07"][0] == {"start": "2026-12-07T09:00:00.000Z"}

    def test_a_time_zone_moves_days_and_times(self, call: Caller) -> None:
        days = slots(call, "start=2026-12-08&end=2026-12-08&timeZone=Pacific/Kiritimati")
        assert list(days) == ["2026-12-08"]
        times = [slot["start"] for slot in days["2026-12-08"]]
        assert times[0] == "2026-12-08T00:00:00.000+14:00"
        assert times[-1] == "2026-12-08T23:30:00.000+14:00"

    def test_a_range_names_both_ends(self, call: Caller) -> None:
        slot = slots(call, f"{MONDAY}&format=range")["2026-12-07"][0]
        assert slot == {"start": "2026-12-07T09:00:00.000Z", "end": "2026-12-07T09:30:00.000Z"}


class TestWhatIsRefused:
    def test_missing_dates_are_named_both(self, call: Caller) -> None:
        told = call("GET", "/v2/slots?eventTypeId=1")
        assert told.status == 400
        assert "start property is wrong" in told.error["message"]
        assert "end property is wrong" in told.error["message"]

    def test_an_unknown_event_type_is_not_found(self, call: Caller) -> None:
        assert call("GET", f"/v2/slots?eventTypeId=99&{MONDAY}").status == 404

    def test_an_id_beyond_32_bits_is_an_error(self, call: Caller) -> None:
        assert call("GET", f"/v2/slots?eventTypeId={2**31}&{MONDAY}").status == 400

    def test_no_event_type_at_all_is_an_error(self, call: Caller) -> None:
        told = call("GET", f"/v2/slots?{MONDAY}")
        assert told.status == 400
        assert "Either eventTypeId" in told.error["message"]

    def test_more_than_a_year_is_refused(self, call: Caller) -> None:
        assert call("GET", "/v2/slots?eventTypeId=1&start=2026-12-07&end=2028-12-07").status == 400

    @pytest.mark.parametrize("extra", ["eventTypeSlug=30min", "usernames=sam", "teamSlug=sales"])
    def test_slugs_and_user_names_beside_an_id_are_refused(self, call: Caller, extra: str) -> None:
        told = call("GET", f"/v2/slots?eventTypeId=1&{MONDAY}&{extra}", key=None)
        assert told.status == 400
        assert "should not exist" in told.body["error"]["message"]


class TestTheRetiredRoute:
    QUERY = "startTime=2026-12-07&endTime=2026-12-08"

    def available(self, call: Caller, query: str) -> Any:
        return call("GET", f"/v2/slots/available?{query}", key=None, version="2024-04-15")

    def test_its_end_is_exact(self, call: Caller) -> None:
        days = self.available(call, f"eventTypeId=1&{self.QUERY}").data["slots"]
        assert list(days) == ["2026-12-07"]
        assert days["2026-12-07"][0] == {"time": "2026-12-07T09:00:00.000Z"}

    def test_its_ranges_have_other_names(self, call: Caller) -> None:
        told = self.available(call, f"eventTypeId=1&slotFormat=range&{self.QUERY}")
        assert set(told.data["slots"]["2026-12-07"][0]) == {"startTime", "endTime"}

    def test_it_takes_usernames_as_an_array_only(self, call: Caller) -> None:
        query = f"eventTypeSlug=30min&{self.QUERY}"
        assert self.available(call, f"{query}&usernameList[]=sam").status == 200
        assert self.available(call, f"{query}&usernameList=sam").constraints == {
            "usernameList": {"isArray": "usernameList must be an array"}
        }

    def test_an_unknown_event_type_is_an_error_without_details(self, call: Caller) -> None:
        told = self.available(call, f"eventTypeId=99&{self.QUERY}")
        assert told.status == 404
        assert told.error == {
            "code": "TRPCError",
            "message": "The requested resource was not found",
        }


class TestReservations:
    def reserve(self, call: Caller, key: str | None = SAM, **more: Any) -> Any:
        body = {"eventTypeId": 1, "slotStart": "2026-12-07T10:00:00Z", **more}
        return call("POST", "/v2/slots/reservations", body, key=key)

    def test_a_reserved_slot_is_no_longer_offered(self, call: Caller) -> None:
        assert self.reserve(call, key=None).status == 201
        assert "10:00" not in starts(call)

    def test_a_reservation_says_how_long_it_holds(self, call: Caller) -> None:
        told = self.reserve(call)
        assert told.data.pop("reservationUid")
        assert told.data == {
            "eventTypeId": 1,
            "slotStart": "2026-12-07T10:00:00.000Z",
            "slotEnd": "2026-12-07T10:30:00.000Z",
            "slotDuration": 30,
            "reservationDuration": 5,
            "reservationUntil": "2026-11-23T08:05:00.000Z",
        }

    def test_a_reservation_ends_by_itself(self, call: Caller, clock: Clock) -> None:
        uid = self.reserve(call).data["reservationUid"]
        clock.advance(minutes=5)
        assert "10:00" in starts(call)
        assert call("GET", f"/v2/slots/reservations/{uid}").data is None

    def test_a_reservation_can_be_read(self, call: Caller) -> None:
        made = self.reserve(call).data
        assert call("GET", f"/v2/slots/reservations/{made['reservationUid']}").data == made

    def test_a_reservation_can_be_moved(self, call: Caller) -> None:
        uid = self.reserve(call).data["reservationUid"]
        body = {"eventTypeId": 1, "slotStart": "2026-12-07T11:00:00Z"}
        told = call("PATCH", f"/v2/slots/reservations/{uid}", body)
        assert told.data["reservationUid"] == uid
        assert "10:00" in starts(call)
        assert "11:00" not in starts(call)

    def test_a_released_slot_is_offered_again(self, call: Caller) -> None:
        uid = self.reserve(call).data["reservationUid"]
        assert call("DELETE", f"/v2/slots/reservations/{uid}").body == {"status": "success"}
        assert "10:00" in starts(call)

    def test_a_longer_hold_needs_credentials(self, call: Caller) -> None:
        assert self.reserve(call, key=None, reservationDuration=30).status == 401
        held = self.reserve(call, key=SAM, reservationDuration=30)
        assert (held.status, held.data["reservationUntil"]) == (201, "2026-11-23T08:30:00.000Z")

    def test_a_length_of_several_can_be_held(self, call: Caller) -> None:
        change(call, lengthInMinutesOptions=[30, 45])
        assert self.reserve(call, slotDuration=45).data["slotEnd"] == "2026-12-07T10:45:00.000Z"

    @pytest.mark.parametrize("options", [[], [30, 45]])
    def test_a_length_that_is_not_on_offer_cannot_be_held(
        self, call: Caller, options: list[int]
    ) -> None:
        change(call, lengthInMinutesOptions=options)
        assert self.reserve(call, slotDuration=60).status == 400

    def test_someone_who_has_nothing_to_do_with_the_owner_cannot_hold_for_longer(
        self, call: Caller
    ) -> None:
        assert self.reserve(call, key=KIM, reservationDuration=30).status == 403

    def test_a_booked_slot_cannot_be_reserved(self, call: Caller) -> None:
        book(call, "2026-12-07T10:00:00Z")
        assert self.reserve(call).status == 422

    def test_an_unknown_reservation_cannot_be_moved(self, call: Caller) -> None:
        body = {"eventTypeId": 1, "slotStart": "2026-12-07T11:00:00Z"}
        assert call("PATCH", "/v2/slots/reservations/none", body).status == 404

    def test_a_slot_of_an_unknown_event_type_cannot_be_reserved(self, call: Caller) -> None:
        assert self.reserve(call, eventTypeId=99).status == 404

    def test_a_length_the_event_type_lacks_cannot_be_reserved(self, call: Caller) -> None:
        assert self.reserve(call, slotDuration=45).status == 400

    def test_even_its_own_length_is_refused_where_there_is_only_one(self, call: Caller) -> None:
        assert self.reserve(call, slotDuration=30).status == 400

    def test_the_retired_route_answers_a_uid_and_sets_it_as_a_cookie(self, call: Caller) -> None:
        body = {
            "eventTypeId": 1,
            "slotUtcStartDate": "2026-12-07T10:00:00Z",
            "slotUtcEndDate": "2026-12-07T10:30:00Z",
        }
        told = call("POST", "/v2/slots/reserve", body, key=None, version="2024-04-15")
        assert told.status == 201
        assert told.headers["Set-Cookie"] == f"uid={told.data}; Path=/"
        assert "10:00" not in starts(call)

        target = f"/v2/slots/selected-slot?uid={told.data}"
        call("DELETE", target, key=None, version="2024-04-15")
        assert "10:00" in starts(call)

    def test_releasing_nothing_succeeds(self, call: Caller) -> None:
        told = call("DELETE", "/v2/slots/selected-slot", key=None, version="2024-04-15")
        assert told.body == {"status": "success"}


def test_a_host_without_a_schedule_has_no_slots(clock: Clock) -> None:
    users = [{**user, "defaultScheduleId": None} for user in WORLD["users"]]
    with Sandbox(now=clock, world={**WORLD, "users": users, "schedules": []}) as sandbox:
        call = Caller(sandbox)
        call.version = "2024-09-04"
        assert slots(call) == {}


def test_thousands_of_bookings_leave_exactly_the_free_slots(clock: Clock) -> None:
    """Every year to 2026 has a full December: the first 29 days, each hour's first half."""
    bookings = [
        {
            "id": number,
            "uid": f"booking{number}",
            "hostId": 1,
            "eventTypeId": 1,
            "title": "Busy",
            "start": f"{when}:00:00.000Z",
            "end": f"{when}:30:00.000Z",
            "attendees": [],
        }
        for number, when in enumerate(
            f"{year}-12-{day:02}T{hour:02}"
            for year in range(2015, 2027)
            for day in range(1, 30)
            for hour in range(9, 17)
        )
    ]
    with Sandbox(now=clock, world={**WORLD, "bookings": bookings}) as sandbox:
        call = Caller(sandbox)
        call.version = "2024-09-04"
        days = slots(call, "start=2026-12-01&end=2026-12-31")
    half_past = [f"{hour:02}:30" for hour in range(9, 17)]
    weekdays = [f"2026-12-{day:02}" for day in range(1, 30) if date(2026, 12, day).weekday() < 5]
    assert list(days) == [*weekdays, "2026-12-30", "2026-12-31"]
    assert all([slot["start"][11:16] for slot in days[day]] == half_past for day in weekdays)
    assert len(days["2026-12-30"]) == len(days["2026-12-31"]) == 16
