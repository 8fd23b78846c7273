"""The tools that a client is offered, and what calling one answers."""

import asyncio
import json
from typing import Any

import pytest
from mcp_types import CallToolResult, ListToolsResult, TextContent

from cal_actions import catalog, schemas
from cal_actions.sandbox import Sandbox
from tests.mcp.serving import ERAS, client

MEETING = {
    "eventTypeId": 1,
    "start": "2030-01-07T10:00:00Z",
    "attendee": {"name": "Ana", "email": "ana@example.com", "timeZone": "Europe/Madrid"},
}


def listed(mode: str = "auto", **options: Any) -> ListToolsResult:
    async def ask() -> ListToolsResult:
        async with client(mode=mode, **options) as connected:
            return await connected.list_tools()

    return asyncio.run(ask())


def called(name: str, arguments: dict[str, Any] | None = None, **options: Any) -> CallToolResult:
    async def ask() -> CallToolResult:
        async with client(**options) as connected:
            return await connected.call_tool(name, arguments)

    return asyncio.run(ask())


@pytest.mark.parametrize("mode", ERAS)
def test_every_action_is_a_tool(mode: str) -> None:
    assert [tool.name for tool in listed(mode).tools] == list(catalog)


@pytest.mark.parametrize("mode", ERAS)
def test_a_tool_is_what_the_export_for_mcp_says(mode: str) -> None:
    written = [
        tool.model_dump(by_alias=True, mode="json", exclude_none=True)
        for tool in listed(mode).tools
    ]
    assert written == schemas.export(catalog, "mcp")


def test_the_list_of_tools_may_be_kept_for_an_hour() -> None:
    result = listed()
    assert (result.ttl_ms, result.cache_scope) == (3_600_000, "public")


def test_what_the_policy_forbids_is_not_offered() -> None:
    offered = {tool.name for tool in listed(read_only=True).tools}
    assert offered == set(catalog.filter(effect="read"))


def test_a_parameter_that_is_filled_in_is_not_offered() -> None:
    tools = {tool.name: tool for tool in listed(defaults={"orgId": 7}).tools}
    assert "orgId" not in tools["CAL_RETRIEVE_USERS_IN_ORGANIZATION"].input_schema["properties"]


@pytest.mark.parametrize("mode", ERAS)
def test_a_success_is_the_envelope_as_structured_content(mode: str) -> None:
    result = called("CAL_RETRIEVE_MY_INFORMATION", mode=mode)
    assert not result.is_error
    assert result.structured_content["successful"]
    assert result.structured_content["data"]["username"] == "sam"


@pytest.mark.parametrize("mode", ERAS)
def test_the_text_says_what_the_structured_content_says(mode: str) -> None:
    result = called("CAL_POST_NEW_BOOKING_REQUEST", MEETING, mode=mode)
    (block,) = result.content
    assert isinstance(block, TextContent)
    assert json.loads(block.text) == result.structured_content


@pytest.mark.parametrize("mode", ERAS)
def test_a_failure_is_an_error_that_says_what_to_change(mode: str) -> None:
    result = called("CAL_POST_NEW_BOOKING_REQUEST", {"eventtypeid": 1}, mode=mode)
    assert result.is_error
    assert result.structured_content["data"]["code"] == "invalid_params"
    assert "did you mean eventTypeId?" in result.structured_content["error"]


def test_an_unknown_tool_is_an_error_that_names_the_one_that_was_meant() -> None:
    result = called("CAL_CREATE_BOOKING")
    assert result.is_error
    assert "CAL_POST_NEW_BOOKING_REQUEST" in result.structured_content["error"]


def test_what_the_policy_forbids_is_refused() -> None:
    result = called("CAL_POST_NEW_BOOKING_REQUEST", MEETING, read_only=True)
    assert result.structured_content["data"]["code"] == "refused"


def test_arguments_may_be_left_out() -> None:
    assert not called("CAL_FETCH_ALL_BOOKINGS").is_error


def test_text_that_means_a_number_is_taken_for_one() -> None:
    result = called("CAL_RETRIEVE_EVENT_TYPE_BY_ID", {"eventTypeId": "1"})
    assert result.structured_content["data"]["slug"] == "30min"


@pytest.mark.parametrize("mode", ERAS)
def test_half_a_character_in_an_answer_does_not_turn_a_success_into_a_fault(mode: str) -> None:
    def half(slug: str, params: dict[str, Any], envelope: Any) -> Any:
        return envelope.model_copy(update={"data": {"title": "half \ud83d"}})

    result = called("CAL_RETRIEVE_MY_INFORMATION", after=half, mode=mode)
    assert not result.is_error
    assert "half ?" in str(result.structured_content["data"])


@pytest.mark.parametrize("mode", ERAS)
def test_an_answer_nested_too_deeply_for_the_protocol_comes_as_text(mode: str) -> None:
    deep: Any = "the bottom"
    for _ in range(400):
        deep = [deep]

    def nested(slug: str, params: dict[str, Any], envelope: Any) -> Any:
        return envelope.model_copy(update={"data": {"deep": deep}})

    result = called("CAL_RETRIEVE_MY_INFORMATION", after=nested, mode=mode)
    assert not result.is_error
    assert "the bottom" in result.structured_content["data"]["json"]


def test_calls_at_once_are_each_answered() -> None:
    async def ask() -> list[Any]:
        async with client() as connected:
            answers = await asyncio.gather(
                *(
                    connected.call_tool("CAL_RETRIEVE_EVENT_TYPE_BY_ID", {"eventTypeId": number})
                    for number in (1, 2, 3) * 20
                )
            )
            return [answer.structured_content["data"]["id"] for answer in answers]

    assert asyncio.run(ask()) == [1, 2, 3] * 20


def test_a_booking_can_be_made_moved_and_found_by_its_tools() -> None:
    async def journey(world: Sandbox) -> None:
        async with client(world=world) as connected:
            booked = await connected.call_tool("CAL_POST_NEW_BOOKING_REQUEST", MEETING)
            uid = booked.structured_content["data"]["uid"]
            await connected.call_tool(
                "CAL_RESCHEDULE_BOOKING_BY_UID",
                {"bookingUid": uid, "start": "2030-01-08T15:00:00Z"},
            )

    with Sandbox() as world:
        asyncio.run(journey(world))
        starts = [
            booking["start"]
            for booking in world.state()["bookings"]
            if booking["status"] == "accepted"
        ]
    assert starts == ["2030-01-08T15:00:00.000Z"]
