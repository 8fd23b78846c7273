"""Which member of an organization has which option of its attributes."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from cal_actions.sandbox import guards, refusals
from cal_actions.sandbox.attributes.checks import ASSIGNMENT, WITH_VALUE
from cal_actions.sandbox.attributes.records import (
    add_option,
    assignment_view,
    attribute_by_id,
    option_by_id,
    option_view,
)
from cal_actions.sandbox.checks import check
from cal_actions.sandbox.exchange import Answer, Request, success, timestamp
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.teams.records import Membership, Team, membership_of_user

_OF_USER = "/v2/organizations/{orgId}/attributes/options/{userId}"
_OPTIONS_OF_USER = (
    "SELECT attribute_options.* FROM attribute_assignments "
    "JOIN attribute_options ON attribute_options.id = attribute_option_id "
    "JOIN memberships ON memberships.id = member_id "
    "WHERE user_id = ? AND team_id = ? ORDER BY attribute_assignments.number"
)
_NO_MEMBER = "User is not a member of the organization"


@route("GET", _OF_USER)
def list_options_of_user(request: Request) -> Answer:
    """The options assigned to a user, in the order of assignment; none for an outsider."""
    organization = guards.organization(request, "ORG_MEMBER")
    user_id = request.number("userId")
    rows = request.store.all(_OPTIONS_OF_USER, user_id, organization.id)
    return success([option_view(row) for row in rows])


@route("POST", _OF_USER)
def assign_option(request: Request) -> Answer:
    """Assign an option, or a value for which an option is made, to a member.

    A value is for attributes of type TEXT and NUMBER alone; of value and option the option counts.
    Raises Refusal: 404 for an unknown attribute or member, 400 for an option of another attribute
    or none at all, 409 for an option the member has.
    """
    organization = guards.organization(request, "ORG_ADMIN")
    body = check(request.body, ASSIGNMENT)
    attribute = attribute_by_id(request.store, organization.id, body["attributeId"])
    if attribute is None:
        raise refusals.not_found("Attribute not found")
    membership = _membership(request, organization)
    if membership is None or not membership.accepted:
        raise refusals.not_found(_NO_MEMBER)
    option_id = _option_to_assign(request, attribute, body)
    if _assignment(request, membership, option_id) is not None:
        raise refusals.already_exists()
    request.store.insert(
        "attribute_assignments",
        id=request.store.new_uuid(),
        member_id=membership.id,
        attribute_option_id=option_id,
        created_at=timestamp(request.now),
    )
    row = _assignment(request, membership, option_id)
    assert row is not None
    return success(assignment_view(row), 201)


@route("DELETE", f"{_OF_USER}/{{attributeOptionId}}")
def unassign_option(request: Request) -> Answer:
    """Take an option from a member; the answer shows the assignment as it was.

    Every member of the organization may do so, as on Cal.com.
    """
    organization = guards.organization(request, "ORG_MEMBER")
    membership = _membership(request, organization)
    if membership is None:
        raise refusals.breaks(refusals.not_found(_NO_MEMBER))
    row = _assignment(request, membership, request.params["attributeOptionId"])
    if row is None:
        raise refusals.not_found("Attribute does not belong to this user")
    request.store.delete("attribute_assignments", row["id"])
    return success(assignment_view(row))


def _membership(request: Request, organization: Team) -> Membership | None:
    return membership_of_user(request.store, organization.id, request.number("userId"))


def _assignment(request: Request, membership: Membership, option_id: str) -> sqlite3.Row | None:
    return request.store.one(
        "SELECT * FROM attribute_assignments WHERE member_id = ? AND attribute_option_id = ?",
        membership.id,
        option_id,
    )


def _option_to_assign(request: Request, attribute: sqlite3.Row, body: dict[str, Any]) -> str:
    value, option_id = body.get("value"), body.get("attributeOptionId")
    if value is not None and attribute["type"] not in WITH_VALUE:
        raise refusals.bad_request("Attribute type does not support value")
    if option_id is not None:
        option = option_by_id(request.store, attribute["id"], option_id)
        if option is None:
            raise refusals.unknown_reference()
        return str(option["id"])
    if value is None:
        raise refusals.breaks(refusals.bad_request("Attribute option not found"))
    return add_option(request.store, attribute["id"], value, _slug(value))


def _slug(value: str) -> str:
    """The letters and digits of a value in lower case, hyphens between."""
    return "-".join(re.findall(r"[^\W_]+", value.lower()))
