"""A model that has other tools too: their calls are left to the caller, who answers them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cal_actions import Connector, catalog, schemas
from cal_actions.sandbox import Sandbox
from cal_actions.tool_calls import ToolCall, ToolMessages
from tests.agents.conftest import FORMATS, Agent
from tests.agents.model import Call

SCHEDULING = catalog.filter(toolset="scheduling")
OWN = "look_up_contact"
OWN_SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
OWN_TOOL: dict[str, dict[str, Any]] = {
    "chat": {"type": "function", "function": {"name": OWN, "parameters": OWN_SCHEMA}},
    "responses": {"type": "function", "name": OWN, "parameters": OWN_SCHEMA, "strict": False},
    "claude": {"name": OWN, "input_schema": OWN_SCHEMA},
    "gemini": {"name": OWN, "parametersJsonSchema": OWN_SCHEMA},
}
MONDAY = "2030-01-07"


def looked_up(call: ToolCall) -> dict[str, str]:
    assert call.name == OWN
    assert call.params
    name = call.params["name"]
    return {"name": name, "email": f"{name.lower()}@example.com", "timeZone": "Europe/Madrid"}


@dataclass
class CalAndContacts:
    """The caller's own tools beside the connector's, answered where each API wants them."""

    cal: Connector
    api: str

    def handle_tool_calls(self, response: Any) -> list[dict[str, Any]]:
        messages = self.cal.handle_tool_calls(response)
        answers = [(call, looked_up(call)) for call in messages.unhandled]
        if not answers:
            return messages
        if self.api == "chat":
            return [
                *messages,
                *(
                    {"role": "tool", "tool_call_id": call.id, "content": json.dumps(answer)}
                    for call, answer in answers
                ),
            ]
        if self.api == "responses":
            return [
                *messages,
                *(
                    {
                        "type": "function_call_output",
                        "call_id": call.id,
                        "output": json.dumps(answer),
                    }
                    for call, answer in answers
                ),
            ]
        if self.api == "claude":
            return beside(
                messages,
                "content",
                [
                    {"type": "tool_result", "tool_use_id": call.id, "content": json.dumps(answer)}
                    for call, answer in answers
                ],
            )
        return beside(
            messages,
            "parts",
            [
                {"functionResponse": {"id": call.id, "name": call.name, "response": answer}}
                for call, answer in answers
            ],
        )


def beside(messages: ToolMessages, key: str, parts: list[Any]) -> list[dict[str, Any]]:
    """Add parts to the one message of the turn, or make one of them alone."""
    if not messages:
        return [{"role": "user", key: parts}]
    messages[0][key] += parts
    return messages


def a_model_with_contacts() -> Any:
    (ana,) = yield [Call(OWN, {"name": "Ana"})]
    ben, slots = yield [
        Call(OWN, {"name": "Ben"}),
        Call(
            "CAL_GET_AVAILABLE_SLOTS_INFO",
            {"eventTypeId": 1, "startTime": MONDAY, "endTime": MONDAY},
        ),
    ]
    (booked,) = yield [
        Call(
            "CAL_POST_NEW_BOOKING_REQUEST",
            {
                "eventTypeId": 1,
                "start": slots.data[MONDAY][0]["start"],
                "attendee": ana.content,
                "guests": [ben.content["email"]],
            },
        )
    ]
    return f"Booked for {booked.data['start']}."


def test_the_callers_own_tools_work_beside_the_actions(
    agent: Agent, cal: Connector, sandbox: Sandbox
) -> None:
    agent.endpoint.play(a_model_with_contacts)
    tools = [OWN_TOOL[agent.api], *schemas.export(SCHEDULING, FORMATS[agent.api])]
    agent.loop(agent.client, CalAndContacts(cal, agent.api), tools, "Book Ana and Ben.")
    (booking,) = sandbox.state()["bookings"]
    assert booking["attendees"][0]["email"] == "ana@example.com"
    assert booking["guests"] == ["ben@example.com"]
