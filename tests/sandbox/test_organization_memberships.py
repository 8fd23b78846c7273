"""The memberships of an organization."""

from collections.abc import Iterator
from typing import Any

import pytest

from cal_actions.sandbox import Sandbox
from tests.sandbox.conftest import Caller, Clock
from tests.sandbox.organization_world import CHAT, DEMO, OWN_COPY, WORLD
from tests.sandbox.team_world import (
    ACME,
    ADA,
    CHESS,
    CLIENT,
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
    membership_id,
    user_id,
)

MEMBERSHIPS = f"/v2/organizations/{ACME}/memberships"
OF_MAX = f"{MEMBERSHIPS}/{membership_id(ACME, MAX)}"
OSCAR_JOINS = {"userId": user_id(OSCAR), "role": "MEMBER", "accepted": True}


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(now=clock, world=WORLD) as made:
        yield made


def test_every_membership_is_listed(call: Caller) -> None:
    listed = call("GET", MEMBERSHIPS, key=key(ADA)).data
    assert [(one["user"]["username"], one["role"]) for one in listed] == [
        (OLIVIA, "OWNER"),
        (ADA, "ADMIN"),
        (MAX, "MEMBER"),
        (TESS, "MEMBER"),
        (MIA, "MEMBER"),
    ]


def test_a_page_holds_what_take_and_skip_ask_for(call: Caller) -> None:
    everything = call("GET", MEMBERSHIPS, key=key(OLIVIA)).data
    page = call("GET", f"{MEMBERSHIPS}?take=2&skip=1", key=key(OLIVIA)).data
    assert page == everything[1:3]


@pytest.mark.parametrize("query", ["take=0", "take=251", "skip=-1"])
def test_a_page_outside_its_bounds_is_refused(call: Caller, query: str) -> None:
    assert call("GET", f"{MEMBERSHIPS}?{query}", key=key(OLIVIA)).status == 400


def test_a_membership_shows_the_attributes_of_its_user(call: Caller) -> None:
    shown = call("GET", OF_MAX, key=key(OLIVIA)).data["attributes"]
    assert {one["option"] for one in shown} == {"Sales", "Oslo"}


def test_a_membership_shows_the_metadata_that_its_user_has(call: Caller) -> None:
    assert "metadata" not in call("GET", OF_MAX, key=key(OLIVIA)).data["user"]
    call("PATCH", "/v2/me", {"metadata": {"floor": "3"}}, key=key(MAX))
    assert call("GET", OF_MAX, key=key(OLIVIA)).data["user"]["metadata"] == {"floor": "3"}


@pytest.mark.parametrize("name", [MAX, OSCAR, PETRA])
@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", MEMBERSHIPS),
        ("POST", MEMBERSHIPS),
        ("GET", OF_MAX),
        ("PATCH", OF_MAX),
        ("DELETE", OF_MAX),
    ],
)
def test_members_and_outsiders_may_do_nothing_with_memberships(
    call: Caller, method: str, target: str, name: str
) -> None:
    body = OSCAR_JOINS if method == "POST" else None
    assert call(method, target, body, key=key(name)).status == 403


def test_nobody_may_list_memberships_without_credentials(call: Caller) -> None:
    assert call("GET", MEMBERSHIPS, key=None).status == 401


def test_an_oauth_client_may_list_the_memberships_of_its_organization(call: Caller) -> None:
    target = f"/v2/organizations/{PLATFORM}/memberships"
    listed = call("GET", target, key=None, headers=CLIENT).data
    assert [one["userId"] for one in listed] == [user_id(PETRA)]


def test_a_new_membership_can_be_read_back(call: Caller) -> None:
    told = call("POST", MEMBERSHIPS, OSCAR_JOINS, key=key(ADA))
    assert told.status == 201
    found = call("GET", f"{MEMBERSHIPS}/{told.data['id']}", key=key(ADA)).data
    assert found == told.data
    assert (found["role"], found["accepted"]) == ("MEMBER", True)


def test_a_new_member_belongs_to_the_organization(call: Caller) -> None:
    call("POST", MEMBERSHIPS, OSCAR_JOINS, key=key(OLIVIA))
    assert call("GET", "/v2/me", key=key(OSCAR)).data["organizationId"] == ACME


def test_a_new_admin_may_do_what_admins_may(call: Caller) -> None:
    call("POST", MEMBERSHIPS, {**OSCAR_JOINS, "role": "ADMIN"}, key=key(OLIVIA))
    assert call("GET", MEMBERSHIPS, key=key(OSCAR)).status == 200


def test_a_new_member_with_a_taken_name_gets_the_id_behind_it(call: Caller) -> None:
    users = f"/v2/organizations/{ACME}/users"
    call("PATCH", f"{users}/{user_id(MAX)}", {"username": "maximilian"}, key=key(OLIVIA))
    call(
        "PATCH",
        f"/v2/organizations/{PLATFORM}/users/{user_id(PETRA)}",
        {"username": MAX},
        key=key(PETRA),
    )
    call("POST", MEMBERSHIPS, {"userId": user_id(PETRA), "role": "MEMBER"}, key=key(OLIVIA))
    profiles = [one["profile"] for one in call("GET", users, key=key(OLIVIA)).data]
    assert [one["username"] for one in profiles if one["userId"] == user_id(PETRA)] == [
        f"max-{user_id(PETRA)}"
    ]


def test_what_a_new_membership_leaves_out_has_its_default(call: Caller) -> None:
    created = call("POST", MEMBERSHIPS, {"userId": user_id(OSCAR)}, key=key(OLIVIA)).data
    assert (created["role"], created["accepted"], created["disableImpersonation"]) == (
        "MEMBER",
        False,
        False,
    )


def test_adding_a_member_again_changes_the_membership(call: Caller) -> None:
    body = {"userId": user_id(MAX), "role": "ADMIN", "accepted": True}
    changed = call("POST", MEMBERSHIPS, body, key=key(OLIVIA))
    assert changed.status == 201
    assert (changed.data["id"], changed.data["role"]) == (membership_id(ACME, MAX), "ADMIN")
    assert len(call("GET", MEMBERSHIPS, key=key(OLIVIA)).data) == 5


def test_adding_a_member_again_resets_what_is_left_out(call: Caller) -> None:
    call("PATCH", OF_MAX, {"role": "ADMIN", "disableImpersonation": True}, key=key(OLIVIA))
    call("POST", MEMBERSHIPS, {"userId": user_id(MAX)}, key=key(OLIVIA))
    found = call("GET", OF_MAX, key=key(OLIVIA)).data
    assert (found["role"], found["accepted"], found["disableImpersonation"]) == (
        "MEMBER",
        False,
        False,
    )


def test_an_unknown_user_cannot_become_a_member(call: Caller) -> None:
    told = call("POST", MEMBERSHIPS, {"userId": NOWHERE, "role": "MEMBER"}, key=key(OLIVIA))
    assert (told.status, told.error["code"]) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    ("field", "value"),
    [("userId", None), ("userId", "3"), ("role", "KING"), ("role", None), ("accepted", "yes")],
)
def test_a_field_that_cannot_be_is_refused(call: Caller, field: str, value: Any) -> None:
    told = call("POST", MEMBERSHIPS, {**OSCAR_JOINS, field: value}, key=key(OLIVIA))
    assert told.status == 400
    assert list(told.constraints) == [field]


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("number", [NOWHERE, membership_id(SALES, MAX), membership_id(CHESS, MAX)])
def test_a_membership_of_something_else_is_not_found(
    call: Caller, method: str, number: int
) -> None:
    told = call(method, f"{MEMBERSHIPS}/{number}", key=key(OLIVIA))
    assert told.status == 404
    assert told.error["message"] == f"IsMembershipInOrg - Membership ({number}) not found."


def test_a_change_touches_the_given_fields_only(call: Caller) -> None:
    before = call("GET", OF_MAX, key=key(OLIVIA)).data
    call("PATCH", OF_MAX, {"disableImpersonation": True}, key=key(OLIVIA))
    after = call("GET", OF_MAX, key=key(OLIVIA)).data
    assert after == {
        **before,
        "disableImpersonation": True,
        "updatedAt": "2026-11-23T08:00:00.000Z",
    }


def test_a_member_who_is_made_admin_may_do_what_admins_may(call: Caller) -> None:
    call("PATCH", OF_MAX, {"role": "ADMIN"}, key=key(OLIVIA))
    assert call("GET", MEMBERSHIPS, key=key(MAX)).status == 200


def test_a_change_that_cannot_be_is_refused(call: Caller) -> None:
    told = call("PATCH", OF_MAX, {"role": "KING", "accepted": 1}, key=key(OLIVIA))
    assert set(told.constraints) == {"role", "accepted"}


def test_a_deleted_membership_is_shown_as_it_was(call: Caller) -> None:
    before = call("GET", OF_MAX, key=key(OLIVIA)).data
    assert call("DELETE", OF_MAX, key=key(OLIVIA)).data == before
    assert call("GET", OF_MAX, key=key(OLIVIA)).status == 404


def test_someone_who_left_is_no_longer_a_user_of_the_organization(call: Caller) -> None:
    call("DELETE", OF_MAX, key=key(OLIVIA))
    users = call("GET", f"/v2/organizations/{ACME}/users", key=key(OLIVIA)).data
    assert user_id(MAX) not in {one["id"] for one in users}


def test_someone_who_left_keeps_the_account_under_another_name(call: Caller) -> None:
    call("DELETE", OF_MAX, key=key(OLIVIA))
    me = call("GET", "/v2/me", key=key(MAX)).data
    assert (me["username"], me["organizationId"]) == (f"max-{user_id(MAX)}", None)


def test_someone_who_left_is_in_none_of_the_organization_s_teams(
    call: Caller, sandbox: Sandbox
) -> None:
    call("DELETE", OF_MAX, key=key(OLIVIA))
    places = [one for one in sandbox.state()["memberships"] if one["userId"] == user_id(MAX)]
    assert [one["teamId"] for one in places] == [CHESS]


def test_someone_who_left_hosts_none_of_the_teams_event_types(
    call: Caller, sandbox: Sandbox
) -> None:
    call("DELETE", OF_MAX, key=key(OLIVIA))
    left = {one["id"]: one for one in sandbox.state()["eventTypes"]}
    assert [host["userId"] for host in left[DEMO]["hosts"]] == [user_id(OLIVIA)]
    assert OWN_COPY not in left
    assert CHAT in left


def test_someone_who_left_keeps_what_is_outside_the_organization(clock: Clock) -> None:
    game = {
        "id": 70,
        "title": "game",
        "slug": "game",
        "lengthInMinutes": 30,
        "teamId": CHESS,
        "schedulingType": "roundRobin",
        "hosts": [{"userId": user_id(MAX)}],
    }
    blitz = {**game, "id": 71, "slug": "blitz", "schedulingType": "managed", "hosts": []}
    copy = {"id": 72, "title": "b", "slug": "b", "lengthInMinutes": 30, "ownerId": user_id(MAX)}
    elsewhere = {"userId": user_id(MAX), "organizationId": PLATFORM, "username": "max"}
    world = {
        **WORLD,
        "eventTypes": [*WORLD["eventTypes"], game, blitz, {**copy, "parentId": 71}],
        "profiles": [*WORLD["profiles"], elsewhere],
    }
    with Sandbox(now=clock, world=world) as sandbox:
        Caller(sandbox)("DELETE", OF_MAX, key=key(OLIVIA))
        state = sandbox.state()
    left = {one["id"]: one for one in state["eventTypes"]}
    assert [host["userId"] for host in left[70]["hosts"]] == [user_id(MAX)]
    assert 72 in left
    places = [one["organizationId"] for one in state["profiles"] if one["userId"] == user_id(MAX)]
    assert places == [PLATFORM]


def test_nobody_can_leave_under_a_name_that_someone_has(call: Caller) -> None:
    taken = {"username": f"max-{user_id(MAX)}"}
    users = f"/v2/organizations/{ACME}/users"
    call("PATCH", f"{users}/{user_id(TESS)}", taken, key=key(OLIVIA))
    assert call("DELETE", OF_MAX, key=key(OLIVIA)).status == 409
    assert call("GET", OF_MAX, key=key(OLIVIA)).status == 200
