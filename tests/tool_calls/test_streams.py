"""Streams as the SDKs give them, and as servers that imitate them do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import anthropic
import httpx2
import openai
import pytest
from google import genai
from google.genai import types

from cal_actions import Connector
from tests.tool_calls.providers import (
    ANTHROPIC,
    CHAT,
    GEMINI,
    RESPONSES,
    Provider,
    Said,
    chat_chunk,
)

ME: Said = ("call_a", "CAL_RETRIEVE_MY_INFORMATION", {})
BOOKINGS: Said = ("call_b", "CAL_FETCH_ALL_BOOKINGS", {"status": ["upcoming"], "take": 5})


@pytest.fixture
def cal() -> Iterator[Connector]:
    with Connector.sandbox() as connector:
        yield connector


def serving(events: list[dict[str, Any]]) -> httpx2.Client:
    """Make a client whose every answer is these events."""
    body = "".join(
        (f"event: {event['type']}\n" if "type" in event else "") + f"data: {json.dumps(event)}\n\n"
        for event in events
    )
    head = {"content-type": "text/event-stream"}
    return httpx2.Client(
        transport=httpx2.MockTransport(lambda _: httpx2.Response(200, headers=head, text=body))
    )


def ran(cal: Connector, answer: Any) -> list[Any]:
    handled = cal.handle_tool_calls(answer)
    assert all(result.envelope.successful for result in handled.results)
    return [(result.id, result.slug, result.params) for result in handled.results]


def test_streams_of_chat_completions(cal: Connector) -> None:
    with openai.OpenAI(api_key="k", http_client=serving(CHAT.events([ME, BOOKINGS]))) as client:
        chat = client.chat.completions
        assert ran(cal, list(chat.create(model="m", messages=[], stream=True))) == [ME, BOOKINGS]
        with chat.stream(model="m", messages=[]) as stream:
            assert ran(cal, list(stream)) == [ME, BOOKINGS]
            assert ran(cal, stream.get_final_completion()) == [ME, BOOKINGS]


def test_streams_of_responses(cal: Connector) -> None:
    events = RESPONSES.events([ME, BOOKINGS])
    with openai.OpenAI(api_key="k", http_client=serving(events)) as client:
        plain = client.responses.create(model="m", input=[], stream=True)
        assert ran(cal, list(plain)) == [ME, BOOKINGS]
        with client.responses.stream(model="m", input=[]) as stream:
            assert ran(cal, list(stream)) == [ME, BOOKINGS]
            assert ran(cal, stream.get_final_response()) == [ME, BOOKINGS]


def test_streams_of_anthropic(cal: Connector) -> None:
    events = ANTHROPIC.events([ME, BOOKINGS])
    asked: dict[str, Any] = {"model": "m", "max_tokens": 9, "messages": []}
    with anthropic.Anthropic(api_key="k", http_client=serving(events)) as client:
        plain = client.messages.create(**asked, stream=True)
        assert ran(cal, list(plain)) == [ME, BOOKINGS]
        with client.messages.stream(**asked) as stream:
            assert ran(cal, list(stream)) == [ME, BOOKINGS]
            assert ran(cal, stream.get_final_message()) == [ME, BOOKINGS]


def test_streams_of_gemini(cal: Connector) -> None:
    events = GEMINI.events([ME, BOOKINGS])
    options = types.HttpOptions(httpx_client=serving(events))
    with genai.Client(api_key="k", http_options=options) as client:
        chunks = list(client.models.generate_content_stream(model="m", contents="hi"))
    assert ran(cal, chunks) == [ME, BOOKINGS]
    one_by_one = [call for chunk in chunks for call in ran(cal, chunk)]
    assert one_by_one == [ME, BOOKINGS]


def pieces(*calls: dict[str, Any]) -> list[dict[str, Any]]:
    return [*(chat_chunk({"tool_calls": [call]}) for call in calls), chat_chunk({}, "tool_calls")]


def function(name: str | None = None, arguments: Any = None) -> dict[str, Any]:
    return {"function": {"name": name, "arguments": arguments}}


IMITATIONS = {
    "every call is number 0": [
        {"index": 0, "id": "call_a", **function(ME[1], "{}")},
        {"index": 0, "id": "call_b", **function(BOOKINGS[1], json.dumps(BOOKINGS[2]))},
    ],
    "no numbers": [
        {"id": "call_a", **function(ME[1], "")},
        {"id": "call_b", **function(BOOKINGS[1], '{"status": ["upcoming"], ')},
        {**function(arguments='"take": 5}')},
    ],
    "arguments as objects": [
        {"index": 0, "id": "call_a", **function(ME[1], {})},
        {"index": 1, "id": "call_b", **function(BOOKINGS[1], BOOKINGS[2])},
    ],
    "id and name in every piece": [
        {"index": 0, "id": "call_a", **function(ME[1], "{")},
        {"index": 0, "id": "call_a", **function(ME[1], "}")},
        {"index": 1, "id": "call_b", **function(BOOKINGS[1], '{"status": ["upcoming"]')},
        {"index": 1, "id": "call_b", **function(BOOKINGS[1], ', "take": 5}')},
    ],
    "a new id in every piece": [
        {"index": 0, "id": "call_a", **function(ME[1], "{")},
        {"index": 0, "id": "call_1", **function(arguments="}")},
        {"index": 1, "id": "call_b", **function(BOOKINGS[1], '{"status": ["upcoming"]')},
        {"index": 1, "id": "call_2", **function(arguments=', "take": 5}')},
    ],
    "a name in pieces": [
        {"index": 0, "id": "call_a", **function("CAL_RETRIEVE_")},
        {"index": 0, **function("MY_INFORMATION", "{}")},
        {"index": 1, "id": "call_b", **function(BOOKINGS[1], json.dumps(BOOKINGS[2]))},
    ],
    "one after the other out of order": [
        {"index": 0, "id": "call_a", **function(ME[1], "{")},
        {"index": 1, "id": "call_b", **function(BOOKINGS[1], '{"status": ["upcoming"]')},
        {"index": 0, **function(arguments="}")},
        {"index": 1, **function(arguments=', "take": 5}')},
    ],
}


@pytest.mark.parametrize("calls", IMITATIONS.values(), ids=IMITATIONS)
def test_chunks_of_servers_that_imitate_chat_completions(
    calls: list[dict[str, Any]], cal: Connector
) -> None:
    assert ran(cal, pieces(*calls)) == [ME, BOOKINGS]


def test_calls_without_ids_or_numbers_are_told_apart_by_their_names(cal: Connector) -> None:
    calls = [function(ME[1], "{}"), function(BOOKINGS[1], json.dumps(BOOKINGS[2]))]
    assert [call[1:] for call in ran(cal, pieces(*calls))] == [ME[1:], BOOKINGS[1:]]
    assert [call[1:] for call in ran(cal, pieces(*calls[:1] * 2))] == [ME[1:]] * 2
    numbered = [{"index": 0, **call} for call in calls]
    assert [call[1:] for call in ran(cal, pieces(*numbered))] == [ME[1:], BOOKINGS[1:]]


def test_a_chunk_of_usage_or_of_filters_has_no_choices(cal: Connector) -> None:
    chunks = CHAT.events([ME])
    assert ran(cal, [{"choices": [], "prompt_filter_results": []}, *chunks]) == [ME]
    assert ran(cal, [*chunks, {"choices": [], "usage": {"total_tokens": 1}}]) == [ME]


def test_one_chunk_may_have_it_all(cal: Connector) -> None:
    call = {"index": 0, "id": "call_a", **function(ME[1], "{}")}
    assert ran(cal, chat_chunk({"tool_calls": [call]}, "tool_calls")) == [ME]


def test_the_older_form_and_custom_tools_come_in_pieces_too(cal: Connector) -> None:
    chunks = [
        chat_chunk({"function_call": {"name": ME[1], "arguments": ""}}),
        chat_chunk({"function_call": {"arguments": "{}"}}, "function_call"),
    ]
    (message,) = cal.handle_tool_calls(chunks)
    assert (message["role"], message["name"]) == ("function", ME[1])
    assert cal.handle_tool_calls(chunks[:1]).results[0].envelope.error is not None

    custom = pieces(
        {"index": 0, "id": "x", "type": "custom", "custom": {"name": "CAL_X", "input": "SEL"}},
        {"index": 0, "custom": {"input": "ECT"}},
    )
    (left,) = cal.handle_tool_calls(custom).unhandled
    assert (left.id, left.name) == ("x", "CAL_X")


@pytest.mark.parametrize("left_out", ["item_id", "output_index"])
def test_a_response_whose_last_event_lacks_the_output(left_out: str, cal: Connector) -> None:
    events = RESPONSES.events([ME, BOOKINGS])
    for event in events:
        event.pop(left_out, None)
    without = {**events[-1], "response": {"status": "completed", "output": []}}
    assert ran(cal, [*events[:-1], without]) == [ME, BOOKINGS]
    assert ran(cal, events[:-2]) == [ME, BOOKINGS]  # nor has the last item its own last event
    assert ran(cal, events[-1:]) == [ME, BOOKINGS]


@pytest.mark.parametrize("provider", [RESPONSES, ANTHROPIC], ids=repr)
def test_events_that_are_not_known_are_passed_over(provider: Provider, cal: Connector) -> None:
    strange = [{"type": "ping"}, {"type": "new_thing", "index": 1}, {}]
    known = provider.events([ME])
    events = [event for pair in zip(known, strange * 9, strict=False) for event in pair]
    assert ran(cal, events) == [ME]


def test_input_that_comes_with_the_start_of_its_block_counts(cal: Connector) -> None:
    events = ANTHROPIC.events([BOOKINGS])
    whole = [event for event in events if "partial_json" not in str(event)]
    whole[4]["content_block"]["input"] = BOOKINGS[2]
    assert ran(cal, whole) == [BOOKINGS]


def test_gemini_arguments_in_pieces_are_refused_before_anything_runs(cal: Connector) -> None:
    chunks = GEMINI.events([ME, BOOKINGS])
    call = chunks[1]["candidates"][0]["content"]["parts"][1]["functionCall"]
    call.update(args=None, willContinue=True)
    for given in (chunks, [GEMINI.type.validate_python(chunk) for chunk in chunks]):
        with pytest.raises(TypeError, match="leave stream_function_call_arguments off"):
            cal.handle_tool_calls(given)
