"""Bookings: create, read, reschedule, cancel, confirm, decline, mark absent."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cal_actions.sandbox import Sandbox
from tests.sandbox.conftest import KIM, SAM, Caller, Clock, Told, change

ANN = {"name": "Ann Tester", "email": "ann@client.example", "timeZone": "Europe/Paris"}
TEN, ELEVEN = "2026-12-07T10:00:00Z", "2026-12-07T11:00:00Z"
TAKEN = "User either already has booking at this time or is not available"


@pytest.fixture(autouse=True)
def newest_version(call: Caller) -> None:
    call.version = "2024-08-13"


def try_to_book(
    call: Caller, start: str = TEN, event_type_id: int = 1, key: str | None = None, **more: Any
) -> Told:
    body = {"start": start, "eventTypeId": event_type_id, "attendee": ANN, **more}
    return call("POST", "/v2/bookings", body, key=key)


def book(call: Caller, start: str = TEN, event_type_id: int = 1, **more: Any) -> Any:
    told = try_to_book(call, start, event_type_id, **more)
    assert told.status == 201, told.body
    return told.data


def act(call: Caller, uid: str, deed: str, body: Any = None, key: str | None = SAM) -> Told:
    return call("POST", f"/v2/bookings/{uid}/{deed}", body, key=key)


def read(call: Caller, uid: str) -> Any:
    return call("GET", f"/v2/bookings/{uid}", key=None).data


class TestCreate:
    def test_a_new_booking_is_shown_whole(self, call: Caller) -> None:
        shown = book(call, metadata={"k": "v"})
        uid = shown["uid"]
        assert shown == {
            "id": 1,
            "uid": uid,
            "title": "30 minute meeting between Sam Rivera and Ann Tester",
            "description": "",
            "hosts": [
                {
                    "id": 1,
                    "name": "Sam Rivera",
                    "email": "sam@example.com",
                    "username": "sam",
                    "timeZone": "UTC",
                }
            ],
            "status": "accepted",
            "rescheduledByEmail": None,
            "start": "2026-12-07T10:00:00.000Z",
            "end": "2026-12-07T10:30:00.000Z",
            "duration": 30,
            "eventTypeId": 1,
            "eventType": {"id": 1, "slug": "30min"},
            "meetingUrl": f"https://app.cal.com/video/{uid}",
            "location": f"https://app.cal.com/video/{uid}",
            "absentHost": False,
            "createdAt": "2026-11-23T08:00:00.000Z",
            "updatedAt": "2026-11-23T08:00:00.000Z",
            "metadata": {"k": "v"},
            "rating": None,
            "icsUid": f"{uid}@Cal.com",
            "attendees": [{**ANN, "language": "en", "absent": False}],
            "bookingFieldsResponses": {"email": "ann@client.example", "name": "Ann Tester"},
        }

    def test_anyone_can_read_a_booking_by_its_uid(self, call: Caller) -> None:
        shown = book(call)
        assert read(call, shown["uid"]) == shown

    def test_a_start_with_an_offset_is_kept_in_utc(self, call: Caller) -> None:
        assert book(call, "2026-12-07T10:00:00+01:00")["start"] == "2026-12-07T09:00:00.000Z"

    def test_an_event_type_is_found_by_slug_and_username(self, call: Caller) -> None:
        body = {"start": TEN, "eventTypeSlug": "15min", "username": "sam", "attendee": ANN}
        assert call("POST", "/v2/bookings", body, key=None).data["eventTypeId"] == 2

    def test_guests_attend_too(self, call: Caller) -> None:
        shown = book(call, guests=["g@guest.example"])
        assert [one["email"] for one in shown["attendees"]] == [ANN["email"], "g@guest.example"]
        assert shown["guests"] == ["g@guest.example"]

    def test_notes_are_the_description(self, call: Caller) -> None:
        shown = book(call, bookingFieldsResponses={"notes": "hi"})
        assert shown["description"] == "hi"
        assert shown["bookingFieldsResponses"]["notes"] == "hi"

    def test_an_attendee_may_have_a_phone_number_only(self, call: Caller) -> None:
        attendee = {"name": "Ann", "phoneNumber": "+37120993151", "timeZone": "UTC"}
        [shown] = book(call, attendee=attendee)["attendees"]
        assert shown["email"] == "37120993151@sms.cal.com"
        assert shown["phoneNumber"] == "+37120993151"

    def test_a_custom_name_is_the_title(self, call: Caller) -> None:
        change(call, customName="{Scheduler first name} meets {Organiser}")
        assert book(call)["title"] == "Ann meets Sam Rivera"

    def test_a_length_on_offer_can_be_chosen(self, call: Caller) -> None:
        change(call, lengthInMinutesOptions=[30, 45])
        assert book(call, lengthInMinutes=45)["end"] == "2026-12-07T10:45:00.000Z"

    def test_an_event_type_with_confirmation_makes_a_pending_booking(self, call: Caller) -> None:
        assert book(call, event_type_id=3)["status"] == "pending"

    def test_confirmation_by_notice_asks_for_near_bookings_only(self, call: Caller) -> None:
        threshold = {"unit": "hours", "count": 48}
        policy = {
            "type": "time",
            "noticeThreshold": threshold,
            "blockUnconfirmedBookingsInBooker": False,
        }
        change(call, confirmationPolicy=policy)
        assert book(call, "2026-11-24T10:00:00Z")["status"] == "pending"
        assert book(call, TEN)["status"] == "accepted"

    def test_a_recurrence_count_on_a_plain_event_type_means_nothing(self, call: Caller) -> None:
        assert book(call, recurrenceCount=2)["id"] == 1


class TestPlaces:
    def test_a_place_of_the_host_is_shown(self, call: Caller) -> None:
        place = {"type": "address", "address": "1 Lab Street", "public": True}
        change(call, locations=[place])
        shown = book(call, location={"type": "address"})
        assert shown["location"] == "1 Lab Street"
        assert shown["bookingFieldsResponses"]["location"] == {
            "value": "inPerson",
            "optionValue": "",
        }

    def test_a_place_of_the_attendee_comes_from_the_request(self, call: Caller) -> None:
        change(call, locations=[{"type": "attendeeAddress"}])
        location = {"type": "attendeeAddress", "address": "2 Client Road"}
        assert book(call, location=location)["location"] == "2 Client Road"

    def test_a_video_call_is_named_by_its_app(self, call: Caller) -> None:
        shown = book(call, location={"type": "integration", "integration": "cal-video"})
        assert shown["location"] == f"https://app.cal.com/video/{shown['uid']}"
        assert shown["bookingFieldsResponses"]["location"] == {
            "value": "integrations:daily",
            "optionValue": "",
        }

    def test_the_attendees_phone_number_is_the_place_of_a_call(self, call: Caller) -> None:
        change(call, locations=[{"type": "attendeePhone"}])
        shown = book(call, attendee={**ANN, "phoneNumber": "+37120993151"})
        assert shown["location"] == "+37120993151"

    def test_a_meeting_url_is_taken_as_it_is(self, call: Caller) -> None:
        url = "https://meet.example.com/a"
        assert book(call, meetingUrl=url)["location"] == url

    def test_a_kind_of_place_that_is_not_offered_is_refused(self, call: Caller) -> None:
        told = try_to_book(call, location={"type": "phone"})
        assert told.status == 400
        assert "only: integration" in told.error["message"]

    @pytest.mark.parametrize(
        "location", [{"type": "nowhere"}, {"type": ["phone"]}, {"type": "attendeePhone"}, 7]
    )
    def test_a_place_that_is_none_is_refused(self, call: Caller, location: Any) -> None:
        assert try_to_book(call, location=location).status == 400


class TestTimesThatCannotBeBooked:
    def test_a_second_booking_of_the_same_slot_is_refused(self, call: Caller) -> None:
        book(call)
        told = try_to_book(call)
        assert told.status == 400
        assert told.error == {
            "code": "BadRequestException",
            "message": TAKEN,
            "details": {"message": TAKEN, "error": "Bad Request", "statusCode": 400},
        }

    def test_a_booking_that_overlaps_another_is_refused(self, call: Caller) -> None:
        book(call)
        assert try_to_book(call, "2026-12-07T10:15:00Z").status == 400

    def test_a_booking_of_another_event_type_is_in_the_way(self, call: Caller) -> None:
        book(call)
        assert try_to_book(call, event_type_id=2).status == 400

    def test_a_booking_right_after_another_is_fine(self, call: Caller) -> None:
        book(call)
        assert try_to_book(call, "2026-12-07T10:30:00Z").status == 201

    def test_a_pending_booking_is_not_in_the_way(self, call: Caller) -> None:
        book(call, event_type_id=3)
        assert try_to_book(call).status == 201

    def test_a_reserved_slot_is_not_in_the_way(self, call: Caller) -> None:
        body = {"eventTypeId": 1, "slotStart": TEN}
        call("POST", "/v2/slots/reservations", body, version="2024-09-04")
        assert try_to_book(call).status == 201

    def test_a_start_outside_the_hours_is_refused(self, call: Caller) -> None:
        assert try_to_book(call, "2026-12-05T10:00:00Z").error["message"] == TAKEN

    def test_an_end_outside_the_hours_is_refused(self, call: Caller) -> None:
        assert try_to_book(call, "2026-12-07T16:45:00Z").error["message"] == TAKEN

    def test_a_start_in_the_past_is_refused(self, call: Caller) -> None:
        told = try_to_book(call, "2020-12-01T10:00:00Z")
        assert told.error["message"] == "Attempting to book a meeting in the past."

    def test_a_start_within_the_minimum_notice_is_refused(self, call: Caller) -> None:
        told = try_to_book(call, "2026-11-23T09:30:00Z")
        assert told.status == 400
        assert "minimum booking notice" in told.error["message"]

    @pytest.mark.parametrize("rolling", [False, True])
    def test_a_start_beyond_the_booking_window_is_refused(
        self, call: Caller, rolling: bool
    ) -> None:
        change(call, bookingWindow={"type": "businessDays", "value": 3, "rolling": rolling})
        assert try_to_book(call, "2026-11-25T10:00:00Z").status == 201
        assert try_to_book(call, "2026-11-27T10:00:00Z").status == 400

    def test_a_used_up_limit_is_refused(self, call: Caller) -> None:
        change(call, bookingLimitsCount={"week": 1})
        book(call)
        told = try_to_book(call, "2026-12-08T10:00:00Z")
        assert (told.status, told.body) == (
            403,
            {"statusCode": 403, "message": "booking_limit_reached"},
        )

    def test_a_refused_booking_leaves_nothing_behind(self, call: Caller) -> None:
        change(call, recurrence={"frequency": "weekly", "interval": 1, "occurrences": 3})
        book(call, "2026-12-14T10:00:00Z", event_type_id=2)
        assert try_to_book(call).status == 400
        assert len(call("GET", "/v2/bookings").data) == 1

    def test_of_many_bookings_at_once_in_a_shared_file_one_wins(
        self, tmp_path: Path, clock: Clock
    ) -> None:
        file = tmp_path / "world.db"
        with Sandbox(file, now=clock) as one, Sandbox(file, now=clock) as other:
            callers = [Caller(one), Caller(other)] * 8
            for caller in callers:
                caller.version = "2024-08-13"
            with ThreadPoolExecutor(len(callers)) as pool:
                statuses = [told.status for told in pool.map(try_to_book, callers)]
        assert sorted(statuses) == [201] + [400] * 15


class TestBodiesThatAreRefused:
    @pytest.mark.parametrize(
        ("body", "message"),
        [
            (
                {"start": TEN},
                "attendee property is wrong,attendee should not be null or undefined , eventTypeId "
                "or eventTypeSlug + username property is wrong,Either eventTypeId or eventTypeSlug "
                "+ username or eventTypeSlug + teamSlug must be provided ",
            ),
            (
                {"start": "not-a-date", "eventTypeId": 1, "attendee": ANN},
                "start property is wrong,start must be a valid ISO 8601 date string ",
            ),
            (
                {"start": TEN, "eventTypeId": 1, "attendee": ANN, "zzz": 1},
                "zzz property is wrong,property zzz should not exist ",
            ),
            (
                {"start": TEN, "eventTypeId": 1, "attendee": {"name": "A", "timeZone": "UTC"}},
                "attendee property is wrong, attendee email or phone property is wrong,Attendee "
                "must have at least one contact method (email or phone number) ",
            ),
            (
                {"start": TEN, "eventTypeId": 1, "attendee": {**ANN, "timeZone": "Mars"}},
                "attendee property is wrong, timeZone property is wrong,timeZone must be a valid "
                "IANA time-zone ",
            ),
            (
                {"start": TEN, "eventTypeId": 1, "attendee": "Ann"},
                "attendee property is wrong,nested property attendee must be either object or "
                "array ",
            ),
            (
                [],
                "undefined property is wrong,an unknown value was passed to the validate function ",
            ),
        ],
    )
    def test_every_error_is_in_one_sentence(self, call: Caller, body: Any, message: str) -> None:
        told = call("POST", "/v2/bookings", body, key=None)
        assert told.status == 400
        assert told.error["message"] == message

    def test_metadata_holds_text_only(self, call: Caller) -> None:
        told = try_to_book(call, metadata={"n": 1})
        assert told.error == {
            "code": "BAD_REQUEST",
            "message": "metadata.n - Expected string, received number, ",
        }

    def test_metadata_has_50_keys_at_most(self, call: Caller) -> None:
        told = try_to_book(call, metadata={str(number): "v" for number in range(51)})
        assert "at most 50 keys" in told.error["message"]

    def test_guests_are_addresses(self, call: Caller) -> None:
        told = try_to_book(call, guests=["nope"])
        assert told.error["message"] == "responses - {guests}email_validation_error, "

    def test_a_required_booking_field_needs_a_response(self, call: Caller) -> None:
        field = {
            "type": "text",
            "slug": "topic",
            "label": "Topic",
            "required": True,
            "placeholder": "",
        }
        change(call, bookingFields=[field])
        told = try_to_book(call)
        assert told.error["message"].startswith("bookingFieldsResponses must have 'topic'")
        assert try_to_book(call, bookingFieldsResponses={"topic": "tea"}).status == 201

    def test_a_length_cannot_be_chosen_where_there_is_one_only(self, call: Caller) -> None:
        told = try_to_book(call, lengthInMinutes=45)
        assert told.error["message"].startswith("Can't specify 'lengthInMinutes'")

    def test_a_length_that_is_not_on_offer_is_refused(self, call: Caller) -> None:
        change(call, lengthInMinutesOptions=[30, 45])
        told = try_to_book(call, lengthInMinutes=60)
        assert told.error["message"].endswith("lengths: 30, 45")

    def test_an_instant_booking_needs_a_team(self, call: Caller) -> None:
        told = try_to_book(call, instant=True)
        assert told.error["message"].startswith("Instant bookings are only supported for team")

    def test_an_unknown_event_type_is_not_found(self, call: Caller) -> None:
        told = try_to_book(call, event_type_id=999999)
        assert told.status == 404
        assert told.error["message"] == "Event type with id 999999 not found."


class TestRecurring:
    @pytest.fixture(autouse=True)
    def weekly(self, call: Caller) -> None:
        change(call, recurrence={"frequency": "weekly", "interval": 1, "occurrences": 3})

    def test_a_series_that_the_calendar_cannot_hold_is_refused(self, call: Caller) -> None:
        change(call, recurrence={"frequency": "yearly", "interval": 5000, "occurrences": 3})
        assert try_to_book(call).status == 400

    def test_a_recurring_booking_is_a_list(self, call: Caller) -> None:
        shown = book(call)
        assert [one["start"][:10] for one in shown] == ["2026-12-07", "2026-12-14", "2026-12-21"]
        assert len({one["recurringBookingUid"] for one in shown}) == 1

    def test_fewer_occurrences_can_be_asked_for(self, call: Caller) -> None:
        assert len(book(call, recurrenceCount=2)) == 2

    def test_more_occurrences_than_the_event_type_has_are_refused(self, call: Caller) -> None:
        assert try_to_book(call, recurrenceCount=4).status == 400

    def test_occurrences_keep_the_attendees_time_of_day(self, call: Caller, clock: Clock) -> None:
        clock.advance(days=100)
        shown = book(call, "2027-03-24T10:00:00Z", recurrenceCount=2)
        assert [one["start"][11:16] for one in shown] == ["10:00", "09:00"]

    @pytest.mark.parametrize(
        ("frequency", "starts"),
        [
            ("monthly", ["2026-12-28", "2027-01-28"]),
            ("yearly", ["2026-12-28", "2027-12-28"]),
        ],
    )
    def test_occurrences_follow_the_frequency(
        self, call: Caller, frequency: str, starts: list[str]
    ) -> None:
        change(call, recurrence={"frequency": frequency, "interval": 1, "occurrences": 2})
        shown = book(call, "2026-12-28T10:00:00Z")
        assert [one["start"][:10] for one in shown] == starts

    def test_a_monthly_booking_on_the_31st_falls_on_the_last_day(self, call: Caller) -> None:
        change(call, recurrence={"frequency": "monthly", "interval": 6, "occurrences": 2})
        shown = book(call, "2026-12-31T10:00:00Z")
        assert shown[1]["start"][:10] == "2027-06-30"

    def test_the_series_uid_reads_all_of_it(self, call: Caller) -> None:
        shown = book(call)
        assert read(call, shown[0]["recurringBookingUid"]) == shown

    def test_the_series_uid_cancels_all_of_it(self, call: Caller) -> None:
        uid = book(call)[0]["recurringBookingUid"]
        told = act(call, uid, "cancel", {"cancellationReason": "all"})
        assert [one["status"] for one in told.data] == ["cancelled"] * 3

    def test_a_booking_can_be_cancelled_with_those_after_it(self, call: Caller) -> None:
        first, second, _ = book(call)
        body = {"cancellationReason": "all", "cancelSubsequentBookings": True}
        assert len(act(call, second["uid"], "cancel", body).data) == 2
        assert read(call, first["uid"])["status"] == "accepted"

    def test_an_occurrence_that_was_cancelled_before_is_not_cancelled_again(
        self, call: Caller
    ) -> None:
        first, *rest = book(call)
        act(call, first["uid"], "cancel", {"cancellationReason": "ill"})
        told = act(call, first["recurringBookingUid"], "cancel", {"cancellationReason": "over"})
        assert [one["uid"] for one in told.data] == [one["uid"] for one in rest]

    def test_those_after_a_whole_series_cannot_be_cancelled(self, call: Caller) -> None:
        uid = book(call)[0]["recurringBookingUid"]
        body = {"cancellationReason": "all", "cancelSubsequentBookings": True}
        told = act(call, uid, "cancel", body)
        assert told.error["message"].startswith("Cannot cancel subsequent bookings")

    def test_upcoming_series_are_listed_as_recurring(self, call: Caller) -> None:
        book(call)
        assert len(call("GET", "/v2/bookings?status=recurring").data) == 3


class TestReschedule:
    def test_a_new_booking_takes_the_place_of_the_old_one(self, call: Caller) -> None:
        old = book(call)
        told = act(call, old["uid"], "reschedule", {"start": ELEVEN, "reschedulingReason": "later"})
        assert told.status == 201
        assert told.data["uid"] != old["uid"]
        assert told.data["start"] == "2026-12-07T11:00:00.000Z"
        assert told.data["rescheduledFromUid"] == old["uid"]
        assert told.data["reschedulingReason"] == "later"
        assert told.data["icsUid"] == old["icsUid"]
        assert told.data["attendees"] == old["attendees"]
        assert told.data["bookingFieldsResponses"]["rescheduledReason"] == "later"

    def test_the_old_booking_is_cancelled_and_names_the_new_one(self, call: Caller) -> None:
        old = book(call)["uid"]
        new = act(call, old, "reschedule", {"start": ELEVEN}).data["uid"]
        shown = read(call, old)
        assert (shown["status"], shown["rescheduledToUid"]) == ("cancelled", new)

    def test_a_booking_can_move_onto_its_own_time(self, call: Caller) -> None:
        uid = book(call)["uid"]
        told = act(call, uid, "reschedule", {"start": "2026-12-07T10:15:00Z"}, key=None)
        assert told.status == 201

    def test_a_taken_time_is_refused_and_the_old_booking_stays(self, call: Caller) -> None:
        uid = book(call)["uid"]
        book(call, ELEVEN)
        assert act(call, uid, "reschedule", {"start": ELEVEN}).error["message"] == TAKEN
        assert read(call, uid)["status"] == "accepted"

    def test_the_chosen_length_stays(self, call: Caller) -> None:
        change(call, lengthInMinutesOptions=[30, 45])
        uid = book(call, lengthInMinutes=45)["uid"]
        assert act(call, uid, "reschedule", {"start": ELEVEN}).data["duration"] == 45

    def test_a_booking_with_confirmation_is_pending_again(self, call: Caller) -> None:
        uid = book(call, event_type_id=3)["uid"]
        act(call, uid, "confirm")
        assert act(call, uid, "reschedule", {"start": ELEVEN}).data["status"] == "pending"

    def test_a_booking_moved_by_its_host_needs_no_confirmation(self, call: Caller) -> None:
        uid = book(call, event_type_id=3)["uid"]
        body = {"start": ELEVEN, "rescheduledBy": "sam@example.com"}
        assert act(call, uid, "reschedule", body).data["status"] == "accepted"

    def test_a_booking_moved_by_anyone_else_is_pending_again(self, call: Caller) -> None:
        uid = book(call, event_type_id=3)["uid"]
        body = {"start": ELEVEN, "rescheduledBy": ANN["email"]}
        assert act(call, uid, "reschedule", body).data["status"] == "pending"

    def test_a_declined_booking_cannot_move(self, call: Caller) -> None:
        uid = book(call, event_type_id=3)["uid"]
        act(call, uid, "decline")
        assert act(call, uid, "reschedule", {"start": ELEVEN}).status == 400

    def test_a_moved_booking_says_where_it_went(self, call: Caller) -> None:
        old = book(call)["uid"]
        new = act(call, old, "reschedule", {"start": ELEVEN}).data["uid"]
        told = act(call, old, "reschedule", {"start": TEN})
        assert told.status == 400
        assert f"rescheduled already to the booking with uid={new}" in told.error["message"]

    def test_a_cancelled_booking_cannot_move(self, call: Caller) -> None:
        uid = book(call)["uid"]
        act(call, uid, "cancel", key=None)
        told = act(call, uid, "reschedule", {"start": ELEVEN})
        assert "because it has been cancelled already" in told.error["message"]

    def test_a_start_is_needed(self, call: Caller) -> None:
        told = act(call, "nope", "reschedule", {}, key=None)
        assert told.status == 400
        assert told.error["message"].startswith("start property is wrong")

    def test_an_unknown_booking_is_not_found(self, call: Caller) -> None:
        assert act(call, "nope", "reschedule", {"start": ELEVEN}).status == 404

    def test_a_booking_whose_event_type_is_gone_cannot_move(self, call: Caller) -> None:
        uid = book(call)["uid"]
        call("DELETE", "/v2/event-types/1", version="2024-06-14")
        assert act(call, uid, "reschedule", {"start": ELEVEN}).status == 404
        assert read(call, uid)["eventType"] == {"id": None, "slug": None}


class TestCancel:
    def test_a_cancelled_booking_tells_the_reason(self, call: Caller) -> None:
        told = act(call, book(call)["uid"], "cancel", {"cancellationReason": "ill"})
        assert told.status == 200
        assert (told.data["status"], told.data["cancellationReason"]) == ("cancelled", "ill")

    def test_a_cancelled_booking_frees_its_slot(self, call: Caller) -> None:
        act(call, book(call)["uid"], "cancel", {"cancellationReason": "ill"})
        assert try_to_book(call).status == 201

    def test_the_host_must_give_a_reason(self, call: Caller) -> None:
        told = act(call, book(call)["uid"], "cancel")
        assert (told.status, told.body) == (
            400,
            {
                "statusCode": 400,
                "message": "Cancellation reason is required when you are the host",
            },
        )

    def test_another_user_needs_no_reason(self, call: Caller) -> None:
        assert act(call, book(call)["uid"], "cancel", {}, key=KIM).status == 200

    def test_an_attendee_needs_neither_reason_nor_credentials(self, call: Caller) -> None:
        told = act(call, book(call)["uid"], "cancel", {}, key=None)
        assert (told.status, told.data["cancellationReason"]) == (200, None)

    def test_a_second_cancellation_is_refused(self, call: Caller) -> None:
        uid = book(call)["uid"]
        act(call, uid, "cancel", key=None)
        told = act(call, uid, "cancel", key=None)
        assert told.status == 400
        assert "has been cancelled already" in told.error["message"]

    def test_a_booking_that_is_over_cannot_be_cancelled(self, call: Caller, clock: Clock) -> None:
        uid = book(call)["uid"]
        clock.advance(days=30)
        assert act(call, uid, "cancel", key=None).body["message"].endswith("is over")

    def test_an_unknown_field_is_refused(self, call: Caller) -> None:
        told = act(call, book(call)["uid"], "cancel", {"reason": "ill"})
        assert told.error["message"].startswith("reason property is wrong")

    def test_an_unknown_booking_is_not_found(self, call: Caller) -> None:
        told = act(call, "nope", "cancel", {}, key=None)
        assert (told.status, told.error["message"]) == (404, "Booking with uid=nope not found")


class TestConfirmAndDecline:
    @pytest.fixture
    def uid(self, call: Caller) -> str:
        uid: str = book(call, event_type_id=3)["uid"]
        return uid

    def test_a_confirmed_booking_is_accepted(self, call: Caller, uid: str) -> None:
        assert act(call, uid, "confirm").data["status"] == "accepted"

    def test_a_confirmed_booking_takes_its_slot(self, call: Caller, uid: str) -> None:
        act(call, uid, "confirm")
        assert try_to_book(call).status == 400

    def test_a_declined_booking_is_rejected(self, call: Caller, uid: str) -> None:
        told = act(call, uid, "decline", {"reason": "busy"})
        assert (told.status, told.data["status"]) == (200, "rejected")

    @pytest.mark.parametrize("deed", ["confirm", "decline"])
    def test_what_is_not_pending_is_refused(self, call: Caller, uid: str, deed: str) -> None:
        act(call, uid, "confirm")
        told = act(call, uid, deed)
        assert (told.status, told.error["code"]) == (400, "TRPCError")

    @pytest.mark.parametrize("deed", ["confirm", "decline"])
    def test_another_user_is_not_authorized(self, call: Caller, uid: str, deed: str) -> None:
        told = act(call, uid, deed, key=KIM)
        assert told.status == 401
        assert told.error["message"] == "You are not authorized to access this resource"

    @pytest.mark.parametrize("deed", ["confirm", "decline", "mark-absent"])
    def test_an_unknown_booking_is_not_found(self, call: Caller, deed: str) -> None:
        assert act(call, "nope", deed, {}).status == 404

    @pytest.mark.parametrize("deed", ["confirm", "decline", "mark-absent"])
    def test_nobody_may_do_it_without_credentials(self, call: Caller, deed: str) -> None:
        assert act(call, "nope", deed, {}, key=None).status == 403


class TestMarkAbsent:
    @pytest.fixture
    def uid(self, call: Caller, clock: Clock) -> str:
        uid: str = book(call)["uid"]
        clock.advance(days=30)
        return uid

    def test_host_and_attendees_can_be_absent(self, call: Caller, uid: str) -> None:
        absent = [{"email": ANN["email"], "absent": True}]
        told = act(call, uid, "mark-absent", {"host": True, "attendees": absent})
        assert told.data["absentHost"] is True
        assert told.data["attendees"][0]["absent"] is True

    def test_what_is_not_named_stays(self, call: Caller, uid: str) -> None:
        act(call, uid, "mark-absent", {"host": True})
        told = act(call, uid, "mark-absent", {"attendees": []})
        assert told.data["absentHost"] is True

    def test_who_is_not_named_is_not_absent(self, call: Caller, clock: Clock) -> None:
        uid = book(call, guests=["g@guest.example"])["uid"]
        clock.advance(days=30)
        absent = [{"email": ANN["email"], "absent": True}]
        told = act(call, uid, "mark-absent", {"attendees": absent})
        assert [one["absent"] for one in told.data["attendees"]] == [True, False]

    def test_before_the_start_nobody_is_absent(self, call: Caller) -> None:
        told = act(call, book(call)["uid"], "mark-absent", {"host": True}, key=KIM)
        assert told.status == 400
        assert told.error["message"] == (
            "Bookings can only be marked as absent after their scheduled start time. Current time "
            "in UTC+0: 2026-11-23T08:00:00.000Z, Booking start time in UTC+0: "
            "2026-12-07T10:00:00.000Z"
        )

    def test_another_user_is_forbidden(self, call: Caller, uid: str) -> None:
        assert act(call, uid, "mark-absent", {"host": True}, key=KIM).status == 403

    def test_attendees_are_objects(self, call: Caller, uid: str) -> None:
        told = act(call, uid, "mark-absent", {"attendees": [ANN["email"]]})
        [error] = told.error["details"]["errors"]
        assert error["children"][0]["constraints"] == {
            "nestedValidation": "each value in nested property attendees must be either object or "
            "array"
        }


def test_an_unknown_booking_is_not_found(call: Caller) -> None:
    told = call("GET", "/v2/bookings/a%2Fb")
    assert told.status == 404
    assert told.error["message"] == "Booking with uid=a/b was not found in the database"
