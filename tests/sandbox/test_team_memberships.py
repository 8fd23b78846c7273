"""The memberships of teams, inside an organization or on their own."""

from collections.abc import Iterator
from typing import Any

import pytest

from cal_actions.sandbox import Sandbox
from tests.sandbox.conftest import Clock
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
    WORLD,
    key,
    membership_id,
    user_id,
)

OF_SALES = f"/v2/organizations/{ACME}/teams/{SALES}"
OF_CHESS = f"/v2/teams/{CHESS}"
EACH = pytest.mark.parametrize(
    ("team", "owner"), [(OF_SALES, OLIVIA), (OF_CHESS, OSCAR)], ids=["organization", "own"]
)
DEMO = {"title": "Demo", "slug": "demo", "lengthInMinutes": 30}


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(now=clock, world=WORLD) as made:
        yield made


def of_max(team: str) -> str:
    return f"{team}/memberships/{membership_id(SALES if team == OF_SALES else CHESS, MAX)}"


def host_ids(call: Any, team: str, owner: str) -> list[int]:
    (shown,) = call("GET", f"{team}/event-types", key=key(owner), version="2024-06-14").data
    return [host["userId"] for host in shown["hosts"]]


def make_event_type(call: Any, team: str, owner: str, **settings: Any) -> Any:
    told = call(
        "POST",
        f"{team}/event-types",
        {**DEMO, "schedulingType": "collective", **settings},
        key=key(owner),
        version="2024-06-14",
    )
    assert told.status == 201
    return told.data


@EACH
def test_a_new_membership_is_shown_as_it_was_given(call: Any, team: str, owner: str) -> None:
    body = {
        "userId": user_id(MIA),
        "role": "ADMIN",
        "accepted": True,
        "disableImpersonation": True,
    }
    told = call("POST", f"{team}/memberships", body, key=key(owner))
    assert told.status == 201
    assert told.data.items() >= body.items()
    assert told.data["user"]["email"] == "mia@example.com"


@EACH
def test_a_new_membership_is_found_again(call: Any, team: str, owner: str) -> None:
    made = call("POST", f"{team}/memberships", {"userId": user_id(MIA)}, key=key(owner)).data
    found = call("GET", f"{team}/memberships/{made['id']}", key=key(owner)).data
    assert found == made


@EACH
def test_what_a_new_membership_leaves_out_has_a_default(call: Any, team: str, owner: str) -> None:
    made = call("POST", f"{team}/memberships", {"userId": user_id(MIA)}, key=key(owner)).data
    shown = (made["role"], made["accepted"], made["disableImpersonation"])
    assert shown == ("MEMBER", False, False)


@EACH
@pytest.mark.parametrize(
    ("field", "value", "constraint"),
    [
        ("userId", "5", "isInt"),
        ("userId", 1.5, "isInt"),
        ("role", "KING", "isEnum"),
        ("accepted", "yes", "isBoolean"),
        ("disableImpersonation", 1, "isBoolean"),
    ],
)
def test_a_wrong_field_of_a_new_membership_is_refused(
    call: Any, team: str, owner: str, field: str, value: Any, constraint: str
) -> None:
    body = {"userId": user_id(MIA), field: value}
    told = call("POST", f"{team}/memberships", body, key=key(owner))
    assert told.constraints[field].keys() == {constraint}


@EACH
def test_a_membership_needs_a_user(call: Any, team: str, owner: str) -> None:
    told = call("POST", f"{team}/memberships", {"role": "MEMBER"}, key=key(owner))
    assert told.constraints.keys() == {"userId"}


@EACH
def test_who_is_in_the_team_is_not_added_again(call: Any, team: str, owner: str) -> None:
    told = call("POST", f"{team}/memberships", {"userId": user_id(MAX)}, key=key(owner))
    assert told.status == 409


def test_a_team_of_an_organization_takes_its_members_only(call: Any) -> None:
    told = call("POST", f"{OF_SALES}/memberships", {"userId": user_id(OSCAR)}, key=key(OLIVIA))
    assert (told.status, told.error["message"]) == (422, "User is not part of the Organization")


def test_a_team_of_no_organization_takes_no_unknown_user(call: Any) -> None:
    told = call("POST", f"{OF_CHESS}/memberships", {"userId": 999}, key=key(OSCAR))
    assert (told.status, told.error["message"]) == (
        400,
        "Invalid input: The referenced data does not exist.",
    )


@EACH
def test_the_memberships_of_a_team_come_in_pages(call: Any, team: str, owner: str) -> None:
    everyone = [one["userId"] for one in call("GET", f"{team}/memberships", key=key(owner)).data]
    assert everyone == [user_id(owner), user_id(TESS), user_id(MAX)]
    page = call("GET", f"{team}/memberships?take=1&skip=1", key=key(owner)).data
    assert [one["userId"] for one in page] == [user_id(TESS)]


@EACH
@pytest.mark.parametrize(("query", "field"), [("take=0", "take"), ("skip=-1", "skip")])
def test_a_wrong_page_is_refused(call: Any, team: str, owner: str, query: str, field: str) -> None:
    told = call("GET", f"{team}/memberships?{query}", key=key(owner))
    assert told.constraints.keys() == {field}


@EACH
def test_a_membership_shows_the_metadata_of_a_user_who_has_some(
    call: Any, team: str, owner: str
) -> None:
    assert "metadata" not in call("GET", of_max(team), key=key(owner)).data["user"]
    call("PATCH", "/v2/me", {"metadata": {"floor": 3}}, key=key(MAX))
    user = call("GET", of_max(team), key=key(owner)).data["user"]
    assert user["metadata"] == {"floor": 3}


@EACH
def test_a_change_touches_the_given_fields_only(call: Any, team: str, owner: str) -> None:
    before = call("GET", of_max(team), key=key(owner)).data
    changed = call("PATCH", of_max(team), {"role": "ADMIN"}, key=key(owner)).data
    assert changed == {**before, "role": "ADMIN"}
    assert call("GET", of_max(team), key=key(owner)).data == changed


@EACH
def test_an_empty_change_changes_nothing(call: Any, team: str, owner: str) -> None:
    before = call("GET", of_max(team), key=key(owner)).data
    assert call("PATCH", of_max(team), {}, key=key(owner)).data == before


@EACH
def test_a_change_cannot_give_the_membership_to_another_user(
    call: Any, team: str, owner: str
) -> None:
    changed = call("PATCH", of_max(team), {"userId": user_id(MIA)}, key=key(owner))
    assert changed.data["userId"] == user_id(MAX)


@EACH
def test_a_wrong_role_is_refused(call: Any, team: str, owner: str) -> None:
    told = call("PATCH", of_max(team), {"role": "member"}, key=key(owner))
    assert told.constraints.keys() == {"role"}


@EACH
def test_a_new_role_counts_at_once(call: Any, team: str, owner: str) -> None:
    assert call("GET", f"{team}/memberships", key=key(MAX)).status == 403
    call("PATCH", of_max(team), {"role": "ADMIN"}, key=key(owner))
    assert call("GET", f"{team}/memberships", key=key(MAX)).status == 200


@EACH
def test_a_deleted_membership_is_shown_once_more(call: Any, team: str, owner: str) -> None:
    before = call("GET", of_max(team), key=key(owner)).data
    assert call("DELETE", of_max(team), key=key(owner)).data == before
    told = call("GET", of_max(team), key=key(owner))
    assert (told.status, told.error["message"]) == (
        404,
        "Organization's Team membership not found",
    )


@EACH
def test_who_was_removed_may_come_back(call: Any, team: str, owner: str) -> None:
    call("DELETE", of_max(team), key=key(owner))
    told = call("POST", f"{team}/memberships", {"userId": user_id(MAX)}, key=key(owner))
    assert told.status == 201


@EACH
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_membership_of_another_team_is_not_found(
    call: Any, team: str, owner: str, method: str
) -> None:
    other = of_max(OF_CHESS if team == OF_SALES else OF_SALES).rpartition("/")[2]
    assert call(method, f"{team}/memberships/{other}", key=key(owner)).status == 404


@EACH
def test_who_accepts_hosts_the_event_types_that_assign_all_members(
    call: Any, team: str, owner: str
) -> None:
    make_event_type(call, team, owner, assignAllTeamMembers=True)
    made = call("POST", f"{team}/memberships", {"userId": user_id(MIA)}, key=key(owner)).data
    assert user_id(MIA) not in host_ids(call, team, owner)
    call("PATCH", f"{team}/memberships/{made['id']}", {"accepted": True}, key=key(owner))
    assert user_id(MIA) in host_ids(call, team, owner)


@EACH
def test_who_is_added_as_accepted_hosts_the_event_types_that_assign_all_members(
    call: Any, team: str, owner: str
) -> None:
    make_event_type(call, team, owner, assignAllTeamMembers=True)
    body = {"userId": user_id(MIA), "accepted": True}
    call("POST", f"{team}/memberships", body, key=key(owner))
    assert user_id(MIA) in host_ids(call, team, owner)


@EACH
def test_who_leaves_hosts_the_event_types_of_the_team_no_more(
    call: Any, team: str, owner: str
) -> None:
    hosts = [{"userId": user_id(MAX)}, {"userId": user_id(TESS)}]
    make_event_type(call, team, owner, hosts=hosts)
    call("DELETE", of_max(team), key=key(owner))
    assert host_ids(call, team, owner) == [user_id(TESS)]


@EACH
def test_who_leaves_a_team_still_hosts_in_others(call: Any, team: str, owner: str) -> None:
    other, its_owner = (OF_CHESS, OSCAR) if team == OF_SALES else (OF_SALES, OLIVIA)
    make_event_type(call, other, its_owner, hosts=[{"userId": user_id(MAX)}])
    call("DELETE", of_max(team), key=key(owner))
    assert host_ids(call, other, its_owner) == [user_id(MAX)]


@EACH
def test_who_leaves_loses_the_managed_event_types_of_the_team(
    call: Any, sandbox: Sandbox, team: str, owner: str
) -> None:
    hosts = [{"userId": user_id(MAX)}]
    make_event_type(call, team, owner, schedulingType="managed", hosts=hosts)
    call("DELETE", of_max(team), key=key(owner))
    assert [one["ownerId"] for one in sandbox.state()["eventTypes"]] == [None]


def test_the_last_owner_may_leave(call: Any) -> None:
    target = f"{OF_CHESS}/memberships/{membership_id(CHESS, OSCAR)}"
    assert call("DELETE", target, key=key(OSCAR)).status == 200
    assert call("GET", OF_CHESS, key=key(OSCAR)).status == 403


@EACH
@pytest.mark.parametrize(
    ("method", "is_one"),
    [("GET", False), ("POST", False), ("GET", True), ("PATCH", True), ("DELETE", True)],
)
@pytest.mark.parametrize(
    ("name", "status"), [(TESS, (200, 201)), (MAX, (403,)), (MIA, (403,)), (None, (401,))]
)
def test_memberships_are_for_admins_of_the_team(
    call: Any,
    team: str,
    owner: str,
    method: str,
    is_one: bool,
    name: str | None,
    status: tuple[int, ...],
) -> None:
    target = of_max(team) if is_one else f"{team}/memberships"
    body = {"userId": user_id(MIA)}
    told = call(method, target, body, key=None if name is None else key(name))
    assert told.status in status


def test_an_admin_of_the_organization_may_write_in_teams_of_others(call: Any) -> None:
    assert call("PATCH", of_max(OF_SALES), {"role": "ADMIN"}, key=key(ADA)).status == 200
