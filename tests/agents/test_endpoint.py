"""The endpoint takes what the real APIs take and refuses what they refuse."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import anthropic
import openai
import pytest
from google.genai.errors import ClientError
from openai.lib.streaming.chat import ChatCompletionStreamState

from tests.agents.conversations import DAY, HEADERS, ON, PATHS, right_request, two_calls
from tests.agents.endpoint import Endpoint
from tests.agents.model import Call

Spoil = Callable[[dict[str, Any]], object]


def sent(
    endpoint: Endpoint, api: str, request: dict[str, Any], headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(urlsplit(endpoint.url).netloc, timeout=30)
    try:
        sent_headers = HEADERS[api] if headers is None else headers
        connection.request("POST", PATHS[api], json.dumps(request), sent_headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_a_right_request_is_answered(api: str, endpoint: Endpoint) -> None:
    endpoint.play(two_calls)
    status, answer = sent(endpoint, api, right_request(api))
    assert (status, "done" in json.dumps(answer)) == (200, True)


def test_a_request_without_its_headers_is_refused(api: str, endpoint: Endpoint) -> None:
    endpoint.play(two_calls)
    for missing in HEADERS[api]:
        others = {name: value for name, value in HEADERS[api].items() if name != missing}
        assert sent(endpoint, api, right_request(api), others)[0] == 400


def messages(request: dict[str, Any]) -> Any:
    return request.get("messages") or request.get("input") or request["contents"]


def first_tool(request: dict[str, Any]) -> Any:
    tool = request["tools"][0]
    return tool.get("function") or (tool.get("functionDeclarations") or [tool])[0]


def rename(name: str) -> Spoil:
    return lambda request: first_tool(request).update(name=name)


def reschema(**changes: Any) -> Spoil:
    def spoil(request: dict[str, Any]) -> None:
        tool = first_tool(request)
        key = next(key for key in tool if "param" in key.lower() or "schema" in key)
        tool[key] = {**tool[key], **changes}

    return spoil


def many(request: dict[str, Any]) -> None:
    tool = request["tools"][0]
    copies = [json.loads(json.dumps(tool)) for _ in range(129)]
    for number, copy in enumerate(copies):
        copy.get("function", copy)["name"] = f"tool_{number}"
    request["tools"] = copies


EVERYWHERE: dict[str, tuple[Spoil, str]] = {
    "a name with a dot": (rename("cal.me"), "no name"),
    "a name too long": (rename("C" * 65), "no name"),
    "a name that comes twice": (rename(DAY), "twice"),
    "a schema of text": (reschema(type="string"), 'of type "object"'),
    "a schema of no known type": (reschema(properties={"a": {"type": "text"}}), "no JSON Schema"),
    "alternatives at the top": (reschema(anyOf=[]), "alternatives"),
    "an array of unknown items": (reschema(properties={"a": {"type": "array"}}), "items"),
    "a field that no tool has": (
        lambda request: first_tool(request).update(effect="read"),
        "{'effect'}",
    ),
    "a role that there is not": (lambda request: messages(request)[0].update(role="bot"), "role"),
}


@pytest.mark.parametrize("case", EVERYWHERE)
def test_a_wrong_request_is_refused(case: str, api: str, endpoint: Endpoint) -> None:
    spoil, told = EVERYWHERE[case]
    check_refused(endpoint, api, spoil, told)


def strict(request: dict[str, Any]) -> None:
    reschema(properties={"a": {"type": "string"}})(request)
    first_tool(request).update(strict=True)


def too_many(request: dict[str, Any]) -> None:
    declared = request["tools"][0]["functionDeclarations"]
    declared[:] = [{**declared[0], "name": f"tool_{number}"} for number in range(513)]


def unquoted(request: dict[str, Any]) -> None:
    request["messages"][1]["tool_calls"][0]["function"]["arguments"] = {}


def unsaid(request: dict[str, Any]) -> None:
    strict(request)
    first_tool(request).pop("strict")


def open_ended(request: dict[str, Any]) -> None:
    reschema(additionalProperties=True)(request)
    first_tool(request).update(strict=True)


def shuffle(request: dict[str, Any]) -> None:
    parts = request["contents"][2]["parts"]
    for part in parts:
        del part["functionResponse"]["id"]
    parts.reverse()


ONE_API: list[tuple[str, str, Spoil, str]] = [
    ("chat", "an unanswered call", lambda r: r["messages"].pop(), "without a tool message: b"),
    ("chat", "an early question", lambda r: r["messages"].insert(3, r["messages"][0]), "without"),
    ("chat", "an answer twice", lambda r: r["messages"].append(r["messages"][-1]), "must answer"),
    ("chat", "an answer to none", lambda r: r["messages"].pop(1), "must answer"),
    ("chat", "another id", lambda r: r["messages"][2].update(tool_call_id="x"), "must answer"),
    ("chat", "an object", lambda r: r["messages"][2].update(content={}), "must be text"),
    ("chat", "arguments that are no text", unquoted, "must be text"),
    ("chat", "its parse", lambda r: r["messages"][1].update(parsed=None), "{'parsed'}"),
    (
        "chat",
        "the index of a chunk",
        lambda r: r["messages"][1]["tool_calls"][0].update(index=0),
        "{'index'}",
    ),
    ("chat", "a flat tool", lambda r: r["tools"].append({"type": "function"}), "no function tool"),
    ("chat", "129 tools", many, "at most 128"),
    ("chat", "not strict at all", strict, "must be required"),
    ("chat", "not strict enough", open_ended, "must be false"),
    ("responses", "an unanswered call", lambda r: r["input"].pop(), "no output was sent"),
    ("responses", "an answer twice", lambda r: r["input"].append(r["input"][-1]), "waits"),
    ("responses", "no reasoning", lambda r: r["input"].pop(1), "reasoning"),
    ("responses", "another id", lambda r: r["input"][-1].update(call_id="x"), "waits"),
    ("responses", "an object", lambda r: r["input"][-1].update(output={}), "must be text"),
    ("responses", "its parse", lambda r: r["input"][2].update(parsed_arguments={}), "unknown"),
    ("responses", "a tool of a kind", lambda r: r["tools"].append({"type": "x"}), "no function"),
    ("responses", "an item of a kind", lambda r: r["input"].append({"type": "x"}), "no such item"),
    ("responses", "strict unsaid", unsaid, "must be required"),
    ("responses", "129 tools", many, "at most 128"),
    ("responses", "not strict at all", strict, "must be required"),
    ("claude", "an unanswered call", lambda r: r["messages"][2]["content"].pop(), "['b']"),
    ("claude", "no answer", lambda r: r["messages"].pop(), "['a', 'b']"),
    (
        "claude",
        "answers in two messages",
        lambda r: r["messages"].append(
            {"role": "user", "content": [r["messages"][2]["content"].pop()]}
        ),
        "['b']",
    ),
    ("claude", "an answer to none", lambda r: r["messages"].pop(1), "no tool_use"),
    (
        "claude",
        "an answer twice",
        lambda r: r["messages"][2]["content"].append(r["messages"][2]["content"][0]),
        "two tool_result",
    ),
    (
        "claude",
        "text first",
        lambda r: r["messages"][2]["content"].insert(0, {"type": "text", "text": "Here:"}),
        "come first",
    ),
    (
        "claude",
        "input that is no object",
        lambda r: r["messages"][1]["content"][1].update(input="{}"),
        "must be an object",
    ),
    (
        "claude",
        "a name for a result",
        lambda r: r["messages"][2]["content"][0].update(name="x"),
        "{'name'}",
    ),
    ("claude", "no max_tokens", lambda r: r.pop("max_tokens"), "max_tokens"),
    ("claude", "not strict at all", strict, "must be required"),
    ("gemini", "513 functions", too_many, "at most 512"),
    ("gemini", "an unanswered call", lambda r: r["contents"][2]["parts"].pop(), "2 function calls"),
    ("gemini", "no answer", lambda r: r["contents"].pop(), "no function responses"),
    ("gemini", "an answer to none", lambda r: r["contents"].pop(1), "right after"),
    ("gemini", "answers without ids in another order", shuffle, "does not answer"),
    (
        "gemini",
        "another id",
        lambda r: r["contents"][2]["parts"][0]["functionResponse"].update(id="x"),
        "does not answer",
    ),
    (
        "gemini",
        "text for an answer",
        lambda r: r["contents"][2]["parts"][0]["functionResponse"].update(response="yes"),
        "must be an object",
    ),
    (
        "gemini",
        "a lost signature",
        lambda r: r["contents"][1]["parts"][0].pop("thoughtSignature"),
        "signature",
    ),
]


@pytest.mark.parametrize(
    ("api", "spoil", "told"),
    [pytest.param(api, spoil, told, id=f"{api}: {case}") for api, case, spoil, told in ONE_API],
)
def test_a_request_that_this_api_does_not_take_is_refused(
    api: str, spoil: Spoil, told: str, endpoint: Endpoint
) -> None:
    check_refused(endpoint, api, spoil, told)


def check_refused(endpoint: Endpoint, api: str, spoil: Spoil, told: str) -> None:
    endpoint.play(two_calls)
    request = right_request(api)
    spoil(request)
    status, answer = sent(endpoint, api, request)
    assert (status, told in answer["error"]["message"]) == (400, True), answer
    assert endpoint.refusals == [answer["error"]["message"]]


def test_the_sdk_raises_its_own_error_for_a_refusal(
    clients: dict[str, Any], endpoint: Endpoint
) -> None:
    endpoint.play(two_calls)
    question: Any = {"role": "tool", "tool_call_id": "x", "content": ""}
    with pytest.raises(openai.BadRequestError) as refused:
        clients["chat"].chat.completions.create(model="scripted", messages=[question])
    assert (refused.value.type, refused.value.param) == (
        "invalid_request_error",
        "messages.[0].role",
    )
    output: Any = {"type": "function_call_output", "call_id": "x", "output": ""}
    with pytest.raises(openai.BadRequestError, match="waits"):
        clients["responses"].responses.create(model="scripted", input=[output])
    block = {"type": "tool_result", "tool_use_id": "x", "content": ""}
    with pytest.raises(anthropic.BadRequestError, match="invalid_request_error"):
        clients["claude"].messages.create(
            model="scripted", max_tokens=1, messages=[{"role": "user", "content": [block]}]
        )
    part = {"functionResponse": {"name": "x", "response": {}}}
    with pytest.raises(ClientError, match="INVALID_ARGUMENT"):
        clients["gemini"].models.generate_content(
            model="scripted", contents=[{"role": "user", "parts": [part]}]
        )


@pytest.mark.parametrize(
    ("turn", "told"),
    [
        ([Call("CAL_GET_TEAMS_LIST")], "was not offered"),
        ([Call(DAY, {"eventTypeId": "1", "day": "2030-01-07"})], "with another schema"),
    ],
)
def test_a_script_may_only_call_what_is_on_offer(
    turn: list[Call], told: str, api: str, endpoint: Endpoint
) -> None:
    def script() -> Any:
        yield [Call("CAL_RETRIEVE_MY_INFORMATION"), Call(DAY, ON)]
        yield turn

    endpoint.play(script)
    status, answer = sent(endpoint, api, right_request(api))
    assert (status, told in answer["error"]["message"]) == (500, True), answer


def test_a_conversation_that_is_not_the_scripts_is_noticed(api: str, endpoint: Endpoint) -> None:
    def script() -> Any:
        yield [Call("CAL_RETRIEVE_MY_INFORMATION")]

    endpoint.play(script)
    status, answer = sent(endpoint, api, right_request(api))
    assert (status, "the request says" in answer["error"]["message"]) == (500, True), answer


def test_a_conversation_that_goes_on_after_the_last_words_is_noticed(
    api: str, endpoint: Endpoint
) -> None:
    def script() -> Any:
        yield [Call("CAL_RETRIEVE_MY_INFORMATION"), Call(DAY, ON)]
        return "done"

    request = right_request(api)
    if api == "responses":
        request["input"] += [
            {**item, "call_id": item["call_id"] + "2"} if "call_id" in item else item
            for item in request["input"][1:]
        ]
    elif api == "gemini":
        request["contents"] += request["contents"][1:]
    else:
        request["messages"] += request["messages"][1:]
    endpoint.play(script)
    status, answer = sent(endpoint, api, request)
    assert (status, "after the last words" in answer["error"]["message"]) == (500, True), answer


QUESTION: Any = [{"role": "user", "content": "Am I free?"}]


def plain_and_streamed(api: str, client: Any, tools: Any) -> tuple[Any, Any]:
    """Ask for the same answer twice: as a whole, and as the SDK's helper adds up the stream."""
    if api == "chat":
        asked = {"model": "scripted", "messages": QUESTION, "tools": tools}
        state = ChatCompletionStreamState()
        for chunk in client.chat.completions.create(**asked, stream=True):
            state.handle_chunk(chunk)
        return client.chat.completions.create(**asked), state.get_final_completion()
    if api == "responses":
        asked = {"model": "scripted", "input": QUESTION, "tools": tools}
        with client.responses.stream(**asked) as stream:
            return client.responses.create(**asked), stream.get_final_response()
    if api == "claude":
        asked = {"model": "scripted", "max_tokens": 64, "messages": QUESTION, "tools": tools}
        with client.messages.stream(**asked) as stream:
            return client.messages.create(**asked), stream.get_final_message()
    asked = {"model": "scripted", "contents": "Am I free?", "config": {"tools": tools}}
    chunks = list(client.models.generate_content_stream(**asked))
    first = chunks[0]
    first.candidates[0].content.parts += [part for chunk in chunks[1:-1] for part in chunk.parts]
    return client.models.generate_content(**asked), first


def test_a_stream_adds_up_to_the_plain_answer(
    api: str, clients: dict[str, Any], endpoint: Endpoint
) -> None:
    endpoint.play(two_calls)
    plain, streamed = plain_and_streamed(api, clients[api], right_request(api)["tools"])
    assert said(api, streamed) == said(api, plain)
    assert DAY in json.dumps(said(api, plain))


def said(api: str, answer: Any) -> Any:
    if api == "chat":
        calls = answer.choices[0].message.tool_calls
        return [
            *((call.id, call.function.name, call.function.arguments) for call in calls),
            answer.choices[0].finish_reason,
        ]
    if api == "responses":
        calls = [item for item in answer.output if item.type == "function_call"]
        return [*((call.call_id, call.name, call.arguments) for call in calls), answer.status]
    if api == "claude":
        return [*(block.to_dict() for block in answer.content), answer.stop_reason]
    return [part.model_dump(mode="json", exclude_none=True) for part in answer.parts]
