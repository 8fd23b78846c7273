"""The events of a stream → the answer that they make up, in the shape of its API.

What was not heard to the end is marked as its API marks what is cut off.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, TypeVar

from cal_actions.tool_calls.plain import get, items, text

_Default = TypeVar("_Default", int, str)
_ENDS = {"response.completed", "response.incomplete", "response.failed"}


def chat(chunks: list[Any]) -> list[Any]:
    """Return the choices of Chat Completions chunks."""
    choices: dict[int, _Choice] = {}
    for chunk in chunks:
        for position, piece in enumerate(items(get(chunk, "choices"))):
            choice = choices.setdefault(_index(piece, position), _Choice())
            choice.finish_reason = get(piece, "finish_reason") or choice.finish_reason
            choice.add(get(piece, "delta"))
    return [choices[index].whole() for index in sorted(choices)]


@dataclass(slots=True)
class _Function:
    index: int | None = None
    id: Any = None
    name: str = ""
    arguments: Any = ""
    kind: str = "function"

    def add(self, piece: Any) -> None:
        name, arguments = text(get(piece, "name")), get(piece, "arguments", "input")
        if name != self.name:
            self.name += name
        if not isinstance(arguments, str | None):
            self.arguments = arguments
        elif isinstance(self.arguments, str):
            self.arguments += arguments or ""

    def is_followed_by(self, index: int | None, call_id: Any, name: str) -> bool:
        """Tell whether a piece begins another call.

        Some servers give every call the index 0, or none; others tell a call's name, or a new
        id, in each of its pieces.
        """
        if not name:
            return False
        if call_id and self.id:
            return bool(call_id != self.id)
        return index is None or (bool(self.arguments) and name != self.name)

    def is_whole(self) -> bool:
        try:
            if isinstance(self.arguments, str):
                json.loads(self.arguments)
        except (ValueError, RecursionError):
            return False
        return True

    def whole(self) -> dict[str, Any]:
        return {"name": self.name, "arguments": self.arguments, "input": self.arguments}


class _Choice:
    def __init__(self) -> None:
        self.finish_reason: Any = None
        self._calls: list[_Function] = []
        self._older: _Function | None = None

    def add(self, delta: Any) -> None:
        for piece in items(get(delta, "tool_calls")):
            index, call_id = get(piece, "index"), get(piece, "id")
            function = get(piece, "function", "custom")
            same = [call for call in self._calls if index is None or index == call.index]
            if not same or same[-1].is_followed_by(index, call_id, text(get(function, "name"))):
                same = [_Function(index)]
                self._calls += same
            same[-1].id = same[-1].id or call_id
            if get(piece, "custom") is not None:
                same[-1].kind = "custom"
            same[-1].add(function)
        if (older := get(delta, "function_call")) is not None:
            self._older = self._older or _Function()
            self._older.add(older)

    def whole(self) -> dict[str, Any]:
        message: dict[str, Any] = {
            "tool_calls": [{"id": call.id, call.kind: call.whole()} for call in self._calls],
            "function_call": self._older.whole() if self._older else None,
        }
        last = self._calls[-1] if self._calls else self._older
        if last and not self.finish_reason and not last.is_whole():
            self.finish_reason = "length"
        return {"message": message, "finish_reason": self.finish_reason}


def responses(events: list[Any]) -> dict[str, Any]:
    """Return the `output` and `status` of a Responses stream."""
    output: dict[Any, Any] = {}
    begun: dict[Any, dict[str, Any]] = {}
    status = None
    for event in events:
        kind, key = text(get(event, "type")), _key(event)
        if kind in _ENDS:
            response = get(event, "response")
            status = get(response, "status") or kind.removeprefix("response.")
            if final := items(get(response, "output")):
                return {"output": final, "status": status}
        elif kind == "response.output_item.done":
            output[key] = get(event, "item")
        elif kind == "response.output_item.added":
            output[key] = begun[key] = _begun(get(event, "item"))
        elif kind == "response.function_call_arguments.delta" and key in begun:
            begun[key]["arguments"] += text(get(event, "delta"))
        elif kind == "response.function_call_arguments.done" and key in begun:
            begun[key]["arguments"] = text(get(event, "arguments"))
            begun[key]["status"] = "completed"
    return {"output": list(output.values()), "status": status}


def _key(event: Any) -> Any:
    item = text(get(event, "item_id")) or text(get(get(event, "item"), "id"))
    return _index(event, item, "output_index")


def _begun(item: Any) -> dict[str, Any]:
    known = {name: get(item, name) for name in ("type", "call_id", "name", "caller")}
    return {**known, "arguments": text(get(item, "arguments")), "status": "incomplete"}


def anthropic(events: list[Any]) -> dict[str, Any]:
    """Return the `content` and `stop_reason` of a Messages stream.

    Raises TypeError for the events of two messages.
    """
    blocks: dict[int, dict[str, Any]] = {}
    open_calls: set[int] = set()
    stop_reason = None
    kinds = [text(get(event, "type")) for event in events]
    if kinds.count("message_start") > 1:
        raise TypeError("these are the events of several messages: pass those of one at a time")
    for kind, event in zip(kinds, events, strict=True):
        index = _index(event, len(blocks))
        if kind == "content_block_start":
            block = get(event, "content_block")
            blocks[index] = {name: get(block, name) for name in ("type", "id", "name", "input")}
            if blocks[index]["type"] == "tool_use":
                open_calls.add(index)
        elif kind == "content_block_delta" and index in blocks:
            _add_json(blocks[index], text(get(get(event, "delta"), "partial_json")))
        elif kind == "content_block_stop":
            open_calls.discard(index)
        elif kind == "message_delta":
            stop_reason = get(get(event, "delta"), "stop_reason") or stop_reason
    content = [blocks[index] for index in sorted(blocks)]
    return {"content": content, "stop_reason": "max_tokens" if open_calls else stop_reason}


def _add_json(block: dict[str, Any], piece: str) -> None:
    if piece:
        before = block["input"]
        block["input"] = before + piece if isinstance(before, str) else piece


def gemini(chunks: list[Any]) -> list[Any]:
    """Return the candidates of a Gemini stream, whose calls come whole."""
    candidates: dict[int, dict[str, Any]] = {}
    for chunk in chunks:
        for position, piece in enumerate(items(get(chunk, "candidates"))):
            blank: dict[str, Any] = {"content": {"parts": []}, "finish_reason": None}
            candidate = candidates.setdefault(_index(piece, position), blank)
            reason = get(piece, "finish_reason", "finishReason")
            candidate["finish_reason"] = reason or candidate["finish_reason"]
            candidate["content"]["parts"] += items(get(get(piece, "content"), "parts"))
    return [candidates[index] for index in sorted(candidates)]


def _index(piece: Any, otherwise: _Default, name: str = "index") -> int | _Default:
    index = get(piece, name)
    return index if isinstance(index, int) else otherwise
