"""The four APIs: how each says a turn, whole or as a stream, and how it wants results."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from anthropic.types import Message, MessageParam, RawMessageStreamEvent
from google.genai.types import Content, GenerateContentResponse
from openai.types.chat import (
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionToolMessageParam,
)
from openai.types.responses import Response, ResponseStreamEvent
from openai.types.responses.response_input_param import FunctionCallOutput
from pydantic import TypeAdapter

Said = tuple[str, str, Any]  # id, name, params


@dataclass(frozen=True)
class Answered:
    """A result as its model reads it."""

    id: str
    failed: bool
    said: dict[str, Any]


@dataclass(frozen=True)
class Provider:
    """One API. `told` reads the results back; `message` is the assistant's alone."""

    name: str
    whole: Callable[..., dict[str, Any]]
    events: Callable[..., list[dict[str, Any]]]
    message: Callable[[dict[str, Any]], Any]
    told: Callable[[list[dict[str, Any]]], list[Answered]]
    type: TypeAdapter[Any]
    event_type: TypeAdapter[Any]
    result_type: TypeAdapter[Any]

    def __repr__(self) -> str:
        return self.name


def chat(calls: list[Said], *, cut: bool = False) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "finish_reason": "length" if cut else "tool_calls",
                "message": chat_message(calls),
            }
        ],
    }


def chat_message(calls: list[Said]) -> dict[str, Any]:
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": identifier,
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(params)},
            }
            for identifier, name, params in calls
        ],
    }


def chat_chunk(delta: dict[str, Any], finish: str | None = None, index: int = 0) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"index": index, "delta": delta, "finish_reason": finish}],
    }


def chat_chunks(calls: list[Said], *, cut: bool = False) -> list[dict[str, Any]]:
    chunks = [chat_chunk({"role": "assistant", "content": None})]
    for index, (identifier, name, params) in enumerate(calls):
        begin = {
            "index": index,
            "id": identifier,
            "type": "function",
            "function": {"name": name, "arguments": ""},
        }
        chunks.append(chat_chunk({"tool_calls": [begin]}))
        for piece in _pieces(params):
            going_on = {"index": index, "function": {"arguments": piece}}
            chunks.append(chat_chunk({"tool_calls": [going_on]}))
    return [*chunks, chat_chunk({}, "length" if cut else "tool_calls")]


def responses(calls: list[Said], *, cut: bool = False) -> dict[str, Any]:
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "model": "m",
        "status": "incomplete" if cut else "completed",
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "output": [
            {"id": "rs_1", "type": "reasoning", "summary": []},
            *(
                {
                    "id": f"fc_{identifier}",
                    "type": "function_call",
                    "call_id": identifier,
                    "name": name,
                    "arguments": json.dumps(params),
                    "status": "completed",
                }
                for identifier, name, params in calls
            ),
        ],
    }


def responses_events(calls: list[Said], *, cut: bool = False) -> list[dict[str, Any]]:
    done = responses(calls, cut=cut)
    begun = {**done, "status": "in_progress", "output": []}
    events: list[dict[str, Any]] = [{"type": "response.created", "response": begun}]
    for place, item in enumerate(done["output"]):
        at = {"output_index": place, "item_id": item["id"]}
        blank = {**item, "status": "in_progress", "arguments": ""}
        if item["type"] == "reasoning":
            blank = item
        events.append({"type": "response.output_item.added", "item": blank, "output_index": place})
        if item["type"] == "function_call":
            delta = "response.function_call_arguments.delta"
            pieces = _pieces(json.loads(item["arguments"]))
            events += [{"type": delta, "delta": piece, **at} for piece in pieces]
            known = {"arguments": item["arguments"], "name": item["name"]}
            events.append({"type": "response.function_call_arguments.done", **known, **at})
        events.append({"type": "response.output_item.done", "item": item, "output_index": place})
    events.append({"type": f"response.{done['status']}", "response": done})
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def anthropic(calls: list[Said], *, cut: bool = False) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "stop_reason": "max_tokens" if cut else "tool_use",
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
        "content": [
            {"type": "text", "text": "I look it up."},
            *(
                {"type": "tool_use", "id": identifier, "name": name, "input": params}
                for identifier, name, params in calls
            ),
        ],
    }


def anthropic_events(calls: list[Said], *, cut: bool = False) -> list[dict[str, Any]]:
    done = anthropic(calls, cut=cut)
    begun = {**done, "content": [], "stop_reason": None}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": begun}]
    for index, block in enumerate(done["content"]):
        blank = {**block, "text": ""} if block["type"] == "text" else {**block, "input": {}}
        at = {"index": index}
        events.append({"type": "content_block_start", "content_block": blank, **at})
        if block["type"] == "text":
            deltas = [{"type": "text_delta", "text": block["text"]}]
        else:
            deltas = [
                {"type": "input_json_delta", "partial_json": piece}
                for piece in ("", *_pieces(block["input"]))
            ]
        events += [{"type": "content_block_delta", "delta": delta, **at} for delta in deltas]
        events.append({"type": "content_block_stop", **at})
    reason = {"stop_reason": done["stop_reason"], "stop_sequence": None}
    events.append({"type": "message_delta", "delta": reason, "usage": {"output_tokens": 1}})
    return [*events, {"type": "message_stop"}]


def gemini(calls: list[Said], *, cut: bool = False) -> dict[str, Any]:
    return {
        "candidates": [
            {
                "index": 0,
                "finishReason": "MAX_TOKENS" if cut else "STOP",
                "content": {
                    "role": "model",
                    "parts": [
                        {"text": "I look it up.", "thought": True},
                        *(
                            {"functionCall": {"id": identifier, "name": name, "args": params}}
                            for identifier, name, params in calls
                        ),
                    ],
                },
            }
        ],
        "modelVersion": "m",
    }


def gemini_chunks(calls: list[Said], *, cut: bool = False) -> list[dict[str, Any]]:
    chunks = [gemini([call]) for call in calls]
    for chunk in chunks:
        del chunk["candidates"][0]["finishReason"]
    return [*chunks, gemini([], cut=cut)]


def _pieces(params: dict[str, Any]) -> list[str]:
    text = json.dumps(params)
    return [text[start : start + 7] for start in range(0, len(text), 7)]


def _told_chat(messages: list[dict[str, Any]]) -> list[Answered]:
    return [_answered(message["tool_call_id"], message["content"]) for message in messages]


def _told_responses(messages: list[dict[str, Any]]) -> list[Answered]:
    return [_answered(message["call_id"], message["output"]) for message in messages]


def _told_anthropic(messages: list[dict[str, Any]]) -> list[Answered]:
    assert [message["role"] for message in messages] == ["user"] * bool(messages)
    blocks = messages[0]["content"] if messages else []
    told = [_answered(block["tool_use_id"], block["content"]) for block in blocks]
    assert [block.get("is_error", False) for block in blocks] == [one.failed for one in told]
    return told


def _told_gemini(messages: list[dict[str, Any]]) -> list[Answered]:
    assert [message["role"] for message in messages] == ["user"] * bool(messages)
    told = []
    for part in messages[0]["parts"] if messages else []:
        response = part["functionResponse"]["response"]
        if "error" in response:
            data = dict(response["error"])
            said = {"data": data, "error": data.pop("message"), "successful": False}
        else:
            said = {"data": response["output"], "error": None, "successful": True}
        told.append(Answered(part["functionResponse"]["id"], not said["successful"], said))
    return told


def _answered(id: str, text: str) -> Answered:
    said = json.loads(text)
    assert text == json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return Answered(id, not said["successful"], said)


CHAT = Provider(
    "openai",
    chat,
    chat_chunks,
    lambda answer: answer["choices"][0]["message"],
    _told_chat,
    TypeAdapter(ChatCompletion),
    TypeAdapter(ChatCompletionChunk),
    TypeAdapter(ChatCompletionToolMessageParam),
)
RESPONSES = Provider(
    "openai-responses",
    responses,
    responses_events,
    lambda answer: answer["output"],
    _told_responses,
    TypeAdapter(Response),
    TypeAdapter(ResponseStreamEvent),
    TypeAdapter(FunctionCallOutput),
)
ANTHROPIC = Provider(
    "anthropic",
    anthropic,
    anthropic_events,
    lambda answer: {key: answer[key] for key in ("role", "content")},
    _told_anthropic,
    TypeAdapter(Message),
    TypeAdapter(RawMessageStreamEvent),
    TypeAdapter(MessageParam),
)
GEMINI = Provider(
    "gemini",
    gemini,
    gemini_chunks,
    lambda answer: answer["candidates"][0]["content"],
    _told_gemini,
    TypeAdapter(GenerateContentResponse),
    TypeAdapter(GenerateContentResponse),
    TypeAdapter(Content),
)
PROVIDERS = [CHAT, RESPONSES, ANTHROPIC, GEMINI]
