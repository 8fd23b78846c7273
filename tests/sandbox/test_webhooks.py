"""/v2/webhooks."""

from typing import Any

import pytest

KIM = "cal_kim"
NEW = {
    "active": True,
    "subscriberUrl": "https://hooks.example.com/a",
    "triggers": ["BOOKING_CREATED", "BOOKING_CANCELLED"],
    "secret": "s3cret",
    "payloadTemplate": '{"a":"{{type}}"}',
}


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
        f"IsUserWebhookGuard - user with id=(2) is not the owner of webhook with id=({hook})"
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
        call("POST", "/v2/webhooks", {**NEW, "subscriberUrl": f"https://x.example.com/{letter}"})
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
