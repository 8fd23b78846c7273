"""Requests of a sandbox that holds 10,000 bookings in a file ÷ the same where there are none."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from measure import Cost, Line, calls, median, ratio, rounds

from cal_actions.sandbox import Sandbox
from cal_actions.sandbox.seed import BUILT_IN

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
BOOKINGS = 10_000
SLOTS = "/v2/slots?eventTypeId=1&start=2026-12-01&end=2026-12-31"


def lines() -> Iterator[Line]:
    """Measure a month of slots and a new booking, each beside the same without other bookings."""
    with ExitStack() as stack:
        full, empty = (_sandbox(stack, number) for number in (BOOKINGS, 0))
        yield _line("a month of slots", *(calls(_slots(each), 10) for each in (full, empty)))
        yield _line("a new booking", *(calls(_booker(each), 10) for each in (full, empty)))


def _sandbox(stack: ExitStack, bookings: int) -> Sandbox:
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    world = {**BUILT_IN, "bookings": _bookings(bookings)}
    return stack.enter_context(Sandbox(Path(folder) / "cal.db", now=NOW, world=world))


def _line(name: str, among_many: Callable[[], Cost], alone: Callable[[], Cost]) -> Line:
    costs, floor = rounds(9, among_many, alone)
    note = f"wall; {1000 * median(costs, 'wall'):.2f} / {1000 * median(floor, 'wall'):.2f} ms"
    full_name = f"{name} among {BOOKINGS:,} in a file / among none"
    return Line(full_name, ratio(costs, floor, "wall"), 4.0, note)


def _slots(sandbox: Sandbox) -> Callable[[], None]:
    return lambda: _asked(sandbox, "GET", SLOTS, "2024-09-04")


def _asked(
    sandbox: Sandbox, method: str, target: str, version: str, body: dict[str, Any] | None = None
) -> None:
    headers = {
        "Authorization": f"Bearer {sandbox.api_key}",
        "Content-Type": "application/json",
        "cal-api-version": version,
    }
    sent = b"" if body is None else json.dumps(body).encode()
    reply = sandbox.handle(method, target, headers, sent)
    assert reply.status in (200, 201), reply


def _booker(sandbox: Sandbox) -> Callable[[], None]:
    starts = (
        datetime(2027, 1, 4, 9, tzinfo=UTC) + timedelta(weeks=week, days=day, minutes=30 * half)
        for week in range(52)
        for day in range(5)
        for half in range(16)
    )
    ann = {"name": "Ann", "email": "ann@example.com", "timeZone": "UTC"}

    def book() -> None:
        body = {"start": next(starts).isoformat(), "eventTypeId": 1, "attendee": ann}
        _asked(sandbox, "POST", "/v2/bookings", "2024-08-13", body)

    return book


def _bookings(count: int) -> list[dict[str, Any]]:
    first = datetime(2023, 7, 1, 9, tzinfo=UTC)
    starts = (first + timedelta(days=number // 8, hours=number % 8) for number in range(count))
    return [
        {
            "uid": f"booking{number}",
            "hostId": 1,
            "eventTypeId": 1,
            "title": "Busy",
            "start": f"{start:%Y-%m-%dT%H:%M}:00.000Z",
            "end": f"{start + timedelta(minutes=30):%Y-%m-%dT%H:%M}:00.000Z",
            "attendees": [{"name": "Ann", "email": "ann@example.com", "timeZone": "UTC"}],
        }
        for number, start in enumerate(starts)
    ]
