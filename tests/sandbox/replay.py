"""Replays the recorded exchanges against a sandbox, in order, and compares the answers.

Compared are the status, the shape of the body (keys and types) and the message of an error. Ids
made on the way differ: where a recorded answer says X and the sandbox says Y, later requests say
Y too. Run as a program it prints what differs, of all operations or of those that match a text:

    python -m tests.sandbox.replay [--faults] [TEXT ...]
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cal_actions.sandbox import Sandbox

HERE = Path(__file__).parent
RECORDED = HERE.parent / "recorded" / "exchanges.jsonl"
GENERATED = re.compile(r"[A-Za-z0-9._-]{20,}")
NUMBERED = {
    "eventTypeId": "event-types",
    "userId": "users",
    "scheduleId": "schedules",
    "teamId": "teams",
    "membershipId": "memberships",
    "credentialId": "credentials",
}
CLOCK = {
    "364": "2026-11-23T02:30:00.000Z",
    "365": "2026-11-23T01:13:42.700Z",
    "648": "2026-11-23T01:13:53.000Z",
}
"""The moments that no answer tells: in 364 an access token has expired, in 648 a limit."""

UNRECORDED = {645: 119}
"""How often the request was sent before, without a record, to use up a limit of 120."""

Exchange = dict[str, Any]


@dataclass(frozen=True)
class Comparison:
    """One exchange: what was recorded and what the sandbox answered."""

    index: int
    exchange: Exchange
    ours: Any
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

    def follow(self, exchange: Exchange) -> None:
        body = exchange["response_body"]
        text = CLOCK.get(str(exchange["index"])) or (
            body.get("timestamp") if isinstance(body, dict) else None
        )
        if "sweep" in exchange["note"]:
            # Each was recorded with its limit untouched (119 of 120 left).
            self.moment += timedelta(minutes=2)
        elif text is not None:
            self.moment = datetime.fromisoformat(text)


@dataclass
class Names:
    """What the sandbox calls what the recorded server called otherwise."""

    texts: dict[str, str] = field(default_factory=dict)
    numbers: dict[tuple[str, str], str] = field(default_factory=dict)

    def learn(self, exchange: Exchange, ours: Any) -> None:
        recorded = exchange["response_body"]
        self._learn_texts(recorded, ours)
        if exchange["method"] == "POST":
            collection = exchange["op"].rpartition("/")[2]
            one, other = _new_id(recorded), _new_id(ours)
            if one is not None and other is not None:
                self.numbers[collection, str(one)] = str(other)

    def _learn_texts(self, recorded: Any, ours: Any) -> None:
        if isinstance(recorded, dict) and isinstance(ours, dict):
            for name in recorded.keys() & ours.keys():
                self._learn_texts(recorded[name], ours[name])
        elif isinstance(recorded, list) and isinstance(ours, list):
            for one, other in zip(recorded, ours, strict=False):
                self._learn_texts(one, other)
        elif _is_generated(recorded) and _is_generated(ours):
            self.texts.setdefault(recorded, ours)

    def in_text(self, text: str) -> str:
        return GENERATED.sub(lambda match: self.texts.get(match[0], match[0]), text)

    def in_target(self, target: str) -> str:
        for (collection, one), other in self.numbers.items():
            target = re.sub(rf"/{collection}/{one}(?=[/?]|$)", f"/{collection}/{other}", target)
            for name, place in NUMBERED.items():
                if place == collection:
                    target = re.sub(rf"([?&]{name}=){one}(?=&|$)", rf"\g<1>{other}", target)
        return self.in_text(target)

    def in_body(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self.in_body(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [self.in_body(item, name) for item in value]
        if isinstance(value, int) and name in NUMBERED:
            return int(self.numbers.get((NUMBERED[name], str(value)), value))
        return self.in_text(value) if isinstance(value, str) else value


def _is_generated(value: Any) -> bool:
    return isinstance(value, str) and GENERATED.fullmatch(value) is not None


def _new_id(body: Any) -> int | None:
    data = body.get("data") if isinstance(body, dict) else None
    if isinstance(data, dict) and "id" not in data and isinstance(data.get("user"), dict):
        data = data["user"]
    found = data.get("id") if isinstance(data, dict) else None
    return found if isinstance(found, int) else None


def world() -> dict[str, Any]:
    """The world the recording server was seeded with: a file for each kind of record."""
    kinds = {file.stem: json.loads(file.read_text()) for file in HERE.glob("replay_world/*.json")}
    return {"nextId": 1001, **kinds}


def recorded_exchanges() -> Iterator[Exchange]:
    with RECORDED.open() as lines:
        for index, line in enumerate(lines):
            yield json.loads(line) | {"index": index}


@dataclass(frozen=True)
class Replay:
    """All exchanges compared, and the world that they left behind."""

    comparisons: tuple[Comparison, ...]
    left: dict[str, Any]


@cache
def replayed(*, faults: bool = False) -> Replay:
    """Play all exchanges, with `faults` also the known faults of the recorded server."""
    clock, names = Clock(), Names()
    with Sandbox(now=clock, world=world(), server_faults=faults) as sandbox:
        compared = tuple(compare(sandbox, clock, one, names) for one in recorded_exchanges())
        return Replay(compared, sandbox.state())


def compare(sandbox: Sandbox, clock: Clock, exchange: Exchange, names: Names) -> Comparison:
    """Let the sandbox answer one exchange; what it calls differently goes into `names`."""
    clock.follow(exchange)
    request = (
        exchange["method"],
        names.in_target(exchange["url"]),
        {name: names.in_text(value) for name, value in exchange["request_headers"].items()},
        _bytes(names.in_body(exchange["request_body"])),
    )
    for _ in range(UNRECORDED.get(exchange["index"], 0)):
        sandbox.handle(*request)
    reply = sandbox.handle(*request)
    recorded, ours = exchange["response_body"], _read(reply.body)
    if exchange["status"] < 300 and reply.status < 300:
        names.learn(exchange, ours)
    return Comparison(
        exchange["index"],
        exchange,
        ours,
        (exchange["status"], reply.status),
        (_shape(recorded), _shape(ours)),
        (names.in_target(_message(recorded)), _message(ours)),
    )


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    return (body if isinstance(body, str) else json.dumps(body)).encode()


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except json.JSONDecodeError:
        return body.decode()


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


def summary(compared: tuple[Comparison, ...]) -> str:
    """For example "612/649 statuses, 598/649 shapes, 605/649 messages"."""
    total = len(compared)
    counts = {
        name: sum(name not in one.differs_in for one in compared)
        for name in ("status", "shape", "message")
    }
    return (
        f"{counts['status']}/{total} statuses, {counts['shape']}/{total} shapes, "
        f"{counts['message']}/{total} messages"
    )


def main() -> None:
    texts = [one for one in sys.argv[1:] if one != "--faults"]
    compared = replayed(faults="--faults" in sys.argv).comparisons
    asked = tuple(
        one for one in compared if not texts or any(text in one.exchange["op"] for text in texts)
    )
    for one in asked:
        if one.differs_in:
            print(f"#{one.index} {one.exchange['op']}: {', '.join(one.differs_in)}")
            print(f"    request  {one.exchange['url']} {json.dumps(one.exchange['request_body'])}")
            print(
                f"    recorded {one.status[0]} {json.dumps(one.exchange['response_body'])[:1500]}"
            )
            print(f"    ours     {one.status[1]} {json.dumps(one.ours)[:1500]}")
    print(summary(asked))


if __name__ == "__main__":
    main()
