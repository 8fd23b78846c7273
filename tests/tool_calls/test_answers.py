"""Every API, in every form in which its answer may come: the calls run and are answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from cal_actions import AsyncConnector, Connector
from cal_actions.tool_calls import ToolCall, ToolMessages
from tests.tool_calls.forms import ALONE, WHOLE
from tests.tool_calls.providers import GEMINI, PROVIDERS, RESPONSES, Provider, Said, chat

BOOKING = {
    "eventTypeId": 1,
    "start": "2030-01-07T10:00:00Z",
    "attendee": {"name": "Ana Nuñez", "email": "ana@example.com", "timeZone": "Europe/Madrid"},
}
CALLS: list[Said] = [
    ("call_a", "CAL_RETRIEVE_MY_INFORMATION", {}),
    ("call_b", "CAL_POST_NEW_BOOKING_REQUEST", BOOKING),
    ("call_c", "CAL_RETRIEVE_MY_INFO", {"of": "Zoë"}),
    ("call_d", "CAL_FETCH_ALL_BOOKINGS", {"status": ["upcoming"]}),
]


@pytest.fixture
def cal() -> Iterator[Connector]:
    with Connector.sandbox() as connector:
        yield connector


async def _arun(response: Any) -> ToolMessages:
    async with AsyncConnector.sandbox() as cal:
        return await cal.handle_tool_calls(response)


def _check(provider: Provider, messages: ToolMessages) -> None:
    me, booked, unknown, upcoming = provider.told(messages)
    assert [one.id for one in (me, booked, unknown, upcoming)] == [call[0] for call in CALLS]
    assert me.said["data"]["username"] == "sam"
    assert booked.said["data"]["attendees"][0]["name"] == "Ana Nuñez"
    assert unknown.said["data"]["code"] == "unknown_action"
    assert "CAL_RETRIEVE_MY_INFORMATION" in unknown.said["error"]
    uids = [item["uid"] for item in upcoming.said["data"]["items"]]
    assert uids == [booked.said["data"]["uid"]]
    assert [(one.id, one.slug, one.params) for one in messages.results] == CALLS
    assert [dict(one.envelope)["successful"] for one in messages.results] == [1, 1, 0, 1]


@pytest.mark.parametrize("provider", PROVIDERS, ids=repr)
@pytest.mark.parametrize("form", WHOLE)
def test_the_calls_of_an_answer_run_and_are_answered(
    provider: Provider, form: Any, cal: Connector
) -> None:
    _check(provider, cal.handle_tool_calls(form(provider, CALLS, False)))


@pytest.mark.parametrize("provider", PROVIDERS, ids=repr)
@pytest.mark.parametrize("form", ALONE)
def test_the_assistant_message_alone_is_enough(
    provider: Provider, form: Any, cal: Connector
) -> None:
    _check(provider, cal.handle_tool_calls(form(provider, CALLS)))


@pytest.mark.parametrize("provider", PROVIDERS, ids=repr)
def test_an_async_connector_answers_the_same(provider: Provider) -> None:
    _check(provider, asyncio.run(_arun(provider.whole(CALLS))))


@pytest.mark.parametrize("provider", PROVIDERS, ids=repr)
def test_the_messages_are_of_the_types_of_the_sdk(provider: Provider, cal: Connector) -> None:
    messages = cal.handle_tool_calls(provider.whole(CALLS))
    assert isinstance(messages, list)
    for message in messages:
        provider.result_type.validate_python(message)
    if provider in PROVIDERS[:2]:  # which have no key that their type does not know
        assert [provider.result_type.validate_python(one) for one in messages] == messages


@pytest.mark.parametrize("provider", PROVIDERS, ids=repr)
def test_an_answer_without_calls_wants_no_messages(provider: Provider, cal: Connector) -> None:
    for form in WHOLE:
        messages = cal.handle_tool_calls(form(provider, [], False))
        assert (list(messages), messages.results, messages.unhandled) == ([], (), ())


@pytest.mark.parametrize("provider", PROVIDERS, ids=repr)
def test_tools_of_others_are_left_alone_and_told(provider: Provider, cal: Connector) -> None:
    foreign = ("call_x", "get_weather", {"city": "Porto"})
    messages = cal.handle_tool_calls(provider.whole([foreign, CALLS[0]]))
    assert [one.id for one in provider.told(messages)] == ["call_a"]
    assert messages.unhandled == (ToolCall(*foreign, "not one of these actions"),)


def test_tools_that_the_server_runs_are_no_calls(cal: Connector) -> None:
    server_tool = {"type": "server_tool_use", "id": "s", "name": "CAL_X", "input": {}}
    anthropics = {"role": "assistant", "content": [server_tool]}
    search = {"type": "web_search_call", "id": "ws_1", "status": "completed"}
    hosted = {"type": "shell_call", "id": "sh_1", "call_id": "s", "action": {"commands": ["ls"]}}
    output = {"type": "shell_call_output", "call_id": "s", "output": []}
    mcp = {"type": "mcp_call", "id": "m", "name": "CAL_X", "arguments": "{}", "server_label": "x"}
    for answer in (anthropics, [search, hosted, output, mcp]):
        handled = cal.handle_tool_calls(answer)
        assert (list(handled), handled.unhandled) == ([], ())


def test_custom_tools_of_openai_are_not_ours_whatever_their_name(cal: Connector) -> None:
    custom = {"name": "CAL_FETCH_ALL_BOOKINGS", "input": "SELECT 1"}
    answer = chat([CALLS[0]])
    calls = answer["choices"][0]["message"]["tool_calls"]
    calls.append({"id": "x", "type": "custom", "custom": custom})
    told = cal.handle_tool_calls(answer)
    assert told.unhandled == (ToolCall("x", custom["name"], None, "not one of these actions"),)
    assert [one.id for one in told.results] == ["call_a"]

    item = {"type": "custom_tool_call", "call_id": "x", **custom}
    assert cal.handle_tool_calls([item]).unhandled == told.unhandled


def test_what_a_program_of_the_model_called_goes_back_to_it(cal: Connector) -> None:
    caller = {"type": "program", "caller_id": "prog_1"}
    answer = RESPONSES.whole(CALLS[:1])
    answer["output"][-1]["caller"] = caller
    (message,) = cal.handle_tool_calls(RESPONSES.type.validate_python(answer))
    assert message["caller"] == caller
    RESPONSES.result_type.validate_python(message)


def test_a_call_of_the_older_form_is_answered_in_it(cal: Connector) -> None:
    call = {"name": "CAL_RETRIEVE_MY_INFORMATION", "arguments": "{}"}
    (message,) = cal.handle_tool_calls({"role": "assistant", "function_call": call})
    assert (message["role"], message["name"]) == ("function", call["name"])
    assert json.loads(message["content"])["successful"]


def test_gemini_calls_without_ids_are_answered_without(cal: Connector) -> None:
    answer = GEMINI.whole(CALLS[:1] * 2)
    for part in answer["candidates"][0]["content"]["parts"][1:]:
        del part["functionCall"]["id"]
    (message,) = cal.handle_tool_calls(answer)
    assert [set(part["functionResponse"]) for part in message["parts"]] == [
        {"name", "response"}
    ] * 2


def test_a_call_without_id_or_type_is_answered_under_its_place(cal: Connector) -> None:
    name = CALLS[0][1]
    function = {"name": name, "arguments": {}}
    hand_made = {"role": "assistant", "tool_calls": [{"function": function}] * 2}
    ids = [message["tool_call_id"] for message in cal.handle_tool_calls(hand_made)]
    assert ids == ["call_0", "call_1"]
    numbered = {"role": "assistant", "tool_calls": [{"id": 7, "function": function}]}
    assert cal.handle_tool_calls(numbered)[0]["tool_call_id"] == "7"
    content = [{"name": name, "input": {}}]
    (message,) = cal.handle_tool_calls({"content": content})
    assert message["content"][0]["tool_use_id"] == "call_0"
    (message,) = cal.handle_tool_calls([{"name": name, "arguments": "{}"}])
    assert message["call_id"] == "call_0"


def test_an_answer_that_was_refused_before_it_began_has_no_calls(cal: Connector) -> None:
    blocked = {"promptFeedback": {"blockReason": "SAFETY"}}
    assert cal.handle_tool_calls(blocked) == []
    assert cal.handle_tool_calls(GEMINI.type.validate_python(blocked)) == []
    assert cal.handle_tool_calls({"choices": None, "error": {"code": 502}}) == []
    assert cal.handle_tool_calls([]) == []


LANGCHAIN = [{"type": "tool_call", "name": "CAL_GET_TEAMS_LIST", "args": {}, "id": "a"}]
NO_ANSWERS = {
    "nothing": None,
    "text": "CAL_RETRIEVE_MY_INFORMATION",
    "an empty object": {},
    "a number": 1,
    "bytes": b"{}",
    "a class": ToolCall,
    "a question": {"role": "user", "content": "hi"},
    "a tool's result": {"role": "tool", "tool_call_id": "a", "content": "{}"},
    "the user's content": {"role": "user", "parts": [{"text": "hi"}]},
    "one call": chat(CALLS)["choices"][0]["message"]["tool_calls"][0],
    "choices that are text": {"choices": "a"},
    "several answers": [chat(CALLS), chat(CALLS)],
    "a conversation": [{"role": "user", "content": "hi"}, chat(CALLS)["choices"][0]["message"]],
    "a conversation of Responses": [
        {"type": "message", "role": "user", "content": "hi"},
        *RESPONSES.whole(CALLS)["output"],
    ],
    "messages of Anthropic": [PROVIDERS[2].whole(CALLS), PROVIDERS[2].whole(CALLS)],
    "two streams": [*PROVIDERS[2].events(CALLS), *PROVIDERS[2].events(CALLS)],
    "two answers of Gemini": [
        {**GEMINI.whole(CALLS), "responseId": "a"},
        {**GEMINI.whole(CALLS), "responseId": "b"},
    ],
    "a stream not yet read": iter(PROVIDERS[0].events(CALLS)),
    "calls as LangChain has them": LANGCHAIN,
    "a message as LangChain has it": {"role": "assistant", "content": "", "tool_calls": LANGCHAIN},
    "a message as Bedrock has it": {
        "role": "assistant",
        "content": [{"toolUse": {"toolUseId": "a", "name": "CAL_GET_TEAMS_LIST", "input": {}}}],
    },
}


@pytest.mark.parametrize("given", NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_anything_else_is_a_type_error_that_says_what_is_taken(given: Any, cal: Connector) -> None:
    with pytest.raises(TypeError, match=r"handle_tool_calls takes|those of one at a time"):
        cal.handle_tool_calls(given)
    assert cal.execute("CAL_FETCH_ALL_BOOKINGS").data["items"] == []


def test_the_calls_of_a_chat_message_alone_are_taken(cal: Connector) -> None:
    told = cal.handle_tool_calls(chat(CALLS)["choices"][0]["message"]["tool_calls"])
    assert [result.slug for result in told.results] == [name for _, name, _ in CALLS]
    assert {message["role"] for message in told} == {"tool"}


def test_a_choice_with_an_empty_delta_beside_its_message_is_whole(cal: Connector) -> None:
    answer = chat(CALLS)
    answer["choices"][0]["delta"] = {}
    told = cal.handle_tool_calls(answer)
    assert [result.slug for result in told.results] == [name for _, name, _ in CALLS]
