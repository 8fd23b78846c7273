"""The OpenAI Agents SDK in front of the MCP server: a model that finds its actions first."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from agents import Agent, OpenAIChatCompletionsModel, Runner, set_tracing_disabled
from agents.mcp import MCPServerStdio
from openai import AsyncOpenAI

from cal_actions.sandbox import Sandbox
from tests.agents.endpoint import Endpoint
from tests.agents.model import Call

START = "2030-01-08T10:00:00Z"
VALUES = {
    "eventTypeId": 1,
    "start": START,
    "attendee": {"name": "Ana", "email": "ana@example.com", "timeZone": "Europe/Madrid"},
}


def a_model_that_knows_no_action() -> Any:
    (found,) = yield [Call("cal_find", {"query": "book a meeting for Ana"})]
    action = found.data["actions"][0]["action"]
    (described,) = yield [Call("cal_describe", {"actions": [action]})]
    required = described.data["actions"][0]["inputSchema"]["required"]
    params = {name: VALUES[name] for name in required if name != "eventTypeId"}
    (refused,) = yield [Call("cal_execute", {"action": action, "params": params})]
    if "eventTypeId" in refused.content["error"]:
        params["eventTypeId"] = VALUES["eventTypeId"]
    (booked,) = yield [Call("cal_execute", {"action": action, "params": params})]
    return f"Booked: {booked.data['status']}."


def test_a_model_that_knows_no_action_books_a_meeting(endpoint: Endpoint, tmp_path: Path) -> None:
    db = tmp_path / "cal.db"
    main = "from cal_actions.cli import main; main()"
    options = ["mcp", "--tools", "search", "--sandbox", "--db", str(db)]

    async def run() -> Any:
        async with (
            AsyncOpenAI(api_key="-", base_url=f"{endpoint.url}/v1", max_retries=0) as client,
            MCPServerStdio(
                {"command": sys.executable, "args": ["-P", "-c", main, *options]},
                use_structured_content=True,
                client_session_timeout_seconds=30,
            ) as cal,
        ):
            model = OpenAIChatCompletionsModel("scripted", client)
            agent = Agent("Scheduler", model=model, mcp_servers=[cal])
            return (await Runner.run(agent, "Please do as your script says.")).final_output

    set_tracing_disabled(disabled=True)
    endpoint.play(a_model_that_knows_no_action)
    assert asyncio.run(run()) == "Booked: accepted."
    with Sandbox(db) as world:
        assert [booking["start"][:16] for booking in world.state()["bookings"]] == [START[:16]]
