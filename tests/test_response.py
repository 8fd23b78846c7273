"""Single rules of reading an answer; whole recorded answers are in `responses/`."""

import json
from typing import Any

import pytest

from cal_actions import ActionError, ActionSpec
from cal_actions import response as response_module
from cal_actions.response import read
from cal_actions.wire import Received
from tests.made_up import catalog_of, document


def spec(effect: str = "read", *, idempotent: bool = False) -> ActionSpec:
    return catalog_of(document(effect=effect, idempotent=idempotent))["CAL_DO"]


def failure(
    status: int,
    body: Any = b"",
    headers: dict[str, str] | None = None,
    action: ActionSpec | None = None,
) -> ActionError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(ActionError) as caught:
        read(action or spec(), Received(status, headers or {}, content))
    return caught.value


def api_error(message: str, **more: Any) -> dict[str, Any]:
    return {"status": "error", "error": {"code": "X", "message": message, **more}}


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "rejected"),
        (401, "unauthorized"),
        (402, "rejected"),
        (403, "forbidden"),
        (404, "not_found"),
        (409, "conflict"),
        (410, "endpoint_gone"),
        (413, "rejected"),
        (429, "rate_limited"),
        (431, "rejected"),
        (498, "unauthorized"),
        (500, "upstream_error"),
        (503, "upstream_error"),
        (599, "upstream_error"),
        (302, "unreadable_response"),
        (101, "upstream_error"),
    ],
)
def test_a_status_has_its_code(status: int, code: str) -> None:
    assert failure(status, api_error("No")).code == code


@pytest.mark.parametrize(
    ("effect", "idempotent", "retryable"),
    [
        ("read", False, True),
        ("write", False, False),
        ("write", True, True),
        ("destructive", False, False),
        ("destructive", True, True),
    ],
)
def test_a_fault_of_the_server_is_retryable_only_where_a_second_call_does_no_harm(
    effect: str, idempotent: bool, retryable: bool
) -> None:
    action = spec(effect, idempotent=idempotent)
    assert failure(500, api_error("No"), action=action).retryable is retryable


@pytest.mark.parametrize("effect", ["read", "write", "destructive"])
def test_too_many_requests_are_retryable_whatever_the_action(effect: str) -> None:
    assert failure(429, api_error("No"), action=spec(effect)).retryable is True


def test_a_reset_in_unix_time_becomes_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cal_actions.rate_limits.time.time", lambda: 1_900_000_000.0)
    headers = {"x-ratelimit-reset-default": "1900000042"}
    assert failure(429, headers=headers).facts["retry_after"] == 42.0


@pytest.mark.parametrize("reset", ["-5", "1000000001"])
def test_a_reset_in_the_past_is_no_wait(reset: str) -> None:
    assert failure(429, headers={"x-ratelimit-reset-default": reset}).facts["retry_after"] == 0.0


@pytest.mark.parametrize("reset", ["soon", "nan", "inf", "-inf", "1e999", ""])
def test_a_reset_that_is_no_time_is_left_out(reset: str) -> None:
    told = failure(429, headers={"x-ratelimit-reset-default": reset})
    assert "retry_after" not in told.facts


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  ",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"\xff\xfe",
        b'{"status": "success", "data": NaN}',
        b"[" * 100_000,
        b"1" * 5000,
    ],
    ids=["empty", "blank", "cut", "array", "text", "null", "bytes", "NaN", "deep", "digits"],
)
@pytest.mark.parametrize("orjson", [True, False])
def test_what_is_no_json_object_is_unreadable(
    body: bytes, orjson: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not orjson:
        monkeypatch.setattr(response_module, "_loads", response_module._json_loads)
    assert failure(200, body).code == "unreadable_response"


@pytest.mark.parametrize("effect", ["write", "destructive"])
def test_an_unreadable_answer_leaves_the_outcome_of_a_write_unknown(effect: str) -> None:
    told = failure(201, b"<html>", action=spec(effect))
    assert told.facts["outcome_unknown"] is True
    assert "may have taken effect" in told.message


def test_an_unreadable_answer_to_a_read_speaks_of_no_effect() -> None:
    told = failure(200, b"<html>")
    assert "outcome_unknown" not in told.facts
    assert "effect" not in told.message


def test_a_long_reason_is_cut() -> None:
    assert len(failure(400, api_error("x" * 10_000)).message) < 600


def test_line_breaks_in_a_reason_become_spaces() -> None:
    message = failure(400, api_error("Invalid\n  `prisma.user.update()`\r\ninvocation.")).message
    assert message == "Cal.com answered 400: Invalid `prisma.user.update()` invocation."


def test_a_reason_of_several_texts_is_joined() -> None:
    told = failure(400, {"statusCode": 400, "message": ["name must be text", "take is too large"]})
    assert told.message == "Cal.com answered 400: name must be text; take is too large."


def broken(constraints: Any, **more: Any) -> Any:
    errors = [{"property": "name", "constraints": constraints, "target": {"a": 1}, **more}]
    return api_error("Bad Request Exception", details={"errors": errors})


def test_a_constraint_is_told_without_what_was_sent() -> None:
    told = failure(400, broken({"isString": "name must be a string"}, value="hunter2"))
    assert told.facts["details"] == [{"path": "name", "message": "name must be a string"}]


def test_input_validation_without_constraints_tells_the_general_reason() -> None:
    assert failure(400, broken(None)).message == "Cal.com answered 400: Bad Request Exception."


def test_at_most_fifty_constraints_are_told() -> None:
    told = failure(400, broken({f"rule{number}": f"rule {number}" for number in range(500)}))
    assert len(told.facts["details"]) == 50


def test_constraints_nested_without_end_are_not_followed() -> None:
    error: dict[str, Any] = {"property": "a", "constraints": {"rule": "too deep"}}
    for _ in range(100):
        error = {"property": "a", "children": [error]}
    told = failure(400, api_error("Bad", details={"errors": [error]}))
    assert told.message == "Cal.com answered 400: Bad."


@pytest.mark.parametrize(
    "body",
    [
        {"error": None},
        {"error": []},
        {"error": {"message": {"a": 1}}},
        {"error": {"details": {"errors": [None, 1, {"children": [None]}]}}},
        {"message": {"a": 1}},
        {},
    ],
)
def test_an_error_body_of_no_known_shape_has_no_reason(body: Any) -> None:
    assert failure(400, body).message == "Cal.com answered 400 without a reason."


def test_an_error_that_is_text_is_the_reason() -> None:
    assert failure(400, {"error": "Nope."}).message == "Cal.com answered 400: Nope."


def test_without_orjson_an_answer_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.dumps({"status": "success", "data": {"name": "é", "id": 1.5}}).encode()
    fast = read(spec(), Received(200, {}, body))
    monkeypatch.setattr(response_module, "_loads", response_module._json_loads)
    assert read(spec(), Received(200, {}, body)) == fast == {"name": "é", "id": 1.5}
