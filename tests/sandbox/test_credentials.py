"""Whom credentials stand for, and what is told to wrong ones."""

from collections.abc import Iterator

import pytest

from cal_actions.sandbox import Sandbox
from tests.sandbox.conftest import Caller, Clock
from tests.sandbox.platform_world import (
    BARE_CLIENT,
    CLIENT,
    OWNER,
    STRANGER,
    USERS,
    WORLD,
    add_mona,
    as_client,
)

ID_ONLY = {"x-cal-client-id": "client-one"}


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(now=clock, world=WORLD) as made:
        yield made


def test_a_client_acts_as_the_owner_of_its_platform(call: Caller) -> None:
    assert as_client(call, "GET", "/v2/me").data["username"] == "petra"


def test_the_clients_pair_wins_over_a_key(call: Caller) -> None:
    told = call("GET", "/v2/me", key=STRANGER, headers=CLIENT)

    assert told.data["username"] == "petra"


def test_a_client_id_alone_leaves_the_key_in_charge(call: Caller) -> None:
    told = call("GET", "/v2/me", key=STRANGER, headers=ID_ONLY)

    assert told.data["username"] == "stella"


def test_a_client_id_alone_is_no_method(call: Caller) -> None:
    told = call("GET", "/v2/me", key=None, headers=ID_ONLY)

    assert told.status == 401
    assert "Invalid authentication method" in told.error["message"]


def test_a_secret_alone_is_no_method(call: Caller) -> None:
    told = call("GET", "/v2/me", key=None, headers={"x-cal-secret-key": "secret-one"})

    assert told.status == 401
    assert "No authentication method provided" in told.error["message"]


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        (CLIENT | {"x-cal-secret-key": "wrong"}, "Invalid client secret"),
        (CLIENT | {"x-cal-client-id": "nope"}, "Client with ID nope not found"),
        (
            {"x-cal-client-id": "client-orphan", "x-cal-secret-key": "secret-orphan"},
            "No owner ID found",
        ),
    ],
)
def test_a_wrong_pair_is_told_what_is_wrong(
    call: Caller, headers: dict[str, str], message: str
) -> None:
    told = call("GET", "/v2/me", key=None, headers=headers)

    assert (told.status, told.error["message"]) == (
        401,
        f"ApiAuthStrategy - oAuth client - {message}",
    )


def test_the_id_in_the_path_makes_a_pair_with_the_secret(call: Caller) -> None:
    told = call("GET", USERS, key=None, headers={"x-cal-secret-key": "secret-one"})

    assert told.status == 200


def test_the_id_in_the_headers_counts_more_than_that_in_the_path(call: Caller) -> None:
    target = "/v2/oauth-clients/client-bare/users"
    told = call("GET", target, key=None, headers={**ID_ONLY, "x-cal-secret-key": "secret-bare"})

    assert told.status == 401


def test_a_lower_case_bearer_is_no_key(call: Caller) -> None:
    told = call("GET", "/v2/me", key=None, headers={"Authorization": f"bearer {OWNER}"})

    assert (told.status, told.error["message"]) == (401, "Invalid Access Token.")


def test_a_key_needs_no_bearer(call: Caller) -> None:
    told = call("GET", "/v2/me", key=None, headers={"Authorization": OWNER})

    assert told.data["username"] == "petra"


# --- permissions


@pytest.mark.parametrize(
    ("method", "target", "version", "permission"),
    [
        ("GET", "/v2/me", None, "PROFILE_READ"),
        ("PATCH", "/v2/me", None, "PROFILE_WRITE"),
        ("GET", "/v2/bookings", "2024-08-13", "BOOKING_READ"),
        ("GET", "/v2/schedules", "2024-06-11", "SCHEDULE_READ"),
        ("POST", "/v2/event-types", "2024-06-14", "EVENT_TYPE_WRITE"),
    ],
)
def test_a_client_needs_the_permission(
    call: Caller, method: str, target: str, version: str | None, permission: str
) -> None:
    told = call(method, target, key=None, version=version, headers=BARE_CLIENT)

    assert told.status == 403
    assert f"required permissions={permission}." in told.error["message"]


def test_an_access_token_has_the_permissions_of_its_client(call: Caller) -> None:
    bare = call(
        "POST",
        "/v2/oauth-clients/client-bare/users",
        {"email": "bob@x.example", "name": "Bob"},
        key=None,
        headers=BARE_CLIENT,
    ).data["accessToken"]

    assert call("GET", "/v2/me", key=bare).status == 403
    assert call("GET", "/v2/me", key=add_mona(call)["accessToken"]).status == 200


def test_managing_users_needs_no_permission(call: Caller) -> None:
    told = call("GET", "/v2/oauth-clients/client-bare/users", key=None, headers=BARE_CLIENT)

    assert told.status == 200


# --- limits


def limit(call: Caller, target: str, key: str | None, headers: dict[str, str]) -> str:
    told = call("GET", target, key=key, headers=headers)
    return told.headers["X-RateLimit-Limit-Default"]


def test_a_client_and_an_access_token_may_send_500_a_minute(call: Caller) -> None:
    assert limit(call, "/v2/me", None, CLIENT) == "500"
    assert limit(call, "/v2/me", add_mona(call)["accessToken"], {}) == "500"


def test_a_client_that_only_the_path_names_is_counted_as_nobody(call: Caller) -> None:
    assert limit(call, "/v2/provider/client-one", None, {}) == "120"
    assert limit(call, USERS, None, {"x-cal-secret-key": "secret-one"}) == "120"
