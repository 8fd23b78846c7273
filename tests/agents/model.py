"""What a scripted model says and reads, whichever API it speaks through."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from jsonschema import Draft202012Validator


@dataclass(frozen=True)
class Call:
    """One tool call; `arguments` that are text go out as they stand, however broken.

    `mistaken` says that the model errs on purpose: it may name a tool that it was not offered,
    or send what the tool's schema forbids.
    """

    name: str
    arguments: dict[str, Any] | str = field(default_factory=dict)
    mistaken: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Result:
    """What the model is told of one call: `content` as it reads it.

    `failed` is what the API itself says of success, None where it says nothing.
    """

    content: Any
    failed: bool | None = None

    @property
    def data(self) -> Any:
        """What an action that succeeded answered."""
        assert not self.failed, self.content
        assert self.content["successful"], self.content
        return self.content["data"]

    @property
    def error(self) -> str:
        """What an action that failed said; the only thing that a repair may go by."""
        assert self.failed is not False, self.content
        assert not self.content["successful"], self.content
        error: str = self.content["error"]
        return error


Script = Callable[[], Generator[list[Call], list[Result] | None, str]]
"""A model: it yields the calls of a turn, is sent their results, and returns its last words."""


@dataclass(frozen=True)
class Conversation:
    """What a request tells: the tools on offer, and each turn's calls with their results."""

    tools: dict[str, dict[str, Any]]
    rounds: list[tuple[list[Call], list[Result]]]


class ScriptFault(AssertionError):
    """The script and the conversation do not fit together: the fault is not in the request."""


class Refused(Exception):
    """The API would answer 400; `param` and `code` are OpenAI's."""

    def __init__(self, message: str, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.param = param
        self.code = code


def next_turn(script: Script, conversation: Conversation) -> list[Call] | str:
    """Play the script again up to where the conversation is, and say what comes now.

    A model keeps nothing between requests; neither does this one. What it reads are the results
    as the request carries them.
    """
    thread = script()
    turn = _sent(thread, None)
    for number, (calls, results) in enumerate(conversation.rounds):
        if isinstance(turn, str):
            raise ScriptFault("the conversation goes on after the last words")
        if _told(calls) != _told(turn):
            raise ScriptFault(f"turn {number} was {turn}, but the request says {calls}")
        turn = _sent(thread, results)
    for call in turn:
        if isinstance(call, Call) and not call.mistaken:
            _check_offered(call, conversation)
    return turn


def _sent(
    thread: Generator[list[Call], list[Result] | None, str], results: list[Result] | None
) -> list[Call] | str:
    try:
        return thread.send(results)
    except StopIteration as end:
        return str(end.value)


def _told(calls: list[Call]) -> list[tuple[str, Any]]:
    return [(call.name, _read(call.arguments)) for call in calls]


def _read(arguments: Any) -> Any:
    return parsed(arguments) if isinstance(arguments, str) else arguments


def _check_offered(call: Call, conversation: Conversation) -> None:
    schema = conversation.tools.get(call.name)
    if schema is None:
        raise ScriptFault(f"{call.name} is called, but was not offered")
    for fault in Draft202012Validator(schema).iter_errors(call.arguments):
        raise ScriptFault(f"{call.name} is offered with another schema: {fault.message}")


def parsed(text: str) -> Any:
    """Read text as JSON, or leave it text where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text
