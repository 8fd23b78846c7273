"""What could run twice: choices of one turn, and calls that share an id."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from cal_actions import AsyncConnector, Connector
from cal_actions.tool_calls import ToolCall
from tests.tool_calls.providers import CHAT, GEMINI, PROVIDERS, Provider, Said, chat_chunk

BOOK: Said = (
    "call_a",
    "CAL_POST_NEW_BOOKING_REQUEST",
    {
        "eventTypeId": 1,
        "start": "2030-01-07T10:00:00Z",
        "attendee": {"name": "Ana", "email": "ana@example.com", "timeZone": "Europe/Madrid"},
    },
)
LATER: Said = ("call_b", BOOK[1], {**BOOK[2], "start": "2030-01-08T10:00:00Z"})
FOREIGN: Said = ("call_x", "get_weather", {})


@pytest.fixture
def cal() -> Iterator[Connector]:
    with Connector.sandbox() as connector:
        yield connector


def booked(cal: Connector) -> list[str]:
    items = cal.execute("CAL_FETCH_ALL_BOOKINGS", {"sortStart": "asc"}).data["items"]
    return [item["start"][:10] for item in items]


def choices(provider: Provider, *turns: list[Said]) -> dict[str, Any]:
    answers = [provider.whole(calls) for calls in turns]
    key = "choices" if provider is CHAT else "candidates"
    found = [answer[key][0] for answer in answers]
    for index, choice in enumerate(found):
        choice["index"] = index
    return {**answers[0], key: found}


@pytest.mark.parametrize("provider", [CHAT, GEMINI], ids=repr)
def test_only_the_first_choice_that_calls_a_tool_runs(provider: Provider, cal: Connector) -> None:
    answer = choices(provider, [], [BOOK], [LATER, FOREIGN])
    for form in (answer, provider.type.validate_python(answer)):
        handled = cal.handle_tool_calls(form)
        assert [one.id for one in provider.told(handled)] == ["call_a"]
        assert handled.unhandled == (
            ToolCall(*LATER, "another choice"),
            ToolCall(*FOREIGN, "another choice"),
        )
    assert booked(cal) == ["2030-01-07"]


def test_a_choice_with_anothers_tool_is_taken_all_the_same(cal: Connector) -> None:
    handled = cal.handle_tool_calls(choices(CHAT, [FOREIGN], [BOOK]))
    assert [(one.id, one.reason) for one in handled.unhandled] == [
        ("call_x", "not one of these actions"),
        ("call_a", "another choice"),
    ]
    assert (list(handled), booked(cal)) == ([], [])


def test_the_choices_of_a_stream_are_kept_apart(cal: Connector) -> None:
    begin = {"id": "call_a", "function": {"name": "CAL_RETRIEVE_MY_INFORMATION", "arguments": "{"}}
    end = {"index": 0, "function": {"arguments": "}"}}
    chunks = [
        chat_chunk({"tool_calls": [{"index": 0, **begin, "id": f"call_{index}"}]}, index=index)
        for index in (1, 0)
    ]
    chunks += [chat_chunk({"tool_calls": [end]}, "tool_calls", index) for index in (0, 1)]
    handled = cal.handle_tool_calls(chunks)
    assert [one.id for one in handled.results] == ["call_0"]
    assert [one.id for one in handled.unhandled] == ["call_1"]


@pytest.mark.parametrize("provider", PROVIDERS, ids=repr)
def test_a_call_that_comes_twice_runs_once(provider: Provider, cal: Connector) -> None:
    handled = cal.handle_tool_calls(provider.whole([BOOK, FOREIGN, BOOK]))
    assert [one.id for one in provider.told(handled)] == ["call_a"]
    assert booked(cal) == ["2030-01-07"]


@pytest.mark.parametrize("provider", PROVIDERS, ids=repr)
def test_another_call_under_the_same_id_is_not_run_and_is_told(
    provider: Provider, cal: Connector
) -> None:
    other = (BOOK[0], LATER[1], LATER[2])
    told = provider.told(cal.handle_tool_calls(provider.whole([BOOK, other])))
    assert [one.failed for one in told] == [False, True]
    assert told[1].said["data"]["code"] == "invalid_params"
    assert "its id is that of another call" in told[1].said["error"]
    assert booked(cal) == ["2030-01-07"]


def test_calls_that_were_answered_in_the_same_list_do_not_run_again(cal: Connector) -> None:
    item = {"type": "function_call", "call_id": "a", "name": BOOK[1], "arguments": BOOK[2]}
    items = [item, {**item, "call_id": "b"}]
    answered = [*items, {"type": "function_call_output", "call_id": "a", "output": "{}"}]
    assert [one.id for one in cal.handle_tool_calls(answered).results] == ["b"]
    assert booked(cal) == ["2030-01-07"]


def test_an_async_connector_runs_no_call_twice_either() -> None:
    async def run() -> list[str | None]:
        async with AsyncConnector.sandbox() as cal:
            answer = choices(CHAT, [BOOK, BOOK], [LATER])
            results = (await cal.handle_tool_calls(answer)).results
            items = (await cal.execute("CAL_FETCH_ALL_BOOKINGS")).data["items"]
            assert len(items) == 1
            return [one.id for one in results]

    assert asyncio.run(run()) == ["call_a"]


def test_a_call_of_a_kind_that_only_its_server_knows_is_left_alone(cal: Connector) -> None:
    answer = CHAT.whole([("call_0", "CAL_GET_TEAMS_LIST", {})])
    calls = answer["choices"][0]["message"]["tool_calls"]
    calls.append({"id": "b", "type": "web_search", "web_search": {}})
    told = cal.handle_tool_calls(answer)
    assert [result.slug for result in told.results] == ["CAL_GET_TEAMS_LIST"]
    assert [(call.name, call.reason) for call in told.unhandled] == [
        ("web_search", "not one of these actions")
    ]
