"""Arguments as models and gateways write them: what is meant runs, what is not is told."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import httpx
import pytest

from cal_actions import Connector, Envelope
from cal_actions.tool_calls import ToolResult, run
from tests.tool_calls.providers import GEMINI, PROVIDERS, Provider, chat

NAME = "CAL_FETCH_ALL_BOOKINGS"
PARAMS = {"status": ["upcoming"], "attendeeName": "Zoë"}


def handled(arguments: Any, name: str = NAME) -> ToolResult:
    function = {"name": name, "arguments": arguments}
    message = {"role": "assistant", "tool_calls": [{"id": "a", "function": function}]}
    with Connector.sandbox() as cal:
        (result,) = cal.handle_tool_calls(message).results
    return result


@pytest.mark.parametrize(
    "arguments",
    [
        json.dumps(PARAMS),
        f"\n {json.dumps(PARAMS, indent=1, ensure_ascii=False)}\n",
        PARAMS,
        json.dumps(json.dumps(PARAMS)),
        json.dumps(json.dumps(json.dumps(PARAMS))),
    ],
    ids=["text", "spaced", "object", "twice encoded", "thrice encoded"],
)
def test_arguments_are_understood(arguments: Any) -> None:
    result = handled(arguments)
    assert (result.params, result.envelope.successful) == (PARAMS, True)


@pytest.mark.parametrize("arguments", ["", "  ", None, "null", '""', "{}", {}])
def test_nothing_is_no_params(arguments: Any) -> None:
    result = handled(arguments)
    assert (result.params, result.envelope.successful) == ({}, True)


MALFORMED = {
    '{"status": ["upcoming"] "take": 5}': 25,
    '{"status": ["upcoming"]}{}': 25,
    "{'status': 'upcoming'}": 2,
    "upcoming": 1,
    '{"attendeeName": "Zo\n"}': 21,
}


@pytest.mark.parametrize("arguments", MALFORMED)
def test_malformed_json_is_answered_with_where_it_is_wrong(arguments: str) -> None:
    result = handled(arguments)
    assert result.params is None
    assert result.envelope.data["code"] == "invalid_params"
    assert not result.envelope.data["retryable"]
    error = str(result.envelope.error)
    assert error.startswith(f"{NAME} was not sent: the arguments are malformed JSON (")
    assert f" at character {MALFORMED[arguments]}); " in error
    assert " at at " not in error
    assert error.endswith(" send one JSON object.")
    assert result.envelope.data["details"][0]["path"] == ""


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ('[{"status": "upcoming"}]', "an array"),
        ("true", "true or false"),
        ("12", "a number"),
        ("1.5", "a number"),
        (json.dumps(json.dumps(json.dumps("text"))), "text"),
        (["upcoming"], "an array"),
        (b"{}", "a Python bytes"),
    ],
)
def test_arguments_that_are_no_object_are_answered_so(arguments: Any, kind: str) -> None:
    result = handled(arguments)
    assert result.envelope.error == (
        f"{NAME} was not sent: the arguments must be one JSON object, not {kind}."
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ('{"take": NaN}', "number that JSON has not"),
        ('{"take": ' + "9" * 5000 + "}", "number that JSON has not"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_json_cannot_say_is_answered(arguments: str, told: str) -> None:
    envelope = handled(arguments).envelope
    assert envelope.data["code"] == "invalid_params"
    assert told in str(envelope.error)


def test_an_object_that_holds_itself_is_answered() -> None:
    endless: dict[str, Any] = {}
    endless["status"] = endless
    assert "nested too deeply" in str(handled(endless).envelope.error)


@pytest.mark.parametrize("provider", PROVIDERS, ids=repr)
def test_params_are_checked_as_in_any_call(provider: Provider) -> None:
    answer = provider.whole([("a", "CAL_RETRIEVE_MY_INFORMATION", {"of": "Zoë"})])
    with Connector.sandbox() as cal:
        (told,) = provider.told(cal.handle_tool_calls(answer))
    assert told.failed
    assert told.said["data"]["details"][0]["path"] == "of"


def test_the_answer_of_the_model_is_not_changed() -> None:
    answer = GEMINI.whole([("a", NAME, {"take": "5", "status": None})])
    before = json.dumps(answer)
    with Connector.sandbox() as cal:
        (result,) = cal.handle_tool_calls(answer).results
    assert result.envelope.successful
    assert json.dumps(answer) == before


@pytest.mark.parametrize("provider", PROVIDERS, ids=repr)
def test_messages_can_be_sent_though_an_answer_has_half_an_emoji(provider: Provider) -> None:
    def half(_: httpx.Request) -> httpx.Response:
        body = {"status": "success", "data": {"name": "\ud83d", "whole": "\ud83d\ude00"}}
        return httpx.Response(200, text=json.dumps(body))

    with (
        httpx.Client(transport=httpx.MockTransport(half)) as client,
        Connector(api_key="k", client=client) as cal,
    ):
        messages = cal.handle_tool_calls(provider.whole([("a", NAME, {})]))
    assert json.dumps(list(messages), ensure_ascii=False).encode()
    assert provider.told(messages)[0].said["data"] == {"name": "\ufffd", "whole": "😀"}


@pytest.mark.parametrize("provider", PROVIDERS, ids=repr)
def test_what_json_has_not_is_written_as_text(provider: Provider) -> None:
    def execute(*_: Any) -> Envelope:
        return Envelope.success({"on": date(2030, 1, 7)})

    (told,) = provider.told(run(provider.whole([("a", NAME, {})]), execute))
    assert told.said["data"] == {"on": "2030-01-07"}


def test_credentials_among_params_are_not_in_a_repr() -> None:
    answer = chat([("a", NAME, {"calApiKey": "cal_live_x"}), ("b", "other", {"key": "cal_live_x"})])
    with Connector.sandbox() as cal:
        handled = cal.handle_tool_calls(answer)
    assert "cal_live_x" not in repr((handled.results, handled.unhandled))
