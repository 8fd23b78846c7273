"""The webhooks of users, event types, teams' event types, organizations and OAuth clients."""

from collections.abc import Iterator
from typing import Any

import pytest

from cal_actions.sandbox import Sandbox
from cal_actions.sandbox.seed import BUILT_IN
from tests.sandbox.conftest import SAM, Clock

KIM, ROBIN, PAT, MIA = "cal_kim", "cal_sandbox_member", "cal_pat", "cal_mia"
NEW = {
    "active": True,
    "subscriberUrl": "https://hooks.example.com/a",
    "triggers": ["BOOKING_CREATED", "BOOKING_CANCELLED"],
    "secret": "s3cret",
    "payloadTemplate": '{"a":"{{type}}"}',
}
CLIENT = {"x-cal-client-id": "cal_sandbox_client", "x-cal-secret-key": "cal_sandbox_secret"}
USER = "/v2/webhooks"
EVENT_TYPE = "/v2/event-types/1/webhooks"
TEAM_EVENT_TYPE = "/v2/teams/3/event-types/9/webhooks"
ORGANIZATION = "/v2/organizations/1/webhooks"
OAUTH_CLIENT = "/v2/oauth-clients/cal_sandbox_client/webhooks"
OWNERS = {
    USER: ("userId", 1),
    EVENT_TYPE: ("eventTypeId", 1),
    TEAM_EVENT_TYPE: ("eventTypeId", 9),
    ORGANIZATION: ("teamId", 1),
    OAUTH_CLIENT: ("oAuthClientId", "cal_sandbox_client"),
}
SEVERAL_AT_ONCE = [EVENT_TYPE, TEAM_EVENT_TYPE, OAUTH_CLIENT]


def _user(number: int, name: str) -> dict[str, Any]:
    return {
        "id": number,
        "username": name,
        "email": f"{name}@example.com",
        "apiKeys": [{"key": f"cal_{name}"}],
    }


WORLD = {
    **BUILT_IN,
    "users": [*BUILT_IN["users"], _user(3, "kim"), _user(4, "pat"), _user(5, "mia")],
    "memberships": [
        *BUILT_IN["memberships"],
        {"teamId": 2, "userId": 4, "role": "ADMIN", "accepted": True},
        {"teamId": 2, "userId": 5, "role": "MEMBER", "accepted": True},
    ],
    "profiles": [
        {"userId": 1, "organizationId": 1, "username": "sam"},
        {"userId": 4, "organizationId": 2, "username": "pat"},
        {"userId": 5, "organizationId": 2, "username": "mia"},
    ],
    "eventTypes": [
        *BUILT_IN["eventTypes"],
        {
            "id": 8,
            "ownerId": 3,
            "title": "Chat",
            "slug": "chat",
            "lengthInMinutes": 15,
        },
        {
            "id": 9,
            "teamId": 3,
            "schedulingType": "collective",
            "title": "Help",
            "slug": "help",
            "lengthInMinutes": 30,
            "hosts": [{"userId": 1}],
        },
    ],
}


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(now=clock, world=WORLD) as made:
        yield made


@pytest.fixture
def hook(call: Any) -> str:
    webhook_id: str = call("POST", "/v2/webhooks", NEW).data["id"]
    return webhook_id


def test_a_new_webhook_is_shown_as_it_was_given(call: Any) -> None:
    told = call("POST", "/v2/webhooks", NEW)
    assert told.status == 201
    assert told.data == {**NEW, "id": told.data["id"], "userId": 1}


def test_a_webhook_found_by_id_shows_every_column(call: Any, hook: str) -> None:
    found = call("GET", f"/v2/webhooks/{hook}").data
    assert found["createdAt"] == "2026-11-23T08:00:00.000Z"
    assert found["teamId"] is None


def test_the_same_subscriber_url_is_a_conflict(call: Any, hook: str) -> None:
    told = call("POST", "/v2/webhooks", NEW)
    assert told.status == 409
    assert told.error["message"] == (
        "Webhook with this subscriber url already exists for this user"
    )


def test_two_users_may_have_the_same_subscriber_url(call: Any, hook: str) -> None:
    assert call("POST", "/v2/webhooks", NEW, key=KIM).status == 201


def test_a_change_to_a_taken_subscriber_url_is_a_conflict(call: Any, hook: str) -> None:
    other = call("POST", "/v2/webhooks", {**NEW, "subscriberUrl": "https://hooks.example.com/b"})
    told = call(
        "PATCH", f"/v2/webhooks/{other.data['id']}", {"subscriberUrl": NEW["subscriberUrl"]}
    )
    assert told.status == 409


def test_a_webhook_may_keep_its_own_subscriber_url(call: Any, hook: str) -> None:
    body = {"subscriberUrl": NEW["subscriberUrl"]}
    assert call("PATCH", f"/v2/webhooks/{hook}", body).status == 200


def test_a_change_touches_the_given_fields_only(call: Any, hook: str) -> None:
    changed = call("PATCH", f"/v2/webhooks/{hook}", {"active": False}).data
    assert changed == {**NEW, "active": False, "id": hook, "userId": 1}


def test_null_clears_secret_and_payload_template(call: Any, hook: str) -> None:
    changed = call("PATCH", f"/v2/webhooks/{hook}", {"secret": None, "payloadTemplate": None}).data
    assert (changed["secret"], changed["payloadTemplate"]) == (None, None)


def test_null_is_no_answer_to_whether_a_webhook_is_active(call: Any, hook: str) -> None:
    assert call("PATCH", f"/v2/webhooks/{hook}", {"active": None}).status == 400


def test_a_deleted_webhook_is_shown_once_more(call: Any, hook: str) -> None:
    assert call("DELETE", f"/v2/webhooks/{hook}").data["id"] == hook
    assert call("GET", f"/v2/webhooks/{hook}").status == 404


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_the_webhook_of_someone_else_is_forbidden(call: Any, hook: str, method: str) -> None:
    body = {} if method == "PATCH" else None
    told = call(method, f"/v2/webhooks/{hook}", body, key=KIM)
    assert told.status == 403
    assert told.error["message"] == (
        f"IsUserWebhookGuard - user with id=(3) is not the owner of webhook with id=({hook})"
    )


def test_an_unknown_webhook_is_told_before_its_body_is_looked_at(call: Any) -> None:
    told = call("PATCH", "/v2/webhooks/nope", {"active": "yes"})
    assert told.status == 404
    assert told.error["message"] == "Webhook (nope) not found"


def test_an_unknown_trigger_is_told_with_the_known_ones(call: Any) -> None:
    told = call("POST", "/v2/webhooks", {**NEW, "triggers": ["NOT_A_TRIGGER"]})
    assert "BOOKING_RESCHEDULED" in told.constraints["triggers"]["isEnum"]


def test_one_trigger_is_still_a_list(call: Any) -> None:
    told = call("POST", "/v2/webhooks", {**NEW, "triggers": "BOOKING_CREATED"})
    assert told.constraints == {"triggers": {"isArray": "triggers must be an array"}}


def test_text_is_not_taken_for_a_boolean(call: Any) -> None:
    told = call("POST", "/v2/webhooks", {**NEW, "active": "true"})
    assert told.constraints == {"active": {"isBoolean": "active must be a boolean value"}}


def test_a_page_holds_what_take_and_skip_ask_for(call: Any) -> None:
    for letter in "abc":
        make(call, USER, subscriberUrl=f"https://x.example.com/{letter}")
    everything = call("GET", "/v2/webhooks").data
    assert call("GET", "/v2/webhooks?take=1&skip=1").data == everything[1:2]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [("take=251", "take"), ("take=0", "take"), ("take=abc", "take"), ("skip=-1", "skip")],
)
def test_a_page_outside_its_bounds_is_refused(call: Any, query: str, wrong: str) -> None:
    told = call("GET", f"/v2/webhooks?{query}")
    assert told.status == 400
    assert list(told.constraints) == [wrong]


def sender(level: str) -> dict[str, Any]:
    """Who has this level: Sam, or the OAuth client itself."""
    return {"key": None, "headers": CLIENT} if level == OAUTH_CLIENT else {"key": SAM}


def make(call: Any, level: str, **changed: Any) -> str:
    told = call("POST", level, NEW | changed, **sender(level))
    assert told.status == 201
    webhook_id: str = told.data["id"]
    return webhook_id


@pytest.mark.parametrize("level", OWNERS)
def test_a_webhook_names_its_owner(call: Any, level: str) -> None:
    word, owner = OWNERS[level]
    told = call("POST", level, NEW, **sender(level))
    assert told.data == {**NEW, "id": told.data["id"], word: owner}


@pytest.mark.parametrize("level", OWNERS)
def test_a_change_is_kept(call: Any, level: str) -> None:
    one = f"{level}/{make(call, level)}"
    call("PATCH", one, {"active": False, "triggers": ["MEETING_ENDED"]}, **sender(level))
    found = call("GET", one, **sender(level)).data
    assert (found["active"], found["triggers"]) == (False, ["MEETING_ENDED"])


@pytest.mark.parametrize("level", OWNERS)
def test_a_deleted_webhook_is_gone(call: Any, level: str) -> None:
    one = f"{level}/{make(call, level)}"
    assert call("DELETE", one, **sender(level)).status == 200
    assert call("GET", one, **sender(level)).status == 404
    assert call("GET", level, **sender(level)).data == []


@pytest.mark.parametrize("level", OWNERS)
def test_a_list_has_the_webhooks_of_its_owner_only(call: Any, level: str) -> None:
    made = {other: make(call, other) for other in OWNERS}
    assert [one["id"] for one in call("GET", level, **sender(level)).data] == [made[level]]


@pytest.mark.parametrize("level", OWNERS)
def test_every_list_has_pages(call: Any, level: str) -> None:
    made = {make(call, level, subscriberUrl=f"https://x.example.com/{one}") for one in "abc"}
    pages = [call("GET", f"{level}?take=2&skip={skip}", **sender(level)).data for skip in (0, 2, 4)]
    assert [len(page) for page in pages] == [2, 1, 0]
    assert {one["id"] for page in pages for one in page} == made


@pytest.mark.parametrize("level", OWNERS)
def test_a_body_is_checked_on_every_level(call: Any, level: str) -> None:
    told = call("POST", level, {"active": "yes"}, **sender(level))
    assert told.constraints.keys() == {"active", "subscriberUrl", "triggers"}


@pytest.mark.parametrize(
    ("level", "owner"),
    [
        (EVENT_TYPE, "event type"),
        (TEAM_EVENT_TYPE, "event type"),
        (ORGANIZATION, "user"),
        (OAUTH_CLIENT, "oAuth client"),
    ],
)
def test_a_url_is_taken_within_its_level(call: Any, level: str, owner: str) -> None:
    make(call, USER)
    make(call, level)
    told = call("POST", level, NEW, **sender(level))
    assert told.status == 409
    assert told.error["message"] == (
        f"Webhook with this subscriber url already exists for this {owner}"
    )


@pytest.mark.parametrize("level", SEVERAL_AT_ONCE)
def test_all_webhooks_of_an_owner_can_be_deleted_at_once(call: Any, level: str) -> None:
    other = make(call, USER)
    for letter in "ab":
        make(call, level, subscriberUrl=f"https://x.example.com/{letter}")
    told = call("DELETE", level, **sender(level))
    assert told.data == "2 webhooks deleted"
    assert call("GET", level, **sender(level)).data == []
    assert [one["id"] for one in call("GET", USER).data] == [other]


@pytest.mark.parametrize(
    ("level", "status", "message"),
    [
        (
            EVENT_TYPE,
            400,
            "IsUserEventTypeWebhookGuard - Webhook ({id}) is not associated with an event type",
        ),
        (TEAM_EVENT_TYPE, 400, "IsTeamEventTypeWebhookGuard - Webhook ({id}) no event type"),
        (
            ORGANIZATION,
            403,
            "IsWebhookInOrg - webhook with id={id} is not part of the organization with id=1.",
        ),
        (
            OAUTH_CLIENT,
            403,
            "IsOAuthClientWebhookGuard - Webhook does not belong to this oAuthClient",
        ),
    ],
)
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_webhook_of_another_level_is_refused(
    call: Any, hook: str, level: str, status: int, message: str, method: str
) -> None:
    body = {} if method == "PATCH" else None
    told = call(method, f"{level}/{hook}", body, **sender(level))
    assert (told.status, told.error["message"]) == (status, message.format(id=hook))
    assert call("GET", f"{USER}/{hook}").status == 200


@pytest.mark.parametrize(
    ("level", "message"),
    [
        (
            EVENT_TYPE,
            "IsUserEventTypeWebhookGuard - Webhook ({id}) is not associated with event type (1)",
        ),
        (TEAM_EVENT_TYPE, "IsTeamEventTypeWebhookGuard - Webhook mismatch with event type"),
    ],
)
def test_a_webhook_of_another_event_type_is_forbidden(call: Any, level: str, message: str) -> None:
    other = make(call, "/v2/event-types/2/webhooks")
    told = call("GET", f"{level}/{other}")
    assert (told.status, told.error["message"]) == (403, message.format(id=other))


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/v2/event-types/8/webhooks", 403),
        ("/v2/event-types/9/webhooks", 403),
        ("/v2/event-types/77/webhooks", 404),
        ("/v2/teams/3/event-types/1/webhooks", 404),
        ("/v2/teams/77/event-types/9/webhooks", 403),
        ("/v2/organizations/77/webhooks", 403),
    ],
)
def test_what_is_not_the_callers_has_no_webhooks_to_show(
    call: Any, target: str, status: int
) -> None:
    assert call("GET", target).status == status
    assert call("POST", target, NEW).status == status


@pytest.mark.parametrize("level", [TEAM_EVENT_TYPE, ORGANIZATION])
@pytest.mark.parametrize("key", [ROBIN, KIM])
def test_neither_members_nor_outsiders_see_what_admins_set_up(
    call: Any, level: str, key: str
) -> None:
    assert call("GET", level, key=key).status == 403
    assert call("POST", level, NEW, key=key).status == 403
    assert call("GET", level).data == []


def test_an_admin_of_the_platform_has_the_webhooks_of_its_client(call: Any) -> None:
    assert call("POST", OAUTH_CLIENT, NEW, key=PAT).status == 201
    assert len(call("GET", OAUTH_CLIENT, key=None, headers=CLIENT).data) == 1


def test_a_member_of_the_platform_may_only_look_at_them(call: Any) -> None:
    one = f"{OAUTH_CLIENT}/{make(call, OAUTH_CLIENT)}"
    assert call("GET", one, key=MIA).status == 200
    assert call("DELETE", one, key=MIA).status == 403
    assert call("POST", OAUTH_CLIENT, NEW, key=MIA).status == 403


def test_a_user_of_another_organization_may_not(call: Any) -> None:
    assert call("GET", OAUTH_CLIENT).status == 403


@pytest.mark.parametrize("level", OWNERS)
def test_without_credentials_there_is_nothing(call: Any, level: str) -> None:
    assert call("GET", level, key=None).status == 401


def test_the_webhooks_of_an_event_type_go_with_it(call: Any, sandbox: Sandbox) -> None:
    make(call, EVENT_TYPE)
    assert call("DELETE", "/v2/event-types/1", version="2024-06-14").status == 200
    assert sandbox.state()["webhooks"] == []
