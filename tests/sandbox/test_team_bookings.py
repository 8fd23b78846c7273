"""Slots and bookings of the event types of teams, and of several users together."""

from collections.abc import Iterator
from typing import Any

import pytest

from cal_actions.sandbox import Sandbox
from tests.sandbox.conftest import Caller, Clock
from tests.sandbox.hosting_world import (
    ANN,
    ASKING,
    BOOKINGS,
    CHILD,
    ELEVEN,
    EVENT_TYPES,
    GAME,
    MIXED,
    NEXT_NOON,
    NINE,
    NOON,
    OWN,
    SLOTS,
    TEMPLATE,
    TOGETHER,
    TURNS,
    TWO,
    WORLD,
    act,
    attendees,
    book,
    listed,
    offered,
    organizer,
    read,
    try_to_book,
)
from tests.sandbox.team_world import (
    ACME,
    ADA,
    CHESS,
    MAX,
    MIA,
    OLIVIA,
    OSCAR,
    SALES,
    TESS,
    key,
    user_id,
)

UNAVAILABLE = "One of the hosts either already has booking at this time or is not available"

_DTSTAMP = "DTSTAMP:20261101T000000Z"
_CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Tests//EN\r\n"
    "BEGIN:VEVENT\r\n{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def call(clock: Clock) -> Iterator[Caller]:
    with Sandbox(now=clock, world=WORLD) as sandbox:
        yield Caller(sandbox)


def with_settings(clock: Clock, event_type_id: int, **settings: Any) -> Sandbox:
    """A sandbox in which one event type has other settings."""
    event_types = [
        {**one, **settings} if one["id"] == event_type_id else one for one in EVENT_TYPES
    ]
    return Sandbox(now=clock, world={**WORLD, "eventTypes": event_types})


class TestSlots:
    def test_a_round_robin_is_open_where_any_host_is_free(self, call: Caller) -> None:
        times = offered(call, f"eventTypeId={TURNS}")
        assert (times[0], times[-1], len(times)) == ("09:00", "16:30", 16)

    def test_a_collective_is_open_where_all_hosts_are_free(self, call: Caller) -> None:
        times = offered(call, f"eventTypeId={TOGETHER}")
        assert times == ["11:00", "11:30", "12:00", "12:30"]

    def test_a_mandatory_host_is_always_needed(self, call: Caller) -> None:
        times = offered(call, f"eventTypeId={MIXED}")
        assert (times[0], times[-1]) == ("11:00", "16:30")

    def test_a_meeting_never_spans_two_hosts(self, call: Caller) -> None:
        book(call, OWN, ELEVEN)
        times = offered(call, f"eventTypeId={TURNS}&duration=180")
        assert times == ["11:00", "14:00"]

    def test_a_booked_host_leaves_the_slot_to_the_others(self, call: Caller) -> None:
        book(call, TURNS, NOON)
        assert "12:00" in offered(call, f"eventTypeId={TURNS}")
        book(call, TURNS, NOON)
        assert "12:00" not in offered(call, f"eventTypeId={TURNS}")

    def test_a_booking_of_one_host_closes_a_collective(self, call: Caller) -> None:
        book(call, OWN, NOON)
        assert "12:00" not in offered(call, f"eventTypeId={TOGETHER}")

    def test_a_collective_booking_takes_the_time_of_every_host(self, call: Caller) -> None:
        book(call, TOGETHER, NOON)
        assert "12:00" not in offered(call, f"eventTypeId={OWN}")
        assert "12:00" not in offered(call, f"eventTypeId={TURNS}")

    def test_whoever_attends_a_booking_is_busy_then(self, call: Caller) -> None:
        attendee = {"name": "Max", "email": "max@example.com", "timeZone": "UTC"}
        book(call, GAME, NINE, attendee=attendee)
        assert "09:00" not in offered(call, f"eventTypeId={OWN}")

    def test_an_event_in_a_connected_calendar_keeps_its_host_busy(self, clock: Clock) -> None:
        event = f"DTSTART:20261207T120000Z\r\nDTEND:20261207T123000Z\r\nUID:1\r\n{_DTSTAMP}"
        url = "https://calendar.example/max.ics"
        connected = {"userId": user_id(MAX), "credentialId": 1, "integration": "ics-feed_calendar"}
        world = {
            **WORLD,
            "credentials": [
                {"id": 1, "type": "ics-feed_calendar", "appId": "ics-feed", "userId": user_id(MAX)}
            ],
            "selectedCalendars": [{**connected, "externalId": url}],
            "calendarFeeds": [{"url": url, "ics": _CALENDAR.format(event)}],
        }
        with Sandbox(now=clock, world=world) as sandbox:
            call = Caller(sandbox)
            assert "12:00" not in offered(call, f"eventTypeId={TOGETHER}")
            assert try_to_book(call, OWN, NOON).status == 400
            assert organizer(book(call, TURNS, NOON)) == TESS

    def test_a_booking_to_move_takes_no_time(self, call: Caller) -> None:
        uid = book(call, TOGETHER, NOON)["uid"]
        times = offered(call, f"eventTypeId={TOGETHER}&bookingUidToReschedule={uid}")
        assert "12:00" in times

    def test_a_team_of_an_organization_is_found_with_its_slug(self, call: Caller) -> None:
        query = "eventTypeSlug=together&teamSlug=sales"
        assert len(offered(call, f"{query}&organizationSlug=acme")) == 4
        told = call("GET", f"/v2/slots?{query}&start={NOON}&end={TWO}", key=None, version=SLOTS)
        assert told.status == 404
        assert told.error["message"] == "Team with slug sales not found"

    def test_a_plain_team_is_found_by_its_slug_alone(self, call: Caller) -> None:
        assert len(offered(call, "eventTypeSlug=game&teamSlug=chess")) == 16

    def test_a_user_of_an_organization_is_found_by_the_name_there(self, call: Caller) -> None:
        query = "eventTypeSlug=own&username=max-acme&organizationSlug=acme"
        assert len(offered(call, query)) == 8

    @pytest.mark.parametrize(
        ("query", "message"),
        [
            ("eventTypeSlug=own&username=nobody", "User with username nobody not found"),
            (
                "eventTypeSlug=own&username=max&organizationSlug=none",
                "slots-input.service.ts: Organization with slug none not found",
            ),
            ("eventTypeSlug=none&teamSlug=chess", "Event Type not found"),
        ],
    )
    def test_what_is_unknown_is_named(self, call: Caller, query: str, message: str) -> None:
        told = call("GET", f"/v2/slots?start={NOON}&end={TWO}&{query}", key=None, version=SLOTS)
        assert (told.status, told.error["message"]) == (404, message)

    def test_a_managed_event_type_has_slots_in_its_children_only(self, call: Caller) -> None:
        assert len(offered(call, f"eventTypeId={CHILD}")) == 8
        target = f"/v2/slots?start={NOON}&end={TWO}&eventTypeId={TEMPLATE}"
        told = call("GET", target, key=None, version=SLOTS)
        assert told.status == 400
        assert "parent managed event type" in told.error["message"]

    def test_a_team_event_type_without_hosts_has_no_slots(self, clock: Clock) -> None:
        with with_settings(clock, TURNS, hosts=[]) as sandbox:
            call = Caller(sandbox)
            assert offered(call, f"eventTypeId={TURNS}") == []
            assert try_to_book(call, TURNS).error["message"] == UNAVAILABLE

    def test_a_schedule_of_the_event_type_counts_for_every_host(self, clock: Clock) -> None:
        with with_settings(clock, TOGETHER, scheduleId=user_id(OLIVIA)) as sandbox:
            assert len(offered(Caller(sandbox), f"eventTypeId={TOGETHER}")) == 16


class TestSlotsOfSeveralUsers:
    def test_they_are_open_where_all_are_free(self, call: Caller) -> None:
        assert offered(call, "usernames=max,tess") == ["11:00", "11:30", "12:00", "12:30"]

    def test_another_length_can_be_asked_for(self, call: Caller) -> None:
        assert offered(call, "usernames=max,tess&duration=60") == ["11:00", "12:00"]

    def test_in_an_organization_they_have_other_names(self, call: Caller) -> None:
        query = "usernames[]=max-acme&usernames[]=tess-acme&organizationSlug=acme"
        assert len(offered(call, query)) == 4

    def test_one_user_is_too_few(self, call: Caller) -> None:
        target = f"/v2/slots?start={NOON}&end={TWO}&usernames=max"
        told = call("GET", target, key=None, version=SLOTS)
        assert told.status == 400
        assert "The array must contain at least 2 elements." in told.error["message"]

    def test_an_unknown_user_is_not_found(self, call: Caller) -> None:
        target = f"/v2/slots?start={NOON}&end={TWO}&usernames=max,nobody"
        assert call("GET", target, key=None, version=SLOTS).status == 404

    def test_the_retired_route_takes_them_as_a_list(self, call: Caller) -> None:
        target = (
            f"/v2/slots/available?startTime={NINE}&endTime={TWO}"
            "&usernameList[]=max-acme&usernameList[]=tess-acme&orgSlug=acme"
        )
        days = call("GET", target, key=None, version="2024-04-15").data["slots"]
        assert [slot["time"][11:16] for slot in days["2026-12-07"]] == [
            "11:00",
            "11:30",
            "12:00",
            "12:30",
        ]


class TestRoundRobin:
    def test_the_hosts_take_turns(self, call: Caller) -> None:
        starts = [ELEVEN, "2026-12-07T11:30:00Z", NOON, "2026-12-07T12:30:00Z"]
        taken = [organizer(book(call, TURNS, start)) for start in starts]
        assert taken == [MAX, TESS, MAX, TESS]

    def test_a_cancelled_booking_was_no_turn(self, call: Caller) -> None:
        uid = book(call, TURNS, NINE)["uid"]
        call("POST", f"/v2/bookings/{uid}/cancel", {}, key=None, version=BOOKINGS)
        assert organizer(book(call, TURNS, NOON)) == MAX

    def test_a_booking_of_another_event_type_was_no_turn(self, call: Caller) -> None:
        book(call, OWN, NINE)
        assert organizer(book(call, TURNS, NOON)) == MAX

    def test_only_a_free_host_is_chosen(self, call: Caller) -> None:
        assert organizer(book(call, TURNS, TWO)) == TESS
        assert organizer(book(call, TURNS, NINE)) == MAX

    def test_when_no_host_is_free_it_says_so(self, call: Caller) -> None:
        book(call, TURNS, NINE)
        told = try_to_book(call, TURNS, NINE)
        assert (told.status, told.error["message"]) == (400, UNAVAILABLE)

    def test_the_booking_names_its_host_alone(self, call: Caller) -> None:
        shown = book(call, TURNS, NOON)
        assert shown["title"] == "Turns between Max and Ann"
        assert attendees(shown) == ["Ann"]

    def test_a_mandatory_host_organizes_and_the_highest_priority_joins(self, call: Caller) -> None:
        shown = book(call, MIXED, NOON)
        assert organizer(shown) == TESS
        assert attendees(shown) == ["Ann", "Olivia"]
        assert shown["title"] == "Mixed between Sales and Ann"

    def test_a_lower_priority_takes_over_when_the_higher_is_busy(self, call: Caller) -> None:
        attendee = {"name": "Olivia", "email": "olivia@example.com", "timeZone": "UTC"}
        book(call, GAME, ELEVEN, attendee=attendee)
        assert attendees(book(call, MIXED, ELEVEN)) == ["Ann", "Max"]

    def test_a_series_is_held_by_one_host(self, clock: Clock) -> None:
        recurrence = {"frequency": "weekly", "interval": 1, "occurrences": 3}
        with with_settings(clock, TURNS, recurrence=recurrence) as sandbox:
            call = Caller(sandbox)
            book(call, OWN, NEXT_NOON)
            assert {organizer(one) for one in book(call, TURNS, NOON)} == {TESS}

    def test_a_series_without_one_host_for_all_of_it_is_refused(self, clock: Clock) -> None:
        recurrence = {"frequency": "weekly", "interval": 1, "occurrences": 2}
        with with_settings(clock, TURNS, recurrence=recurrence) as sandbox:
            call = Caller(sandbox)
            book(call, OWN, NEXT_NOON)
            attendee = {"name": "Tess", "email": "tess@example.com", "timeZone": "UTC"}
            book(call, GAME, NOON, attendee=attendee)
            told = try_to_book(call, TURNS, NOON)
            assert (told.status, told.error["message"]) == (400, UNAVAILABLE)

    def test_moving_a_booking_chooses_its_host_anew(self, call: Caller) -> None:
        old = book(call, TURNS, NINE)
        body = {"start": TWO}
        moved = act(call, old["uid"], "reschedule", MIA, body).data
        assert (organizer(old), organizer(moved)) == (MAX, TESS)
        assert moved["title"] == "Turns between Tess and Ann"
        assert "09:00" in offered(call, f"eventTypeId={OWN}")

    def test_full_seats_leave_the_slot_to_the_next_host(self, clock: Clock) -> None:
        seats = {"seatsPerTimeSlot": 1, "showAttendeeInfo": True, "showAvailabilityCount": True}
        with with_settings(clock, TURNS, seats=seats) as sandbox:
            call = Caller(sandbox)
            people = [{**ANN, "name": name, "email": f"{name}@a.example"} for name in "abc"]
            taken = [organizer(book(call, TURNS, NOON, attendee=one)) for one in people[:2]]
            assert taken == [MAX, TESS]
            assert try_to_book(call, TURNS, NOON, attendee=people[2]).status == 400


class TestCollective:
    def test_the_further_hosts_are_attendees(self, call: Caller) -> None:
        shown = book(call, TOGETHER, NOON, guests=["g@guest.example"])
        assert organizer(shown) == MAX
        assert [one["email"] for one in shown["attendees"]] == [
            ANN["email"],
            "g@guest.example",
            "tess@example.com",
        ]
        assert shown["attendees"][2]["language"] == "es"
        assert read(call, shown["uid"]) == shown

    def test_the_team_stands_for_its_hosts_in_the_title(self, call: Caller) -> None:
        assert book(call, TOGETHER, NOON)["title"] == "Together between Sales and Ann"

    def test_one_busy_host_is_enough_to_refuse(self, call: Caller) -> None:
        book(call, OWN, NOON)
        told = try_to_book(call, TOGETHER, NOON)
        assert (told.status, told.error["message"]) == (400, UNAVAILABLE)

    def test_all_hosts_move_with_a_booking(self, call: Caller) -> None:
        uid = book(call, TOGETHER, NOON)["uid"]
        moved = act(call, uid, "reschedule", MIA, {"start": ELEVEN}).data
        assert attendees(moved) == ["Ann", "Tess"]
        assert "11:00" not in offered(call, f"eventTypeId={TURNS}")
        assert "12:00" in offered(call, f"eventTypeId={TOGETHER}")

    def test_a_cancelled_booking_frees_every_host(self, call: Caller) -> None:
        uid = book(call, TOGETHER, NOON)["uid"]
        call("POST", f"/v2/bookings/{uid}/cancel", {}, key=None, version=BOOKINGS)
        assert "12:00" in offered(call, f"eventTypeId={TOGETHER}")

    def test_further_hosts_take_no_seat(self, clock: Clock) -> None:
        seats = {"seatsPerTimeSlot": 2, "showAttendeeInfo": True, "showAvailabilityCount": True}
        with with_settings(clock, TOGETHER, seats=seats) as sandbox:
            call = Caller(sandbox)
            book(call, TOGETHER, NOON)
            bob = {**ANN, "name": "Bob", "email": "bob@client.example"}
            shown = book(call, TOGETHER, NOON, attendee=bob)
            assert attendees(shown) == ["Ann", "Tess", "Bob"]
            for seat in [one["seatUid"] for one in shown["attendees"] if "seatUid" in one]:
                last = call(
                    "POST",
                    f"/v2/bookings/{shown['uid']}/cancel",
                    {"seatUid": seat},
                    key=None,
                    version=BOOKINGS,
                )
            assert last.data["status"] == "cancelled"


class TestWhichEventType:
    @pytest.mark.parametrize(
        ("asked", "event_type_id"),
        [
            ({"teamSlug": "sales", "organizationSlug": "acme", "eventTypeSlug": "turns"}, TURNS),
            ({"teamSlug": "chess", "eventTypeSlug": "game"}, GAME),
            ({"username": "max", "eventTypeSlug": "template"}, CHILD),
            ({"username": "max-acme", "organizationSlug": "acme", "eventTypeSlug": "own"}, OWN),
        ],
    )
    def test_slugs_find_it(self, call: Caller, asked: dict[str, str], event_type_id: int) -> None:
        body = {"start": NOON, "attendee": ANN, **asked}
        told = call("POST", "/v2/bookings", body, key=None, version=BOOKINGS)
        assert told.data["eventTypeId"] == event_type_id

    @pytest.mark.parametrize(
        ("asked", "message"),
        [
            ({"teamSlug": "sales", "eventTypeSlug": "turns"}, "Team with slug sales not found"),
            (
                {"teamSlug": "chess", "eventTypeSlug": "no"},
                "Event type with slug no belonging to team chess not found.",
            ),
            (
                {"teamSlug": "sales", "organizationSlug": "acme", "eventTypeSlug": "no"},
                "Event type with slug no belonging to team sales within organization acme not "
                "found.",
            ),
        ],
    )
    def test_unknown_slugs_are_named(
        self, call: Caller, asked: dict[str, str], message: str
    ) -> None:
        body = {"start": NOON, "attendee": ANN, **asked}
        told = call("POST", "/v2/bookings", body, key=None, version=BOOKINGS)
        assert (told.status, told.error["message"]) == (404, message)

    def test_a_managed_event_type_itself_cannot_be_booked(self, call: Caller) -> None:
        told = try_to_book(call, TEMPLATE)
        assert told.status == 400
        assert "parent managed event type" in told.error["message"]

    def test_a_child_is_booked_with_its_owner(self, call: Caller) -> None:
        assert organizer(book(call, CHILD, NOON)) == MAX

    def test_teams_take_no_instant_bookings(self, call: Caller) -> None:
        assert try_to_book(call, TURNS, instant=True).status == 400


class TestConfirmation:
    @pytest.mark.parametrize("name", [MAX, TESS, OLIVIA, ADA])
    def test_hosts_and_admins_may_confirm(self, call: Caller, name: str) -> None:
        uid = book(call, ASKING, NINE)["uid"]
        assert act(call, uid, "confirm", name).data["status"] == "accepted"

    @pytest.mark.parametrize("name", [MAX, OLIVIA])
    def test_organizer_and_admins_may_decline(self, call: Caller, name: str) -> None:
        uid = book(call, ASKING, NINE)["uid"]
        assert act(call, uid, "decline", name, {}).data["status"] == "rejected"

    @pytest.mark.parametrize("name", [MIA, OSCAR])
    def test_nobody_else_may(self, call: Caller, name: str) -> None:
        uid = book(call, ASKING, NINE)["uid"]
        assert act(call, uid, "confirm", name).status == 401
        assert read(call, uid)["status"] == "pending"

    def test_a_pending_booking_keeps_its_host_busy_where_it_blocks(self, call: Caller) -> None:
        book(call, ASKING, NINE)
        assert "09:00" not in offered(call, f"eventTypeId={OWN}")

    def test_an_admin_may_say_who_was_absent(self, call: Caller, clock: Clock) -> None:
        uid = book(call, TURNS, NINE)["uid"]
        clock.advance(days=30)
        assert act(call, uid, "mark-absent", MIA, {"host": True}).status == 403
        assert act(call, uid, "mark-absent", ADA, {"host": True}).data["absentHost"] is True


class TestLists:
    def test_every_host_finds_the_booking(self, call: Caller) -> None:
        uid = book(call, TOGETHER, NOON)["uid"]
        assert listed(call, MAX) == listed(call, TESS) == [uid]

    def test_an_admin_finds_the_bookings_of_the_team(self, call: Caller) -> None:
        uid = book(call, GAME, NOON)["uid"]
        assert listed(call, OSCAR) == [uid]
        assert listed(call, TESS) == [uid]

    def test_an_admin_of_the_organization_finds_those_of_its_members(self, call: Caller) -> None:
        uid = book(call, OWN, NOON)["uid"]
        assert listed(call, OLIVIA) == [uid]

    def test_an_invited_admin_finds_and_changes_none(self, clock: Clock) -> None:
        tess = (SALES, user_id(TESS))
        places = [
            {**one, "accepted": (one["teamId"], one["userId"]) != tess}
            for one in WORLD["memberships"]
        ]
        with Sandbox(now=clock, world={**WORLD, "memberships": places}) as sandbox:
            call = Caller(sandbox)
            uid = book(call, TURNS, NINE)["uid"]
            assert listed(call, TESS) == []
            assert act(call, uid, "reassign", TESS).status == 403

    def test_an_invited_admin_of_a_plain_team_finds_none(self, clock: Clock) -> None:
        oscar = (CHESS, user_id(OSCAR))
        places = [
            {**one, "accepted": (one["teamId"], one["userId"]) != oscar}
            for one in WORLD["memberships"]
        ]
        world = {**WORLD, "profiles": [], "memberships": places}
        with Sandbox(now=clock, world=world) as sandbox:
            call = Caller(sandbox)
            book(call, OWN, NOON)
            assert listed(call, OSCAR) == []

    def test_without_an_organization_an_admin_finds_those_of_the_teams_members(
        self, clock: Clock
    ) -> None:
        with Sandbox(now=clock, world={**WORLD, "profiles": []}) as sandbox:
            call = Caller(sandbox)
            uid = book(call, OWN, NOON)["uid"]
            assert listed(call, OSCAR) == [uid]

    def test_a_member_finds_none_of_the_others(self, call: Caller) -> None:
        book(call, TURNS, TWO)
        assert listed(call, MAX) == []
        assert listed(call, MIA) == []

    def test_a_team_selects_its_bookings_with_those_of_managed_children(self, call: Caller) -> None:
        uids = [book(call, TURNS, NINE)["uid"], book(call, CHILD, ELEVEN)["uid"]]
        chess = book(call, GAME, "2026-12-07T12:30:00Z")["uid"]
        book(call, OWN, NOON)
        assert listed(call, TESS, f"teamId={SALES}") == uids
        assert listed(call, TESS, f"teamsIds={SALES},{CHESS}") == [*uids, chess]
        assert listed(call, MIA, f"teamId={SALES}") == []

    def test_a_managed_event_type_selects_those_of_its_children(self, call: Caller) -> None:
        uid = book(call, CHILD, NINE)["uid"]
        book(call, OWN, NOON)
        assert listed(call, MAX, f"eventTypeId={TEMPLATE}") == [uid]

    def test_a_team_list_comes_in_pages(self, call: Caller) -> None:
        first, second = (book(call, TURNS, start)["uid"] for start in (NINE, TWO))
        assert listed(call, OLIVIA, f"teamId={SALES}&take=1") == [first]
        assert listed(call, OLIVIA, f"teamId={SALES}&take=1&skip=1") == [second]


class TestReservations:
    def reserve(self, call: Caller, event_type_id: int, name: str | None = None) -> Any:
        body: dict[str, Any] = {"eventTypeId": event_type_id, "slotStart": NOON}
        if name is not None:
            body["reservationDuration"] = 30
        token = None if name is None else key(name)
        return call("POST", "/v2/slots/reservations", body, key=token, version=SLOTS)

    @pytest.mark.parametrize("event_type_id", [TURNS, TOGETHER, MIXED])
    def test_a_reserved_slot_is_gone_until_it_lapses(
        self, call: Caller, clock: Clock, event_type_id: int
    ) -> None:
        assert self.reserve(call, event_type_id).status == 201
        assert "12:00" not in offered(call, f"eventTypeId={event_type_id}")
        clock.advance(minutes=5)
        assert "12:00" in offered(call, f"eventTypeId={event_type_id}")

    def test_a_released_slot_is_offered_again(self, call: Caller) -> None:
        uid = self.reserve(call, TURNS).data["reservationUid"]
        call("DELETE", f"/v2/slots/reservations/{uid}", key=None, version=SLOTS)
        assert "12:00" in offered(call, f"eventTypeId={TURNS}")

    def test_a_slot_is_reserved_once(self, call: Caller, clock: Clock) -> None:
        assert self.reserve(call, TURNS).status == 201
        assert self.reserve(call, TURNS).status == 422
        clock.advance(minutes=5)
        assert self.reserve(call, TURNS).status == 201

    def test_a_slot_that_no_host_can_take_cannot_be_reserved(self, call: Caller) -> None:
        book(call, TURNS, NOON)
        uid = self.reserve(call, TURNS).data["reservationUid"]
        call("DELETE", f"/v2/slots/reservations/{uid}", key=None, version=SLOTS)
        book(call, TURNS, NOON)
        assert self.reserve(call, TURNS).status == 422

    def test_seats_are_reserved_one_by_one(self, clock: Clock) -> None:
        seats = {"seatsPerTimeSlot": 3, "showAttendeeInfo": True, "showAvailabilityCount": True}
        with with_settings(clock, TOGETHER, seats=seats) as sandbox:
            call = Caller(sandbox)
            book(call, TOGETHER, NOON)
            assert [self.reserve(call, TOGETHER).status for _ in range(3)] == [201, 201, 422]
            assert "12:00" not in offered(call, f"eventTypeId={TOGETHER}")
            clock.advance(minutes=5)
            assert "12:00" in offered(call, f"eventTypeId={TOGETHER}")

    def test_seats_that_nobody_booked_yet_can_be_held_too(self, clock: Clock) -> None:
        seats = {"seatsPerTimeSlot": 2, "showAttendeeInfo": True, "showAvailabilityCount": True}
        with with_settings(clock, OWN, seats=seats) as sandbox:
            call = Caller(sandbox)
            self.reserve(call, OWN)
            assert "12:00" in offered(call, f"eventTypeId={OWN}")
            self.reserve(call, OWN)
            assert "12:00" not in offered(call, f"eventTypeId={OWN}")
            assert self.reserve(call, OWN).status == 422

    @pytest.mark.parametrize(
        ("name", "status"), [(MAX, 201), (OLIVIA, 201), (MIA, 201), (OSCAR, 403)]
    )
    def test_members_of_team_and_organization_may_hold_for_longer(
        self, call: Caller, name: str, status: int
    ) -> None:
        assert self.reserve(call, TURNS, name).status == status

    def test_a_managed_event_type_itself_cannot_be_reserved(self, call: Caller) -> None:
        assert self.reserve(call, TEMPLATE).status == 400

    def test_without_hosts_nothing_can_be_reserved(self, clock: Clock) -> None:
        with with_settings(clock, TURNS, hosts=[]) as sandbox:
            assert self.reserve(Caller(sandbox), TURNS).status == 400


class TestWhatIsDeleted:
    def forget(self, call: Caller, place: str) -> None:
        target = f"/v2/organizations/{ACME}/{place}"
        assert call("DELETE", target, key=key(OLIVIA), version="2024-06-14").status == 200

    def test_a_booking_outlives_its_event_type(self, call: Caller) -> None:
        uid = book(call, TOGETHER, NOON)["uid"]
        self.forget(call, f"teams/{SALES}/event-types/{TOGETHER}")
        assert read(call, uid)["eventTypeId"] is None
        assert listed(call, MAX) == [uid]
        assert "12:00" not in offered(call, f"eventTypeId={OWN}")
        assert act(call, uid, "reassign", MAX).status == 400
        assert act(call, uid, "confirm", MIA).status == 401

    def test_a_booking_outlives_a_further_host(self, call: Caller) -> None:
        uid = book(call, TOGETHER, NOON)["uid"]
        self.forget(call, f"users/{user_id(TESS)}")
        assert attendees(read(call, uid)) == ["Ann", "Tess"]
        assert listed(call, MAX) == [uid]

    def test_the_bookings_of_a_deleted_organizer_are_gone(self, call: Caller) -> None:
        book(call, TOGETHER, NOON)
        self.forget(call, f"users/{user_id(MAX)}")
        assert listed(call, TESS) == []


def test_a_world_keeps_who_the_hosts_are(call: Caller, clock: Clock) -> None:
    uid = book(call, MIXED, NOON)["uid"]
    with Sandbox(now=clock, world=call.sandbox.state()) as again:
        other = Caller(again)
        assert read(other, uid) == read(call, uid)
        assert act(other, uid, "reassign", TESS).status == 200
