"""Every recorded answer of a real Cal.com, read as the connector reads it.

What must come out is worked out here from the answer alone, not by the code under test.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cal_actions import ActionError, ActionSpec
from cal_actions.response import read
from cal_actions.wire import Received
from tests.made_up import catalog_of, document

RECORDED = Path(__file__).parent / "recorded" / "exchanges.jsonl"
EXCHANGES: list[dict[str, Any]] = [
    json.loads(line) for line in RECORDED.read_text("utf-8").splitlines()
]
CODES = {
    400: "rejected",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    413: "rejected",
    422: "rejected",
    429: "rate_limited",
    498: "unauthorized",
    500: "upstream_error",
}
MARKUP = re.compile(r"<!doctype|</|<(html|head|body|h1|p|pre|br)\b", re.IGNORECASE)


def those(first: int, last: int) -> list[Any]:
    return [
        pytest.param(exchange, id=f"{number}-{exchange['op']}")
        for number, exchange in enumerate(EXCHANGES)
        if first <= exchange["status"] <= last
    ]


def spec_of(exchange: dict[str, Any], **changes: Any) -> ActionSpec:
    effect = "read" if exchange["method"] == "GET" else "write"
    made = document(method=exchange["method"], effect=effect, **changes)
    return catalog_of(made)["CAL_DO"]


def received(exchange: dict[str, Any]) -> Received:
    body = exchange["response_body"]
    return Received(
        exchange["status"],
        {name.lower(): value for name, value in exchange["response_headers"].items()},
        body.encode() if isinstance(body, str) else json.dumps(body).encode(),
    )


def failure_of(exchange: dict[str, Any]) -> ActionError:
    with pytest.raises(ActionError) as caught:
        read(spec_of(exchange), received(exchange))
    return caught.value


def unwrapped(body: dict[str, Any]) -> Any:
    match body:
        case {"data": list(items), "pagination": pagination}:
            return {"items": items, "pagination": pagination}
        case {"data": list(items)}:
            return {"items": items}
        case {"data": dict(data)}:
            return data
        case {"data": None}:
            return {}
        case {"data": value}:
            return {"value": value}
    return body


def code_of(exchange: dict[str, Any]) -> str:
    if f"Cannot {exchange['method']} " in json.dumps(exchange["response_body"]):
        return "endpoint_gone"
    return CODES[exchange["status"]]


def secrets_of(exchange: dict[str, Any]) -> set[str]:
    headers = exchange["request_headers"]
    sent = [headers.get(name, "") for name in ("Authorization", "x-cal-secret-key")]
    body = exchange["request_body"]
    if isinstance(body, dict):
        sent += [body.get(name, "") for name in ("secret", "password", "calApiKey", "refreshToken")]
    return {word for text in sent for word in str(text).split() if len(word) > 8}


def test_all_649_exchanges_are_there() -> None:
    assert len(EXCHANGES) == len(those(200, 299)) + len(those(300, 399)) + len(those(400, 599))
    assert len(EXCHANGES) == 649


@pytest.mark.parametrize("exchange", those(200, 299))
def test_a_success_gives_its_data_unwrapped(exchange: dict[str, Any]) -> None:
    assert read(spec_of(exchange), received(exchange)) == unwrapped(exchange["response_body"])


@pytest.mark.parametrize("exchange", those(200, 299))
def test_without_unwrapping_a_success_gives_the_body(exchange: dict[str, Any]) -> None:
    answer = read(spec_of(exchange), received(exchange), unwrap=False)
    assert answer == exchange["response_body"]


@pytest.mark.parametrize("exchange", those(300, 399))
def test_a_redirect_gives_its_location_where_that_is_the_answer(exchange: dict[str, Any]) -> None:
    answer = read(spec_of(exchange, response="redirect"), received(exchange))
    assert answer == {"location": exchange["response_headers"]["Location"]}


@pytest.mark.parametrize("exchange", those(300, 399))
def test_a_redirect_is_unreadable_where_json_is_the_answer(exchange: dict[str, Any]) -> None:
    assert failure_of(exchange).code == "unreadable_response"


@pytest.mark.parametrize("exchange", those(400, 599))
def test_a_failure_has_the_code_of_its_status(exchange: dict[str, Any]) -> None:
    failure = failure_of(exchange)
    assert (failure.code, failure.facts["http_status"]) == (code_of(exchange), exchange["status"])


@pytest.mark.parametrize("exchange", those(400, 599))
def test_a_failure_says_in_one_clean_line_what_cal_com_said(exchange: dict[str, Any]) -> None:
    message = failure_of(exchange).message
    assert message.startswith(f"Cal.com answered {exchange['status']}: ")
    assert message.endswith(".")
    assert "\n" not in message
    assert not MARKUP.search(message)
    assert "without a reason" not in message
    assert len(message) < 700


@pytest.mark.parametrize("exchange", those(400, 599))
def test_a_failure_repeats_neither_the_request_nor_a_secret(exchange: dict[str, Any]) -> None:
    failure = failure_of(exchange)
    told = failure.message + json.dumps(failure.data())
    assert not [secret for secret in secrets_of(exchange) if secret in told]
    assert '"target"' not in told
    assert "?" not in failure.message.partition("Cannot ")[2]
    if exchange["request_body"]:
        assert json.dumps(exchange["request_body"]) not in told


@pytest.mark.parametrize("exchange", those(400, 599))
def test_a_failure_names_the_request_for_a_report_to_cal_com(exchange: dict[str, Any]) -> None:
    request_id = exchange["response_headers"].get("X-Request-Id")
    assert failure_of(exchange).facts.get("request_id") == request_id


@pytest.mark.parametrize("exchange", those(429, 429))
def test_too_many_requests_tell_the_seconds_to_wait(exchange: dict[str, Any]) -> None:
    (reset,) = (
        float(value)
        for name, value in exchange["response_headers"].items()
        if name.startswith("X-RateLimit-Reset-")
    )
    failure = failure_of(exchange)
    assert (failure.facts["retry_after"], failure.retryable) == (reset, True)
