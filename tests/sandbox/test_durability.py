"""What was answered is kept: killed processes, shared files, thousands of bookings."""

import json
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cal_actions.sandbox import Sandbox
from tests.sandbox.conftest import Caller

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
BOOKER = """
import itertools, json, sys
from datetime import UTC, datetime, timedelta
from cal_actions.sandbox import Sandbox

first_day = datetime(2026, 12, 1, 9, tzinfo=UTC) + timedelta(days=365 * int(sys.argv[2]))
with Sandbox(sys.argv[1], now=datetime(2026, 11, 23, 8, tzinfo=UTC)) as sandbox:
    headers = {
        "Authorization": f"Bearer {sandbox.api_key}",
        "Content-Type": "application/json",
        "cal-api-version": "2024-08-13",
    }
    ann = {"name": "Ann", "email": "ann@example.com", "timeZone": "UTC"}
    for day, half_hour in itertools.product(range(365), range(16)):
        start = first_day + timedelta(days=day, minutes=30 * half_hour)
        body = {"start": start.isoformat(), "eventTypeId": 1, "attendee": ann}
        reply = sandbox.handle("POST", "/v2/bookings", headers, json.dumps(body).encode())
        assert reply.status in (201, 400), reply
        if reply.status == 201:
            print(json.loads(reply.body)["data"]["uid"], flush=True)
"""


KILLED_HALFWAY = """
import os, signal, sqlite3
connect = sqlite3.connect

def watched(*args, **options):
    def die(sql):
        if sql.startswith("INSERT INTO attendees"):
            os.kill(os.getpid(), signal.SIGKILL)

    connection = connect(*args, **options)
    connection.set_trace_callback(die)
    return connection

sqlite3.connect = watched
"""


def booker(file: Path, year: int) -> "subprocess.Popen[str]":
    """A process that books every free half hour of a year, telling each uid once answered."""
    command = [sys.executable, "-c", BOOKER, str(file), str(year)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def killed_after(process: "subprocess.Popen[str]", answers: int) -> list[str]:
    """The uids that a process told before it was killed, `answers` or a few more."""
    assert process.stdout is not None
    told = [process.stdout.readline().strip() for _ in range(answers)]
    process.send_signal(signal.SIGKILL)
    told += process.stdout.read().split("\n")[:-1]
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    return [uid for uid in told if uid]


@pytest.mark.parametrize("answers", [1, 2, 7, 20, 55])
def test_a_killed_process_loses_nothing_that_was_answered(tmp_path: Path, answers: int) -> None:
    told = killed_after(booker(tmp_path / "cal.db", 0), answers)
    with Sandbox(tmp_path / "cal.db", now=NOW) as sandbox:
        kept = {booking["uid"] for booking in sandbox.state()["bookings"]}
    assert len(told) >= answers
    assert set(told) <= kept


def test_a_killed_process_leaves_a_file_that_can_be_written(tmp_path: Path) -> None:
    killed_after(booker(tmp_path / "cal.db", 0), 10)
    with Sandbox(tmp_path / "cal.db", now=NOW) as sandbox:
        assert Caller(sandbox)("PATCH", "/v2/me", {"name": "Still here"}).status == 200


def test_a_process_killed_between_two_writes_leaves_no_half_booking(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED_HALFWAY + BOOKER, str(tmp_path / "cal.db"), "0"]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    with Sandbox(tmp_path / "cal.db", now=NOW) as sandbox:
        assert sandbox.state()["bookings"] == []


def test_two_processes_book_into_one_file_and_lose_nothing(tmp_path: Path) -> None:
    Sandbox(tmp_path / "cal.db", now=NOW).close()
    processes = [booker(tmp_path / "cal.db", year) for year in (0, 1)]
    told = {uid for process in processes for uid in killed_after(process, 30)}
    with Sandbox(tmp_path / "cal.db", now=NOW) as sandbox:
        kept = {booking["uid"] for booking in sandbox.state()["bookings"]}
    assert len(told) >= 60
    assert told <= kept


def test_two_processes_never_book_one_slot_twice(tmp_path: Path) -> None:
    Sandbox(tmp_path / "cal.db", now=NOW).close()
    for process in [booker(tmp_path / "cal.db", 0) for _ in range(2)]:
        killed_after(process, 10)
    with Sandbox(tmp_path / "cal.db", now=NOW) as sandbox:
        starts = [booking["start"] for booking in sandbox.state()["bookings"]]
    assert len(starts) == len(set(starts))


def test_a_slot_is_never_booked_twice_whenever_the_other_gets_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {
        "start": "2026-12-01T09:00:00Z",
        "eventTypeId": 1,
        "attendee": {"name": "Bo", "email": "bo@example.com", "timeZone": "UTC"},
    }
    statuses = []

    def book(sandbox: Sandbox) -> None:
        told = Caller(sandbox)("POST", "/v2/bookings", body, version="2024-08-13")
        statuses.append(told.status)

    class Watched(sqlite3.Connection):
        """Lets the other book as soon as this one lets go of the file."""

        def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
            done = super().execute(sql, parameters)
            if sql == "COMMIT" and waiting:
                book(waiting.pop())
            return done

    waiting: list[Sandbox] = []
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Watched))
        one = Sandbox(tmp_path / "cal.db", now=NOW)
    with one, Sandbox(tmp_path / "cal.db", now=NOW) as other:
        waiting.append(other)
        book(one)
    assert sorted(statuses) == [201, 400]


def ten_thousand() -> list[dict[str, object]]:
    """Sam's bookings: every hour's first half, from nine to five, since January 2023."""
    hours = (
        f"{year}-{month:02}-{day:02}T{hour:02}"
        for year in range(2023, 2027)
        for month in range(1, 13)
        for day in range(1, 29)
        for hour in range(9, 17)
    )
    return [
        {
            "uid": f"booking{number}",
            "hostId": 1,
            "eventTypeId": 1,
            "title": "Busy",
            "start": f"{when}:00:00.000Z",
            "end": f"{when}:30:00.000Z",
            "attendees": [{"name": "Ann", "email": "ann@example.com", "timeZone": "UTC"}],
        }
        for number, when in enumerate(hours)
    ]


@pytest.fixture(scope="module")
def full_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from cal_actions.sandbox.seed import BUILT_IN

    file = tmp_path_factory.mktemp("full") / "cal.db"
    Sandbox(file, now=NOW, world={**BUILT_IN, "bookings": ten_thousand()}).close()
    return file


def test_more_than_ten_thousand_bookings_are_counted_in_a_file(full_file: Path) -> None:
    with Sandbox(full_file, now=NOW) as sandbox:
        told = Caller(sandbox)("GET", "/v2/bookings?take=1", version="2024-08-13")
    assert told.body["pagination"]["totalItems"] == len(ten_thousand()) > 10_000


def test_the_last_of_ten_thousand_bookings_is_on_the_last_page(full_file: Path) -> None:
    with Sandbox(full_file, now=NOW) as sandbox:
        skip = len(ten_thousand()) - 1
        told = Caller(sandbox)("GET", f"/v2/bookings?skip={skip}", version="2024-08-13")
    assert [one["start"] for one in told.data] == ["2026-12-28T16:00:00.000Z"]
    assert told.body["pagination"]["hasNextPage"] is False


def test_ten_thousand_bookings_leave_exactly_the_free_slots(full_file: Path) -> None:
    target = "/v2/slots?eventTypeId=1&start=2026-12-01&end=2026-12-31"
    with Sandbox(full_file, now=NOW) as sandbox:
        days = Caller(sandbox)("GET", target, version="2024-09-04").data
    assert {slot["start"][14:16] for slot in days["2026-12-01"]} == {"30"}
    assert len(days["2026-12-31"]) == 16


def test_a_taken_slot_among_ten_thousand_is_refused(full_file: Path) -> None:
    body = {
        "start": "2026-12-01T09:00:00Z",
        "eventTypeId": 1,
        "attendee": {"name": "Bo", "email": "bo@example.com", "timeZone": "UTC"},
    }
    with Sandbox(full_file, now=NOW) as sandbox:
        told = Caller(sandbox)("POST", "/v2/bookings", body, version="2024-08-13")
    assert told.status == 400
    assert json.dumps(told.body).count("User either already has booking at this time") >= 1
