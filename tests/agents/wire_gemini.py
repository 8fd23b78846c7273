"""Gemini's generateContent: what a request must be, and how an answer looks.

https://ai.google.dev/api/generate-content, …/gemini-api/docs/function-calling, and
…/gemini-api/docs/thought-signatures for the signature that a turn's first call carries and that
must come back with it. 512 functions are taken, says
https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/Tool.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.agents.model import Call, Conversation, Refused, Result
from tests.agents.recorded_answers import filled, recorded
from tests.agents.tool_rules import check_names, check_schema

PLAIN, STREAM = recorded("gemini"), recorded("gemini_stream")
SIGNATURE = PLAIN["signed_call"]["thoughtSignature"]


def read(request: dict[str, Any], headers: Mapping[str, str]) -> Conversation:
    """Read a request, or raise Refused as the API would answer 400."""
    if not headers.get("x-goog-api-key"):
        raise Refused("no API key was sent")
    tools = request.get("tools", [])
    declared = [one for tool in tools for one in tool.get("functionDeclarations", [])]
    return Conversation(_tools(declared), _rounds(request["contents"]))


def _tools(declared: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    declared = [{_camel(key): value for key, value in one.items()} for one in declared]
    for one in declared:
        if unknown := set(one) - {"name", "description", "parametersJsonSchema"}:
            raise Refused(f"function_declarations: unknown name {unknown}")
    check_names([one.get("name") for one in declared], most=512)
    for one in declared:
        check_schema(one["name"], one.get("parametersJsonSchema"))
    return {one["name"]: one["parametersJsonSchema"] for one in declared}


def _camel(key: str) -> str:
    # The JSON of protocol buffers is read in either spelling, and the SDK mixes them.
    first, *others = key.split("_")
    return first + "".join(word.title() for word in others)


def _rounds(contents: list[dict[str, Any]]) -> list[tuple[list[Call], list[Result]]]:
    rounds: list[tuple[list[Call], list[Result]]] = []
    waiting: list[dict[str, Any]] = []
    for content in contents:
        if content.get("role") not in ("user", "model"):
            raise Refused("a role is user or model")
        told = [part["functionResponse"] for part in content["parts"] if "functionResponse" in part]
        if told and not waiting:
            raise Refused("function responses come right after the turn of their function calls")
        if len(told) != len(waiting):
            raise Refused(f"{len(waiting)} function calls, but {len(told)} function responses")
        if waiting:
            rounds[-1][1].extend(_result(one["response"]) for one in _matched(waiting, told))
        calls = [part["functionCall"] for part in content["parts"] if "functionCall" in part]
        waiting = [{"id": call["id"], "name": call["name"]} for call in calls]
        if calls:
            _check_signature(content["parts"])
            rounds.append(([Call(call["name"], call.get("args", {})) for call in calls], []))
    if waiting:
        raise Refused(f"{len(waiting)} function calls, but no function responses")
    return rounds


def _matched(calls: list[dict[str, Any]], told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the responses into the order of the calls: by id, else as they come."""
    by_id = {response.get("id"): response for response in told}
    ordered = [by_id.get(call["id"], told[place]) for place, call in enumerate(calls)]
    for call, response in zip(calls, ordered, strict=True):
        if response["name"] != call["name"] or response.get("id", call["id"]) != call["id"]:
            raise Refused(f"the function response {response} does not answer {call}")
    return ordered


def _check_signature(parts: list[dict[str, Any]]) -> None:
    first = next(part for part in parts if "functionCall" in part)
    if first.get("thoughtSignature") != SIGNATURE:
        raise Refused("the first function call has lost its thought signature")


def _result(response: Any) -> Result:
    if not isinstance(response, dict):
        raise Refused("function_response.response must be an object")
    if "error" in response:  # the key by which Gemini knows a failure
        facts = dict(response["error"])
        content = {"data": facts, "error": facts.pop("message"), "successful": False}
        return Result(content, failed=True)
    if "output" in response:
        return Result({"data": response["output"], "error": None, "successful": True}, failed=False)
    return Result(response)


def answer(turn: list[Call] | str, number: int) -> dict[str, Any]:
    """Say a turn at once."""
    said: dict[str, Any] = filled(PLAIN["answer"], parts=_parts(turn, number))
    return said


def _parts(turn: list[Call] | str, number: int) -> list[dict[str, Any]]:
    if isinstance(turn, str):
        return [filled(PLAIN["text"], text=turn)]
    return [
        filled(
            PLAIN["call" if place else "signed_call"],
            id=f"{number}{place}",
            name=call.name,
            arguments=call.arguments,
        )
        for place, call in enumerate(turn)
    ]


def stream(turn: list[Call] | str, number: int) -> Iterator[str]:
    """Say a turn piece by piece, as server-sent events; a function call comes in one piece."""
    for part in _parts(turn, number):
        yield f"data: {json.dumps(filled(STREAM['chunk'], parts=[part]))}\r\n\r\n"
    yield f"data: {json.dumps(STREAM['end'])}\r\n\r\n"


def refusal(refused: Refused) -> dict[str, Any]:
    """Return the body of a 400."""
    body: dict[str, Any] = filled(PLAIN["error"], message=str(refused))
    return body
