"""OpenAI's Chat Completions: what a request must be, and how an answer looks.

https://platform.openai.com/docs/api-reference/chat and …/docs/guides/function-calling.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.agents.model import Call, Conversation, Refused, Result, parsed
from tests.agents.recorded_answers import filled, pieces, recorded
from tests.agents.tool_rules import check_names, check_schema

PLAIN, STREAM = recorded("openai_chat"), recorded("openai_chat_stream")

_MESSAGE = {"role", "content", "refusal", "annotations", "audio", "function_call", "tool_calls"}
_CALL = {"id", "type", "function", "name", "arguments"}


def read(request: dict[str, Any], headers: Mapping[str, str]) -> Conversation:
    """Read a request, or raise Refused as the API would answer 400."""
    if not headers.get("Authorization", "").startswith("Bearer "):
        raise Refused("no API key was sent", code="invalid_api_key")
    return Conversation(_tools(request.get("tools", [])), _rounds(request["messages"]))


def _tools(tools: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    for place, tool in enumerate(tools):
        if set(tool) != {"type", "function"} or tool["type"] != "function":
            raise Refused(f"tools[{place}] is no function tool", f"tools[{place}].type")
    functions = [tool["function"] for tool in tools]
    check_names([function.get("name") for function in functions], most=128)
    for function in functions:
        if unknown := set(function) - {"name", "description", "parameters", "strict"}:
            raise Refused(f"unknown parameter: {unknown}", "tools", "unknown_parameter")
        strict = bool(function.get("strict"))
        check_schema(function["name"], function.get("parameters"), strict=strict)
    return {function["name"]: function["parameters"] for function in functions}


def _rounds(messages: list[dict[str, Any]]) -> list[tuple[list[Call], list[Result]]]:
    rounds: list[tuple[list[Call], list[Result]]] = []
    waiting: dict[str, Result | None] = {}
    for place, message in enumerate([*messages, {"role": "user"}]):
        if message["role"] == "tool":
            identifier = message.get("tool_call_id", "")
            if waiting.get(identifier, "unknown") is not None:
                told = "a tool message must answer a call of the assistant message before it"
                raise Refused(told, f"messages.[{place}].role")
            waiting[identifier] = _result(identifier, message.get("content"))
            continue
        if unanswered := [identifier for identifier in waiting if waiting[identifier] is None]:
            raise Refused(f"calls without a tool message: {', '.join(unanswered)}", "messages")
        if waiting:
            rounds[-1][1].extend(result for result in waiting.values() if result)
            waiting = {}
        if message["role"] == "assistant" and message.get("tool_calls"):
            _check_fields(message, place)
            waiting = {call["id"]: None for call in message["tool_calls"]}
            rounds.append(([_called(call["function"]) for call in message["tool_calls"]], []))
        elif message["role"] not in ("developer", "system", "user", "assistant"):
            raise Refused(f"no such role: {message['role']}", f"messages[{place}].role")
    return rounds


def _check_fields(message: dict[str, Any], place: int) -> None:
    if unknown := set(message) - _MESSAGE:
        raise Refused(f"unknown parameter: {unknown}", f"messages[{place}]", "unknown_parameter")
    for call in message["tool_calls"]:
        if unknown := (set(call) | set(call["function"])) - _CALL:
            raise Refused(f"unknown parameter: {unknown}", f"messages[{place}].tool_calls")


def _called(function: dict[str, Any]) -> Call:
    if not isinstance(function["arguments"], str):
        raise Refused("arguments must be text", "messages", "invalid_type")
    return Call(function["name"], parsed(function["arguments"]))


def _result(identifier: str, content: Any) -> Result:
    if isinstance(content, list) and all(part.get("type") == "text" for part in content):
        content = "".join(part["text"] for part in content)
    if not isinstance(content, str):
        raise Refused(f"the content that answers {identifier} must be text", "messages")
    return Result(parsed(content))


def text_of(arguments: dict[str, Any] | str) -> str:
    """Return arguments as OpenAI carries them: text, which a model may get wrong."""
    return arguments if isinstance(arguments, str) else json.dumps(arguments)


def answer(turn: list[Call] | str, number: int) -> dict[str, Any]:
    """Say a turn at once."""
    if isinstance(turn, str):
        message, reason = filled(PLAIN["saying"], text=turn), "stop"
    else:
        calls = [
            filled(
                PLAIN["call"],
                id=f"call_{number}{place}",
                name=call.name,
                arguments=text_of(call.arguments),
            )
            for place, call in enumerate(turn)
        ]
        message, reason = filled(PLAIN["calling"], calls=calls), "tool_calls"
    said: dict[str, Any] = filled(PLAIN["answer"], message=message, reason=reason)
    return said


def stream(turn: list[Call] | str, number: int) -> Iterator[str]:
    """Say a turn piece by piece, as server-sent events."""
    yield _chunk(STREAM["begin"])
    if isinstance(turn, str):
        for piece in pieces(turn):
            yield _chunk(filled(STREAM["text"], piece=piece))
    else:
        for place, call in enumerate(turn):
            head = {"index": place, "id": f"call_{number}{place}", "name": call.name}
            yield _chunk(filled(STREAM["call"], **head))
            for piece in pieces(text_of(call.arguments)):
                yield _chunk(filled(STREAM["arguments"], index=place, piece=piece))
    yield _chunk(STREAM["end"], "stop" if isinstance(turn, str) else "tool_calls")
    yield "data: [DONE]\n\n"


def _chunk(delta: Any, reason: str | None = None) -> str:
    return f"data: {json.dumps(filled(STREAM['chunk'], delta=delta, reason=reason))}\n\n"


def refusal(refused: Refused) -> dict[str, Any]:
    """Return the body of a 400."""
    facts = {"message": str(refused), "param": refused.param, "code": refused.code}
    body: dict[str, Any] = filled(PLAIN["error"], **facts)
    return body
