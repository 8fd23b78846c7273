"""The two create-phone-call operations: nothing is dialled, the call is kept in the world."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cal_actions.sandbox import guards, refusals
from cal_actions.sandbox.checks import Field, check, optional, with_defaults
from cal_actions.sandbox.event_types.records import event_type_by_id
from cal_actions.sandbox.exchange import Answer, Request, success, timestamp
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.rules import is_boolean, is_enum, is_string, matches
from cal_actions.sandbox.teams.records import Team

_PHONE_NUMBER = matches(
    r"\+[1-9][0-9]{1,14}",
    "Invalid phone number format. Expected format: +<CountryCode><PhoneNumber> with no spaces or "
    "separators.",
)
_DEFAULTS = {"enabled": True, "templateType": "CUSTOM_TEMPLATE"}
_COLUMNS = {
    "yourPhoneNumber": "your_phone_number",
    "numberToCall": "number_to_call",
    "enabled": "enabled",
    "templateType": "template_type",
    "schedulerName": "scheduler_name",
    "guestName": "guest_name",
    "guestEmail": "guest_email",
    "guestCompany": "guest_company",
    "beginMessage": "begin_message",
    "generalPrompt": "general_prompt",
}
_TEXTS = (
    "schedulerName", "guestName", "guestEmail", "guestCompany", "beginMessage", "generalPrompt",
)  # fmt: skip
_FIELDS = (
    Field("yourPhoneNumber", (_PHONE_NUMBER, is_string())),
    Field("numberToCall", (_PHONE_NUMBER, is_string())),
    Field("calApiKey", (is_string(),)),
    Field("enabled", (is_boolean(),)),
    Field("templateType", (is_enum(("CHECK_IN_APPOINTMENT", "CUSTOM_TEMPLATE")),)),
    *(optional(Field(name, (is_string(),))) for name in _TEXTS),
)
_CALL = "event-types/{eventTypeId}/create-phone-call"


@route("POST", f"/v2/organizations/{{orgId}}/teams/{{teamId}}/{_CALL}")
def create_phone_call_in_organization(request: Request) -> Answer:
    """A phone call about an event type of a team of an organization.

    The recorded server hands it to a voice service, without which it breaks (500).
    """
    created = _create(request, guards.team_in_organization(request, "TEAM_ADMIN"))
    return replace(created, fault=refusals.broken())


@route("POST", f"/v2/teams/{{teamId}}/{_CALL}")
def create_phone_call(request: Request) -> Answer:
    """A phone call about an event type of a team, as the API document has it."""
    return _create(request, guards.team(request, "TEAM_ADMIN"))


def _create(request: Request, team: Team) -> Answer:
    body = check(with_defaults(request.body, _DEFAULTS), _FIELDS)
    event_type_id = _event_type_id(request, team)
    call = {"id": request.store.new_uuid(), "agent_id": request.store.new_uuid()}
    request.store.insert(
        "phone_calls",
        **call,
        **_columns(body),
        event_type_id=event_type_id,
        user_id=request.user.id,
        created_at=timestamp(request.now),
    )
    return success({"callId": call["id"], "agentId": call["agent_id"]}, 201)


def _event_type_id(request: Request, team: Team) -> int:
    event_type_id = request.number("eventTypeId")
    event_type = event_type_by_id(request.store, event_type_id)
    if event_type is None or event_type.team_id != team.id:
        raise refusals.not_found(f"Event type with id {event_type_id} not found")
    return event_type_id


def _columns(body: dict[str, Any]) -> dict[str, Any]:
    """The row of a call; its API key is a secret that nothing here needs, so it is not kept."""
    return {column: body.get(name) for name, column in _COLUMNS.items()}
