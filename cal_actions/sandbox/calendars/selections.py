"""Calendars whose events make the caller busy, and the one that bookings are written to."""

from __future__ import annotations

from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.calendars.connections import (
    Calendar,
    connection_of,
    connections_of,
    is_selected,
    set_destination,
)
from cal_actions.sandbox.calendars.providers import WITH_ACCOUNT
from cal_actions.sandbox.checks import Field, check, optional
from cal_actions.sandbox.exchange import LARGEST_ID, Answer, Request, success
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.rules import Rule, is_int, is_string

_WRITABLE = tuple(one.type for one in WITH_ACCOUNT)
_DELEGATION = optional(Field("delegationCredentialId", (is_string(),)))
_SELECT = (
    Field("integration", (is_string(),)),
    Field("externalId", (is_string(),)),
    Field("credentialId", (is_int(),)),
    _DELEGATION,
)
_UNSELECT = (
    Field("integration", (is_string(),)),
    Field("externalId", (is_string(),)),
    Field(
        "credentialId",
        (
            Rule(
                "isNumberString",
                lambda value: isinstance(value, str) and value.isascii() and value.isdigit(),
                "{property} must be a number string",
            ),
        ),
    ),
    _DELEGATION,
)
_DESTINATION = (
    Field(
        "integration",
        (
            # Recorded: the message ends before the values.
            Rule(
                "isEnum",
                _WRITABLE.__contains__,
                "{property} must be one of the following values: ",
            ),
            is_string(),
        ),
    ),
    Field("externalId", (is_string(),)),
    _DELEGATION,
)


@route("POST", "/v2/selected-calendars")
def select_calendar(request: Request) -> Answer:
    """Let a calendar's events make the caller busy.

    As on Cal.com one that is selected already is answered without data.
    Raises Refusal (404) when the caller has not connected it.
    """
    body = check(request.body, _SELECT)
    calendar = _own_calendar(request, body, body["credentialId"])
    if is_selected(request.store, calendar):
        return Answer({"status": "success"}, 201)
    request.store.insert(
        "selected_calendars",
        user_id=request.user.id,
        credential_id=calendar.credential_id,
        integration=calendar.integration,
        external_id=calendar.external_id,
    )
    return success(_view(request, calendar), 201)


@route("DELETE", "/v2/selected-calendars")
def unselect_calendar(request: Request) -> Answer:
    """Let a calendar's events no longer count. Raises Refusal (404) when it is not selected."""
    query = check(request.query, _UNSELECT)
    calendar = _own_calendar(request, query, int(min(float(query["credentialId"]), LARGEST_ID)))
    deleted = request.store.run(
        "DELETE FROM selected_calendars WHERE credential_id = ? AND external_id = ?",
        calendar.credential_id,
        calendar.external_id,
    )
    if not deleted:
        raise refusals.not_found(f"Calendar {calendar.external_id} is not selected")
    return success(_view(request, calendar))


@route("PUT", "/v2/destination-calendars")
def choose_destination(request: Request) -> Answer:
    """Let the caller's bookings be written to a calendar that is connected and can be written to.

    Raises Refusal (404) for any other.
    """
    body = check(request.body, _DESTINATION)
    for connection in connections_of(request.store, request.user):
        calendar = connection.calendar(body["externalId"])
        if calendar is not None and calendar.integration == body["integration"]:
            set_destination(request.store, request.user, calendar, request.now)
            return success(_view(request, calendar))
    raise _unknown(body)


def _own_calendar(request: Request, named: dict[str, Any], credential_id: int) -> Calendar:
    connection = connection_of(request.store, request.user, credential_id)
    calendar = connection.calendar(named["externalId"])
    if calendar is None or calendar.integration != named["integration"]:
        raise _unknown(named)
    return calendar


def _unknown(named: dict[str, Any]) -> refusals.Refusal:
    return refusals.not_found(f"Could not find calendar {named['externalId']}")


def _view(request: Request, calendar: Calendar) -> dict[str, Any]:
    return {
        "userId": request.user.id,
        "integration": calendar.integration,
        "externalId": calendar.external_id,
        "credentialId": calendar.credential_id,
    }
