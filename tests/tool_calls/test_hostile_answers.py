"""Whatever JSON comes to hand: a TypeError or messages, and no call runs twice."""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cal_actions import Connector
from cal_actions.tool_calls import ToolMessages
from tests.tool_calls.providers import PROVIDERS, Provider, Said

WORDS = [
    *("choices", "candidates", "output", "content", "parts", "message", "delta", "tool_calls"),
    *("function", "functionCall", "function_call", "name", "arguments", "args", "input", "id"),
    *("call_id", "type", "role", "index", "finish_reason", "status", "item", "response", "chunk"),
    *("output_index", "content_block", "custom", "caller", "stop_reason", "will_continue"),
]
VALUES = [
    *("assistant", "model", "function_call", "tool_use", "message_start", "content_block_start"),
    *("content_block_delta", "response.output_item.added", "response.output_item.done"),
    *("response.function_call_arguments.delta", "response.completed", "custom_tool_call"),
    *("CAL_RETRIEVE_MY_INFORMATION", "CAL_GET_TEAMS_LIST", "{}", "a", "b", "\ud83d", ""),
]
LEAVES = st.sampled_from(VALUES) | st.none() | st.booleans() | st.integers(-1, 2) | st.floats()


def _nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5)


JSON = st.recursive(LEAVES, _nested, max_leaves=12)
CALLS: list[Said] = [
    ("a", "CAL_RETRIEVE_MY_INFORMATION", {}),
    ("b", "CAL_GET_TEAMS_LIST", {}),
    ("a", "CAL_GET_TEAMS_LIST", {}),
    ("c", "get_weather", {}),
]


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """Take a real answer or stream and put something else in places of it."""
    provider: Provider = draw(st.sampled_from(PROVIDERS))
    calls = draw(st.lists(st.sampled_from(CALLS), max_size=4))
    answer: Any = draw(st.sampled_from([provider.whole, provider.events]))(calls)
    for _ in range(draw(st.integers(0, 3))):
        places = list(_places(answer))
        if places:
            within, key = draw(st.sampled_from(places))
            if isinstance(within, list) and draw(st.booleans()):
                within.append(within[key])
            else:
                within[key] = draw(JSON)
    return answer


def _places(value: Any) -> Any:
    keys = value if isinstance(value, dict) else range(len(value) if type(value) is list else 0)
    for key in keys:
        yield value, key
        yield from _places(value[key])


@pytest.fixture(scope="module")
def asked() -> list[str]:
    return []


@pytest.fixture(scope="module")
def cal(asked: list[str]) -> Any:
    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={"status": "success", "data": {}})

    with (
        httpx.Client(transport=httpx.MockTransport(handle)) as client,
        Connector(api_key="k", client=client) as connector,
    ):
        yield connector


@settings(max_examples=250, suppress_health_check=list(HealthCheck), deadline=None)
@given(answer=damaged() | JSON)
def test_any_answer_is_a_type_error_or_messages_and_runs_no_call_twice(
    answer: Any, asked: list[str], cal: Connector
) -> None:
    asked.clear()
    before = repr(answer)
    refused = ""
    try:
        messages = cal.handle_tool_calls(answer)
    except TypeError as raised:
        messages, refused = ToolMessages(), str(raised)
    assert refused == "" or refused.startswith(("handle_tool_calls takes", "these are the events"))
    ran = [result for result in messages.results if result.envelope.successful]
    assert len(asked) == len(ran)
    named = Counter(result.id for result in ran if result.id is not None)
    assert set(named.values()) <= {1}
    assert bool(messages) == bool(messages.results)
    assert repr(answer) == before
