"""Finder: three tools in place of one for each action, for prompts that cannot hold them all.

A model finds actions by what it wants to do, reads what the chosen one takes, and executes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cal_actions import ActionError, Envelope
from cal_actions.validation import Checker

if TYPE_CHECKING:
    from cal_actions import ActionSpec, AsyncConnector, Catalog
    from cal_actions.auth import Auth

    Schema = dict[str, Any]
    Tool = dict[str, Any]

FIND, DESCRIBE, EXECUTE = "cal_find", "cal_describe", "cal_execute"
_ENVELOPE: Schema = {
    "type": "object",
    "required": ["data", "error", "successful"],
    "properties": {
        "data": {},
        "error": {"type": ["string", "null"]},
        "successful": {"type": "boolean"},
    },
}
_FIND: Schema = {
    "type": "object",
    "required": ["query"],
    "additionalProperties": False,
    "properties": {
        "query": {"type": "string", "description": "Such as: move a booking to another time."},
        "limit": {"type": "integer", "minimum": 1, "maximum": 20, "default": 5},
    },
}
_DESCRIBE: Schema = {
    "type": "object",
    "required": ["actions"],
    "additionalProperties": False,
    "properties": {
        "actions": {
            "type": "array",
            "minItems": 1,
            "maxItems": 5,
            "items": {"type": "string"},
            "description": f"Names from {FIND}, such as CAL_FETCH_ALL_BOOKINGS.",
        }
    },
}
_EXECUTE: Schema = {
    "type": "object",
    "required": ["action"],
    "additionalProperties": False,
    "properties": {
        "action": {"type": "string", "description": f"A name from {FIND}."},
        "params": {"type": "object", "description": f"By the inputSchema from {DESCRIBE}."},
    },
}


class FinderTools:
    """Tools to find, describe and execute the actions that the connector offers."""

    def __init__(self, connector: AsyncConnector) -> None:
        self._connector = connector
        self._actions = connector.actions
        self._check = {
            name: Checker(f"The call of {name}", schema)
            for name, schema in ((FIND, _FIND), (DESCRIBE, _DESCRIBE), (EXECUTE, _EXECUTE))
        }
        effects: set[str] = {spec.effect for spec in self._actions.values()}
        self.listed: list[Tool] = [
            _tool(
                FIND,
                "Find Cal.com actions",
                f"Searches the {len(self._actions)} actions on Cal.com: bookings, free slots,"
                " event types, schedules, calendars, teams, organizations, webhooks. Say what you"
                " want to do and whose things you mean (mine, a team's, an organization's). The"
                f" best fit comes first; read it with {DESCRIBE}.",
                _FIND,
                {"read"},
            ),
            _tool(
                DESCRIBE,
                "Describe Cal.com actions",
                f"Tells what actions do, and the JSON Schema of the params that {EXECUTE} takes.",
                _DESCRIBE,
                {"read"},
            ),
            _tool(
                EXECUTE,
                "Execute a Cal.com action",
                f"Executes one action, which you have read with {DESCRIBE}. On failure, error"
                " says what to change.",
                _EXECUTE,
                effects,
            ),
        ]

    async def call(self, name: str, arguments: dict[str, Any], auth: Auth | None) -> Envelope:
        """Call one of the three."""
        check = self._check.get(name)
        if check is None:
            return Envelope.failure(_no_such_tool(name, self._actions))
        try:
            checked = check(arguments)
            if name == FIND:
                return Envelope.success({"actions": self._find(**checked)})
            if name == DESCRIBE:
                return Envelope.success({"actions": self._describe(**checked)})
        except ActionError as problem:
            return Envelope.failure(problem)
        action, params = checked["action"], checked.get("params")
        return await self._connector.execute(action, params, auth=auth)

    def _find(self, query: str, limit: int = 5) -> list[dict[str, Any]]:
        found = self._actions.search(query, limit)
        return [{**_summary(spec), "required": spec.input.get("required", [])} for spec in found]

    def _describe(self, actions: list[str]) -> list[dict[str, Any]]:
        try:
            specs = [self._actions[slug] for slug in dict.fromkeys(actions)]
        except KeyError as unknown:
            raise ActionError("unknown_action", unknown.args[0]) from None
        return [{**_summary(spec), "inputSchema": spec.input_schema} for spec in specs]


def _summary(spec: ActionSpec) -> dict[str, Any]:
    return {
        "action": spec.slug,
        "title": spec.title,
        "description": spec.description,
        "effect": spec.effect,
    }


def _tool(name: str, title: str, description: str, schema: Schema, effects: set[str]) -> Tool:
    return {
        "name": name,
        "title": title,
        "description": description,
        "inputSchema": schema,
        "outputSchema": _ENVELOPE,
        "annotations": {
            "title": title,
            "readOnlyHint": effects <= {"read"},
            "destructiveHint": "destructive" in effects,
            "idempotentHint": effects <= {"read"},
            "openWorldHint": name == EXECUTE,
        },
    }


def _no_such_tool(name: str, actions: Catalog) -> ActionError:
    if name in actions:
        advice = f"call {EXECUTE} with this name as action."
    else:
        advice = f"use {FIND}, {DESCRIBE} or {EXECUTE}."
    return ActionError("unknown_action", f"There is no tool {name[:80]!r}: {advice}")
