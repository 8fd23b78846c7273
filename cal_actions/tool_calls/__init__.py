"""Run the tool calls in a language model's answer; what the connectors' `handle_tool_calls` does.

`read` finds the calls, `loop` runs them; there is one module for each API, and `streams` makes
one answer of a stream's events. Nothing here imports an SDK: answers are known by their shape.
"""

from __future__ import annotations

from cal_actions.tool_calls.loop import arun, run
from cal_actions.tool_calls.turn import ToolCall, ToolMessages, ToolResult

__all__ = ["ToolCall", "ToolMessages", "ToolResult", "arun", "run"]
