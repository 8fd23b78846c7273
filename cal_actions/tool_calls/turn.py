"""What one answer of a model asks for, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from cal_actions.envelope import Envelope

Reason = Literal["not one of these actions", "another choice"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that was left alone, with the `reason`.

    "not one of these actions" is for you to run and answer; "another choice" belongs to an
    alternative of the answer that was not taken. `params` is None where the arguments are no
    JSON object.
    """

    id: str | None
    name: str
    params: dict[str, Any] | None = field(repr=False)
    reason: Reason


@dataclass(frozen=True, slots=True)
class ToolResult:
    """A call that was answered: with what its action answered, or why it was not run.

    `params` is None where the arguments are no JSON object. `id` is the provider's; a call
    that came without one has `call_<position>`, or None where its API needs none.
    """

    id: str | None
    slug: str
    params: dict[str, Any] | None = field(repr=False)
    envelope: Envelope


class ToolMessages(list[Any]):
    """The messages to append to the conversation, after the model's own.

    `results` has what was answered, in the order of the calls, and `unhandled` the calls that
    were left alone. Empty where nothing was to be answered. Each message is a dict, typed
    loosely: every SDK has a type of its own for it.
    """

    def __init__(
        self,
        messages: Iterable[dict[str, Any]] = (),
        results: Iterable[ToolResult] = (),
        unhandled: Iterable[ToolCall] = (),
    ) -> None:
        super().__init__(messages)
        self.results = tuple(results)
        self.unhandled = tuple(unhandled)


@dataclass(frozen=True, slots=True)
class Call:
    """A call as the model made it.

    `cut`: its end may be missing. `foreign`: it cannot be ours, whatever its name is. `echo`
    goes back with the answer.
    """

    id: str | None
    name: str
    arguments: Any
    cut: bool = False
    foreign: bool = False
    echo: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """The calls of an answer, by choice, and how its API wants results written."""

    choices: list[list[Call]]
    write: Callable[[list[ToolResult], list[Call]], list[dict[str, Any]]]


def cut_last(calls: list[Call]) -> list[Call]:
    """Mark the last call, whose end may be missing where an answer was cut off."""
    return [*calls[:-1], *(replace(call, cut=True) for call in calls[-1:])]
