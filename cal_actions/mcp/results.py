"""Results: envelope → what a tool call answers, as text and as structured content."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mcp_types import CallToolResult, TextContent
from pydantic_core import PydanticSerializationError, to_json

if TYPE_CHECKING:
    from cal_actions import Envelope


def as_result(envelope: Envelope) -> CallToolResult:
    """Return the envelope as the result of a tool; `is_error` where the action failed."""
    structured = dict(envelope)
    text = json.dumps(structured, ensure_ascii=False, separators=(",", ":"), default=str)
    try:
        to_json(structured)
    except (PydanticSerializationError, ValueError):
        # Half characters, or nested deeper than the SDK writes: a booking that was made must not
        # come back as an internal error.
        text = text.encode("utf-8", "replace").decode()
        structured["data"] = {"json": text}
    return CallToolResult(
        content=[TextContent(text=text)],
        structured_content=structured,
        is_error=not envelope.successful,
    )
