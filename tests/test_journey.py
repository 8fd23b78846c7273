"""A booking's whole life in the sandbox: through both connectors, in the process and over HTTP."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cal_actions import AsyncConnector, Connector, Envelope
from cal_actions.sandbox import Sandbox, store
from cal_actions.sandbox.server import running_server

ANA = {"name": "Ana", "email": "ana@example.com", "timeZone": "Europe/Madrid"}
NEW = {"eventTypeId": 1, "start": "2030-01-07T10:00:00Z", "attendee": ANA}
REQUEST = {"eventTypeId": 3, "start": "2030-01-07T13:00:00Z", "attendee": ANA}
DAY = {"eventTypeId": 1, "startTime": "2030-01-07", "endTime": "2030-01-07"}

Act = Callable[[str, dict[str, Any]], Any]


@pytest.fixture
def act() -> Iterator[Act]:
    with Connector.sandbox() as cal:
        yield lambda slug, params: cal.execute(slug, params).raise_for_error().data


def starts(slots: dict[str, list[dict[str, str]]]) -> list[str]:
    return [slot["start"][11:16] for day in slots.values() for slot in day]


def test_a_booked_slot_is_offered_no_more(act: Act) -> None:
    act("CAL_POST_NEW_BOOKING_REQUEST", NEW)
    assert "10:00" not in starts(act("CAL_GET_AVAILABLE_SLOTS_INFO", DAY))


def test_a_booking_is_listed(act: Act) -> None:
    booked = act("CAL_POST_NEW_BOOKING_REQUEST", NEW)
    listed = act("CAL_FETCH_ALL_BOOKINGS", {"status": ["upcoming"]})
    assert [item["uid"] for item in listed["items"]] == [booked["uid"]]
    assert listed["pagination"]["totalItems"] == 1


def test_a_rescheduled_booking_has_a_new_uid_and_time(act: Act) -> None:
    booked = act("CAL_POST_NEW_BOOKING_REQUEST", NEW)
    moved = act(
        "CAL_RESCHEDULE_BOOKING_BY_UID",
        {"bookingUid": booked["uid"], "start": "2030-01-08T10:00:00Z"},
    )
    assert moved["uid"] != booked["uid"]
    assert moved["start"] == "2030-01-08T10:00:00.000Z"


def test_a_cancelled_booking_frees_its_slot(act: Act) -> None:
    booked = act("CAL_POST_NEW_BOOKING_REQUEST", NEW)
    act("CAL_CANCEL_BOOKING_VIA_UID", {"bookingUid": booked["uid"], "cancellationReason": "ill"})
    assert "10:00" in starts(act("CAL_GET_AVAILABLE_SLOTS_INFO", DAY))


def test_a_pending_booking_is_confirmed(act: Act) -> None:
    pending = act("CAL_POST_NEW_BOOKING_REQUEST", REQUEST)
    assert pending["status"] == "pending"
    confirmed = act("CAL_CONFIRM_BOOKING_BY_UID", {"bookingUid": pending["uid"]})
    assert confirmed["status"] == "accepted"


def test_a_pending_booking_is_declined(act: Act) -> None:
    pending = act("CAL_POST_NEW_BOOKING_REQUEST", REQUEST)
    declined = act(
        "CAL_DECLINE_BOOKING_WITH_REASON", {"bookingUid": pending["uid"], "reason": "away"}
    )
    assert declined["status"] == "rejected"


def test_a_second_booking_of_a_slot_is_refused_with_the_reason() -> None:
    with Connector.sandbox() as cal:
        cal.execute("CAL_POST_NEW_BOOKING_REQUEST", NEW).raise_for_error()
        second = cal.execute("CAL_POST_NEW_BOOKING_REQUEST", NEW)
    assert second.data["code"] == "rejected"
    assert "already has booking at this time or is not available" in (second.error or "")


def test_a_webhook_is_made_changed_and_deleted(act: Act) -> None:
    hook = act(
        "CAL_POST_WEBHOOK_EVENT",
        {
            "active": True,
            "triggers": "BOOKING_CREATED",
            "subscriberUrl": "https://app.example/hook",
        },
    )
    changed = act(
        "CAL_UPDATE_WEBHOOK_BY_ID",
        {"webhookId": hook["id"], "triggers": ["BOOKING_CREATED", "BOOKING_CANCELLED"]},
    )
    assert changed["triggers"] == ["BOOKING_CREATED", "BOOKING_CANCELLED"]
    act("CAL_DELETE_WEBHOOK_BY_ID", {"webhookId": hook["id"]})
    assert act("CAL_RETRIEVE_WEBHOOKS_LIST", {}) == {"items": []}


def test_narrower_hours_narrow_the_slots(act: Act) -> None:
    hours = [{"days": ["Monday"], "startTime": "14:00", "endTime": "15:00"}]
    schedule = act("CAL_GET_DEFAULT_SCHEDULE_DETAILS", {})
    act(
        "CAL_UPDATE_SCHEDULE_BY_ID",
        {"scheduleId": str(schedule["id"]), "availability": hours},
    )
    assert starts(act("CAL_GET_AVAILABLE_SLOTS_INFO", DAY)) == ["14:00", "14:30"]


def test_a_file_keeps_the_state(tmp_path: Path) -> None:
    with Connector.sandbox(tmp_path / "cal.db") as cal:
        booked = cal.execute("CAL_POST_NEW_BOOKING_REQUEST", NEW).data
    with Connector.sandbox(tmp_path / "cal.db") as cal:
        found = cal.execute("CAL_RETRIEVE_BOOKING_DETAILS_BY_UID", {"bookingUid": booked["uid"]})
    assert found.data["start"] == booked["start"]


def test_a_sandbox_that_is_passed_in_stays_open() -> None:
    with Sandbox() as sandbox:
        with Connector.sandbox(sandbox) as cal:
            booked = cal.execute("CAL_POST_NEW_BOOKING_REQUEST", NEW).data
        with Connector.sandbox(sandbox) as cal:
            found = cal.execute(
                "CAL_RETRIEVE_BOOKING_DETAILS_BY_UID", {"bookingUid": booked["uid"]}
            )
    assert found.successful


def test_a_file_that_another_program_has_locked_is_told_in_the_envelope(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BUSY_TIMEOUT_SECONDS", 0.01)
    file = tmp_path / "cal.db"
    with Connector.sandbox(file) as cal, closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")
        locked = cal.execute("CAL_POST_NEW_BOOKING_REQUEST", NEW)
        other.rollback()
        freed = cal.execute("CAL_POST_NEW_BOOKING_REQUEST", NEW)
    assert locked.data["http_status"] == 503
    assert "database is locked" in (locked.error or "")
    assert freed.successful


CALLS_IN_SEVERAL_LOOPS = """
import asyncio
from cal_actions import aexecute
for _ in range(3):
    assert asyncio.run(aexecute("CAL_RETRIEVE_MY_INFORMATION")).successful
"""


def test_the_connection_of_aexecute_ends_with_its_event_loop() -> None:
    with Sandbox() as sandbox, running_server(sandbox) as url:
        environment = {**os.environ, "CAL_API_KEY": sandbox.api_key, "CAL_API_BASE_URL": url}
        command = [sys.executable, "-W", "always", "-c", CALLS_IN_SEVERAL_LOOPS]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


async def whole_life(cal: AsyncConnector) -> list[Envelope]:
    booked = await cal.execute("CAL_POST_NEW_BOOKING_REQUEST", NEW)
    moved = await cal.execute(
        "CAL_RESCHEDULE_BOOKING_BY_UID",
        {"bookingUid": booked.data["uid"], "start": "2030-01-08T10:00:00Z"},
    )
    listed = await cal.execute("CAL_FETCH_ALL_BOOKINGS", {"status": ["upcoming"]})
    assert [item["uid"] for item in listed.data["items"]] == [moved.data["uid"]]
    cancelled = await cal.execute(
        "CAL_CANCEL_BOOKING_VIA_UID",
        {"bookingUid": moved.data["uid"], "cancellationReason": "ill"},
    )
    assert cancelled.data["status"] == "cancelled"
    return [booked, moved, listed, cancelled]


@pytest.mark.anyio
async def test_async_python_lives_through_it_too() -> None:
    async with AsyncConnector.sandbox() as cal:
        assert all(envelope.successful for envelope in await whole_life(cal))


@pytest.mark.anyio
async def test_a_sandbox_server_is_a_cal_com_to_any_client() -> None:
    with Sandbox() as sandbox, running_server(sandbox) as url:
        async with AsyncConnector(api_key=sandbox.api_key, base_url=url) as cal:
            assert all(envelope.successful for envelope in await whole_life(cal))
