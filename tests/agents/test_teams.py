"""A model sets up a team whose members take bookings in turn."""

from __future__ import annotations

from typing import Any

from cal_actions import Connector, catalog
from cal_actions.sandbox import Sandbox
from tests.agents.conftest import Agent
from tests.agents.model import Call
from tests.agents.repairs import mended

READ = "CAL_LIST_TEAM_EVENT_TYPES_BY_ORG_AND_TEAM_ID"
TEAM_ACTIONS = catalog.filter(
    slugs=[
        "CAL_GET_ORGANIZATION_ID",
        "CAL_RETRIEVE_TEAM_DETAILS_IN_ORGANIZATION",
        "CAL_LIST_ORGANIZATION_MEMBERSHIPS",
        "CAL_CREATE_TEAM_IN_ORGANIZATION",
        "CAL_ADD_MEMBER_TO_TEAM_USING_ORG_AND_TEAM_ID",
        "CAL_CREATE_TEAM_EVENT_TYPES_WITH_CUSTOM_OPTIONS",
        READ,
    ]
)


def a_model_that_sets_up_a_team() -> Any:
    (organizations,) = yield [Call("CAL_GET_ORGANIZATION_ID")]
    org = {"orgId": int(organizations.data[0])}
    members, team = yield [
        Call("CAL_LIST_ORGANIZATION_MEMBERSHIPS", org),
        Call("CAL_CREATE_TEAM_IN_ORGANIZATION", {**org, "name": "Sales"}),
    ]
    team_of_org = {**org, "teamId": team.data["id"]}
    owner, member = (one["userId"] for one in members.data["items"])
    (joined,) = yield [
        Call(
            "CAL_ADD_MEMBER_TO_TEAM_USING_ORG_AND_TEAM_ID",
            {**team_of_org, "userId": member, "accepted": True},
        )
    ]
    made = Call(
        "CAL_CREATE_TEAM_EVENT_TYPES_WITH_CUSTOM_OPTIONS",
        {
            **team_of_org,
            "title": "Demo",
            "slug": "demo",
            "lengthInMinutes": 30,
            "lengthInMinutesOptions": ["30"],
            "schedulingType": "ROUND_ROBIN",
            "hosts": [{"userId": owner}, {"userId": joined.data["userId"], "mandatory": False}],
        },
        mistaken=True,
    )
    (refused,) = yield [made]
    (event_type,) = yield [mended(made, refused.error)]
    (listed,) = yield [Call(READ, team_of_org)]
    (seen,) = listed.data["items"]
    assert seen["id"] == event_type.data["id"]
    return f"{seen['title']}: {', '.join(host['name'] for host in seen['hosts'])}"


def test_a_team_takes_bookings_in_turn(agent: Agent, cal: Connector, sandbox: Sandbox) -> None:
    answer = agent.ask(a_model_that_sets_up_a_team, cal, TEAM_ACTIONS)
    assert answer == "Demo: Sam Rivera, Robin Park"
    state = sandbox.state()
    team = state["teams"][-1]
    assert (team["name"], team["parentId"]) == ("Sales", 1)
    assert [
        (one["userId"], one["role"], one["accepted"])
        for one in state["memberships"]
        if one["teamId"] == team["id"]
    ] == [(1, "OWNER", True), (2, "MEMBER", True)]
    made = state["eventTypes"][-1]
    assert (made["teamId"], made["slug"], made["schedulingType"]) == (
        team["id"],
        "demo",
        "roundRobin",
    )
    assert [host["userId"] for host in made["hosts"]] == [1, 2]
