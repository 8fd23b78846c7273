"""A model looks through the webhooks of every kind, and stops those that go astray."""

from __future__ import annotations

from typing import Any

import pytest

from cal_actions import Connector, catalog
from cal_actions.sandbox import Sandbox
from tests.agents.conftest import Agent
from tests.agents.model import Call

RIGHT, WRONG = "https://app.example/hook", "https://old.example/hook"
LISTS = {
    "own": "CAL_RETRIEVE_WEBHOOKS_LIST",
    "event type": "CAL_RETRIEVE_WEBHOOKS_FOR_EVENT_TYPE",
    "organization": "CAL_RETRIEVE_ORGANIZATION_WEBHOOKS_BY_ORG_ID",
}
CREATE = {
    "own": ("CAL_POST_WEBHOOK_EVENT", {}),
    "event type": ("CAL_CREATE_WEBHOOK_FOR_EVENT_TYPE", {"eventTypeId": 1}),
    "organization": ("CAL_CREATE_ORGANIZATION_WEBHOOK_BY_ORG_ID", {"orgId": 1}),
}
STOP = {
    "own": "CAL_DELETE_WEBHOOK_BY_ID",
    "event type": "CAL_DELETE_WEBHOOK_FOR_EVENT_TYPE",
    "organization": "CAL_UPDATE_WEBHOOK_FOR_ORGANIZATION",
}
WEBHOOK_ACTIONS = catalog.filter(
    slugs=["CAL_GET_ORGANIZATION_ID", "CAL_LIST_EVENT_TYPES", *LISTS.values(), *STOP.values()]
)


def a_model_that_audits() -> Any:
    organizations, types = yield [
        Call("CAL_GET_ORGANIZATION_ID"),
        Call("CAL_LIST_EVENT_TYPES", {"username": "sam"}),
    ]
    event_types = [one["id"] for one in types.data["items"]]
    places = [("own", {}), *(("event type", {"eventTypeId": one}) for one in event_types)]
    places.append(("organization", {"orgId": int(organizations.data[0])}))
    found = yield [Call(LISTS[place], of) for place, of in places]
    stray = [
        (place, {**of, "webhookId": hook["id"]})
        for (place, of), hooks in zip(places, found, strict=True)
        for hook in hooks.data["items"]
        if hook["subscriberUrl"] == WRONG
    ]
    results = yield [
        Call(STOP[place], {**which, "active": False} if place == "organization" else which)
        for place, which in stray
    ]
    return f"{len([result.data for result in results])} stopped"


def webhooks(sandbox: Sandbox) -> dict[str, dict[str, Any]]:
    return {hook["id"]: hook for hook in sandbox.state()["webhooks"]}


@pytest.mark.parametrize("place", CREATE)
def test_the_webhook_that_goes_astray_is_stopped_and_no_other(
    place: str, agent: Agent, cal: Connector, sandbox: Sandbox
) -> None:
    hook: dict[str, Any] = {"active": True, "triggers": ["BOOKING_CREATED"]}
    for slug, of in CREATE.values():
        cal.execute(slug, {**hook, **of, "subscriberUrl": RIGHT}).raise_for_error()
    slug, of = CREATE[place]
    astray = cal.execute(slug, {**hook, **of, "subscriberUrl": WRONG}).raise_for_error()
    before = sandbox.state()
    expected = webhooks(sandbox)
    if place == "organization":
        expected[astray.data["id"]]["active"] = False
    else:
        del expected[astray.data["id"]]

    assert agent.ask(a_model_that_audits, cal, WEBHOOK_ACTIONS) == "1 stopped"
    assert sandbox.state() == {**before, "webhooks": list(expected.values())}
