"""What the body of POST and PATCH of a team's event types may hold."""

from __future__ import annotations

from typing import Any

from cal_actions.sandbox.checks import Field, optional
from cal_actions.sandbox.event_types.checks import CHANGE, LOCATIONS, NEW, Locations, read
from cal_actions.sandbox.event_types.hosts import PRIORITIES
from cal_actions.sandbox.rules import is_array, is_boolean, is_enum, is_int

_SCHEDULING_TYPES = {
    "roundRobin": "ROUND_ROBIN",
    "collective": "COLLECTIVE",
    "managed": "MANAGED",
}
_HOST = (
    Field("userId", (is_int(),)),
    optional(Field("mandatory", (is_boolean(),))),
    optional(Field("priority", (is_enum(PRIORITIES),))),
)
_OF_TEAMS = (
    optional(Field("hosts", (is_array(),), nested=_HOST, each=True)),
    optional(Field("assignAllTeamMembers", (is_boolean(),))),
)
_SCHEDULING_TYPE = Field("schedulingType", (is_enum(tuple(_SCHEDULING_TYPES.values())),))
_NEW = (*NEW, _SCHEDULING_TYPE, *_OF_TEAMS)
_CHANGE = (*CHANGE, *_OF_TEAMS)
_LOCATIONS: Locations = {**LOCATIONS, "organizersDefaultApp": ()}


def read_new(body: Any) -> dict[str, Any]:
    """The checked body of POST, its `schedulingType` in the documented words.

    As on the recorded server the words of the database (`ROUND_ROBIN`) do as well, and are those
    that an error names. Raises Refusal (400).
    """
    cleaned = read(_in_database_words(body), _NEW, _LOCATIONS)
    words = {stored: word for word, stored in _SCHEDULING_TYPES.items()}
    return {**cleaned, "schedulingType": words[cleaned["schedulingType"]]}


def read_change(body: Any) -> dict[str, Any]:
    """The checked body of PATCH; the scheduling type stays as it is. Raises Refusal (400)."""
    return read(body, _CHANGE, _LOCATIONS)


def _in_database_words(body: Any) -> Any:
    word = body.get("schedulingType") if isinstance(body, dict) else None
    if not isinstance(word, str) or word not in _SCHEDULING_TYPES:
        return body
    return {**body, "schedulingType": _SCHEDULING_TYPES[word]}
