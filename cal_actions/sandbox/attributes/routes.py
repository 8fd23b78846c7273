"""/v2/organizations/{orgId}/attributes: the attributes of an organization and their options."""

from __future__ import annotations

import sqlite3

from cal_actions.sandbox import guards, refusals
from cal_actions.sandbox.attributes.checks import (
    ATTRIBUTE,
    ATTRIBUTE_CHANGE,
    OPTION,
    OPTION_CHANGE,
    WITH_VALUE,
)
from cal_actions.sandbox.attributes.records import (
    add_option,
    attribute_by_id,
    attribute_view,
    option_by_id,
    option_view,
)
from cal_actions.sandbox.checks import check, page
from cal_actions.sandbox.exchange import Answer, Request, success, timestamp
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.teams.records import Team

_ALL = "/v2/organizations/{orgId}/attributes"
_ONE = f"{_ALL}/{{attributeId}}"
_OPTIONS = f"{_ONE}/options"
_OPTION = f"{_OPTIONS}/{{optionId}}"


@route("GET", _ALL)
def list_attributes(request: Request) -> Answer:
    """The attributes of the organization, the oldest first."""
    organization = guards.organization(request, "ORG_MEMBER")
    take, skip = page(request.query)
    rows = request.store.all(
        "SELECT * FROM attributes WHERE team_id = ? ORDER BY number LIMIT ? OFFSET ?",
        organization.id,
        take,
        skip,
    )
    return success([attribute_view(row) for row in rows])


@route("POST", _ALL)
def create_attribute(request: Request) -> Answer:
    """A new attribute; its options are kept if it is one to select from.

    Slugs are unique among all organizations: a taken one is a conflict (409).
    """
    organization = guards.organization(request, "ORG_ADMIN")
    body = check(request.body, ATTRIBUTE)
    _refuse_taken_slug(request, body["slug"])
    attribute_id = request.store.new_uuid()
    request.store.insert(
        "attributes",
        id=attribute_id,
        team_id=organization.id,
        created_at=timestamp(request.now),
        **{name: body[name] for name in ("name", "slug", "type", "enabled") if name in body},
    )
    if body["type"] not in WITH_VALUE:
        for option in body["options"]:
            add_option(request.store, attribute_id, option["value"], option["slug"])
    return success(attribute_view(_attribute(request, organization, attribute_id)), 201)


@route("GET", _ONE)
def get_attribute(request: Request) -> Answer:
    """One attribute; null for one that does not exist (as recorded)."""
    organization = guards.organization(request, "ORG_MEMBER")
    row = attribute_by_id(request.store, organization.id, request.params["attributeId"])
    return success(None if row is None else attribute_view(row))


@route("PATCH", _ONE)
def update_attribute(request: Request) -> Answer:
    """Change the given fields."""
    organization = guards.organization(request, "ORG_ADMIN")
    body = check(request.body, ATTRIBUTE_CHANGE)
    row = _attribute(request, organization, request.params["attributeId"])
    if body.get("slug", row["slug"]) != row["slug"]:
        _refuse_taken_slug(request, body["slug"])
    request.store.update("attributes", row["id"], updated_at=timestamp(request.now), **body)
    return success(attribute_view(_attribute(request, organization, row["id"])))


@route("DELETE", _ONE)
def delete_attribute(request: Request) -> Answer:
    """Delete an attribute with its options, whoever has them; the answer shows it as it was."""
    organization = guards.organization(request, "ORG_ADMIN")
    row = _attribute(request, organization, request.params["attributeId"])
    request.store.delete("attributes", row["id"])
    return success(attribute_view(row))


@route("GET", _OPTIONS)
def list_options(request: Request) -> Answer:
    """The options of an attribute, the oldest first; none for one that does not exist."""
    organization = guards.organization(request, "ORG_MEMBER")
    rows = request.store.all(
        "SELECT attribute_options.* FROM attribute_options "
        "JOIN attributes ON attributes.id = attribute_id "
        "WHERE attribute_id = ? AND team_id = ? ORDER BY attribute_options.number",
        request.params["attributeId"],
        organization.id,
    )
    return success([option_view(row) for row in rows])


@route("POST", _OPTIONS)
def create_option(request: Request) -> Answer:
    """A new option of an attribute."""
    organization = guards.organization(request, "ORG_ADMIN")
    body = check(request.body, OPTION)
    row = attribute_by_id(request.store, organization.id, request.params["attributeId"])
    if row is None:
        raise refusals.unknown_reference()
    option_id = add_option(request.store, row["id"], body["value"], body["slug"])
    return success(option_view(_option(request, organization, option_id)), 201)


@route("PATCH", _OPTION)
def update_option(request: Request) -> Answer:
    """Change the given fields of an option."""
    organization = guards.organization(request, "ORG_ADMIN")
    body = check(request.body, OPTION_CHANGE)
    row = _option(request, organization, request.params["optionId"])
    request.store.update("attribute_options", row["id"], **body)
    return success(option_view(_option(request, organization, row["id"])))


@route("DELETE", _OPTION)
def delete_option(request: Request) -> Answer:
    """Delete an option and take it from all who have it; the answer shows it as it was."""
    organization = guards.organization(request, "ORG_ADMIN")
    attribute_id = request.params["attributeId"]
    row = None
    if attribute_by_id(request.store, organization.id, attribute_id) is not None:
        row = option_by_id(request.store, attribute_id, request.params["optionId"])
    if row is None:
        raise refusals.not_found("Attribute option not found")
    request.store.delete("attribute_options", row["id"])
    return success(option_view(row))


def _attribute(request: Request, organization: Team, attribute_id: str) -> sqlite3.Row:
    row = attribute_by_id(request.store, organization.id, attribute_id)
    if row is None:
        raise refusals.no_such_record()
    return row


def _option(request: Request, organization: Team, option_id: str) -> sqlite3.Row:
    attribute = _attribute(request, organization, request.params["attributeId"])
    row = option_by_id(request.store, attribute["id"], option_id)
    if row is None:
        raise refusals.no_such_record()
    return row


def _refuse_taken_slug(request: Request, slug: str) -> None:
    if request.store.one("SELECT 1 FROM attributes WHERE slug = ?", slug) is not None:
        raise refusals.already_exists()
