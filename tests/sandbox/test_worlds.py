"""A world is plain data: what goes in comes out, and what cannot be is refused by name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cal_actions.sandbox import Sandbox, WorldError
from cal_actions.sandbox.seed import BUILT_IN
from tests.sandbox.conftest import Caller, Clock


def test_the_state_of_a_sandbox_is_a_world_to_start_another_from(clock: Clock) -> None:
    with Sandbox(now=clock) as first:
        state = first.state()
    with Sandbox(now=clock, world=state) as second:
        assert second.state() == state


def test_the_state_shows_what_a_request_has_changed(sandbox: Sandbox, call: Caller) -> None:
    call("PATCH", "/v2/me", {"name": "Samira"})
    assert [user["name"] for user in sandbox.state()["users"]] == ["Samira", "Kim Lee"]


def test_a_reset_brings_the_first_world_back(sandbox: Sandbox, call: Caller) -> None:
    before = sandbox.state()
    call("PATCH", "/v2/me", {"name": "Samira"})
    sandbox.reset()
    assert sandbox.state() == before


def test_ids_start_again_after_a_reset(sandbox: Sandbox, call: Caller) -> None:
    body = {"title": "T", "slug": "t", "lengthInMinutes": 20}
    call.version = "2024-06-14"
    first = call("POST", "/v2/event-types", body).data["id"]
    sandbox.reset()
    assert call("POST", "/v2/event-types", body).data["id"] == first


def test_ids_of_one_seed_are_the_same_in_every_run(clock: Clock) -> None:
    assert _webhook_ids(clock, seed=7) == _webhook_ids(clock, seed=7)


def test_requests_of_one_seed_have_the_same_ids_in_every_run(clock: Clock) -> None:
    ids = []
    for _ in range(2):
        with Sandbox(now=clock, seed=7) as sandbox:
            ids.append([Caller(sandbox)("GET", "/v2/me").headers["X-Request-Id"] for _ in "ab"])
    assert ids[0] == ids[1]
    assert ids[0][0] != ids[0][1]


def test_ids_of_another_seed_differ(clock: Clock) -> None:
    assert _webhook_ids(clock, seed=7) != _webhook_ids(clock, seed=8)


def test_ids_of_one_run_all_differ(clock: Clock) -> None:
    assert len(set(_webhook_ids(clock, seed=7))) == 3


def _webhook_ids(clock: Clock, seed: int) -> list[str]:
    with Sandbox(now=clock, seed=seed) as sandbox:
        call = Caller(sandbox)
        hook = {"active": False, "triggers": ["BOOKING_CREATED"]}
        urls = (f"http://127.0.0.1:9/{number}" for number in range(3))
        return [
            call("POST", "/v2/webhooks", {**hook, "subscriberUrl": url}).data["id"] for url in urls
        ]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"meetings": []}, "a world has no meetings"),
        ({"webhooks": [{"url": "x"}]}, r"webhooks\[0\] has no url; it knows .*subscriberUrl"),
        ({"webhooks": [{"id": "x"}]}, "webhooks: NOT NULL constraint failed"),
        ({"schedules": []}, "row 1 of users names one of schedules that the world does not hold"),
        ({"users": []}, "names one of users"),
    ],
)
def test_a_world_that_cannot_be_is_refused(change: Mapping[str, Any], problem: str) -> None:
    with pytest.raises(WorldError, match=problem):
        Sandbox(world={**BUILT_IN, **change})


def test_a_world_without_a_key_is_refused() -> None:
    with pytest.raises(WorldError, match="needs a user"):
        Sandbox(world={"users": []})


def test_rate_limits_and_request_ids_start_again_after_a_reset(clock: Clock) -> None:
    with Sandbox(now=clock, seed=7) as sandbox:
        sandbox.inject.rate_limit(1)
        first = Caller(sandbox)("GET", "/v2/me").headers
        sandbox.reset()
        sandbox.inject.rate_limit(1)
        assert Caller(sandbox)("GET", "/v2/me").headers == first


def test_sandboxes_of_one_seed_that_share_a_file_never_give_out_an_id_twice(
    clock: Clock, tmp_path: Path
) -> None:
    file = tmp_path / "cal.db"
    with Sandbox(file, now=clock, seed=7) as one, Sandbox(file, now=clock, seed=7) as other:
        hook = {"active": False, "triggers": ["BOOKING_CREATED"], "subscriberUrl": "http://x"}
        ids = {
            Caller(each)("POST", "/v2/webhooks", {**hook, "subscriberUrl": f"http://x/{n}"}).data[
                "id"
            ]
            for n, each in enumerate((one, other, one))
        }
    assert len(ids) == 3
