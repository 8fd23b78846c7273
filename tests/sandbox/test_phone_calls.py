"""The two create-phone-call operations."""

from collections.abc import Iterator
from typing import Any

import pytest

from cal_actions.sandbox import Sandbox
from tests.sandbox.conftest import SAM, Clock

MEMBER, OUTSIDER = "cal_max", "cal_oscar"
IN_ORGANIZATION = "/v2/organizations/10/teams/11/event-types/50/create-phone-call"
OF_TEAM = "/v2/teams/11/event-types/50/create-phone-call"
BOTH = pytest.mark.parametrize("target", [IN_ORGANIZATION, OF_TEAM])
NEW = {
    "yourPhoneNumber": "+441234567890",
    "numberToCall": "+441234567891",
    "calApiKey": "cal_live_secret",
    "guestName": "Gwen",
}
WORLD = {
    "users": [
        {"id": 1, "username": "olivia", "email": "olivia@example.com", "apiKeys": [{"key": SAM}]},
        {"id": 2, "username": "max", "email": "max@example.com", "apiKeys": [{"key": MEMBER}]},
        {"id": 3, "username": "oscar", "email": "o@example.com", "apiKeys": [{"key": OUTSIDER}]},
    ],
    "teams": [
        {"id": 10, "name": "Acme", "slug": "acme", "isOrganization": True},
        {"id": 11, "name": "Sales", "slug": "sales", "parentId": 10},
        {"id": 12, "name": "Support", "slug": "support", "parentId": 10},
        {"id": 13, "name": "Chess", "slug": "chess"},
    ],
    "memberships": [
        {"teamId": 10, "userId": 1, "role": "OWNER", "accepted": True},
        {"teamId": 11, "userId": 1, "role": "OWNER", "accepted": True},
        {"teamId": 10, "userId": 2, "accepted": True},
        {"teamId": 11, "userId": 2, "accepted": True},
    ],
    "eventTypes": [
        {"id": 50, "teamId": 11, "schedulingType": "roundRobin", "title": "Demo", "slug": "demo",
         "lengthInMinutes": 30},
        {"id": 51, "teamId": 12, "schedulingType": "collective", "title": "Help", "slug": "help",
         "lengthInMinutes": 30},
        {"id": 52, "ownerId": 1, "title": "Own", "slug": "own", "lengthInMinutes": 30},
    ],
}  # fmt: skip


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(now=clock, world=WORLD) as made:
        yield made


@BOTH
def test_a_call_is_kept_in_the_world(call: Any, sandbox: Sandbox, target: str) -> None:
    told = call("POST", target, NEW)
    assert told.status == 201
    assert sandbox.state()["phoneCalls"] == [
        {
            "id": told.data["callId"],
            "agentId": told.data["agentId"],
            "eventTypeId": 50,
            "userId": 1,
            "yourPhoneNumber": "+441234567890",
            "numberToCall": "+441234567891",
            "enabled": True,
            "templateType": "CUSTOM_TEMPLATE",
            "schedulerName": None,
            "guestName": "Gwen",
            "guestEmail": None,
            "guestCompany": None,
            "beginMessage": None,
            "generalPrompt": None,
            "createdAt": "2026-11-23T08:00:00.000Z",
        }
    ]


def test_the_key_in_the_body_is_not_kept(call: Any, sandbox: Sandbox) -> None:
    call("POST", IN_ORGANIZATION, NEW)
    assert "cal_live_secret" not in str(sandbox.state())


def test_every_call_is_a_new_one(call: Any, sandbox: Sandbox) -> None:
    ids = {call("POST", IN_ORGANIZATION, NEW).data["callId"] for _ in range(2)}
    assert {one["id"] for one in sandbox.state()["phoneCalls"]} == ids
    assert len(ids) == 2


@BOTH
@pytest.mark.parametrize("number", ["441234567890", "+0123", "+44 1234", "+1234567890123456"])
def test_a_number_is_international_without_spaces(call: Any, target: str, number: str) -> None:
    told = call("POST", target, {**NEW, "numberToCall": number})
    assert list(told.constraints) == ["numberToCall"]


def test_a_template_is_one_of_two(call: Any) -> None:
    body = {**NEW, "templateType": "CHECK_IN_APPOINTMENT"}
    assert call("POST", IN_ORGANIZATION, body).status == 201
    told = call("POST", IN_ORGANIZATION, {**NEW, "templateType": "OTHER"})
    assert list(told.constraints) == ["templateType"]


def test_a_refused_call_is_not_kept(call: Any, sandbox: Sandbox) -> None:
    call("POST", IN_ORGANIZATION, {})
    assert sandbox.state()["phoneCalls"] == []


@pytest.mark.parametrize("event_type_id", [51, 52, 999])
@BOTH
def test_the_event_type_is_one_of_the_team(call: Any, target: str, event_type_id: int) -> None:
    told = call("POST", target.replace("/50/", f"/{event_type_id}/"), NEW)
    assert told.status == 404
    assert told.error["message"] == f"Event type with id {event_type_id} not found"


@BOTH
@pytest.mark.parametrize(("key", "status"), [(MEMBER, 403), (OUTSIDER, 403), (None, 401)])
def test_only_an_admin_of_the_team_may_have_someone_called(
    call: Any, target: str, key: str | None, status: int
) -> None:
    assert call("POST", target, NEW, key=key).status == status


@pytest.mark.parametrize("team_id", [13, 99])
def test_a_team_that_the_organization_does_not_have_is_not_found(call: Any, team_id: int) -> None:
    assert call("POST", IN_ORGANIZATION.replace("/11/", f"/{team_id}/"), NEW).status == 404


def test_a_deleted_event_type_takes_its_calls_along(call: Any, sandbox: Sandbox) -> None:
    call("POST", IN_ORGANIZATION, NEW)
    assert call("DELETE", "/v2/teams/11/event-types/50", version="2024-06-14").status == 200
    assert sandbox.state()["phoneCalls"] == []
