"""Access and refresh tokens of managed users, and what a provider says of them."""

import base64
import hmac
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from cal_actions.sandbox import Sandbox
from tests.sandbox.conftest import Caller, Clock, Told
from tests.sandbox.platform_world import (
    BARE_CLIENT,
    OWNER,
    STRANGER,
    USERS,
    WORLD,
    add_mona,
    as_client,
)

REFRESH = "/v2/oauth/client-one/refresh"


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(now=clock, world=WORLD) as made:
        yield made


def refresh(call: Caller, token: str, secret: str = "secret-one") -> Told:
    return call(
        "POST", REFRESH, {"refreshToken": token}, key=None, headers={"x-cal-secret-key": secret}
    )


def me(call: Caller, token: str) -> int:
    return call("GET", "/v2/me", key=token).status


def payload(token: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


# --- what they are


def test_tokens_say_whose_they_are_and_how_long_they_live(call: Caller, clock: Clock) -> None:
    made = add_mona(call)

    access, renewal = payload(made["accessToken"]), payload(made["refreshToken"])

    assert access["type"] == "access_token"
    assert renewal["type"] == "refresh_token"
    for one in (access, renewal):
        assert (one["clientId"], one["ownerId"]) == ("client-one", made["user"]["id"])
        assert one["iat"] == clock.moment.timestamp()
    assert access["expiresAt"] == made["accessTokenExpiresAt"]
    assert renewal["expiresAt"] == made["refreshTokenExpiresAt"]


def test_expiries_are_rounded_down_to_the_minute_and_the_day(call: Caller, clock: Clock) -> None:
    clock.advance(seconds=59)

    made = add_mona(call)

    assert made["accessTokenExpiresAt"] == 1795424400000  # 2026-11-23T09:00:00Z
    assert made["refreshTokenExpiresAt"] == 1826928000000  # 2027-11-23T00:00:00Z


def test_a_refresh_token_of_a_leap_day_expires_on_the_28th(call: Caller, clock: Clock) -> None:
    clock.moment = clock.moment.replace(year=2028, month=2, day=29)

    assert add_mona(call)["refreshTokenExpiresAt"] == 1866931200000  # 2029-02-28T00:00:00Z


def test_with_a_seed_the_same_calls_give_the_same_tokens(clock: Clock) -> None:
    made = []
    for _ in range(2):
        with Sandbox(now=clock, world=WORLD, seed=7) as sandbox:
            made.append(add_mona(Caller(sandbox)))

    assert made[0] == made[1]


def test_the_secret_of_the_signature_is_no_part_of_the_state(
    call: Caller, sandbox: Sandbox
) -> None:
    content, _, signature = add_mona(call)["accessToken"].rpartition(".")

    texts = re.findall(r'"([^"]*)"', json.dumps(sandbox.state()))
    signatures = [hmac.digest(text.encode(), content.encode(), "sha256") for text in texts]
    assert base64.urlsafe_b64decode(signature + "==") not in signatures


# --- what they are good for


def test_an_access_token_acts_as_its_user(call: Caller) -> None:
    made = add_mona(call, timeZone="Europe/Rome")
    key = made["accessToken"]

    event_type = call(
        "POST",
        "/v2/event-types",
        {"title": "Chat", "slug": "chat", "lengthInMinutes": 30},
        key=key,
        version="2024-06-14",
    ).data
    booking = call(
        "POST",
        "/v2/bookings",
        {
            "start": "2026-12-01T10:00:00Z",
            "eventTypeId": event_type["id"],
            "attendee": {"name": "Ann", "email": "ann@x.example", "timeZone": "UTC"},
        },
        key=key,
        version="2024-08-13",
    ).data

    assert event_type["ownerId"] == made["user"]["id"]
    assert [host["id"] for host in booking["hosts"]] == [made["user"]["id"]]
    listed = call("GET", "/v2/bookings", key=key, version="2024-08-13").data
    assert [one["uid"] for one in listed] == [booking["uid"]]


def test_an_access_token_ends_with_its_expiry(call: Caller, clock: Clock) -> None:
    token = add_mona(call)["accessToken"]

    clock.advance(minutes=59)
    assert me(call, token) == 200
    clock.advance(minutes=1)
    assert me(call, token) == 498


def test_a_changed_token_is_worth_nothing(call: Caller) -> None:
    assert me(call, add_mona(call)["accessToken"] + "x") == 401


def test_a_refresh_token_is_no_access_token(call: Caller) -> None:
    assert me(call, add_mona(call)["refreshToken"]) == 401


# --- refreshing


def test_a_refresh_token_gives_a_new_pair(call: Caller, clock: Clock) -> None:
    made = add_mona(call)
    clock.advance(hours=2)

    told = refresh(call, made["refreshToken"])

    assert told.status == 200
    assert me(call, told.data["accessToken"]) == 200
    assert payload(told.data["accessToken"])["userId"] == made["user"]["id"]
    assert refresh(call, told.data["refreshToken"]).status == 200


def test_a_refresh_token_is_used_once(call: Caller) -> None:
    token = add_mona(call)["refreshToken"]
    refresh(call, token)

    told = refresh(call, token)

    assert (told.status, told.error["message"]) == (400, "Invalid refresh token")


def test_the_access_token_before_works_until_it_expires(call: Caller, clock: Clock) -> None:
    made = add_mona(call)

    refresh(call, made["refreshToken"])

    assert me(call, made["accessToken"]) == 200
    clock.advance(hours=1)
    assert me(call, made["accessToken"]) == 498


def test_a_refresh_token_ends_after_a_year(call: Caller, clock: Clock) -> None:
    token = add_mona(call)["refreshToken"]
    clock.advance(days=365)

    assert refresh(call, token).status == 400


def test_a_refresh_with_the_wrong_secret_uses_nothing_up(call: Caller) -> None:
    token = add_mona(call)["refreshToken"]

    assert refresh(call, token, secret="wrong").status == 401
    assert refresh(call, token).status == 200


def test_a_refresh_token_of_another_client_is_refused(call: Caller) -> None:
    token = add_mona(call)["refreshToken"]

    told = call(
        "POST",
        "/v2/oauth/client-bare/refresh",
        {"refreshToken": token},
        key=None,
        headers=BARE_CLIENT,
    )

    assert told.status == 400
    assert refresh(call, token).status == 200


def test_a_refresh_without_a_secret_is_refused_even_with_a_key(call: Caller) -> None:
    token = add_mona(call)["refreshToken"]

    told = call("POST", REFRESH, {"refreshToken": token}, key=OWNER)

    assert (told.status, told.error["message"]) == (400, "Invalid OAuthClient credentials.")


def test_a_refresh_needs_a_refresh_token(call: Caller) -> None:
    told = call("POST", REFRESH, {}, key=None, headers={"x-cal-secret-key": "secret-one"})

    assert told.constraints == {"refreshToken": {"isString": "refreshToken must be a string"}}


# --- forcing it


def test_forced_tokens_replace_all_the_user_had(call: Caller) -> None:
    made = add_mona(call)

    forced = as_client(call, "POST", f"{USERS}/{made['user']['id']}/force-refresh").data

    assert me(call, forced["accessToken"]) == 200
    assert me(call, made["accessToken"]) == 401
    assert refresh(call, made["refreshToken"]).status == 400
    assert refresh(call, forced["refreshToken"]).status == 200


def test_forcing_one_users_tokens_leaves_the_others_alone(call: Caller) -> None:
    mona = add_mona(call)
    bob = as_client(call, "POST", USERS, {"email": "bob@x.example", "name": "Bob"}).data

    as_client(call, "POST", f"{USERS}/{mona['user']['id']}/force-refresh")

    assert me(call, bob["accessToken"]) == 200


def test_only_the_clients_own_users_can_be_forced(call: Caller) -> None:
    assert as_client(call, "POST", f"{USERS}/2/force-refresh").status == 404


def test_an_outsider_may_not_force(call: Caller) -> None:
    user = add_mona(call)["user"]

    assert call("POST", f"{USERS}/{user['id']}/force-refresh", key=STRANGER).status == 403


# --- the provider


def test_anyone_may_ask_for_a_client(call: Caller) -> None:
    told = call("GET", "/v2/provider/client-one", key=None)

    assert told.data == {"clientId": "client-one", "organizationId": 1, "name": "One"}


def test_an_unknown_client_is_unauthorized(call: Caller) -> None:
    told = call("GET", "/v2/provider/nope", key=None)

    assert (told.status, told.error["message"]) == (401, "Unauthorized")


def test_a_valid_access_token_is_confirmed_for_any_client(call: Caller) -> None:
    token = add_mona(call)["accessToken"]

    for client in ("client-one", "client-bare"):
        told = call("GET", f"/v2/provider/{client}/access-token", key=token)
        assert (told.status, told.body) == (200, {"status": "success"})


def test_an_expired_access_token_is_not_confirmed(call: Caller, clock: Clock) -> None:
    token = add_mona(call)["accessToken"]
    clock.advance(hours=2)

    assert call("GET", "/v2/provider/client-one/access-token", key=token).status == 498
