"""Routes, versions, credentials and rate limits, in the order Cal.com looks at them."""

from typing import Any

import pytest

from cal_actions.sandbox import Sandbox

VERSIONS = ["2024-04-15", "2024-06-11", "2024-06-14", "2024-08-13", "2024-09-04"]
INVALID_KEY = "CustomThrottlerGuard - Invalid API Key"


@pytest.mark.parametrize("target", ["/v2/me", "/api/v2/me", "/v2/me/", "/V2/ME", "/v2/me?a=1"])
def test_a_route_is_found_however_its_path_is_written(call: Any, target: str) -> None:
    assert call("GET", target).status == 200


@pytest.mark.parametrize(
    ("method", "target"),
    [("GET", "/v2/nothing-here"), ("POST", "/v2/me"), ("GET", "/v2/me/x"), ("GET", "/")],
)
def test_a_route_that_does_not_exist_is_named_in_a_404(call: Any, method: str, target: str) -> None:
    told = call(method, target, {} if method == "POST" else None)
    assert told.status == 404
    assert told.error["message"] == f"Cannot {method} {target}"


def test_the_404_of_a_route_repeats_its_query(call: Any) -> None:
    assert call("GET", "/v2/nothing?a=1").error["message"] == "Cannot GET /v2/nothing?a=1"


def test_an_operation_the_sandbox_does_not_play_is_told(call: Any) -> None:
    told = call("GET", "/v2/verified-resources/emails")
    assert told.status == 501
    assert told.error["code"] == "NotImplementedException"
    assert told.error["message"] == (
        "The sandbox does not play GET /v2/verified-resources/emails yet."
    )


def test_a_version_the_sandbox_does_not_play_is_told_with_those_it_plays(call: Any) -> None:
    told = call("POST", "/v2/schedules", {}, version="2024-04-15")
    assert told.status == 501
    assert told.error["message"].endswith("It plays 2024-06-11, 2024-06-14.")


@pytest.mark.parametrize("version", ["", "1999-01-01", "latest", "2026-02-25", " 2024-06-11"])
def test_a_missing_or_unknown_version_means_the_oldest(call: Any, version: str) -> None:
    told = call("GET", "/v2/schedules", version=version)
    assert told.body == call("GET", "/v2/schedules", version="2024-04-15").body
    assert told.body != call("GET", "/v2/schedules", version="2024-06-11").body


@pytest.mark.parametrize("version", VERSIONS)
def test_an_unversioned_route_takes_every_version(call: Any, version: str) -> None:
    assert call("GET", "/v2/me", version=version).status == 200


@pytest.mark.parametrize(
    ("target", "served"),
    [
        ("/v2/schedules", VERSIONS[:3]),
        ("/v2/event-types?username=sam", VERSIONS[:3]),
    ],
)
def test_a_version_that_is_not_served_is_a_404(call: Any, target: str, served: list[str]) -> None:
    statuses = {version: call("GET", target, version=version).status for version in VERSIONS}
    assert [version for version, status in statuses.items() if status == 200] == served
    assert [statuses["2024-08-13"], statuses["2024-09-04"]] == [404, 404]


def test_a_fixed_path_comes_before_one_with_a_placeholder(call: Any) -> None:
    assert call("GET", "/v2/schedules/default", version="2024-06-11").data["name"]


def test_missing_credentials_are_a_401(call: Any) -> None:
    told = call("GET", "/v2/me", key=None)
    assert told.status == 401
    assert told.error["message"].startswith("ApiAuthStrategy - No authentication method provided.")


def test_missing_credentials_are_a_403_where_permissions_are_asked_first(call: Any) -> None:
    told = call("POST", "/v2/event-types", {}, key=None, version="2024-06-14")
    assert told.status == 403
    assert told.error["message"].startswith("PermissionsGuard - no authentication provided.")


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        ("Bearer cal_unknown", INVALID_KEY),
        ("Bearer not-a-cal-key", "Invalid Access Token."),
        ("bearer cal_sandbox_owner", "Invalid Access Token."),
        ("Bearer cal_kim_expired", "ApiAuthStrategy - api key - Your api key is expired"),
    ],
)
def test_wrong_credentials_are_a_401_with_their_reason(
    call: Any, authorization: str, message: str
) -> None:
    told = call("GET", "/v2/me", key=None, headers={"Authorization": authorization})
    assert told.status == 401
    assert told.error["message"] == message


def test_a_key_without_the_word_bearer_is_taken(call: Any) -> None:
    told = call("GET", "/v2/me", key=None, headers={"AUTHORIZATION": "cal_sandbox_owner"})
    assert told.data["username"] == "sam"


def test_an_unknown_key_is_refused_on_public_routes_too(call: Any) -> None:
    target = "/v2/event-types?username=sam"
    told = call("GET", target, key="cal_unknown", version="2024-06-14")
    assert told.error["message"] == INVALID_KEY


def test_a_client_id_without_its_secret_is_a_401(call: Any) -> None:
    told = call("GET", "/v2/me", key=None, headers={"x-cal-client-id": "c"})
    assert told.error["message"].startswith("ApiAuthStrategy - Invalid authentication method.")


def test_the_pair_of_a_client_wins_over_a_key(call: Any) -> None:
    pair = {"x-cal-client-id": "c", "x-cal-secret-key": "s"}
    told = call("GET", "/v2/me", headers=pair)
    assert told.error["message"] == "ApiAuthStrategy - oAuth client - Client with ID c not found"


def test_every_answer_counts_down_the_callers_limit(call: Any) -> None:
    call("GET", "/v2/me", key="cal_kim")
    headers = call("GET", "/v2/me", key="cal_kim").headers
    assert headers["X-RateLimit-Limit-Default"] == "120"
    assert headers["X-RateLimit-Remaining-Default"] == "118"
    assert headers["X-RateLimit-Reset-Default"] == "60"


def test_request_121_of_a_minute_is_refused(call: Any) -> None:
    statuses = [call("GET", "/v2/me", key="cal_kim").status for _ in range(121)]
    assert statuses == [200] * 120 + [429]


def test_a_caller_over_the_limit_is_told_how_long_to_wait(call: Any, clock: Any) -> None:
    for _ in range(4):
        call("GET", "/v2/me", key="cal_kim_tiny")
    clock.advance(seconds=3)
    told = call("GET", "/v2/me", key="cal_kim_tiny")
    assert told.status == 429
    assert told.error["details"] == told.error["message"]
    assert told.headers["X-RateLimit-Remaining-Tiny"] == "0"
    assert told.headers["X-RateLimit-Reset-Tiny"] == "2"


def test_a_block_ends(call: Any, clock: Any) -> None:
    for _ in range(4):
        call("GET", "/v2/me", key="cal_kim_tiny")
    clock.advance(seconds=5)
    assert call("GET", "/v2/me", key="cal_kim_tiny").status == 200


def test_callers_are_counted_apart(call: Any) -> None:
    for _ in range(4):
        call("GET", "/v2/me", key="cal_kim_tiny")
    assert call("GET", "/v2/me", key="cal_kim").status == 200


def test_a_route_that_does_not_exist_counts_nothing(call: Any) -> None:
    assert not [name for name in call("GET", "/v2/nothing").headers if "RateLimit" in name]


def test_every_request_has_an_id_of_its_own(sandbox: Sandbox) -> None:
    replies = [sandbox.handle("GET", "/v2/me", {}, b"") for _ in range(2)]
    assert len({reply.headers["X-Request-Id"] for reply in replies}) == 2
