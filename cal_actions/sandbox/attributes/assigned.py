"""The options of an attribute that members of the organization have."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cal_actions.sandbox import guards, refusals
from cal_actions.sandbox.attributes.checks import FILTERS, filters_of
from cal_actions.sandbox.checks import check, page
from cal_actions.sandbox.exchange import LARGEST_ID, Answer, Request, success
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.store import Store

_ATTRIBUTES = "/v2/organizations/{orgId}/attributes"
_ASSIGNMENTS = (
    "SELECT attribute_options.*, attributes.slug AS attribute_slug, user_id "
    "FROM attribute_assignments "
    "JOIN attribute_options ON attribute_options.id = attribute_option_id "
    "JOIN attributes ON attributes.id = attribute_id "
    "JOIN memberships ON memberships.id = member_id "
    "WHERE attributes.team_id = ? ORDER BY attribute_options.number, attribute_assignments.number"
)


@dataclass(frozen=True, slots=True)
class AssignedOption:
    """An option with the users who have it."""

    row: sqlite3.Row
    user_ids: list[int] = field(default_factory=list)

    def is_held_by(self, user_ids: set[int]) -> bool:
        """Whether one of these users has it."""
        return not user_ids.isdisjoint(self.user_ids)


@route("GET", f"{_ATTRIBUTES}/{{attributeId}}/options/assigned")
def list_assigned_by_id(request: Request) -> Answer:
    """The options of an attribute that members have, with the ids of their users."""
    return _assigned(request, "attribute_id", request.params["attributeId"])


@route("GET", f"{_ATTRIBUTES}/slugs/{{attributeSlug}}/options/assigned")
def list_assigned_by_slug(request: Request) -> Answer:
    """The same for an attribute found by its slug."""
    return _assigned(request, "attribute_slug", request.params["attributeSlug"])


def _assigned(request: Request, column: str, value: str) -> Answer:
    """`teamIds` leaves options that someone in one of the teams has, `assignedOptionIds` options
    that someone has who also has one of those named (read in the API document).

    Raises Refusal (404) when nobody has one of the options named.
    """
    organization = guards.organization(request, "ORG_MEMBER")
    take, skip = page(request.query, max_take=LARGEST_ID)
    filters = check(filters_of(request.query), FILTERS)
    options = _all_assigned(request.store, organization.id)
    if filters.get("teamIds") is not None:
        members = _members(request.store, filters["teamIds"])
        options = [one for one in options if one.is_held_by(members)]
    found = [one for one in options if one.row[column] == value]
    if filters.get("assignedOptionIds") is not None:
        holders = _holders(options, filters["assignedOptionIds"])
        found = [one for one in found if one.is_held_by(holders)]
    return success([_view(one) for one in found[skip : skip + take]])


def _all_assigned(store: Store, organization_id: int) -> list[AssignedOption]:
    options: dict[str, AssignedOption] = {}
    for row in store.all(_ASSIGNMENTS, organization_id):
        options.setdefault(row["id"], AssignedOption(row)).user_ids.append(row["user_id"])
    return list(options.values())


def _members(store: Store, team_ids: Sequence[int]) -> set[int]:
    marks = ", ".join("?" * len(team_ids))
    rows = store.all(f"SELECT user_id FROM memberships WHERE team_id IN ({marks})", *team_ids)
    return {row["user_id"] for row in rows}


def _holders(options: Sequence[AssignedOption], option_ids: Sequence[str]) -> set[int]:
    holders = {
        user_id for one in options if one.row["id"] in option_ids for user_id in one.user_ids
    }
    if not holders:
        raise refusals.not_found(
            "Options provided in assignedOptionIds are not assigned to anyone, or the users are "
            "not part of the teams specified in teamIds filter."
        )
    return holders


def _view(one: AssignedOption) -> dict[str, Any]:
    return {
        "id": one.row["id"],
        "attributeId": one.row["attribute_id"],
        "value": one.row["value"],
        "slug": one.row["slug"],
        "assignedUserIds": one.user_ids,
    }
