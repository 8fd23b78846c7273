"""A month of slots among 10,000 bookings in a file ÷ the smallest request of the same sandbox."""

import json
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from measure import Line, calls, median, ratio, rounds

from cal_actions.sandbox import Sandbox
from cal_actions.sandbox.seed import BUILT_IN

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
BOOKINGS = 10_000
SLOTS = "/v2/slots?eventTypeId=1&start=2026-12-01&end=2026-12-31"


def lines() -> Iterator[Line]:
    """Measure a month of slots and a new booking, interleaved with GET /v2/me."""
    with tempfile.TemporaryDirectory() as folder:
        world = {**BUILT_IN, "bookings": _bookings()}
        with Sandbox(Path(folder) / "cal.db", now=NOW, world=world) as sandbox:
            me = calls(lambda: _asked(sandbox, "GET", "/v2/me", "2024-06-14"), 50)
            slots = calls(lambda: _asked(sandbox, "GET", SLOTS, "2024-09-04"), 10)
            costs, floor = rounds(9, slots, me)
            yield _line("a month of slots among 10,000 bookings", costs, floor, 40.0)
            booking = calls(_booker(sandbox), 10)
            costs, floor = rounds(9, booking, me)
            yield _line("a new booking among 10,000, on disk", costs, floor, 40.0)


def _line(name: str, costs: list[Any], floor: list[Any], bound: float) -> Line:
    milliseconds = 1000 * median(costs, "wall"), 1000 * median(floor, "wall")
    note = "wall; {:.2f} ms / {:.2f} ms".format(*milliseconds)
    return Line(f"{name} / GET /v2/me", ratio(costs, floor, "wall"), bound, note)


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


def _bookings() -> list[dict[str, Any]]:
    first = datetime(2023, 7, 1, 9, tzinfo=UTC)
    starts = (first + timedelta(days=number // 8, hours=number % 8) for number in range(BOOKINGS))
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
