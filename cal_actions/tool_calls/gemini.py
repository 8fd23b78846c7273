"""Answers of the Gemini API, as google-genai's objects or as JSON."""

from __future__ import annotations

from typing import Any

from cal_actions.tool_calls.answers import as_object
from cal_actions.tool_calls.plain import get, identifier, items, text
from cal_actions.tool_calls.turn import Call, ToolResult, Turn, cut_last

# https://ai.google.dev/api/generate-content#FinishReason
_CUT_OFF = {
    "MAX_TOKENS",
    "SAFETY",
    "RECITATION",
    "LANGUAGE",
    "OTHER",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "MALFORMED_FUNCTION_CALL",
    "MALFORMED_RESPONSE",
}


def turn(candidates: list[Any]) -> Turn:
    """Read the candidates of an answer."""
    return Turn([_candidate(candidate) for candidate in candidates], _write)


def of_content(content: Any) -> Turn:
    """Read the content of a candidate alone."""
    return turn([{"content": content}])


def _candidate(candidate: Any) -> list[Call]:
    parts = items(get(get(candidate, "content"), "parts"))
    found = [get(part, "function_call", "functionCall") for part in parts]
    calls = [_call(call) for call in found if call is not None]
    reason = text(get(candidate, "finish_reason", "finishReason")).upper()
    return cut_last(calls) if reason in _CUT_OFF else calls


def _call(call: Any) -> Call:
    if get(call, "will_continue", "willContinue", "partial_args", "partialArgs"):
        raise TypeError(
            "handle_tool_calls takes Gemini's function calls whole: leave"
            " stream_function_call_arguments off"
        )
    return Call(identifier(get(call, "id"), None), text(get(call, "name")), get(call, "args"))


def _write(results: list[ToolResult], _: list[Call]) -> list[dict[str, Any]]:
    return [{"role": "user", "parts": [_part(result) for result in results]}]


def _part(result: ToolResult) -> dict[str, Any]:
    named = {} if result.id is None else {"id": result.id}
    answer = {"name": result.slug, "response": as_object(result.envelope)}
    return {"functionResponse": {**named, **answer}}
