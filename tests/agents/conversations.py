"""A right conversation in each wire format: two calls in one turn, both answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.agents.model import Call, Result

ME, DAY = "CAL_RETRIEVE_MY_INFORMATION", "CAL_GET_AVAILABLE_SLOTS_INFO"
ON = {"eventTypeId": 1, "day": "2030-01-07"}
NO_PARAMS = {"type": "object", "properties": {}, "additionalProperties": False}
OF_DAY = {
    "type": "object",
    "properties": {"eventTypeId": {"type": "integer"}, "day": {"type": "string"}},
    "required": ["eventTypeId", "day"],
    "additionalProperties": False,
}
SUCCESS = {"data": {"id": 1}, "error": None, "successful": True}
PATHS = {
    "chat": "/v1/chat/completions",
    "responses": "/v1/responses",
    "claude": "/v1/messages",
    "gemini": "/v1beta/models/scripted:generateContent",
}
HEADERS = {
    "chat": {"Authorization": "Bearer -"},
    "responses": {"Authorization": "Bearer -"},
    "claude": {"x-api-key": "-", "anthropic-version": "2023-06-01"},
    "gemini": {"x-goog-api-key": "-"},
}


def two_calls() -> Iterator[Any]:
    """The script of the conversation."""
    results: list[Result] = yield [Call(ME), Call(DAY, ON)]
    assert [result.data for result in results] == [{"id": 1}, {"id": 1}]
    return "done"


def right_request(api: str) -> dict[str, Any]:
    """Return the request that follows the two calls; a fresh one, to be spoilt."""
    request: dict[str, Any] = json.loads(json.dumps(_REQUESTS[api]))
    return request


_QUESTION = {"role": "user", "content": "Am I free?"}
_SENT = json.dumps(SUCCESS)
_REQUESTS: dict[str, Any] = {
    "chat": {
        "model": "scripted",
        "messages": [
            _QUESTION,
            {
                "role": "assistant",
                "tool_calls": [
                    {"id": "a", "type": "function", "function": {"name": ME, "arguments": "{}"}},
                    {
                        "id": "b",
                        "type": "function",
                        "function": {"name": DAY, "arguments": json.dumps(ON)},
                    },
                ],
            },
            {"role": "tool", "tool_call_id": "a", "content": _SENT},
            {"role": "tool", "tool_call_id": "b", "content": _SENT},
        ],
        "tools": [
            {"type": "function", "function": {"name": ME, "parameters": NO_PARAMS}},
            {"type": "function", "function": {"name": DAY, "parameters": OF_DAY}},
        ],
    },
    "responses": {
        "model": "scripted",
        "input": [
            _QUESTION,
            {"type": "reasoning", "id": "rs_0", "summary": []},
            {
                "type": "function_call",
                "id": "fc_a",
                "call_id": "a",
                "name": ME,
                "arguments": "{}",
            },
            {
                "type": "function_call",
                "id": "fc_b",
                "call_id": "b",
                "name": DAY,
                "arguments": json.dumps(ON),
            },
            {"type": "function_call_output", "call_id": "a", "output": _SENT},
            {"type": "function_call_output", "call_id": "b", "output": _SENT},
        ],
        "tools": [
            {"type": "function", "name": ME, "parameters": NO_PARAMS, "strict": False},
            {"type": "function", "name": DAY, "parameters": OF_DAY, "strict": False},
        ],
    },
    "claude": {
        "model": "scripted",
        "max_tokens": 64,
        "messages": [
            _QUESTION,
            {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": "Let me look."},
                    {"type": "tool_use", "id": "a", "name": ME, "input": {}},
                    {"type": "tool_use", "id": "b", "name": DAY, "input": ON},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "a", "content": _SENT},
                    {"type": "tool_result", "tool_use_id": "b", "content": _SENT},
                ],
            },
        ],
        "tools": [
            {"name": ME, "input_schema": NO_PARAMS},
            {"name": DAY, "input_schema": OF_DAY},
        ],
    },
    "gemini": {
        "contents": [
            {"role": "user", "parts": [{"text": "Am I free?"}]},
            {
                "role": "model",
                "parts": [
                    {
                        "functionCall": {"id": "a", "name": ME, "args": {}},
                        "thoughtSignature": "QzBmZmVl",
                    },
                    {"functionCall": {"id": "b", "name": DAY, "args": ON}},
                ],
            },
            {
                "role": "user",
                "parts": [
                    {
                        "functionResponse": {
                            "id": "a",
                            "name": ME,
                            "response": {"output": {"id": 1}},
                        }
                    },
                    {
                        "functionResponse": {
                            "id": "b",
                            "name": DAY,
                            "response": {"output": {"id": 1}},
                        }
                    },
                ],
            },
        ],
        "tools": [
            {
                "functionDeclarations": [
                    {"name": ME, "parametersJsonSchema": NO_PARAMS},
                    {"name": DAY, "parametersJsonSchema": OF_DAY},
                ]
            }
        ],
    },
}
