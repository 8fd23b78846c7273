"""Attributes, options and assignments as their rows hold them, and how answers show them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cal_actions.sandbox.checks import number

if TYPE_CHECKING:
    import sqlite3

    from cal_actions.sandbox.store import Store

_MEMBER_WORDS = {"TEXT": "text", "NUMBER": "number", "SINGLE_SELECT": "singleSelect"}


def attribute_by_id(store: Store, organization_id: int, attribute_id: str) -> sqlite3.Row | None:
    """The attribute of this organization with this id, or None."""
    return store.one(
        "SELECT * FROM attributes WHERE team_id = ? AND id = ?", organization_id, attribute_id
    )


def option_by_id(store: Store, attribute_id: str, option_id: str) -> sqlite3.Row | None:
    """The option of this attribute with this id, or None."""
    return store.one(
        "SELECT * FROM attribute_options WHERE attribute_id = ? AND id = ?", attribute_id, option_id
    )


def add_option(store: Store, attribute_id: str, value: str, slug: str) -> str:
    """A new option of an attribute; gives its id."""
    option_id = store.new_uuid()
    store.insert(
        "attribute_options", id=option_id, attribute_id=attribute_id, value=value, slug=slug
    )
    return option_id


def attributes_of_member(store: Store, membership_id: int) -> list[dict[str, Any]]:
    """The `attributes` of a membership of an organization, as its memberships show them.

    Each attribute shows once, with the option assigned last; one that takes several shows all of
    them (as recorded, and as the API document has it).
    """
    rows = store.all(
        "SELECT attributes.id, attributes.name, attributes.type, "
        "attribute_options.id AS option_id, attribute_options.value "
        "FROM attribute_assignments "
        "JOIN attribute_options ON attribute_options.id = attribute_option_id "
        "JOIN attributes ON attributes.id = attribute_id "
        "WHERE member_id = ? ORDER BY attribute_assignments.number",
        membership_id,
    )
    shown: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["type"] == "MULTI_SELECT":
            _add_to_several(shown, row)
        else:
            shown[row["id"]] = _with_one_option(row)
    return list(shown.values())


def _with_one_option(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["name"],
        "optionId": row["option_id"],
        "option": number(row["value"]) if row["type"] == "NUMBER" else row["value"],
        "type": _MEMBER_WORDS[row["type"]],
    }


def _add_to_several(shown: dict[str, dict[str, Any]], row: sqlite3.Row) -> None:
    attribute = shown.setdefault(
        row["id"],
        {"id": row["id"], "name": row["name"], "options": [], "type": "multiSelect"},
    )
    attribute["options"].append({"optionId": row["option_id"], "option": row["value"]})


def attribute_view(row: sqlite3.Row) -> dict[str, Any]:
    """A row of `attributes` as every answer shows it."""
    return {
        "id": row["id"],
        "teamId": row["team_id"],
        "type": row["type"],
        "name": row["name"],
        "slug": row["slug"],
        "enabled": bool(row["enabled"]),
        "usersCanEditRelation": bool(row["users_can_edit_relation"]),
        "createdAt": row["created_at"],
        "updatedAt": row["updated_at"] or row["created_at"],
        "isWeightsEnabled": bool(row["is_weights_enabled"]),
        "isLocked": bool(row["is_locked"]),
    }


def option_view(row: sqlite3.Row) -> dict[str, Any]:
    """A row of `attribute_options` as every answer shows it."""
    return {
        "id": row["id"],
        "attributeId": row["attribute_id"],
        "value": row["value"],
        "slug": row["slug"],
        "isGroup": bool(row["is_group"]),
        "contains": json.loads(row["contains"]),
    }


def assignment_view(row: sqlite3.Row) -> dict[str, Any]:
    """A row of `attribute_assignments` as every answer shows it."""
    return {
        "id": row["id"],
        "memberId": row["member_id"],
        "attributeOptionId": row["attribute_option_id"],
        "weight": row["weight"],
        "createdAt": row["created_at"],
        "createdById": None,
        "createdByDSyncId": None,
        "updatedAt": row["created_at"],
        "updatedById": None,
        "updatedByDSyncId": None,
    }
