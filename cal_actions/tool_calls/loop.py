"""Run the calls of a turn: one after the other, or reads at once and writes alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from cal_actions.envelope import Envelope
from cal_actions.errors import ActionError, ConnectorClosed
from cal_actions.tool_calls.arguments import params_of, refused
from cal_actions.tool_calls.read import read
from cal_actions.tool_calls.turn import Call, Reason, ToolCall, ToolMessages, ToolResult, Turn

if TYPE_CHECKING:
    from cal_actions.spec import ActionSpec

_OURS = "CAL_"  # with which every slug begins


def run(response: Any, execute: Callable[[str, dict[str, Any]], Envelope]) -> ToolMessages:
    """Run the calls in a model's answer in their order, and return what to append.

    Raises TypeError for what is no answer of a model.
    """
    turn = read(response)
    steps, unhandled = _planned(turn)
    done = []
    for step in steps:
        try:
            done.append(step.refusal or execute(step.call.name, step.params or {}))
        except ConnectorClosed:
            done.append(_not_sent(step))
    return _written(turn, steps, done, unhandled)


async def arun(
    response: Any,
    execute: Callable[[str, dict[str, Any]], Awaitable[Envelope]],
    actions: Mapping[str, ActionSpec],
) -> ToolMessages:
    """As `run`, with reads that follow one another at once.

    `actions` says what is a read. Anything else waits for the calls before it, and the calls
    after it wait for it, so that the results are those of one after the other.
    """
    turn = read(response)
    steps, unhandled = _planned(turn)
    done: list[Envelope] = []
    for batch in _batches(steps, actions):
        done += await _together(batch, execute)
    return _written(turn, steps, done, unhandled)


@dataclass(frozen=True, slots=True)
class _Step:
    call: Call
    params: dict[str, Any] | None
    refusal: Envelope | None


def _planned(turn: Turn) -> tuple[list[_Step], list[ToolCall]]:
    # Choices are alternatives of one answer: running all would do everything twice.
    calling = [calls for calls in turn.choices if calls]
    taken, *others = calling or [[]]
    ours = [call for call in taken if _is_ours(call)]
    unhandled = [
        _unhandled(call, "not one of these actions") for call in taken if not _is_ours(call)
    ]
    unhandled += [_unhandled(call, "another choice") for calls in others for call in calls]
    return list(_steps(ours)), unhandled


def _is_ours(call: Call) -> bool:
    # A mistaken slug is meant for us too: the answer names the closest ones.
    return not call.foreign and call.name.startswith(_OURS)


def _steps(calls: list[Call]) -> Iterator[_Step]:
    first: dict[str, _Step] = {}
    for call in calls:
        step = _step(call)
        if call.id is None or call.id not in first:
            if call.id is not None:
                first[call.id] = step
            yield step
        elif (call.name, step.params) != (first[call.id].call.name, first[call.id].params):
            problem = refused(call.name, "its id is that of another call; send it again, alone")
            yield _Step(call, step.params, Envelope.failure(problem))


def _step(call: Call) -> _Step:
    params: dict[str, Any] | None = None
    refusal: Envelope | None = None
    try:
        params = params_of(call.name, call.arguments)
    except ActionError as problem:
        refusal = Envelope.failure(problem)
    if call.cut:
        message = "the call was cut off before its end; send it again, complete"
        refusal = Envelope.failure(refused(call.name, message))
    return _Step(call, params, refusal)


def _unhandled(call: Call, reason: Reason) -> ToolCall:
    return ToolCall(call.id, call.name, _step(call).params, reason)


def _batches(steps: list[_Step], actions: Mapping[str, ActionSpec]) -> Iterator[list[_Step]]:
    def may_overlap(step: _Step) -> bool:
        if step.refusal is not None:
            return True
        return step.call.name in actions and actions[step.call.name].effect == "read"

    for overlapping, group in groupby(steps, may_overlap):
        if overlapping:
            yield list(group)
        else:
            yield from ([step] for step in group)


async def _together(
    steps: list[_Step], execute: Callable[[str, dict[str, Any]], Awaitable[Envelope]]
) -> list[Envelope]:
    import asyncio  # which a sync connector has no use for

    async def done(step: _Step) -> Envelope:
        try:
            return step.refusal or await execute(step.call.name, step.params or {})
        except ConnectorClosed:
            return _not_sent(step)

    if len(steps) == 1:
        return [await done(steps[0])]
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(done(step)) for step in steps]
    except BaseExceptionGroup as raised:  # what one call raises is told as itself
        raise raised.exceptions[0] from None
    return [task.result() for task in tasks]


def _not_sent(step: _Step) -> Envelope:
    """Answer a call that came after `close()`: what was done before it must still be told."""
    message = f"{step.call.name} was not sent: the connector was closed meanwhile."
    return Envelope.failure(ActionError("refused", message))


def _written(
    turn: Turn, steps: list[_Step], done: list[Envelope], unhandled: list[ToolCall]
) -> ToolMessages:
    results = [
        ToolResult(step.call.id, step.call.name, step.params, envelope)
        for step, envelope in zip(steps, done, strict=True)
    ]
    calls = [step.call for step in steps]
    return ToolMessages(turn.write(results, calls) if results else (), results, unhandled)
