"""A list that is too long for the model is cut, says so, and is read on to its end."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cal_actions import Connector, catalog
from cal_actions.sandbox import Sandbox
from tests.agents.conftest import Agent
from tests.agents.model import Call, Result

LIST, CANCEL = "CAL_FETCH_ALL_BOOKINGS", "CAL_CANCEL_BOOKING_VIA_UID"
BOOK, SLOTS = "CAL_POST_NEW_BOOKING_REQUEST", "CAL_GET_AVAILABLE_SLOTS_INFO"
SCHEDULING = catalog.filter(toolset="scheduling")
NAMES = [f"Guest {number}" for number in range(1, 13)]


def rest_of(result: Result) -> dict[str, Any]:
    """What the sentence in `truncated` says to call again with; nothing where all was shown."""
    if "truncated" not in result.data:
        return {}
    found = re.findall(r"\b(\w+)=([\w:.-]*\w)", result.data["truncated"]["rest"])
    assert found, result.data["truncated"]
    return {name: int(value) if value.isdigit() else value for name, value in found}


def a_model_that_looks_for_the_last_guest() -> Any:
    asked: dict[str, Any] = {"status": ["upcoming"], "sortStart": "asc"}
    (page,) = yield [Call(LIST, asked)]
    seen = [*page.data["items"]]
    while rest := rest_of(page):
        (page,) = yield [Call(LIST, {**asked, **rest})]
        seen += page.data["items"]
    assert [one["attendees"][0]["name"] for one in seen] == NAMES
    yield [Call(CANCEL, {"bookingUid": seen[-1]["uid"], "cancellationReason": "ill"})]
    return "done"


def a_model_that_wants_the_last_slot() -> Any:
    asked = {"eventTypeId": 1, "startTime": "2030-01-08", "endTime": "2030-02-08"}
    (page,) = yield [Call(SLOTS, asked)]
    while rest := rest_of(page):
        (page,) = yield [Call(SLOTS, {**asked, **rest})]
    *_, last = (slot["start"] for day in page.data.values() for slot in day)
    ana = {"name": "Ana", "email": "ana@example.com", "timeZone": "Europe/Madrid"}
    yield [Call(BOOK, {"eventTypeId": 1, "start": last, "attendee": ana})]
    return "done"


@pytest.fixture
def guests(cal: Connector) -> None:
    for hour, name in enumerate(NAMES):
        attendee = {"name": name, "email": "guest@example.com", "timeZone": "Europe/Madrid"}
        start = f"2030-01-{8 + hour // 6:02}T{9 + hour % 6:02}:00:00Z"
        booking = {"eventTypeId": 1, "start": start, "attendee": attendee}
        cal.execute(BOOK, booking).raise_for_error()


def test_a_long_list_is_read_to_its_end(agent: Agent, guests: None, sandbox: Sandbox) -> None:
    with Connector.sandbox(sandbox, max_result_tokens=1500) as cal:
        agent.ask(a_model_that_looks_for_the_last_guest, cal, SCHEDULING)
    assert len(agent.endpoint.requests) > 4  # a page of its own, and not all on it
    assert [
        one["attendees"][0]["name"]
        for one in sandbox.state()["bookings"]
        if one["status"] == "cancelled"
    ] == NAMES[-1:]


def test_a_month_of_slots_is_read_to_its_end(agent: Agent, sandbox: Sandbox) -> None:
    with Connector.sandbox(sandbox, max_result_tokens=2000) as cal:
        agent.ask(a_model_that_wants_the_last_slot, cal, SCHEDULING)
    assert len(agent.endpoint.requests) > 3
    assert [one["start"] for one in sandbox.state()["bookings"]] == ["2030-02-08T16:30:00.000Z"]
