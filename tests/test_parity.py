"""Connector and AsyncConnector: the same requests, the same envelopes."""

import asyncio
import inspect
from typing import Any

import httpx
import pytest

from cal_actions import AsyncConnector, Connector, aexecute, execute
from tests.made_up import catalog_of, document

ACTIONS = catalog_of(
    document("CAL_SHOW", path="/v2/things/{uid}", version="2024-08-13"),
    document("CAL_LIST"),
    document("CAL_MAKE", "POST"),
    document("CAL_DROP", "DELETE", "/v2/things/{uid}"),
    document("CAL_APP", path="/v2/apps", auth=["oauth_client"]),
    document("CAL_AWAY", path="/v2/away", auth=["none"], response="redirect"),
    document("CAL_RETRIEVE_MY_INFORMATION", path="/v2/me"),
    document("CAL_GET_TEAMS_LIST", path="/v2/teams"),
    document("CAL_GET_ORGANIZATION_ID", path="/v2/me", flow="organization_ids"),
)
ANSWERS: dict[str, Any] = {
    "success": (200, {"json": {"status": "success", "data": {"id": 7, "organizationId": 9}}}),
    "a list": (200, {"json": {"status": "success", "data": [{"id": 7}], "pagination": {}}}),
    "a refusal": (400, {"json": {"status": "error", "error": {"message": "No"}}}),
    "too many": (429, {"json": {"message": "No"}, "headers": {"X-RateLimit-Reset-Key": "7"}}),
    "a page": (502, {"html": "<html>"}),
    "a redirect": (301, {"headers": {"Location": "https://app.example/"}}),
    "nothing": (200, {"content": b""}),
    "a timeout": httpx.ReadTimeout("late"),
    "no connection": httpx.ConnectError("refused"),
    "a lost answer": httpx.RemoteProtocolError("gone"),
}
CALLS: dict[str, tuple[Any, Any]] = {
    "a read": ("CAL_LIST", {"take": "5", "tags": ["a", "b c"]}),
    "a read of one": ("CAL_SHOW", {"uid": "a/b"}),
    "a write": ("CAL_MAKE", {"take": 5, "tags": ["é"]}),
    "a deletion": ("CAL_DROP", {"uid": 7}),
    "a callback": ("CAL_AWAY", None),
    "two calls": ("CAL_GET_ORGANIZATION_ID", {}),
    "missing credentials": ("CAL_APP", {}),
    "an unknown action": ("CAL_SHOWS", {}),
    "no slug": (None, {}),
    "wrong params": ("CAL_SHOW", {"Uid": 1}),
    "params that are no object": ("CAL_SHOW", [1]),
}
OPTIONS: list[dict[str, Any]] = [{}, {"unwrap": False}, {"coerce": False}]


class Recorder:
    """Answers every request alike and keeps what was asked."""

    def __init__(self, answer: Any) -> None:
        self.seen: list[tuple[Any, ...]] = []
        self._answer = answer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        headers = sorted(request.headers.items())
        self.seen.append((request.method, str(request.url), headers, request.content))
        if isinstance(self._answer, Exception):
            raise self._answer
        status, content = self._answer
        return httpx.Response(status, **content)


def made(options: dict[str, Any]) -> dict[str, Any]:
    return {"api_key": "cal_key", "actions": ACTIONS, "max_attempts": 1, **options}


def call_sync(slug: Any, params: Any, answer: Any, options: dict[str, Any]) -> Any:
    recorder = Recorder(answer)
    with (
        httpx.Client(transport=httpx.MockTransport(recorder)) as client,
        Connector(client=client, **made(options)) as connector,
    ):
        return connector.execute(slug, params).model_dump(), recorder.seen


async def call_async(slug: Any, params: Any, answer: Any, options: dict[str, Any]) -> Any:
    recorder = Recorder(answer)
    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(recorder)) as client,
        AsyncConnector(client=client, **made(options)) as connector,
    ):
        return (await connector.execute(slug, params)).model_dump(), recorder.seen


@pytest.mark.parametrize("options", OPTIONS, ids=["as it comes", "unwrap=False", "coerce=False"])
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize(("slug", "params"), CALLS.values(), ids=CALLS)
def test_both_send_the_same_and_answer_the_same(
    slug: Any, params: Any, answer: Any, options: dict[str, Any]
) -> None:
    sync = call_sync(slug, params, answer, options)
    assert sync == asyncio.run(call_async(slug, params, answer, options))


@pytest.mark.parametrize("name", ["__init__", "execute", "sandbox"])
def test_both_take_the_same_arguments(name: str) -> None:
    sync, asynchronous = (getattr(kind, name) for kind in (Connector, AsyncConnector))
    assert inspect.signature(sync) == inspect.signature(asynchronous)


def test_the_functions_take_the_arguments_of_the_methods() -> None:
    method = list(inspect.signature(Connector.execute).parameters.values())[1:]
    for function in (execute, aexecute):
        assert list(inspect.signature(function).parameters.values()) == method


def test_both_have_the_same_public_names() -> None:
    sync, asynchronous = (
        {name for name in dir(kind) if not name.startswith("_")}
        for kind in (Connector, AsyncConnector)
    )
    assert sync - asynchronous == {"close"}
    assert asynchronous - sync == {"aclose"}
