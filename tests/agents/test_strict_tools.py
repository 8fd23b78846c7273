"""A model held to strict tools sends null for what it leaves out, and means nothing by it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cal_actions import Connector, catalog, schemas
from cal_actions.sandbox import Sandbox
from tests.agents.conftest import Agent
from tests.agents.model import Call

MONDAY = "2030-01-07"
SLOTS, BOOK = "CAL_GET_AVAILABLE_SLOTS_INFO", "CAL_POST_NEW_BOOKING_REQUEST"


def strictly(slug: str, **params: Any) -> Call:
    (tool,) = schemas.export(catalog.filter(slugs=[slug]), "openai", strict=True, compact=True)
    return Call(slug, completed(params, tool["function"]["parameters"]))


def completed(value: Any, schema: dict[str, Any]) -> Any:
    """Add a null for each property that is left out, here and within."""
    if not isinstance(value, dict):
        return value
    properties = schema["properties"]
    return {name: completed(value.get(name), properties[name]) for name in properties}


def a_model_that_is_held_to_the_schema() -> Any:
    which = {"eventTypeId": 1}
    (slots,) = yield [strictly(SLOTS, **which, startTime=MONDAY, endTime=MONDAY)]
    ana = {"name": "Ana", "email": "ana@example.com", "timeZone": "Europe/Madrid"}
    start = slots.data[MONDAY][0]["start"]
    (booked,) = yield [strictly(BOOK, **which, start=start, attendee=ana)]
    return booked.data["start"]


@pytest.mark.parametrize("api", ["chat", "responses", "claude"])  # Gemini has no strict mode
def test_nulls_for_what_is_left_out_change_nothing(
    agent: Agent, cal: Connector, sandbox: Sandbox
) -> None:
    actions = catalog.filter(slugs=[SLOTS, BOOK])
    agent.ask(a_model_that_is_held_to_the_schema, cal, actions, strict=True, compact=True)
    assert "null" in json.dumps(agent.endpoint.requests[-1]["tools"])
    (booking,) = sandbox.state()["bookings"]
    assert (booking["start"], booking["guests"]) == ("2030-01-07T10:00:00.000Z", [])
