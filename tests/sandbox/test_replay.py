"""Replays the recorded exchanges that the sandbox plays, in order, and compares the answers.

Compared are the status, the shape of the body (keys and types) and the message of an error. Ids
made on the way differ: where a recorded answer says X and the sandbox says Y, later requests say
Y too. `replay_differences.json` names the exchanges that may differ, each group with its reason.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cal_actions.sandbox import Sandbox

HERE = Path(__file__).parent
RECORDED = HERE.parent / "recorded" / "exchanges.jsonl"
GENERATED = re.compile(r"[A-Za-z0-9-]{20,}")

Exchange = dict[str, Any]


@dataclass(frozen=True)
class Comparison:
    """One exchange: what was recorded and what the sandbox answered."""

    index: int
    status: tuple[int, int]
    shape: tuple[Any, Any]
    message: tuple[Any, Any]

    @property
    def differs_in(self) -> list[str]:
        pairs = {"status": self.status, "shape": self.shape, "message": self.message}
        return [name for name, (recorded, ours) in pairs.items() if recorded != ours]


class Clock:
    """Stands where the recording stands: at the last moment a recorded answer told."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 1, 13, 21, 944000, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def follow(self, exchange: Exchange, told: dict[str, str]) -> None:
        body = exchange["response_body"]
        text = told.get(str(exchange["index"])) or (
            body.get("timestamp") if isinstance(body, dict) else None
        )
        if text is not None:
            self.moment = datetime.fromisoformat(text)


@cache
def replay_data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads((HERE / "replay_differences.json").read_text())
    return data


@cache
def comparisons() -> tuple[Comparison, ...]:
    clock, renamed = Clock(), dict[str, str]()
    world = json.loads((HERE / "replay_world.json").read_text())
    with Sandbox(now=clock, world=world) as sandbox:
        return tuple(_compare(sandbox, clock, one, renamed) for one in played_exchanges())


def recorded_exchanges() -> Iterator[Exchange]:
    with RECORDED.open() as lines:
        for index, line in enumerate(lines):
            yield json.loads(line) | {"index": index}


def played_exchanges() -> Iterator[Exchange]:
    operations = set(replay_data()["operations"])
    return (one for one in recorded_exchanges() if one["op"] in operations)


def _compare(
    sandbox: Sandbox, clock: Clock, exchange: Exchange, renamed: dict[str, str]
) -> Comparison:
    clock.follow(exchange, replay_data()["clock"])
    reply = sandbox.handle(
        exchange["method"],
        _renamed(exchange["url"], renamed),
        exchange["request_headers"],
        _renamed(_body(exchange["request_body"]), renamed).encode(),
    )
    recorded, ours = exchange["response_body"], json.loads(reply.body)
    if exchange["status"] < 300 and reply.status < 300:
        _learn(recorded, ours, renamed)
    return Comparison(
        exchange["index"],
        (exchange["status"], reply.status),
        (_shape(recorded), _shape(ours)),
        (_renamed(_message(recorded), renamed), _message(ours)),
    )


def _body(body: Any) -> str:
    if body is None:
        return ""
    return body if isinstance(body, str) else json.dumps(body)


def _renamed(text: str, renamed: dict[str, str]) -> str:
    return GENERATED.sub(lambda match: renamed.get(match[0], match[0]), text)


def _learn(recorded: Any, ours: Any, renamed: dict[str, str]) -> None:
    if isinstance(recorded, dict) and isinstance(ours, dict):
        for name in recorded.keys() & ours.keys():
            _learn(recorded[name], ours[name], renamed)
    elif isinstance(recorded, list) and isinstance(ours, list):
        for one, other in zip(recorded, ours, strict=False):
            _learn(one, other, renamed)
    elif (
        isinstance(recorded, str)
        and isinstance(ours, str)
        and GENERATED.fullmatch(recorded)
        and GENERATED.fullmatch(ours)
    ):
        renamed.setdefault(recorded, ours)


def _shape(value: Any) -> Any:
    """Keys and types; a list is the set of the shapes in it."""
    if isinstance(value, dict):
        return {name: _shape(item) for name, item in sorted(value.items())}
    if isinstance(value, list):
        shapes = {json.dumps(_shape(item)): _shape(item) for item in value}
        return [shapes[text] for text in sorted(shapes)]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number"
    return type(value).__name__


def _message(body: Any) -> str:
    """The message of an error, with the constraints of every wrong field."""
    if not isinstance(body, dict):
        return ""
    error = body.get("error")
    if not isinstance(error, dict):
        return str(body.get("message", ""))
    details = error.get("details")
    errors = details.get("errors", []) if isinstance(details, dict) else []
    return str([error["code"], error["message"], *_constraints(errors)])


def _constraints(errors: list[dict[str, Any]]) -> Iterator[Any]:
    for error in errors:
        yield error["property"], error.get("constraints")
        yield from _constraints(error["children"])


def _known_differences() -> set[int]:
    groups = replay_data()["differences"]
    return {index for group in groups for index in group["exchanges"]}


def test_every_played_exchange_answers_as_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    compared = comparisons()
    counts = {
        name: sum(name not in one.differs_in for one in compared)
        for name in ("status", "shape", "message")
    }
    total = len(compared)
    with capsys.disabled():
        print(
            f"\n{counts['status']}/{total} statuses, {counts['shape']}/{total} shapes, "
            f"{counts['message']}/{total} messages"
        )
    differing = {one.index: one.differs_in for one in compared if one.differs_in}
    surprising = {index: differing[index] for index in differing.keys() - _known_differences()}
    assert surprising == {}


def test_every_known_difference_still_differs() -> None:
    differing = {one.index for one in comparisons() if one.differs_in}
    assert _known_differences() - differing == set()


def test_every_known_difference_has_a_reason() -> None:
    assert all(group["reason"] for group in replay_data()["differences"])


def test_every_operation_refuses_missing_credentials_as_recorded() -> None:
    refused = [
        one
        for one in recorded_exchanges()
        if "no-credentials" in one["note"] and one["status"] in (401, 403)
    ]
    clock, renamed = Clock(), dict[str, str]()
    with Sandbox(now=clock) as sandbox:
        compared = [_compare(sandbox, clock, one, renamed) for one in refused]
    assert len(compared) > 100
    assert {one.index: one.differs_in for one in compared if one.differs_in} == {}
