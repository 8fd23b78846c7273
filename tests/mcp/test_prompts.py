"""Prompts, and the instructions that a model gets."""

import asyncio
import re
from typing import Any

import pytest
from mcp_types import INVALID_PARAMS, ErrorData, GetPromptResult, ListPromptsResult

from cal_actions import catalog
from tests.mcp.serving import ERAS, client, refusal
from tests.results.o200k import count


def listed(**options: Any) -> ListPromptsResult:
    async def ask() -> ListPromptsResult:
        async with client(**options) as connected:
            return await connected.list_prompts()

    return asyncio.run(ask())


def got(name: str, arguments: dict[str, str], mode: str = "auto") -> GetPromptResult:
    async def ask() -> GetPromptResult:
        async with client(mode=mode) as connected:
            return await connected.get_prompt(name, arguments)

    return asyncio.run(ask())


def instructions(**options: Any) -> str:
    async def ask() -> str:
        async with client(**options) as connected:
            return connected.instructions or ""

    return asyncio.run(ask())


@pytest.mark.parametrize("mode", ERAS)
def test_two_tasks_are_offered(mode: str) -> None:
    assert [prompt.name for prompt in listed(mode=mode).prompts] == [
        "book_a_meeting",
        "weekly_review",
    ]


def test_a_task_without_its_actions_is_not_offered() -> None:
    assert [prompt.name for prompt in listed(read_only=True).prompts] == ["weekly_review"]


@pytest.mark.parametrize("mode", ERAS)
def test_what_is_given_stands_in_the_text(mode: str) -> None:
    result = got("book_a_meeting", {"attendee": "Ana <ana@example.com>"}, mode)
    (message,) = result.messages
    assert message.role == "user"
    assert "Attendee: Ana <ana@example.com>" in message.content.text
    assert "When: not said" in message.content.text


def test_braces_in_what_is_given_are_only_text() -> None:
    result = got("book_a_meeting", {"attendee": "{when.__class__}"})
    assert "Attendee: {when.__class__}" in result.messages[0].content.text


def test_every_action_that_a_prompt_names_is_one() -> None:
    texts = [
        got(name, {"attendee": "Ana"}).messages[0].content.text
        for name in ("book_a_meeting", "weekly_review")
    ]
    assert set(re.findall(r"CAL_\w+", " ".join(texts))) <= {*catalog}


@pytest.mark.parametrize(
    ("name", "arguments", "fault"),
    [
        ("book_a_meeting", {}, "book_a_meeting needs attendee"),
        ("book_a_meeting", {"attendee": " "}, "book_a_meeting needs attendee"),
        ("party", {}, "the prompts here are book_a_meeting, weekly_review"),
    ],
)
def test_a_wrong_request_is_told_what_to_change(
    name: str, arguments: dict[str, str], fault: str
) -> None:
    async def ask() -> ErrorData:
        async with client() as connected:
            return await refusal(connected.get_prompt(name, arguments))

    error = asyncio.run(ask())
    assert error.code == INVALID_PARAMS
    assert fault in error.message


@pytest.mark.parametrize(
    "options", [{}, {"search": True}, {"read_only": True}, {"allow": "CAL_GET_TEAMS_LIST"}]
)
def test_the_instructions_name_only_actions_that_are_offered(options: dict[str, Any]) -> None:
    async def offered() -> set[str]:
        async with client(**{**options, "search": False}) as connected:
            return {tool.name for tool in (await connected.list_tools()).tools}

    named = set(re.findall(r"CAL_\w+", instructions(**options)))
    assert named <= asyncio.run(offered())


def test_the_instructions_for_searching_tell_the_order_of_the_tools() -> None:
    told = instructions(search=True)
    assert re.findall(r"cal_\w+", told) == ["cal_find", "cal_describe", "cal_execute"]


def test_the_instructions_are_short() -> None:
    assert count(instructions(search=True)) < 200
