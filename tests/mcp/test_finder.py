"""The three tools that stand for all actions: find, describe, execute."""

import asyncio
import json
from typing import Any

import pytest
from mcp_types import ListToolsResult

from cal_actions import catalog
from tests.mcp.serving import ERAS, client
from tests.results.o200k import count

COMPACT: Any = {"separators": (",", ":")}


def tools(**options: Any) -> ListToolsResult:
    async def ask() -> ListToolsResult:
        async with client(search=True, **options) as connected:
            return await connected.list_tools()

    return asyncio.run(ask())


def envelope(name: str, arguments: dict[str, Any] | None = None, **options: Any) -> Any:
    async def ask() -> Any:
        async with client(search=True, **options) as connected:
            result = await connected.call_tool(name, arguments)
            assert result.is_error is not result.structured_content["successful"]
            return result.structured_content

    return asyncio.run(ask())


@pytest.mark.parametrize("mode", ERAS)
def test_three_tools_are_offered(mode: str) -> None:
    names = [tool.name for tool in tools(mode=mode).tools]
    assert names == ["cal_find", "cal_describe", "cal_execute"]


def test_they_cost_less_than_1500_tokens() -> None:
    written = [
        tool.model_dump(by_alias=True, mode="json", exclude_none=True) for tool in tools().tools
    ]
    assert count(json.dumps(written, **COMPACT)) < 1_500


def test_what_is_found_is_what_the_catalogue_finds() -> None:
    answer = envelope("cal_find", {"query": "move my meeting", "limit": 3})
    assert [one["action"] for one in answer["data"]["actions"]] == [
        spec.slug for spec in catalog.search("move my meeting", 3)
    ]


def test_what_is_found_tells_enough_to_choose_by() -> None:
    found = envelope("cal_find", {"query": "cancel booking"})["data"]["actions"][0]
    spec = catalog["CAL_CANCEL_BOOKING_VIA_UID"]
    assert found == {
        "action": spec.slug,
        "title": spec.title,
        "description": spec.description,
        "effect": "destructive",
        "required": ["bookingUid"],
    }


def test_nothing_found_is_no_failure() -> None:
    assert envelope("cal_find", {"query": "qwxz"})["data"] == {"actions": []}


def test_an_action_is_described_with_its_input_schema() -> None:
    answer = envelope("cal_describe", {"actions": ["CAL_FETCH_ALL_BOOKINGS"]})
    (described,) = answer["data"]["actions"]
    assert described["inputSchema"] == catalog["CAL_FETCH_ALL_BOOKINGS"].input_schema


def test_several_actions_are_described_each_once() -> None:
    slugs = ["CAL_GET_TEAMS_LIST", "CAL_FETCH_ALL_BOOKINGS", "CAL_GET_TEAMS_LIST"]
    answer = envelope("cal_describe", {"actions": slugs})
    assert [one["action"] for one in answer["data"]["actions"]] == slugs[:2]


def test_an_action_is_executed_with_its_params() -> None:
    answer = envelope(
        "cal_execute",
        {"action": "CAL_RETRIEVE_EVENT_TYPE_BY_ID", "params": {"eventTypeId": 2}},
    )
    assert answer["data"]["slug"] == "15min"


def test_params_may_be_left_out_where_the_action_needs_none() -> None:
    answer = envelope("cal_execute", {"action": "CAL_RETRIEVE_MY_INFORMATION"})
    assert answer["data"]["username"] == "sam"


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("cal_find", {}, "The call of cal_find was not sent: query is required."),
        ("cal_find", {"query": "x", "limit": 99}, "limit"),
        ("cal_find", {"query": "x", "limt": 3}, "limt is not a parameter (did you mean limit?)"),
        ("cal_describe", {"actions": []}, "actions"),
        ("cal_describe", {"actions": ["CAL_CREATE_BOOKING"]}, "CAL_POST_NEW_BOOKING_REQUEST"),
        ("cal_execute", {"params": {}}, "action is required"),
        ("cal_execute", {"action": "CAL_CREATE_BOOKING"}, "CAL_POST_NEW_BOOKING_REQUEST"),
        (
            "cal_execute",
            {"action": "CAL_RETRIEVE_EVENT_TYPE_BY_ID"},
            "CAL_RETRIEVE_EVENT_TYPE_BY_ID was not sent: eventTypeId is required",
        ),
        ("cal_search", {}, "use cal_find, cal_describe or cal_execute"),
        ("CAL_FETCH_ALL_BOOKINGS", {}, "call cal_execute with this name as action"),
    ],
)
def test_a_wrong_call_is_told_what_to_change(
    name: str, arguments: dict[str, Any], error: str
) -> None:
    answer = envelope(name, arguments)
    assert error in answer["error"]
    assert answer["data"]["code"] in ("invalid_params", "unknown_action")


def test_only_what_the_policy_allows_is_found() -> None:
    answer = envelope("cal_find", {"query": "delete webhook", "limit": 20}, read_only=True)
    assert {one["effect"] for one in answer["data"]["actions"]} == {"read"}


def test_what_the_policy_forbids_is_not_executed() -> None:
    answer = envelope(
        "cal_execute",
        {"action": "CAL_DELETE_WEBHOOK_BY_ID", "params": {"webhookId": "x"}},
        deny="destructive",
    )
    assert answer["data"]["code"] == "refused"


def test_a_parameter_that_is_filled_in_is_not_described() -> None:
    answer = envelope(
        "cal_describe",
        {"actions": ["CAL_RETRIEVE_USERS_IN_ORGANIZATION"]},
        defaults={"orgId": 7},
    )
    assert "orgId" not in answer["data"]["actions"][0]["inputSchema"]["properties"]


@pytest.mark.parametrize(
    ("options", "hints"),
    [
        ({}, (False, True, False)),
        ({"deny": "destructive"}, (False, False, False)),
        ({"read_only": True}, (True, False, True)),
    ],
)
def test_executing_is_annotated_by_what_the_policy_leaves(
    options: dict[str, Any], hints: tuple[bool, bool, bool]
) -> None:
    *_, execute = tools(**options).tools
    told = execute.annotations
    assert told is not None
    assert (told.read_only_hint, told.destructive_hint, told.idempotent_hint) == hints
