"""The schedules of an organization's people."""

from collections.abc import Iterator

import pytest

from cal_actions.sandbox import Sandbox
from tests.sandbox.conftest import Caller, Clock
from tests.sandbox.organization_world import WORLD, schedule_id
from tests.sandbox.team_world import (
    ACME,
    ADA,
    CLIENT,
    FAR,
    MAX,
    MIA,
    NOWHERE,
    OLIVIA,
    OSCAR,
    PETRA,
    PLATFORM,
    SALES,
    TESS,
    key,
    user_id,
)

ALL = f"/v2/organizations/{ACME}/schedules"
OF_MAX = f"/v2/organizations/{ACME}/users/{user_id(MAX)}/schedules"
ONE_OF_MAX = f"{OF_MAX}/{schedule_id(MAX)}"
NEW = {"name": "Nights", "timeZone": "Europe/Oslo", "isDefault": False}
EVENINGS = {"days": ["Friday"], "startTime": "18:00", "endTime": "20:00"}


def of_team_member(name: str, team: int = SALES) -> str:
    return f"/v2/organizations/{ACME}/teams/{team}/users/{user_id(name)}/schedules"


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(now=clock, world=WORLD) as made:
        yield made


def test_the_schedules_of_everyone_in_the_organization_are_listed(call: Caller) -> None:
    listed = call("GET", ALL, key=key(ADA)).data
    people = (OLIVIA, ADA, MAX, TESS, MIA)
    assert [one["ownerId"] for one in listed] == [user_id(name) for name in people]


def test_a_page_holds_what_take_and_skip_ask_for(call: Caller) -> None:
    everything = call("GET", ALL, key=key(OLIVIA)).data
    assert call("GET", f"{ALL}?take=2&skip=2", key=key(OLIVIA)).data == everything[2:4]


@pytest.mark.parametrize("query", ["take=0", "take=251", "skip=-1"])
def test_a_page_outside_its_bounds_is_refused(call: Caller, query: str) -> None:
    assert call("GET", f"{ALL}?{query}", key=key(OLIVIA)).status == 400


@pytest.mark.parametrize("name", [MAX, OSCAR, PETRA])
@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", ALL),
        ("GET", OF_MAX),
        ("POST", OF_MAX),
        ("GET", ONE_OF_MAX),
        ("PATCH", ONE_OF_MAX),
        ("DELETE", ONE_OF_MAX),
    ],
)
def test_members_and_outsiders_may_do_nothing_with_schedules(
    call: Caller, method: str, target: str, name: str
) -> None:
    assert call(method, target, NEW if method == "POST" else None, key=key(name)).status == 403


def test_nobody_may_list_schedules_without_credentials(call: Caller) -> None:
    assert call("GET", ALL, key=None).status == 401


def test_an_oauth_client_may_list_the_schedules_of_its_organization(call: Caller) -> None:
    target = f"/v2/organizations/{PLATFORM}/schedules"
    listed = call("GET", target, key=None, headers=CLIENT).data
    assert [one["id"] for one in listed] == [schedule_id(PETRA)]


def test_the_version_that_is_asked_for_changes_nothing(call: Caller) -> None:
    shown = call("GET", OF_MAX, key=key(OLIVIA), version="2024-06-11").data
    assert call("GET", OF_MAX, key=key(OLIVIA), version="2024-04-15").data == shown


def test_a_new_schedule_is_its_user_s(call: Caller) -> None:
    told = call("POST", OF_MAX, {**NEW, "availability": [EVENINGS]}, key=key(ADA))
    assert told.status == 201
    assert told.data["ownerId"] == user_id(MAX)
    own = call("GET", "/v2/schedules", key=key(MAX), version="2024-06-11").data
    assert told.data in own


def test_a_new_schedule_may_be_the_default(call: Caller) -> None:
    created = call("POST", OF_MAX, {**NEW, "isDefault": True}, key=key(OLIVIA)).data
    assert created["isDefault"] is True
    assert call("GET", "/v2/me", key=key(MAX)).data["defaultScheduleId"] == created["id"]


def test_every_wrong_field_is_told_in_one_answer(call: Caller) -> None:
    told = call("POST", OF_MAX, {"name": 1, "timeZone": "Mars/Phobos"}, key=key(OLIVIA))
    assert told.status == 400
    assert set(told.constraints) == {"name", "timeZone", "isDefault"}


def test_a_change_touches_the_given_fields_only(call: Caller) -> None:
    before = call("GET", ONE_OF_MAX, key=key(OLIVIA)).data
    call("PATCH", ONE_OF_MAX, {"availability": [EVENINGS]}, key=key(OLIVIA))
    after = call("GET", ONE_OF_MAX, key=key(OLIVIA)).data
    assert after == {**before, "availability": [EVENINGS]}


def test_a_wrong_change_is_told_with_its_field(call: Caller) -> None:
    told = call("PATCH", ONE_OF_MAX, {"timeZone": "Mars/Phobos"}, key=key(OLIVIA))
    assert list(told.constraints) == ["timeZone"]


def test_a_deleted_schedule_is_gone(call: Caller) -> None:
    assert call("DELETE", ONE_OF_MAX, key=key(OLIVIA)).body == {"status": "success"}
    assert call("GET", OF_MAX, key=key(OLIVIA)).data == []


def test_a_deleted_default_leaves_its_user_without_one(call: Caller) -> None:
    call("PATCH", ONE_OF_MAX, {"isDefault": True}, key=key(OLIVIA))
    call("DELETE", ONE_OF_MAX, key=key(OLIVIA))
    assert call("GET", "/v2/me", key=key(MAX)).data["defaultScheduleId"] is None


@pytest.mark.parametrize(("method", "status"), [("GET", 404), ("PATCH", 404), ("DELETE", 400)])
def test_an_unknown_schedule_is_refused(call: Caller, method: str, status: int) -> None:
    told = call(method, f"{OF_MAX}/{NOWHERE}", key=key(OLIVIA))
    assert told.status == status
    assert told.error["message"] == f"Schedule with ID={NOWHERE} does not exist."


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_the_schedule_of_another_user_is_forbidden(call: Caller, method: str) -> None:
    told = call(method, f"{OF_MAX}/{schedule_id(ADA)}", key=key(OLIVIA))
    assert told.status == 403
    assert told.error["message"] == (
        f"User with ID={user_id(MAX)} does not own schedule with ID={schedule_id(ADA)}"
    )


@pytest.mark.parametrize(
    ("method", "rest"),
    [("GET", ""), ("POST", ""), ("GET", "/1"), ("PATCH", "/1"), ("DELETE", "/1")],
)
def test_the_schedules_of_someone_outside_are_forbidden(
    call: Caller, method: str, rest: str
) -> None:
    target = f"/v2/organizations/{ACME}/users/{user_id(OSCAR)}/schedules{rest}"
    told = call(method, target, NEW if method == "POST" else None, key=key(OLIVIA))
    assert told.status == 403
    assert told.error["message"].startswith("IsUserInOrg ")


@pytest.mark.parametrize("name", [OLIVIA, ADA, TESS])
def test_admins_see_the_schedules_of_a_team_member(call: Caller, name: str) -> None:
    listed = call("GET", of_team_member(MAX), key=key(name)).data
    assert [one["id"] for one in listed] == [schedule_id(MAX)]


@pytest.mark.parametrize("name", [MAX, MIA, OSCAR])
def test_others_do_not_see_the_schedules_of_a_team_member(call: Caller, name: str) -> None:
    assert call("GET", of_team_member(MAX), key=key(name)).status == 403


@pytest.mark.parametrize("name", [MIA, OSCAR])
def test_the_schedules_of_someone_outside_the_team_are_forbidden(call: Caller, name: str) -> None:
    told = call("GET", of_team_member(name), key=key(OLIVIA))
    assert told.status == 403
    assert told.error["message"].startswith("IsUserInOrgTeam ")


@pytest.mark.parametrize("team", [FAR, NOWHERE])
def test_a_team_of_another_organization_is_not_found(call: Caller, team: int) -> None:
    assert call("GET", of_team_member(MAX, team), key=key(OLIVIA)).status == 404


def test_the_path_of_a_schedule_takes_numbers_only(call: Caller) -> None:
    assert call("GET", f"{OF_MAX}/nights", key=key(OLIVIA)).status == 400
