"""Anthropic's Messages: what a request must be, and how an answer looks.

https://docs.anthropic.com/en/api/messages, …/en/docs/build-with-claude/streaming and
…/en/docs/agents-and-tools/tool-use/implement-tool-use.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.agents.model import Call, Conversation, Refused, Result, parsed
from tests.agents.recorded_answers import filled, pieces, recorded
from tests.agents.tool_rules import check_names, check_schema

PLAIN, STREAM = recorded("anthropic"), recorded("anthropic_stream")


def read(request: dict[str, Any], headers: Mapping[str, str]) -> Conversation:
    """Read a request, or raise Refused as the API would answer 400."""
    if not (headers.get("x-api-key") or headers.get("Authorization")):
        raise Refused("no API key was sent")
    if not headers.get("anthropic-version"):
        raise Refused("anthropic-version: header is required")
    if not isinstance(request.get("max_tokens"), int):
        raise Refused("max_tokens: field required")
    return Conversation(_tools(request.get("tools", [])), _rounds(request["messages"]))


def _tools(tools: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    for place, tool in enumerate(tools):
        if unknown := set(tool) - {"type", "name", "description", "input_schema", "strict"}:
            raise Refused(f"tools.{place}: extra inputs are not permitted: {unknown}")
    check_names([tool.get("name") for tool in tools])
    for tool in tools:
        check_schema(tool["name"], tool.get("input_schema"), strict=bool(tool.get("strict")))
    return {tool["name"]: tool["input_schema"] for tool in tools}


def _rounds(messages: list[dict[str, Any]]) -> list[tuple[list[Call], list[Result]]]:
    rounds: list[tuple[list[Call], list[Result]]] = []
    waiting: list[str] = []
    for place, message in enumerate(messages):
        if message["role"] not in ("user", "assistant"):
            raise Refused(f"messages.{place}.role: no such role")
        blocks = message["content"]
        if isinstance(blocks, str):
            blocks = [{"type": "text", "text": blocks}]
        told = [block for block in blocks if block["type"] == "tool_result"]
        if blocks[: len(told)] != told:
            raise Refused(f"messages.{place}: tool_result blocks must come first")
        results = {block["tool_use_id"]: _result(block) for block in told}
        if len(results) < len(told):
            raise Refused(f"messages.{place}: a tool_use has two tool_result blocks")
        if stray := set(results) - set(waiting):
            raise Refused(f"messages.{place}: no tool_use in the message before: {stray}")
        if unanswered := [identifier for identifier in waiting if identifier not in results]:
            raise Refused(f"messages.{place - 1}: tool_use without tool_result: {unanswered}")
        if waiting:
            rounds[-1][1].extend(results[identifier] for identifier in waiting)
        uses = [block for block in blocks if block["type"] == "tool_use"]
        waiting = [block["id"] for block in uses]
        if uses:
            rounds.append(([Call(block["name"], _input(block)) for block in uses], []))
    if waiting:
        raise Refused(f"messages.{len(messages) - 1}: tool_use without tool_result: {waiting}")
    return rounds


def _input(block: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(block["input"], dict):
        raise Refused("tool_use.input: must be an object")
    given: dict[str, Any] = block["input"]
    return given


def _result(block: dict[str, Any]) -> Result:
    if unknown := set(block) - {"type", "tool_use_id", "content", "is_error", "cache_control"}:
        raise Refused(f"tool_result: extra inputs are not permitted: {unknown}")
    content = block.get("content", "")
    if isinstance(content, list):
        content = "".join(part["text"] for part in content)
    return Result(parsed(content), failed=block.get("is_error", False))


def answer(turn: list[Call] | str, number: int) -> dict[str, Any]:
    """Say a turn at once."""
    said: dict[str, Any] = filled(
        PLAIN["answer"], content=_content(turn, number), reason=_reason(turn)
    )
    return said


def _reason(turn: list[Call] | str) -> str:
    return "end_turn" if isinstance(turn, str) else "tool_use"


def _content(turn: list[Call] | str, number: int) -> list[dict[str, Any]]:
    if isinstance(turn, str):
        return [filled(PLAIN["text"], text=turn)]
    calls = [
        filled(PLAIN["call"], id=f"toolu_{number}{place}", name=call.name, arguments=call.arguments)
        for place, call in enumerate(turn)
    ]
    return [filled(PLAIN["text"], text="Let me look."), *calls]


def stream(turn: list[Call] | str, number: int) -> Iterator[str]:
    """Say a turn piece by piece, as server-sent events."""
    for event in _events(turn, number):
        yield f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"


def _events(turn: list[Call] | str, number: int) -> Iterator[dict[str, Any]]:
    yield filled(STREAM["begin"], message=filled(PLAIN["answer"], content=[], reason=None))
    yield STREAM["ping"]
    for index, block in enumerate(_content(turn, number)):
        empty = {"text": ""} if block["type"] == "text" else {"input": {}}
        yield filled(STREAM["block"], index=index, block={**block, **empty})
        what, whole = (
            ("text", block["text"])
            if block["type"] == "text"
            else ("arguments", json.dumps(block["input"]))
        )
        for piece in ["", *pieces(whole)]:
            yield filled(STREAM[what], index=index, piece=piece)
        yield filled(STREAM["block_end"], index=index)
    yield from filled(STREAM["end"], reason=_reason(turn))


def refusal(refused: Refused) -> dict[str, Any]:
    """Return the body of a 400."""
    body: dict[str, Any] = filled(PLAIN["error"], message=str(refused))
    return body
