"""Several calls in one turn: all are answered, and a write waits for what comes before it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cal_actions import AsyncConnector, Connector, catalog
from cal_actions.sandbox import Sandbox
from tests.agents.conftest import Agent, AsyncAgent
from tests.agents.model import Call

ANA = {"name": "Ana", "email": "ana@example.com", "timeZone": "Europe/Madrid"}
MONDAY = "2030-01-07"
DAY = {"eventTypeId": 1, "startTime": MONDAY, "endTime": MONDAY}
NEW = {"eventTypeId": 1, "start": "2030-01-07T10:00:00Z", "attendee": ANA}
SLOTS, BOOK = "CAL_GET_AVAILABLE_SLOTS_INFO", "CAL_POST_NEW_BOOKING_REQUEST"
SCHEDULING = catalog.filter(toolset="scheduling")


def a_model_that_does_much_at_once() -> Any:
    me, before, booked, after = yield [
        Call("CAL_RETRIEVE_MY_INFORMATION"),
        Call(SLOTS, DAY),
        Call(BOOK, NEW),
        Call(SLOTS, DAY),
    ]
    taken = {"start": booked.data["start"]}
    assert me.data["username"] == "sam"
    assert [slot for slot in before.data[MONDAY] if slot not in after.data[MONDAY]] == [taken]
    return "done"


def test_a_turn_of_reads_and_a_write_is_carried_out_in_order(
    agent: Agent, cal: Connector, sandbox: Sandbox
) -> None:
    assert agent.ask(a_model_that_does_much_at_once, cal, SCHEDULING) == "done"
    assert [one["start"] for one in sandbox.state()["bookings"]] == ["2030-01-07T10:00:00.000Z"]


@pytest.mark.anyio
@pytest.mark.parametrize("slow", [BOOK, SLOTS])
async def test_a_write_waits_for_the_reads_before_it_and_those_after_it_wait_for_the_write(
    slow: str, async_agent: AsyncAgent, sandbox: Sandbox
) -> None:
    async def dawdle(slug: str, _: dict[str, Any]) -> None:
        await asyncio.sleep(0.01 if slug == slow else 0)

    async with AsyncConnector.sandbox(sandbox, before=dawdle) as cal:
        answer = await async_agent.ask(a_model_that_does_much_at_once, cal, SCHEDULING)
    assert answer == "done"
    assert [one["start"] for one in sandbox.state()["bookings"]] == ["2030-01-07T10:00:00.000Z"]


def a_model_that_books_twice() -> Any:
    first, second = yield [Call(BOOK, NEW), Call(BOOK, NEW)]
    assert first.data["start"] == "2030-01-07T10:00:00.000Z"
    return second.error


def test_one_call_that_fails_leaves_the_others_as_they_are(
    agent: Agent, cal: Connector, sandbox: Sandbox
) -> None:
    answer = agent.ask(a_model_that_books_twice, cal, SCHEDULING)
    assert "already has booking" in answer
    assert len(sandbox.state()["bookings"]) == 1
