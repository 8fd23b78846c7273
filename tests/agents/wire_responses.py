"""OpenAI's Responses: what a request must be, and how an answer looks.

https://platform.openai.com/docs/api-reference/responses; the events are in …/responses-streaming.
A reasoning model's call comes after a reasoning item, and one must not be sent back without the
other: https://platform.openai.com/docs/guides/reasoning#keeping-reasoning-items-in-context.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.agents.model import Call, Conversation, Refused, Result, parsed
from tests.agents.recorded_answers import filled, pieces, recorded
from tests.agents.tool_rules import check_names, check_schema
from tests.agents.wire_openai import refusal, text_of

__all__ = ["answer", "read", "refusal", "stream"]

PLAIN, STREAM = recorded("openai_responses"), recorded("openai_responses_stream")

_CALL = {"type", "id", "call_id", "name", "arguments", "status"}


def read(request: dict[str, Any], headers: Mapping[str, str]) -> Conversation:
    """Read a request, or raise Refused as the API would answer 400."""
    if not headers.get("Authorization", "").startswith("Bearer "):
        raise Refused("no API key was sent", code="invalid_api_key")
    return Conversation(_tools(request.get("tools", [])), _rounds(request["input"]))


def _tools(tools: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    for place, tool in enumerate(tools):
        if tool.get("type") != "function":
            raise Refused(f"tools[{place}] is no function tool", f"tools[{place}].type")
        if unknown := set(tool) - {"type", "name", "description", "parameters", "strict"}:
            raise Refused(f"unknown parameter: {unknown}", "tools", "unknown_parameter")
    check_names([tool.get("name") for tool in tools], most=128)
    for tool in tools:
        # Left out, `strict` is true here, unlike in Chat Completions.
        check_schema(tool["name"], tool.get("parameters"), strict=tool.get("strict", True))
    return {tool["name"]: tool["parameters"] for tool in tools}


def _rounds(items: list[dict[str, Any]] | str) -> list[tuple[list[Call], list[Result]]]:
    calls: dict[str, Call] = {}
    results: dict[str, Result] = {}
    turns: list[list[str]] = []  # the calls between one reasoning item and the next
    for place, item in enumerate([] if isinstance(items, str) else items):
        kind = item.get("type", "message")
        if kind == "reasoning":
            turns.append([])
        elif kind == "function_call":
            if not turns:
                raise Refused(f"{item['id']} was sent without its reasoning item", "input")
            if unknown := set(item) - _CALL:
                raise Refused(f"unknown parameter: {unknown}", f"input[{place}]")
            turns[-1].append(item["call_id"])
            calls[item["call_id"]] = Call(item["name"], parsed(item["arguments"]))
        elif kind == "function_call_output":
            identifier = item.get("call_id")
            if identifier not in calls or identifier in results:
                raise Refused(f"no function call waits for the output {identifier}", "input")
            if not isinstance(item.get("output"), str):
                raise Refused("an output must be text", f"input[{place}].output", "invalid_type")
            results[identifier] = Result(parsed(item["output"]))
        elif kind != "message":
            raise Refused(f"no such item: {kind}", f"input[{place}].type", "invalid_value")
        elif item["role"] not in ("developer", "system", "user", "assistant"):
            raise Refused(f"no such role: {item['role']}", f"input[{place}].role")
    if unanswered := [identifier for identifier in calls if identifier not in results]:
        raise Refused(f"no output was sent for the function call {unanswered[0]}", "input")
    return [
        ([calls[one] for one in turn], [results[one] for one in turn]) for turn in turns if turn
    ]


def answer(turn: list[Call] | str, number: int) -> dict[str, Any]:
    """Say a turn at once."""
    said: dict[str, Any] = filled(PLAIN["answer"], status="completed", output=_output(turn, number))
    return said


def _output(turn: list[Call] | str, number: int) -> list[dict[str, Any]]:
    if isinstance(turn, str):
        content = [filled(PLAIN["text"], text=turn)]
        facts = {"id": f"msg_{number}", "status": "completed", "content": content}
        return [filled(PLAIN["message"], **facts)]
    calls = [
        filled(
            PLAIN["call"],
            item=f"fc_{number}{place}",
            id=f"call_{number}{place}",
            status="completed",
            name=call.name,
            arguments=text_of(call.arguments),
        )
        for place, call in enumerate(turn)
    ]
    return [filled(PLAIN["reasoning"], id=f"rs_{number}"), *calls]


def stream(turn: list[Call] | str, number: int) -> Iterator[str]:
    """Say a turn piece by piece, as server-sent events."""
    for place, event in enumerate(_events(_output(turn, number))):
        data = json.dumps({**event, "sequence_number": place})
        yield f"event: {event['type']}\ndata: {data}\n\n"


def _events(output: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield from filled(
        STREAM["begin"], response=filled(PLAIN["answer"], status="in_progress", output=[])
    )
    for index, item in enumerate(output):
        begun = {**item, "status": "in_progress"} if "status" in item else item
        if item["type"] == "function_call":
            yield filled(STREAM["added"], index=index, item={**begun, "arguments": ""})
            yield from _told("arguments", item["arguments"], index, item["id"])
        elif item["type"] == "message":
            yield filled(STREAM["added"], index=index, item={**begun, "content": []})
            part = item["content"][0]
            place = {"id": item["id"], "index": index}
            yield filled(STREAM["part_added"], **place, part={**part, "text": ""})
            yield from _told("text", part["text"], index, item["id"])
            yield filled(STREAM["part_done"], **place, part=part)
        else:
            yield filled(STREAM["added"], index=index, item=begun)
        yield filled(STREAM["done"], index=index, item=item)
    yield filled(STREAM["end"], response=filled(PLAIN["answer"], status="completed", output=output))


def _told(what: str, whole: str, index: int, identifier: str) -> Iterator[dict[str, Any]]:
    for piece in pieces(whole):
        yield filled(STREAM[what], index=index, id=identifier, piece=piece)
    yield filled(STREAM[f"{what}_done"], index=index, id=identifier, whole=whole)
