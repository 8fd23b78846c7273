"""A turn that ended too early: a call that may lack its end is not run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cal_actions import Connector
from tests.tool_calls.forms import WHOLE
from tests.tool_calls.providers import (
    ANTHROPIC,
    CHAT,
    GEMINI,
    PROVIDERS,
    RESPONSES,
    Provider,
    Said,
)

ME: Said = ("call_a", "CAL_RETRIEVE_MY_INFORMATION", {})
BOOKINGS: Said = ("call_b", "CAL_FETCH_ALL_BOOKINGS", {})
FOREIGN: Said = ("call_x", "get_weather", {})
CUT_OFF = "was not sent: the call was cut off before its end; send it again, complete."


@pytest.fixture
def cal() -> Iterator[Connector]:
    with Connector.sandbox() as connector:
        yield connector


def told(provider: Provider, cal: Connector, answer: Any) -> list[str | None]:
    return [one.said["error"] for one in provider.told(cal.handle_tool_calls(answer))]


@pytest.mark.parametrize("provider", PROVIDERS, ids=repr)
@pytest.mark.parametrize("form", WHOLE)
def test_the_last_call_of_a_cut_off_turn_is_not_run(
    provider: Provider, form: Any, cal: Connector
) -> None:
    answer = form(provider, [ME, BOOKINGS], True)
    assert told(provider, cal, answer) == [None, f"{BOOKINGS[1]} {CUT_OFF}"]
    assert provider.told(cal.handle_tool_calls(answer))[1].said["data"]["code"] == "invalid_params"


@pytest.mark.parametrize("provider", PROVIDERS, ids=repr)
def test_only_the_last_call_may_be_cut_whosoever_it_is(provider: Provider, cal: Connector) -> None:
    answer = provider.whole([ME, FOREIGN], cut=True)
    assert told(provider, cal, answer) == [None]


@pytest.mark.parametrize(
    ("provider", "key", "reasons"),
    [
        (CHAT, "finish_reason", ["length", "content_filter"]),
        (ANTHROPIC, "stop_reason", ["max_tokens", "model_context_window_exceeded", "refusal"]),
        (GEMINI, "finishReason", ["MAX_TOKENS", "SAFETY", "MALFORMED_FUNCTION_CALL", "OTHER"]),
        (RESPONSES, "status", ["incomplete", "failed", "cancelled", "in_progress"]),
    ],
    ids=repr,
)
def test_each_reason_to_stop_early_counts(
    provider: Provider, key: str, reasons: list[str], cal: Connector
) -> None:
    for reason in reasons:
        answer = provider.whole([ME])
        (answer.get("choices") or answer.get("candidates") or [answer])[0][key] = reason
        assert told(provider, cal, answer) == [f"{ME[1]} {CUT_OFF}"], reason
        parsed = provider.type.validate_python(answer)
        assert told(provider, cal, parsed) == [f"{ME[1]} {CUT_OFF}"], reason


@pytest.mark.parametrize("status", ["incomplete", "in_progress"])
def test_an_item_that_says_it_is_incomplete_is_not_run(status: str, cal: Connector) -> None:
    answer = RESPONSES.whole([ME, BOOKINGS])
    answer["output"][1]["status"] = status
    assert told(RESPONSES, cal, answer) == [f"{ME[1]} {CUT_OFF}", None]


@pytest.mark.parametrize("provider", [CHAT, RESPONSES, ANTHROPIC], ids=repr)
def test_a_call_whose_stream_broke_off_is_not_run(provider: Provider, cal: Connector) -> None:
    events = provider.events([ME, ("call_b", "CAL_FETCH_ALL_BOOKINGS", {"take": 250, "skip": 0})])
    refused = 0
    for end in range(1, len(events)):
        for result in cal.handle_tool_calls(events[:end]).results:
            if result.envelope.successful:
                whole = {"call_a": {}, "call_b": {"take": 250, "skip": 0}}
                assert result.params == whole[str(result.id)], end
            else:
                assert result.envelope.data["code"] == "invalid_params"
                refused += 1
    assert refused >= 5  # as often as the arguments of the two had begun and not ended


def test_a_stream_without_its_end_has_run_what_was_whole(cal: Connector) -> None:
    without_end = {
        CHAT: CHAT.events([ME, BOOKINGS])[:-1],
        RESPONSES: RESPONSES.events([ME, BOOKINGS])[:-1],
        ANTHROPIC: ANTHROPIC.events([ME, BOOKINGS])[:-2],
        GEMINI: GEMINI.events([ME, BOOKINGS])[:-1],
    }
    for provider, events in without_end.items():
        assert told(provider, cal, events) == [None, None], provider


@pytest.mark.parametrize(
    ("provider", "dropped"), [(CHAT, 2), (RESPONSES, 4), (ANTHROPIC, 5)], ids=repr
)
def test_a_call_without_arguments_yet_is_not_run_with_none(
    provider: Provider, dropped: int, cal: Connector
) -> None:
    events = provider.events([BOOKINGS])[:-dropped]
    assert told(provider, cal, events) == [f"{BOOKINGS[1]} {CUT_OFF}"]
