"""A model whose connector may not do everything is told so, and takes another way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cal_actions import Connector, catalog
from cal_actions.policy import Proposal
from cal_actions.sandbox import Sandbox
from tests.agents.conftest import Agent
from tests.agents.model import Call

LIST, DELETE = "CAL_RETRIEVE_WEBHOOKS_LIST", "CAL_DELETE_WEBHOOK_BY_ID"
UPDATE, CREATE = "CAL_UPDATE_WEBHOOK_BY_ID", "CAL_POST_WEBHOOK_EVENT"
HOOK = {
    "active": True,
    "triggers": ["BOOKING_CREATED"],
    "subscriberUrl": "https://app.example/hook",
}
BOOK, SLOTS = "CAL_POST_NEW_BOOKING_REQUEST", "CAL_GET_AVAILABLE_SLOTS_INFO"
WEBHOOKS = catalog.filter(slugs=[LIST, DELETE, UPDATE, CREATE])


def a_model_that_would_delete() -> Any:
    (hooks,) = yield [Call(LIST)]
    which = {"webhookId": hooks.data["items"][0]["id"]}
    (deleted,) = yield [Call(DELETE, which)]
    if deleted.content["successful"]:
        return "deleted"
    assert "was not approved" in deleted.error
    assert "switch it off instead" in deleted.error
    (changed,) = yield [Call(UPDATE, {**which, "active": False})]
    return f"active: {changed.data['active']}"


@pytest.fixture
def hook(cal: Connector) -> dict[str, Any]:
    made: dict[str, Any] = cal.execute(CREATE, HOOK).raise_for_error().data
    return made


def test_what_is_not_approved_is_done_in_another_way(
    agent: Agent, hook: dict[str, Any], sandbox: Sandbox
) -> None:
    proposed: list[Proposal] = []

    def approve(proposal: Proposal) -> str:
        proposed.append(proposal)
        return "switch it off instead"

    before = sandbox.state()
    with Connector.sandbox(sandbox, actions=WEBHOOKS, approve=approve) as cal:
        assert agent.ask(a_model_that_would_delete, cal, cal.actions) == "active: False"
    assert [(one.slug, one.params) for one in proposed] == [(DELETE, {"webhookId": hook["id"]})]
    expected = [{**one, "active": False} for one in before["webhooks"]]
    assert sandbox.state() == {**before, "webhooks": expected}


def test_what_is_approved_is_done(agent: Agent, hook: dict[str, Any], sandbox: Sandbox) -> None:
    with Connector.sandbox(sandbox, actions=WEBHOOKS, approve=lambda _: True) as cal:
        assert agent.ask(a_model_that_would_delete, cal, cal.actions) == "deleted"
    assert sandbox.state()["webhooks"] == []


def a_model_that_insists() -> Any:
    (hooks,) = yield [Call(LIST)]
    (deleted,) = yield [Call(DELETE, {"webhookId": hooks.data["items"][0]["id"]}, mistaken=True)]
    return deleted.error


def test_a_model_that_may_only_read_is_offered_nothing_else_and_changes_nothing(
    agent: Agent, hook: dict[str, Any], sandbox: Sandbox
) -> None:
    before = sandbox.state()
    with Connector.sandbox(sandbox, actions=WEBHOOKS, read_only=True) as cal:
        answer = agent.ask(a_model_that_insists, cal, cal.actions)
    assert "is not allowed here" in answer
    offered = json.dumps(agent.endpoint.requests[0]["tools"])
    assert [slug for slug in WEBHOOKS if f'"{slug}"' in offered] == [LIST]
    assert sandbox.state() == before


def a_model_that_knows_no_event_type() -> Any:
    monday = "2030-01-07"
    (slots,) = yield [Call(SLOTS, {"startTime": monday, "endTime": monday})]
    ana = {"name": "Ana", "email": "ana@example.com", "timeZone": "Europe/Madrid"}
    (booked,) = yield [Call(BOOK, {"start": slots.data[monday][0]["start"], "attendee": ana})]
    return booked.data["eventTypeId"]


def test_what_the_connector_fills_in_is_not_asked_of_the_model(
    agent: Agent, sandbox: Sandbox
) -> None:
    actions = catalog.filter(slugs=[SLOTS, BOOK])
    with Connector.sandbox(sandbox, actions=actions, defaults={"eventTypeId": 2}) as cal:
        agent.ask(a_model_that_knows_no_event_type, cal, cal.actions)
        offered = [spec.input["properties"] for spec in cal.actions.values()]
    assert not any("eventTypeId" in properties for properties in offered)
    assert [one["eventTypeId"] for one in sandbox.state()["bookings"]] == [2]
