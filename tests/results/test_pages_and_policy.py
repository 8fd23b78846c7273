"""Pages of a list under a policy that changes what is asked for, or what is shown."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from cal_actions import ActionError, AsyncConnector, Connector, Envelope

SLUG, PARAMS = "CAL_RETRIEVE_TEAM_MEMBERSHIPS", {"teamId": 1}


class Members:
    """A server of 600 members that says nothing of further pages."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        skip, take = (int(request.url.params[name]) for name in ("skip", "take"))
        self.asked.append((skip, take))
        members = [{"id": number} for number in range(600)][skip : skip + take]
        return httpx.Response(200, json={"status": "success", "data": members})

    async def later(self, request: httpx.Request) -> httpx.Response:
        return self(request)


@pytest.fixture
def members() -> Members:
    return Members()


def listed(members: Members, **options: Any) -> list[Any]:
    """All members, by the sync connector and, in the same pages, by the async one."""
    with (
        httpx.Client(transport=httpx.MockTransport(members)) as client,
        Connector(api_key="k", client=client, **options) as cal,
    ):
        found = list(cal.paginate(SLUG, PARAMS))
    asked = members.asked[:]

    async def again() -> list[Any]:
        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(members.later)) as client,
            AsyncConnector(api_key="k", client=client, **options) as cal,
        ):
            return [item async for item in cal.paginate(SLUG, PARAMS)]

    assert asyncio.run(again()) == found
    assert members.asked == asked * 2
    members.asked = asked
    return found


def numbers(found: list[Any]) -> Iterator[int]:
    return (item["id"] for item in found)


def test_what_after_filters_out_is_left_out_and_the_rest_comes_once(members: Members) -> None:
    def even(_: str, __: Any, envelope: Envelope) -> Envelope:
        items = [item for item in envelope.data["items"] if item["id"] % 2 == 0]
        return Envelope.success({**envelope.data, "items": items})

    assert list(numbers(listed(members, after=even))) == list(range(0, 600, 2))


def test_what_after_makes_alike_comes_all_the_same(members: Members) -> None:
    def masked(_: str, __: Any, envelope: Envelope) -> Envelope:
        return Envelope.success({"items": ["a member" for _ in envelope.data["items"]]})

    assert listed(members, after=masked) == ["a member"] * 600


def test_a_take_that_before_bounds_is_a_smaller_page(members: Members) -> None:
    def bounded(_: str, params: dict[str, Any]) -> dict[str, Any]:
        return {**params, "take": min(50, params["take"])}

    assert list(numbers(listed(members, before=bounded))) == list(range(600))
    assert {take for _, take in members.asked} == {50}


def test_a_default_of_take_and_skip_is_where_pages_begin(members: Members) -> None:
    found = listed(members, defaults={"take": 200, "skip": 100})
    assert list(numbers(found)) == list(range(100, 600))
    assert members.asked[0] == (100, 200)


def test_the_length_of_a_result_does_not_bound_pages(members: Members) -> None:
    assert len(listed(members, max_result_tokens=100)) == 600


def test_a_list_that_was_filtered_and_cut_names_no_skip_that_would_repeat_items(
    members: Members,
) -> None:
    def even(_: str, __: Any, envelope: Envelope) -> Envelope:
        return Envelope.success({"items": envelope.data["items"][::2]})

    with (
        httpx.Client(transport=httpx.MockTransport(members)) as client,
        Connector(api_key="k", client=client, after=even, max_result_tokens=200) as cal,
    ):
        cut = cal.execute(SLUG, {**PARAMS, "skip": 0, "take": 250}).data["truncated"]
    assert cut["rest"] == "Call again with a smaller take, then with skip for the rest."


def test_what_after_filters_in_place_does_not_shorten_the_list(members: Members) -> None:
    def even(_: str, __: Any, envelope: Envelope) -> None:
        envelope.data["items"] = [one for one in envelope.data["items"] if one["id"] % 2 == 0]

    assert list(numbers(listed(members, after=even))) == list(range(0, 600, 2))


def test_what_after_makes_of_a_failure_is_a_page(members: Members) -> None:
    def none_found(_: str, __: Any, envelope: Envelope) -> Envelope | None:
        return None if envelope.successful else Envelope.success({"items": ["nothing"]})

    def refuse(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404, json={})

    with (
        httpx.Client(transport=httpx.MockTransport(refuse)) as client,
        Connector(api_key="k", client=client, after=none_found) as cal,
    ):
        assert list(cal.paginate(SLUG, PARAMS)) == ["nothing"]


def test_a_dry_run_has_no_pages() -> None:
    with pytest.raises(ValueError, match="a dry run has no pages"):
        Connector(dry_run=True, api_key="k").paginate(SLUG, PARAMS)


def test_pages_take_params_as_text_too(members: Members) -> None:
    with (
        httpx.Client(transport=httpx.MockTransport(members)) as client,
        Connector(api_key="k", client=client) as cal,
    ):
        assert len(list(cal.paginate(SLUG, '{"teamId": 1}'))) == 600


def managed_users(request: httpx.Request) -> httpx.Response:
    """A server of 430 managed users, whose `offset` is 250 at most."""
    offset, limit = (int(request.url.params[name]) for name in ("offset", "limit"))
    assert offset <= 250
    users = [{"id": number} for number in range(430)][offset : offset + limit]
    return httpx.Response(200, json={"status": "success", "data": users})


def users_listed(**options: Any) -> list[Any]:
    with (
        httpx.Client(transport=httpx.MockTransport(managed_users)) as client,
        Connector(
            oauth_client_id="c" * 9, oauth_client_secret="s" * 9, client=client, **options
        ) as cal,
    ):
        slug = "CAL_GET_OAUTH_CLIENTS_USER"
        return list(cal.paginate(slug, {"clientId": "c" * 9}, page_size=100))


def test_pages_that_overlap_are_filtered_without_a_gap() -> None:
    def even(_: str, __: Any, envelope: Envelope) -> Envelope:
        return Envelope.success(
            {"items": [one for one in envelope.data["items"] if not one["id"] % 2]}
        )

    assert list(numbers(users_listed(after=even))) == list(range(0, 430, 2))


def test_a_limit_that_before_bounds_too_low_to_reach_the_end_says_so() -> None:
    def bounded(_: str, params: dict[str, Any]) -> dict[str, Any]:
        return {**params, "limit": min(40, params["limit"])}

    with pytest.raises(ActionError, match="gives no more than the first 2"):
        users_listed(before=bounded)
