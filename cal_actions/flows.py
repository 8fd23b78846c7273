"""The actions that need two calls: the only Python that an action may have of its own.

A flow is a generator: it asks for other actions' data with `yield from call(slug, params)`
and returns the data of its own action.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from cal_actions.errors import ActionError

Call = Callable[[str, dict[str, Any]], Generator[Any, Any, Any]]
Flow = Callable[[Call, dict[str, Any]], Generator[Any, Any, Any]]


def organization_ids(call: Call, _params: dict[str, Any]) -> Generator[Any, Any, list[str]]:
    """Collect the ids of the caller's organizations, as sorted text.

    No endpoint lists them. `GET /v2/me` names the main organization (seen in the recorded
    server); `GET /v2/teams` also lists organizations, and its teams name their organization
    as `parentId` (read in Cal.com's source).
    """
    me = yield from call("CAL_RETRIEVE_MY_INFORMATION", {})
    teams = yield from call("CAL_GET_TEAMS_LIST", {})
    found = [
        me.get("organizationId"),
        *(
            team.get("id" if team.get("isOrganization") else "parentId")
            for team in _objects(teams.get("items"))
        ),
    ]
    return [str(number) for number in sorted({item for item in found if isinstance(item, int)})]


def team_stripe_status(call: Call, params: dict[str, Any]) -> Generator[Any, Any, Any]:
    """Check Stripe of a team, finding its organization first when `orgId` is not given.

    Raises ActionError `rejected` for a team outside an organization: Cal.com deleted the
    endpoint that served those.
    """
    if "orgId" not in params:
        team_id = params["teamId"]
        team = yield from call("CAL_GET_TEAM_INFORMATION_BY_TEAM_ID", {"teamId": int(team_id)})
        if team.get("parentId") is None:
            raise ActionError(
                "rejected",
                f"Team {team_id} belongs to no organization, and Cal.com tells the Stripe status"
                " of organization teams only; CAL_CHECK_STRIPE_STATUS tells the caller's own.",
            )
        params = {**params, "orgId": team["parentId"]}
    return (yield from call("CAL_CHECK_TEAM_STRIPE_INTEGRATION_STATUS", params))


def _objects(items: Any) -> list[dict[str, Any]]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


FLOWS: dict[str, Flow] = {
    "organization_ids": organization_ids,
    "team_stripe_status": team_stripe_status,
}
"""The flows that an action file may name in `flow`."""
