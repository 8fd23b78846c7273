"""Answers of the OpenAI Responses API."""

from __future__ import annotations

from typing import Any

from cal_actions.tool_calls.answers import as_text
from cal_actions.tool_calls.plain import get, has, identifier, text
from cal_actions.tool_calls.turn import Call, ToolResult, Turn, cut_last


def turn(output: list[Any], status: Any = None) -> Turn:
    """Read the `output` of a response that has this `status`."""
    answered = {
        identifier(get(item, "call_id"), "")
        for item in output
        if text(get(item, "type")).endswith("_output")
    } - {""}
    calls = [
        _call(position, item)
        for position, item in enumerate(output)
        if is_call(item) and identifier(get(item, "call_id"), "") not in answered
    ]
    whole = text(status) in ("", "completed")
    return Turn([calls if whole else cut_last(calls)], _write)


def is_call(item: Any) -> bool:
    """Tell whether an item waits for an answer.

    Calls that the server runs itself have no `call_id`, or come with their output.
    """
    kind = text(get(item, "type"))
    if kind in ("", "function_call"):
        return has(item, "name") and has(item, "arguments")
    return kind.endswith("_call") and get(item, "call_id") is not None


def _call(position: int, item: Any) -> Call:
    call_id = identifier(get(item, "call_id"), f"call_{position}")
    kind = text(get(item, "type"))
    if kind not in ("", "function_call"):
        arguments = get(item, "arguments", "input", "action", "operation")
        return Call(call_id, text(get(item, "name")) or kind, arguments, foreign=True)
    cut = text(get(item, "status")) in ("incomplete", "in_progress")
    return Call(
        call_id, text(get(item, "name")), get(item, "arguments"), cut=cut, echo=_caller(item)
    )


def _caller(item: Any) -> dict[str, Any]:
    """Say which program made the call, where the model did not make it itself."""
    caller = get(item, "caller")
    if text(get(caller, "type")) != "program":
        return {}
    return {"caller": {"type": "program", "caller_id": get(caller, "caller_id")}}


def _write(results: list[ToolResult], calls: list[Call]) -> list[dict[str, Any]]:
    return [
        {
            "type": "function_call_output",
            "call_id": result.id,
            "output": as_text(result.envelope),
            **call.echo,
        }
        for result, call in zip(results, calls, strict=True)
    ]
