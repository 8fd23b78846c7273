"""Whatever holds a model's answer → its calls; each API's answers are known by their shape."""

from __future__ import annotations

from typing import Any

from cal_actions.tool_calls import anthropic, gemini, openai_chat, openai_responses, streams
from cal_actions.tool_calls.plain import get, has, items, text
from cal_actions.tool_calls.turn import Turn

_TAKEN = (
    "handle_tool_calls takes one answer of a model: of OpenAI's Chat Completions or Responses, of"
    " Anthropic's Messages or of Gemini, as the SDK's object, as a dict, its assistant message"
    " alone, or a list of all events of its stream"
)


def read(response: Any) -> Turn:
    """Find the calls in an answer; raises TypeError for anything else."""
    turn = _stream(response) if isinstance(response, list | tuple) else _answer(response)
    if turn is None:
        raise TypeError(f"{_TAKEN}; not {_described(response)}")
    return turn


def _answer(response: Any) -> Turn | None:
    if has(response, "choices"):
        choices = get(response, "choices")
        if any(get(choice, "delta") and not get(choice, "message") for choice in items(choices)):
            choices = streams.chat([response])
        return _of_list(openai_chat.turn, choices)
    if has(response, "candidates", "prompt_feedback", "promptFeedback"):
        return _of_list(gemini.turn, get(response, "candidates"))
    if has(response, "output"):
        return _of_list(openai_responses.turn, get(response, "output"), get(response, "status"))
    return _message(response)


def _message(message: Any) -> Turn | None:
    role = text(get(message, "role"))
    if role in ("", "model") and isinstance(get(message, "parts"), list | tuple):
        return gemini.of_content(message)
    if role not in ("", "assistant"):
        return None
    if get(message, "tool_calls", "function_call") is not None:
        return openai_chat.of_message(message)
    content = get(message, "content")
    if isinstance(content, list | tuple):
        if any(has(block, "toolUse") for block in content):
            return None  # as Bedrock writes calls
        return anthropic.turn(list(content), get(message, "stop_reason"))
    return openai_chat.of_message(message) if role else None


def _stream(found: list[Any] | tuple[Any, ...]) -> Turn | None:
    events = [get(event, "chunk") or event for event in found]  # as OpenAI's helpers wrap them
    kinds = {text(get(event, "type")) for event in events}
    if any(has(event, "choices") for event in events):
        choices = [choice for event in events for choice in items(get(event, "choices"))]
        if any(get(choice, "message") is not None for choice in choices):
            return None  # several answers, not several pieces of one
        return openai_chat.turn(streams.chat(events))
    if any(has(event, "candidates") for event in events):
        if len({text(get(event, "response_id", "responseId")) for event in events} - {""}) > 1:
            return None  # several answers, not several pieces of one
        return gemini.turn(streams.gemini(events))
    if any(kind.startswith("response.") for kind in kinds):
        response = streams.responses(events)
        return openai_responses.turn(response["output"], response["status"])
    if "message_start" in kinds or any(kind.startswith("content_block_") for kind in kinds):
        message = streams.anthropic(events)
        return anthropic.turn(message["content"], message["stop_reason"])
    if "tool_use" in kinds:
        return anthropic.turn(events)
    if kinds == {"function"}:
        return openai_chat.of_message({"tool_calls": events})
    if all(_is_output(event) for event in events):
        return openai_responses.turn(events)
    return None


def _is_output(item: Any) -> bool:
    """Tell whether this may stand in a response's output, and not in a conversation."""
    if text(get(item, "role")) not in ("", "assistant"):
        return False
    if any(anthropic.is_call(block) for block in items(get(item, "content"))):
        return False
    if text(get(item, "type")) == "tool_call" or has(item, "toolUse"):
        return False  # as LangChain and Bedrock write calls
    return bool(text(get(item, "type"))) or openai_responses.is_call(item)


def _of_list(turn: Any, found: Any, *rest: Any) -> Turn | None:
    if found is None:  # refused, or failed, before there was anything
        found = []
    return turn(list(found), *rest) if isinstance(found, list | tuple) else None


def _described(response: Any) -> str:
    if isinstance(response, list | tuple):
        return "a list of something else"
    return f"this {type(response).__name__}"
