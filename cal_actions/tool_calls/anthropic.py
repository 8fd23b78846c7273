"""Answers of the Anthropic Messages API."""

from __future__ import annotations

from typing import Any

from cal_actions.tool_calls.answers import as_text
from cal_actions.tool_calls.plain import get, has, identifier, text
from cal_actions.tool_calls.turn import Call, ToolResult, Turn, cut_last

# https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons
_CUT_OFF = {"max_tokens", "model_context_window_exceeded", "refusal"}


def turn(content: list[Any], stop_reason: Any = None) -> Turn:
    """Read the `content` of a message that ended for this reason."""
    calls = [
        Call(
            identifier(get(block, "id"), f"call_{position}"),
            text(get(block, "name")),
            get(block, "input"),
        )
        for position, block in enumerate(content)
        if is_call(block)
    ]
    return Turn([cut_last(calls) if text(stop_reason) in _CUT_OFF else calls], _write)


def is_call(block: Any) -> bool:
    """Tell whether a block waits for a `tool_result`; the server's own tools do not."""
    kind = text(get(block, "type"))
    return kind == "tool_use" or (not kind and has(block, "name") and has(block, "input"))


def _write(results: list[ToolResult], _: list[Call]) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [_block(result) for result in results]}]


def _block(result: ToolResult) -> dict[str, Any]:
    block = {
        "type": "tool_result",
        "tool_use_id": result.id,
        "content": as_text(result.envelope),
    }
    return block if result.envelope.successful else {**block, "is_error": True}
