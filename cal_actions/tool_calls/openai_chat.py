"""Answers of the OpenAI Chat Completions API, and of what speaks as it does."""

from __future__ import annotations

from typing import Any

from cal_actions.tool_calls.answers import as_text
from cal_actions.tool_calls.plain import get, identifier, items, text
from cal_actions.tool_calls.turn import Call, ToolResult, Turn, cut_last

_CUT_OFF = {"length", "content_filter"}


def turn(choices: list[Any]) -> Turn:
    """Read the choices of a completion."""
    return Turn([_choice(choice) for choice in choices], _write)


def of_message(message: Any) -> Turn:
    """Read an assistant message alone."""
    return turn([{"message": message}])


def _choice(choice: Any) -> list[Call]:
    message = get(choice, "message")
    calls = [
        _call(position, item) for position, item in enumerate(items(get(message, "tool_calls")))
    ]
    older = get(message, "function_call")  # what tool_calls replaced
    if older is not None and not calls:
        calls = [Call(None, text(get(older, "name")), get(older, "arguments"))]
    return cut_last(calls) if text(get(choice, "finish_reason")) in _CUT_OFF else calls


def _call(position: int, item: Any) -> Call:
    call_id = identifier(get(item, "id"), f"call_{position}")
    function = get(item, "function")
    if function is None:
        custom = get(item, "custom")
        if text(get(item, "type")) not in ("", "function", "custom", "tool_call"):
            return Call(call_id, text(get(item, "type")), None, foreign=True)  # the server's own
        if custom is None:
            raise TypeError("handle_tool_calls takes calls of functions: pass the SDK's own answer")
        return Call(call_id, text(get(custom, "name")), get(custom, "input"), foreign=True)
    return Call(call_id, text(get(function, "name")), get(function, "arguments"))


def _write(results: list[ToolResult], _: list[Call]) -> list[dict[str, Any]]:
    return [_message(result) for result in results]


def _message(result: ToolResult) -> dict[str, Any]:
    content = as_text(result.envelope)
    if result.id is None:
        return {"role": "function", "name": result.slug, "content": content}
    return {"role": "tool", "tool_call_id": result.id, "content": content}
