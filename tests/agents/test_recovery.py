"""A model errs, reads the error, and gets it right: the error alone is enough."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cal_actions import Connector, catalog
from cal_actions.sandbox import Sandbox
from tests.agents.conftest import Agent
from tests.agents.model import Call, Script
from tests.agents.repairs import mended

BOOK = "CAL_POST_NEW_BOOKING_REQUEST"
BOOKINGS = catalog.filter(toolset="bookings")
ANA = {"name": "Ana", "email": "ana@example.com", "timeZone": "Europe/Madrid"}
RIGHT = {"eventTypeId": 1, "start": "2030-01-07T10:00:00Z", "attendee": ANA}


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in RIGHT.items() if key != name}


MISTAKES: dict[str, tuple[str, Any]] = {
    "a parameter misspelt": (BOOK, {**without("attendee"), "attende": ANA}),
    "a parameter in another case": (BOOK, {**without("eventTypeId"), "event_type_id": 1}),
    "two parameters misspelt": (
        BOOK,
        {"eventTypeID": 1, "Start": RIGHT["start"], "attendee": ANA},
    ),
    "a number in words": (BOOK, {**RIGHT, "eventTypeId": "one"}),
    "a slug misspelt": ("CAL_POST_NEW_BOKING_REQUEST", RIGHT),
    "a slug in small letters": (BOOK.lower().replace("cal_", "CAL_"), RIGHT),
}
BROKEN = {
    "cut off": json.dumps(RIGHT)[:-1],
    "cut off within": json.dumps(RIGHT)[:-2],
}


def a_model_that_errs(name: str, arguments: Any) -> Script:
    def script() -> Any:
        call = Call(name, arguments, mistaken=True)
        (refused,) = yield [call]
        (booked,) = yield [mended(call, refused.error)]
        return f"Booked for {booked.data['start']}."

    return script


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistaken_call_is_mended_by_what_the_error_says(
    mistake: str, agent: Agent, cal: Connector, sandbox: Sandbox
) -> None:
    agent.ask(a_model_that_errs(*MISTAKES[mistake]), cal, BOOKINGS)
    assert [one["start"] for one in sandbox.state()["bookings"]] == ["2030-01-07T10:00:00.000Z"]


@pytest.mark.parametrize("api", ["chat", "responses"])  # the others' arguments are objects
@pytest.mark.parametrize("mistake", BROKEN)
def test_arguments_that_are_no_json_are_sent_again(
    mistake: str, agent: Agent, cal: Connector, sandbox: Sandbox
) -> None:
    agent.ask(a_model_that_errs(BOOK, BROKEN[mistake]), cal, BOOKINGS)
    assert len(sandbox.state()["bookings"]) == 1


def a_model_that_forgets() -> Any:
    (refused,) = yield [Call(BOOK, without("eventTypeId"), mistaken=True)]
    assert "eventTypeId is required" in refused.error
    (types,) = yield [Call("CAL_LIST_EVENT_TYPES", {"username": "sam"})]
    (booked,) = yield [Call(BOOK, {**RIGHT, "eventTypeId": types.data["items"][0]["id"]})]
    return f"Booked for {booked.data['start']}."


def test_what_was_forgotten_is_looked_up(agent: Agent, cal: Connector, sandbox: Sandbox) -> None:
    agent.ask(a_model_that_forgets, cal, BOOKINGS)
    assert len(sandbox.state()["bookings"]) == 1


def a_model_whose_answer_is_lost() -> Any:
    (lost,) = yield [Call(BOOK, RIGHT)]
    assert "CAL_FETCH_ALL_BOOKINGS" in lost.error
    (bookings,) = yield [Call("CAL_FETCH_ALL_BOOKINGS", {"status": ["upcoming"]})]
    return f"Booked already: {len(bookings.data['items'])}"


def test_a_booking_whose_answer_is_lost_is_looked_up_and_not_made_twice(
    agent: Agent, cal: Connector, sandbox: Sandbox
) -> None:
    sandbox.inject.drop_connection(handled=True)
    assert agent.ask(a_model_whose_answer_is_lost, cal, BOOKINGS) == "Booked already: 1"
    assert len(sandbox.state()["bookings"]) == 1
