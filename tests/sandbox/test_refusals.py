"""The shapes of Cal.com's error bodies, and bodies that cannot be read."""

from typing import Any

import pytest

from cal_actions.sandbox import refusals

HOOK = {"active": True, "subscriberUrl": "https://x.example.com", "triggers": ["BOOKING_CREATED"]}


def test_a_usual_refusal_repeats_its_message_in_the_details(call: Any) -> None:
    assert call("GET", "/v2/webhooks/nope?a=1").body == {
        "status": "error",
        "timestamp": "2026-11-23T08:00:00.000Z",
        "path": "/v2/webhooks/nope?a=1",
        "error": {
            "code": "NotFoundException",
            "message": "Webhook (nope) not found",
            "details": {
                "message": "Webhook (nope) not found",
                "error": "Not Found",
                "statusCode": 404,
            },
        },
    }


def test_a_wrong_field_is_told_with_its_value_and_the_whole_request(call: Any) -> None:
    told = call("POST", "/v2/webhooks", {**HOOK, "active": "yes", "unknown": 1})
    assert told.error["message"] == "Bad Request Exception"
    assert told.error["details"]["errors"] == [
        {
            "target": {**HOOK, "active": "yes"},
            "value": "yes",
            "property": "active",
            "children": [],
            "constraints": {"isBoolean": "active must be a boolean value"},
        }
    ]


def test_a_refusal_without_details_has_code_and_message_only() -> None:
    refusal = refusals.without_details(404, "TRPCError", "gone")
    assert refusal.body("/x", "now")["error"] == {"code": "TRPCError", "message": "gone"}


def test_a_plain_refusal_has_status_code_and_message_only() -> None:
    assert refusals.plain(400, "why").body("/x", "now") == {"statusCode": 400, "message": "why"}


def test_a_body_above_100_kilobytes_is_too_large(call: Any) -> None:
    told = call("POST", "/v2/webhooks", {**HOOK, "payloadTemplate": "x" * 102_400})
    assert told.status == 413
    assert told.body == {"statusCode": 413, "message": "request entity too large"}


@pytest.mark.parametrize("body", [b'{"active": tru', b'{"active"', b"{"])
def test_json_that_is_cut_off_is_told(call: Any, body: bytes) -> None:
    told = call("POST", "/v2/webhooks", body)
    assert told.status == 400
    assert told.error["message"] == "Unexpected end of JSON input"


@pytest.mark.parametrize(
    ("body", "token"), [(b'"str"', '"'), (b"1", "1"), (b'{"a": NaN}', "N"), (b'["a" "b"]', '"')]
)
def test_what_is_not_json_is_told_with_its_first_wrong_character(
    call: Any, body: bytes, token: str
) -> None:
    told = call("POST", "/v2/webhooks", body)
    assert told.status == 400
    assert told.error["message"].startswith(f"Unexpected token '{token}', ")


def test_a_property_without_a_name_is_told_with_its_position(call: Any) -> None:
    told = call("POST", "/v2/webhooks", b"{bad")
    assert told.error["message"] == "Expected property name or '}' in JSON at position 1"


def test_json_nested_without_end_is_refused(call: Any) -> None:
    assert call("POST", "/v2/webhooks", b"[" * 50_000).status == 400


def test_a_body_of_another_content_type_counts_as_empty(call: Any) -> None:
    told = call(
        "POST",
        "/v2/webhooks",
        b"active=true",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert list(told.constraints) == ["active", "subscriberUrl", "triggers"]


def test_an_array_as_body_lacks_every_field(call: Any) -> None:
    told = call("POST", "/v2/webhooks", b"[]")
    assert list(told.constraints) == ["active", "subscriberUrl", "triggers"]
    assert told.error["details"]["errors"][0]["target"] == []


def test_half_a_character_does_not_break_the_answer(call: Any) -> None:
    told = call("POST", "/v2/webhooks", b'{"active": "\\ud800"}')
    assert told.status == 400


def test_text_of_every_language_comes_back_as_it_was(call: Any) -> None:
    body = {**HOOK, "payloadTemplate": "日本語 ✓ \u0000 é"}
    assert call("POST", "/v2/webhooks", body).data["payloadTemplate"] == body["payloadTemplate"]


def test_a_number_beyond_every_bound_counts_as_null(call: Any) -> None:
    told = call("POST", "/v2/webhooks", b'{"active": 1e999}')
    assert told.error["details"]["errors"][0]["value"] is None
