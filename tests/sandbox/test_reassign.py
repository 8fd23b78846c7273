"""Another host takes over a booking of a round robin."""

from collections.abc import Iterator

import pytest

from cal_actions.sandbox import Sandbox
from tests.sandbox.conftest import Caller, Clock
from tests.sandbox.hosting_world import (
    ELEVEN,
    GAME,
    MIXED,
    NINE,
    NOON,
    OWN,
    TOGETHER,
    TURNS,
    TWO,
    WORLD,
    act,
    attendees,
    book,
    offered,
    organizer,
    read,
)
from tests.sandbox.team_world import ADA, MAX, MIA, NOWHERE, OLIVIA, OSCAR, TESS, user_id

NOBODY = "Can't reassign the booking because no other host is available at that time."


@pytest.fixture
def call(clock: Clock) -> Iterator[Caller]:
    with Sandbox(now=clock, world=WORLD) as sandbox:
        yield Caller(sandbox)


def test_another_host_takes_over_with_booking_and_title(call: Caller) -> None:
    uid = book(call, TURNS, NOON)["uid"]
    told = act(call, uid, "reassign", MAX)
    assert told.data == {
        "bookingUid": uid,
        "reassignedTo": {"id": user_id(TESS), "name": "Tess", "email": "tess@example.com"},
    }
    shown = read(call, uid)
    assert organizer(shown) == TESS
    assert shown["title"] == "Turns between Tess and Ann"


def test_the_time_of_the_host_before_is_free_again(call: Caller) -> None:
    uid = book(call, TURNS, NOON)["uid"]
    act(call, uid, "reassign", MAX)
    assert "12:00" in offered(call, f"eventTypeId={OWN}")
    assert "12:00" not in offered(call, f"eventTypeId={TOGETHER}")


def test_without_another_free_host_it_is_refused(call: Caller) -> None:
    uid = book(call, TURNS, NINE)["uid"]
    told = act(call, uid, "reassign", MAX)
    assert (told.status, told.error["message"]) == (400, NOBODY)
    assert organizer(read(call, uid)) == MAX


@pytest.mark.parametrize("event_type_id", [OWN, TOGETHER])
def test_what_is_no_round_robin_has_no_other_host(call: Caller, event_type_id: int) -> None:
    uid = book(call, event_type_id, NOON)["uid"]
    told = act(call, uid, "reassign", MAX)
    assert (told.status, told.error["message"]) == (400, NOBODY)


def test_a_mandatory_host_stays(call: Caller) -> None:
    uid = book(call, MIXED, NOON)["uid"]
    told = act(call, uid, "reassign", TESS)
    assert told.data["reassignedTo"]["id"] == user_id(MAX)
    shown = read(call, uid)
    assert organizer(shown) == TESS
    assert attendees(shown) == ["Ann", "Max"]


def test_a_certain_host_takes_over(call: Caller) -> None:
    uid = book(call, GAME, ELEVEN)["uid"]
    told = act(call, uid, f"reassign/{user_id(MAX)}", OSCAR, {"reason": "ill"})
    assert told.data["reassignedTo"]["name"] == "Max"
    assert organizer(read(call, uid)) == MAX


def test_the_host_that_has_it_keeps_it(call: Caller) -> None:
    uid = book(call, TURNS, NOON)["uid"]
    assert act(call, uid, f"reassign/{user_id(MAX)}", MAX, {}).status == 200
    assert organizer(read(call, uid)) == MAX


def test_the_host_must_be_one_of_the_event_type(call: Caller) -> None:
    uid = book(call, TURNS, NOON)["uid"]
    told = act(call, uid, f"reassign/{user_id(MIA)}", MAX, {})
    assert told.status == 400
    assert "is not a valid Round Robin host" in told.error["message"]


def test_the_host_must_be_free(call: Caller) -> None:
    uid = book(call, TURNS, TWO)["uid"]
    told = act(call, uid, f"reassign/{user_id(MAX)}", TESS, {})
    assert told.status == 400
    assert organizer(read(call, uid)) == TESS


@pytest.mark.parametrize("event_type_id", [MIXED, TOGETHER])
def test_a_host_who_is_always_there_cannot_take_over(call: Caller, event_type_id: int) -> None:
    uid = book(call, event_type_id, NOON)["uid"]
    assert act(call, uid, f"reassign/{user_id(TESS)}", OLIVIA, {}).status == 400


def test_an_unknown_user_is_not_found(call: Caller) -> None:
    uid = book(call, TURNS, NOON)["uid"]
    told = act(call, uid, f"reassign/{NOWHERE}", MAX, {})
    assert told.status == 404
    assert told.error["message"] == f"User with id={NOWHERE} was not found in the database"


@pytest.mark.parametrize("deed", ["reassign", f"reassign/{user_id(TESS)}"])
class TestWhoMay:
    @pytest.mark.parametrize("name", [MAX, TESS, OLIVIA, ADA])
    def test_organizer_and_admins_may(self, call: Caller, deed: str, name: str) -> None:
        uid = book(call, TURNS, NOON)["uid"]
        assert act(call, uid, deed, name, {}).status == 200

    @pytest.mark.parametrize("name", [MIA, OSCAR])
    def test_others_may_not(self, call: Caller, deed: str, name: str) -> None:
        uid = book(call, TURNS, NOON)["uid"]
        told = act(call, uid, deed, name, {})
        assert told.status == 403
        assert told.error["message"] == "You do not have permission to reassign this booking"
        assert organizer(read(call, uid)) == MAX

    def test_nobody_without_credentials_may(self, call: Caller, deed: str) -> None:
        uid = book(call, TURNS, NOON)["uid"]
        told = call("POST", f"/v2/bookings/{uid}/{deed}", {}, key=None, version="2024-08-13")
        assert told.status == 403

    def test_an_unknown_booking_is_not_found(self, call: Caller, deed: str) -> None:
        assert act(call, "none", deed, MAX, {}).status == 404
