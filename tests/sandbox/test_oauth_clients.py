"""Managed users of an OAuth client: made, listed, changed, deleted, and by whom."""

from collections.abc import Iterator

import pytest

from cal_actions.sandbox import Sandbox
from tests.sandbox.conftest import Caller, Clock
from tests.sandbox.platform_world import (
    BARE_CLIENT,
    CLIENT,
    LONER,
    MEMBER,
    MONA,
    OWNER,
    STRANGER,
    USERS,
    WORLD,
    add_mona,
    as_client,
)


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(now=clock, world=WORLD) as made:
        yield made


# --- creating


def test_a_managed_user_gets_an_address_and_a_name_of_the_client(call: Caller) -> None:
    user = add_mona(call)["user"]

    assert user["email"] == "mona+client-one@customer.example"
    assert user["username"] == "mona-client-one-customer-example"
    assert user["name"] == "Mona Managed"


def test_what_is_left_out_gets_the_defaults(call: Caller) -> None:
    user = add_mona(call)["user"]

    assert (user["timeZone"], user["weekStart"], user["timeFormat"]) == (
        "Europe/London",
        "Sunday",
        12,
    )
    assert (user["locale"], user["defaultScheduleId"]) == (None, None)


def test_every_given_field_is_kept(call: Caller) -> None:
    given = {
        "timeZone": "Europe/Rome",
        "weekStart": "Monday",
        "timeFormat": 24,
        "locale": "it",
        "bio": "Hello",
        "avatarUrl": "https://example.com/mona.png",
        "metadata": {"crm": "42"},
    }

    user = add_mona(call, **given)["user"]

    assert user | given == user


def test_with_a_time_zone_there_is_a_default_schedule(call: Caller) -> None:
    made = add_mona(call, timeZone="Europe/Rome")

    schedule = call(
        "GET", "/v2/schedules/default", key=made["accessToken"], version="2024-06-11"
    ).data

    assert schedule["id"] == made["user"]["defaultScheduleId"]
    assert (schedule["name"], schedule["timeZone"]) == ("Default schedule", "Europe/Rome")
    assert schedule["availability"][0]["days"][0] == "Monday"


def test_a_managed_user_is_a_member_of_the_platform(call: Caller, sandbox: Sandbox) -> None:
    made = add_mona(call)

    me = call("GET", "/v2/me", key=made["accessToken"]).data

    assert me["organization"] == {"isPlatform": True, "id": 1}
    memberships = [one for one in sandbox.state()["memberships"] if one["userId"] == me["id"]]
    assert [(one["teamId"], one["role"], one["accepted"]) for one in memberships] == [
        (1, "MEMBER", True)
    ]


def test_the_same_address_twice_is_a_409_that_names_the_user(call: Caller) -> None:
    made = add_mona(call)["user"]

    told = as_client(call, "POST", USERS, MONA)

    assert told.status == 409
    assert told.error["message"].endswith(f"Existing user ID={made['id']}")


def test_another_client_may_have_a_user_with_the_same_address(call: Caller) -> None:
    add_mona(call)

    told = call("POST", "/v2/oauth-clients/client-bare/users", MONA, key=None, headers=BARE_CLIENT)

    assert told.data["user"]["email"] == "mona+client-bare@customer.example"


def test_addresses_that_make_the_same_username_are_a_409(call: Caller) -> None:
    as_client(call, "POST", USERS, {"email": "a.b@example.com", "name": "A"})

    told = as_client(call, "POST", USERS, {"email": "a-b@example.com", "name": "B"})

    assert (told.status, told.error["code"]) == (409, "CONFLICT")


def test_a_user_needs_an_address_and_a_name(call: Caller) -> None:
    told = as_client(call, "POST", USERS, {})

    assert told.status == 400
    assert told.constraints == {
        "email": {"isString": "email must be a string"},
        "name": {"isString": "name must be a string"},
    }


def test_an_address_without_a_domain_is_refused(call: Caller) -> None:
    assert as_client(call, "POST", USERS, {"email": "mona", "name": "Mona"}).status == 400


@pytest.mark.parametrize(
    ("name", "value"),
    [("timeZone", "Rome"), ("weekStart", "Mon"), ("timeFormat", 13), ("locale", "xx")],
)
def test_a_wrong_setting_is_refused(call: Caller, name: str, value: object) -> None:
    told = as_client(call, "POST", USERS, MONA | {name: value})

    assert (told.status, list(told.constraints)) == (400, [name])


# --- reading


def test_the_users_of_a_client_are_listed_by_id(call: Caller) -> None:
    made = [
        as_client(call, "POST", USERS, {"email": f"{name}@x.example", "name": name}).data["user"]
        for name in ("ann", "bob", "cid")
    ]

    assert as_client(call, "GET", USERS).data == made
    assert as_client(call, "GET", f"{USERS}?limit=1&offset=1").data == made[1:2]
    assert as_client(call, "GET", f"{USERS}?offset=3").data == []


def test_the_users_of_another_client_are_not_listed(call: Caller) -> None:
    add_mona(call)

    told = call("GET", "/v2/oauth-clients/client-bare/users", key=None, headers=BARE_CLIENT)

    assert told.data == []


@pytest.mark.parametrize("emails", ["bob@x.example", "bob%2Bclient-one@x.example,no@x.example"])
def test_users_are_found_by_the_address_given_or_made(call: Caller, emails: str) -> None:
    for name in ("ann", "bob"):
        as_client(call, "POST", USERS, {"email": f"{name}@x.example", "name": name})

    found = as_client(call, "GET", f"{USERS}?emails={emails}").data

    assert [user["name"] for user in found] == ["bob"]


def test_something_else_than_an_address_is_refused(call: Caller) -> None:
    told = as_client(call, "GET", f"{USERS}?emails=bob")

    assert (told.status, told.error["message"]) == (400, "Invalid email bob")


@pytest.mark.parametrize("page", ["limit=0", "limit=x", "offset=-1", "limit=251"])
def test_a_page_outside_its_bounds_is_refused(call: Caller, page: str) -> None:
    told = as_client(call, "GET", f"{USERS}?{page}")

    assert (told.status, list(told.constraints)) == (400, [page.partition("=")[0]])


def test_a_user_that_is_not_managed_by_the_client_is_a_404(call: Caller) -> None:
    for number in (1, 999):
        told = as_client(call, "GET", f"{USERS}/{number}")
        assert told.status == 404
        assert told.error["message"] == f"User with ID {number} is not part of this OAuth client."


# --- changing


def test_a_change_is_read_back(call: Caller) -> None:
    user = add_mona(call)["user"]

    changed = as_client(
        call, "PATCH", f"{USERS}/{user['id']}", {"name": "Mona M", "bio": "New"}
    ).data

    assert changed == user | {"name": "Mona M", "bio": "New"}
    assert as_client(call, "GET", f"{USERS}/{user['id']}").data == changed


def test_a_new_address_makes_a_new_username(call: Caller) -> None:
    made = add_mona(call)
    target = f"{USERS}/{made['user']['id']}"

    changed = as_client(call, "PATCH", target, {"email": "mo@customer.example"}).data

    assert changed["email"] == "mo+client-one@customer.example"
    assert changed["username"] == "mo-client-one-customer-example"
    me = call("GET", "/v2/me", key=made["accessToken"]).data
    assert me["username"] == changed["username"]


def test_a_new_time_zone_leaves_the_schedule_as_it_is(call: Caller) -> None:
    made = add_mona(call, timeZone="Europe/Rome")
    target = f"{USERS}/{made['user']['id']}"

    as_client(call, "PATCH", target, {"timeZone": "Asia/Tokyo"})

    schedule = call(
        "GET", "/v2/schedules/default", key=made["accessToken"], version="2024-06-11"
    ).data
    assert schedule["timeZone"] == "Europe/Rome"


def test_an_address_of_another_user_is_a_409(call: Caller) -> None:
    add_mona(call)
    other = as_client(call, "POST", USERS, {"email": "bob@x.example", "name": "Bob"}).data["user"]

    told = as_client(call, "PATCH", f"{USERS}/{other['id']}", {"email": MONA["email"]})

    assert told.status == 409
    assert as_client(call, "GET", f"{USERS}/{other['id']}").data == other


def test_a_default_schedule_that_is_not_the_users_is_a_404(call: Caller) -> None:
    user = add_mona(call)["user"]

    told = as_client(call, "PATCH", f"{USERS}/{user['id']}", {"defaultScheduleId": 999})

    assert told.status == 404


def test_a_user_of_nobody_cannot_be_changed(call: Caller) -> None:
    assert as_client(call, "PATCH", f"{USERS}/1", {"name": "Mine now"}).status == 404


# --- deleting


def test_a_deleted_user_is_gone_with_everything_of_it(call: Caller, sandbox: Sandbox) -> None:
    made = add_mona(call, timeZone="Europe/Rome")
    target = f"{USERS}/{made['user']['id']}"
    before = counts(sandbox)

    assert as_client(call, "DELETE", target).data == made["user"]

    assert as_client(call, "GET", target).status == 404
    assert as_client(call, "DELETE", target).status == 404
    assert call("GET", "/v2/me", key=made["accessToken"]).status == 401
    assert before == {
        "users": 5, "profiles": 4, "memberships": 4, "schedules": 1, "accessTokens": 1,
        "refreshTokens": 1,
    }  # fmt: skip
    assert counts(sandbox) == {
        "users": 4, "profiles": 3, "memberships": 3, "schedules": 0, "accessTokens": 0,
        "refreshTokens": 0,
    }  # fmt: skip


def counts(sandbox: Sandbox) -> dict[str, int]:
    kinds = ("users", "profiles", "memberships", "schedules", "accessTokens", "refreshTokens")
    state = sandbox.state()
    return {kind: len(state[kind]) for kind in kinds}


def test_a_deleted_users_address_is_free_again(call: Caller) -> None:
    user = add_mona(call)["user"]

    as_client(call, "DELETE", f"{USERS}/{user['id']}")

    assert as_client(call, "POST", USERS, MONA).status == 201


def test_a_user_of_another_client_cannot_be_deleted(call: Caller) -> None:
    user = add_mona(call)["user"]

    told = call(
        "DELETE",
        f"/v2/oauth-clients/client-bare/users/{user['id']}",
        key=None,
        headers=BARE_CLIENT,
    )

    assert told.status == 404
    assert as_client(call, "GET", f"{USERS}/{user['id']}").data == user


# --- who may


def test_the_owner_of_the_platform_may_use_a_key_instead(call: Caller) -> None:
    user = call("POST", USERS, MONA, key=OWNER).data["user"]

    assert call("GET", USERS, key=OWNER).data == [user]


def test_a_member_of_the_platform_may_not(call: Caller) -> None:
    told = call("GET", USERS, key=MEMBER)

    assert told.status == 403
    assert told.error["message"] == (
        "OrganizationRolesGuard - User must have one of the roles: ADMIN, OWNER."
    )


def test_a_managed_user_may_not(call: Caller) -> None:
    told = call("GET", USERS, key=add_mona(call)["accessToken"])

    assert told.status == 403


def test_the_owner_of_another_organization_may_not(call: Caller) -> None:
    told = call("GET", USERS, key=STRANGER)

    assert told.status == 403
    assert "does not belong to the organization with id=2" in told.error["message"]


def test_a_user_without_an_organization_may_not(call: Caller) -> None:
    told = call("GET", USERS, key=LONER)

    assert told.status == 403
    assert told.error["message"] == "OAuthClientGuard - No organization associated with the user."


def test_one_client_may_use_another_of_its_organization(call: Caller) -> None:
    user = add_mona(call)["user"]

    told = call("GET", f"{USERS}/{user['id']}", key=None, headers=BARE_CLIENT)

    assert told.data == user


def test_a_client_of_another_organization_is_forbidden(call: Caller) -> None:
    told = call("GET", "/v2/oauth-clients/client-orphan/users", key=None, headers=CLIENT)

    assert told.status == 403


def test_an_unknown_client_in_the_path_is_a_404(call: Caller) -> None:
    told = call("GET", "/v2/oauth-clients/nope/users", key=OWNER)

    assert (told.status, told.error["message"]) == (
        404,
        "OAuthClientGuard - OAuth client not found.",
    )


def test_nothing_is_written_without_the_right_secret(call: Caller, sandbox: Sandbox) -> None:
    told = call("POST", USERS, MONA, key=None, headers=CLIENT | {"x-cal-secret-key": "wrong"})

    assert told.status == 401
    assert len(sandbox.state()["users"]) == 4
