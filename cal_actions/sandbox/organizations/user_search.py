"""Which users of an organization a list asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from cal_actions.sandbox.checks import Field, check, number, optional
from cal_actions.sandbox.exchange import LARGEST_ID, Query
from cal_actions.sandbox.rules import (
    Rule,
    at_least,
    at_most,
    is_array,
    is_email,
    is_in,
    is_number,
    is_string,
)
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.users.records import User, user_by_id

_DEFAULT_TAKE = 250
_LARGEST_TAKE = 1000
_HOW_MANY = {"AND": "= {all}", "OR": "> 0", "NONE": "= 0"}
_Condition = tuple[str, Collection[Any]]


def _not_empty(message: str) -> Rule:
    return Rule("arrayMinSize", lambda value: isinstance(value, list) and bool(value), message)


_EMAILS = Rule(
    "IsEmailStringOrArray",
    is_email().test,
    "Please submit only valid email addresses",
    each=True,
)
_OPTION_IDS = (
    _not_empty("assignedOptionIds must contain at least 1 attribute option id"),
    is_string().for_each(),
    is_array(),
)
_TEAM_IDS = (
    _not_empty("teamIds must contain at least 1 team id"),
    is_number().for_each(),
    is_array(),
)
_QUERY = (
    optional(Field("take", (at_most(_LARGEST_TAKE), at_least(1), is_number()), nullable=False)),
    optional(Field("skip", (at_least(0), is_number()), nullable=False)),
    optional(Field("emails", (_EMAILS,))),
    optional(Field("assignedOptionIds", _OPTION_IDS)),
    Field("attributeQueryOperator", (is_in(tuple(_HOW_MANY)), is_string())),
    optional(Field("teamIds", _TEAM_IDS)),
)


@dataclass(frozen=True, slots=True)
class UserSearch:
    """A checked query; an empty filter is left out."""

    take: int
    skip: int
    emails: list[str]
    team_ids: list[int]
    option_ids: set[str]
    option_operator: str


def read_search(query: Query) -> UserSearch:
    """The query of a list of users.

    Several ids may be one text with commas, several email addresses may not (as recorded).
    Raises Refusal (400) with every error of every parameter.
    """
    checked = check(_as_cal_reads_it(query), _QUERY)
    return UserSearch(
        take=int(checked.get("take", _DEFAULT_TAKE)),
        skip=int(min(checked.get("skip", 0), LARGEST_ID)),
        emails=checked.get("emails", []),
        team_ids=checked.get("teamIds", []),
        option_ids=set(checked.get("assignedOptionIds", [])),
        option_operator=checked["attributeQueryOperator"],
    )


def find_users(store: Store, organization_id: int, search: UserSearch) -> list[User]:
    """The users with a profile in the organization that pass every filter, ordered by id."""
    conditions = ["organization_id = ?"]
    values: list[Any] = [organization_id]
    for condition, needed in _conditions(organization_id, search):
        conditions.append(condition)
        values.extend(needed)
    rows = store.all(
        "SELECT user_id FROM profiles JOIN users ON users.id = user_id "
        f"WHERE {' AND '.join(conditions)} ORDER BY user_id LIMIT ? OFFSET ?",
        *values,
        search.take,
        search.skip,
    )
    found = (user_by_id(store, row["user_id"]) for row in rows)
    return [user for user in found if user is not None]


def _as_cal_reads_it(query: Query) -> dict[str, Any]:
    target: dict[str, Any] = {"attributeQueryOperator": "AND", **query}
    for name in ("take", "skip"):
        if name in target:
            target[name] = number(target[name])
    if isinstance(target.get("emails"), str):
        target["emails"] = [target["emails"]]
    for name in ("assignedOptionIds", "teamIds"):
        if isinstance(target.get(name), str):
            target[name] = target[name].split(",")
    if "teamIds" in target:
        target["teamIds"] = [_team_id(one) for one in target["teamIds"]]
    return target


def _team_id(text: str) -> float | None:
    """Beyond 32 bits there is no team, and the database cannot look for one."""
    value = number(text)
    return None if value is None else max(-LARGEST_ID, min(value, LARGEST_ID))


def _conditions(organization_id: int, search: UserSearch) -> Iterator[_Condition]:
    if search.emails:
        yield f"email IN ({_marks(search.emails)})", search.emails
    if search.team_ids:
        yield (
            "user_id IN (SELECT user_id FROM memberships "
            f"WHERE team_id IN ({_marks(search.team_ids)}))",
            search.team_ids,
        )
    if search.option_ids:
        how_many = _HOW_MANY[search.option_operator].format(all=len(search.option_ids))
        yield (
            "(SELECT COUNT(*) FROM attribute_assignments "
            "JOIN memberships ON memberships.id = member_id WHERE team_id = ? "
            "AND memberships.user_id = profiles.user_id "
            f"AND attribute_option_id IN ({_marks(search.option_ids)})) {how_many}",
            (organization_id, *search.option_ids),
        )


def _marks(values: Collection[Any]) -> str:
    return ", ".join("?" * len(values))
