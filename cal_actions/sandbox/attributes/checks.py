"""What the bodies and queries about attributes must hold."""

from __future__ import annotations

from typing import Any

from cal_actions.sandbox.checks import Field, number, optional
from cal_actions.sandbox.exchange import Query
from cal_actions.sandbox.rules import (
    Rule,
    is_array,
    is_boolean,
    is_enum,
    is_int,
    is_string,
)

TYPES = ("TEXT", "NUMBER", "SINGLE_SELECT", "MULTI_SELECT")
WITH_VALUE = ("TEXT", "NUMBER")
"""The types whose options come into being when a value is assigned."""


def _is_not_empty() -> Rule:
    return Rule(
        "isNotEmpty",
        lambda value: isinstance(value, str | int | float | list | dict) and value != "",
        "{property} should not be empty",
    )


def _text(name: str) -> Field:
    return Field(name, (_is_not_empty(), is_string()), nullable=False)


OPTION = (_text("value"), _text("slug"))
OPTION_CHANGE = tuple(optional(one) for one in OPTION)
_ATTRIBUTE = (
    _text("name"),
    _text("slug"),
    Field("type", (_is_not_empty(), is_enum(TYPES)), nullable=False),
)
_ENABLED = optional(Field("enabled", (is_boolean(),), nullable=False))
ATTRIBUTE = (*_ATTRIBUTE, Field("options", (is_array(),), nested=OPTION, each=True), _ENABLED)
ATTRIBUTE_CHANGE = (*(optional(one) for one in _ATTRIBUTE), _ENABLED)
ASSIGNMENT = (
    optional(Field("value", (_is_not_empty(), is_string()))),
    optional(Field("attributeOptionId", (_is_not_empty(), is_string()))),
    _text("attributeId"),
)
FILTERS = (
    optional(Field("assignedOptionIds", (is_string().for_each(), is_array()))),
    optional(Field("teamIds", (is_int().for_each(), is_array()))),
)


def filters_of(query: Query) -> dict[str, Any]:
    """The filters of a query as `FILTERS` checks them: lists, also where commas separate them."""
    given: dict[str, Any] = {
        one.name: _separated(query[one.name]) for one in FILTERS if one.name in query
    }
    if "teamIds" in given:
        given["teamIds"] = [number(text) if text.isdigit() else text for text in given["teamIds"]]
    return given


def _separated(value: str | list[str]) -> list[str]:
    return value.split(",") if isinstance(value, str) else value
