"""Connector and AsyncConnector: name an action, get an envelope. Without a network."""

import ast
import asyncio
import json
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from cal_actions import (
    AsyncConnector,
    Connector,
    ConnectorClosed,
    aexecute,
    catalog,
    errors,
    execute,
)
from tests.made_up import CODES, catalog_of, document

pytestmark = pytest.mark.anyio

KEY = "cal_live_0123456789"
BASE = "https://api.cal.com"
DONE = {"status": "success", "data": {"uid": "abc"}}


ACTIONS = catalog_of(
    document("CAL_GET_THING", path="/v2/things/{uid}"),
    document("CAL_LIST_THINGS", auth=["user", "none"]),
    document("CAL_MAKE_THING", "POST"),
    document("CAL_SET_THING", "PUT", idempotent=True),
    document("CAL_MAKE_APP", "POST", "/v2/apps", auth=["oauth_client"]),
    document("CAL_GO_AWAY", path="/v2/away", auth=["none"], response="redirect"),
)


@pytest.fixture(autouse=True)
def requests_through_httpx(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cal_actions.transport.aiohttp_pool", None)


@pytest.fixture
def cal_com() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=BASE) as router:
        yield router


@pytest.fixture
def connector() -> Iterator[Connector]:
    with Connector(api_key=KEY, actions=ACTIONS, max_attempts=1) as opened:
        yield opened


def test_a_success_is_an_envelope(cal_com: respx.MockRouter, connector: Connector) -> None:
    cal_com.get("/v2/things/abc").respond(json=DONE)
    envelope = connector.execute("CAL_GET_THING", {"uid": "abc"})
    assert envelope.model_dump() == {"data": {"uid": "abc"}, "error": None, "successful": True}


async def test_an_async_success_is_an_envelope(cal_com: respx.MockRouter) -> None:
    cal_com.get("/v2/things/abc").respond(json=DONE)
    async with AsyncConnector(api_key=KEY, actions=ACTIONS) as connector:
        envelope = await connector.execute("CAL_GET_THING", {"uid": "abc"})
    assert envelope.model_dump() == {"data": {"uid": "abc"}, "error": None, "successful": True}


def test_without_unwrapping_data_is_cal_coms_body(cal_com: respx.MockRouter) -> None:
    cal_com.get("/v2/things").respond(json=DONE)
    with Connector(actions=ACTIONS, unwrap=False) as connector:
        assert connector.execute("CAL_LIST_THINGS").data == DONE


def test_the_key_goes_into_the_authorization_header(
    cal_com: respx.MockRouter, connector: Connector
) -> None:
    route = cal_com.get("/v2/things").respond(json=DONE)
    connector.execute("CAL_LIST_THINGS")
    assert route.calls.last.request.headers["authorization"] == f"Bearer {KEY}"


def test_the_key_may_come_from_the_environment(
    cal_com: respx.MockRouter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAL_API_KEY", KEY)
    route = cal_com.get("/v2/things").respond(json=DONE)
    with Connector(actions=ACTIONS) as connector:
        connector.execute("CAL_LIST_THINGS")
    assert route.calls.last.request.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("slug", ["CAL_GET_THINGS", "cal_get_thing", "", "\ud800", "x" * 10_000])
def test_an_unknown_action_is_told_in_the_envelope(connector: Connector, slug: str) -> None:
    envelope = connector.execute(slug)
    assert envelope.data == {"code": "unknown_action", "retryable": False}
    assert len(envelope.error or "") < 300


@pytest.mark.parametrize("slug", [None, 7, [], {}])
def test_a_slug_that_is_no_text_is_told_in_the_envelope(connector: Connector, slug: Any) -> None:
    envelope = connector.execute(slug)
    assert envelope.data["code"] == "unknown_action"
    assert "as text, not" in str(envelope.error)


def test_a_near_miss_of_a_slug_is_told_the_slug(connector: Connector) -> None:
    said = "There is no action 'CAL_GET_THINGS': did you mean CAL_GET_THING"
    assert str(connector.execute("CAL_GET_THINGS").error).startswith(said)


def test_params_that_do_not_fit_are_never_sent(
    cal_com: respx.MockRouter, connector: Connector
) -> None:
    envelope = connector.execute("CAL_GET_THING", {"Uid": "abc"})
    assert envelope.data["code"] == "invalid_params"
    assert not cal_com.calls


def test_bad_params_are_told_before_missing_credentials(cal_com: respx.MockRouter) -> None:
    with Connector(actions=ACTIONS) as connector:
        assert connector.execute("CAL_GET_THING").data["code"] == "invalid_params"


def test_missing_credentials_are_told_and_nothing_is_sent(cal_com: respx.MockRouter) -> None:
    with Connector(actions=ACTIONS) as connector:
        envelope = connector.execute("CAL_MAKE_THING")
    assert envelope.data == {"code": "no_credentials", "retryable": False}
    assert not cal_com.calls


def test_text_is_taken_for_a_number_unless_coercion_is_off(cal_com: respx.MockRouter) -> None:
    cal_com.get("/v2/things", params={"take": "5"}).respond(json=DONE)
    with Connector(actions=ACTIONS) as coercing, Connector(actions=ACTIONS, coerce=False) as strict:
        assert coercing.execute("CAL_LIST_THINGS", {"take": "5"}).successful
        assert strict.execute("CAL_LIST_THINGS", {"take": "5"}).data["code"] == "invalid_params"


def test_a_redirect_is_the_answer_where_the_action_says_so(cal_com: respx.MockRouter) -> None:
    cal_com.get("/v2/away").respond(301, headers={"location": "https://app.example/done"})
    with Connector(actions=ACTIONS) as connector:
        assert connector.execute("CAL_GO_AWAY").data == {"location": "https://app.example/done"}


PROVOKED: dict[str, dict[str, Any]] = {
    "unauthorized": {"return_value": httpx.Response(401, json={"message": "No"})},
    "forbidden": {"return_value": httpx.Response(403, json={"message": "No"})},
    "not_found": {"return_value": httpx.Response(404, json={"message": "No"})},
    "conflict": {"return_value": httpx.Response(409, json={"message": "No"})},
    "rejected": {"return_value": httpx.Response(400, json={"message": "No"})},
    "rate_limited": {"return_value": httpx.Response(429, json={"message": "No"})},
    "upstream_error": {"return_value": httpx.Response(500, json={"message": "No"})},
    "endpoint_gone": {"return_value": httpx.Response(410, json={"message": "No"})},
    "unreadable_response": {"return_value": httpx.Response(200, text="<html>")},
    "timeout": {"side_effect": httpx.ReadTimeout},
    "network_error": {"side_effect": httpx.ConnectError},
}
UNSENT = {"unknown_action", "invalid_params", "no_credentials", "refused"}


@pytest.mark.parametrize(("code", "answer"), PROVOKED.items())
def test_every_failure_has_its_code(
    cal_com: respx.MockRouter, connector: Connector, code: str, answer: dict[str, Any]
) -> None:
    cal_com.get("/v2/things").mock(**answer)
    envelope = connector.execute("CAL_LIST_THINGS")
    assert (envelope.data["code"], envelope.successful) == (code, False)
    assert str(envelope.error).endswith(".")


def test_no_code_is_without_a_test() -> None:
    module = ast.parse(Path(errors.__file__).read_text("utf-8"))
    (stated,) = (
        ast.literal_eval(node.value.slice)
        for node in ast.walk(module)
        if isinstance(node, ast.Assign)
        and ast.unparse(node.targets[0]) == "Code"
        and isinstance(node.value, ast.Subscript)
    )
    assert set(stated) == {*PROVOKED, *UNSENT} == CODES


@pytest.mark.parametrize(
    ("fault", "sent"),
    [
        (httpx.ConnectError, False),
        (httpx.ConnectTimeout, False),
        (httpx.PoolTimeout, False),
        (httpx.WriteError, True),
        (httpx.WriteTimeout, True),
        (httpx.ReadError, True),
        (httpx.ReadTimeout, True),
        (httpx.RemoteProtocolError, True),
        (httpx.ProxyError, True),
        (OSError, True),
    ],
)
def test_a_write_that_may_have_been_sent_has_an_unknown_outcome(
    cal_com: respx.MockRouter, connector: Connector, fault: type[Exception], sent: bool
) -> None:
    cal_com.post("/v2/things").mock(side_effect=fault)
    data = connector.execute("CAL_MAKE_THING", {"take": 1}).data
    assert (data.get("outcome_unknown", False), data["retryable"]) == (sent, not sent)


@pytest.mark.parametrize("fault", [httpx.ReadTimeout, httpx.ReadError, httpx.ConnectError])
def test_a_lost_read_can_be_sent_again(
    cal_com: respx.MockRouter, connector: Connector, fault: type[Exception]
) -> None:
    cal_com.get("/v2/things").mock(side_effect=fault)
    data = connector.execute("CAL_LIST_THINGS").data
    assert (data["retryable"], "outcome_unknown" in data) == (True, False)


def test_a_lost_write_that_is_idempotent_can_be_sent_again(
    cal_com: respx.MockRouter, connector: Connector
) -> None:
    cal_com.put("/v2/things").mock(side_effect=httpx.ReadTimeout)
    envelope = connector.execute("CAL_SET_THING", {"take": 1})
    assert envelope.data == {"code": "timeout", "retryable": True, "outcome_unknown": True}
    assert str(envelope.error).endswith("; sending it again is safe.")


def test_an_endpoint_that_the_server_lacks_is_not_worth_another_try(
    cal_com: respx.MockRouter, connector: Connector
) -> None:
    cal_com.get("/v2/things").respond(501, json={"message": "not played"})
    data = connector.execute("CAL_LIST_THINGS").data
    assert (data["code"], data["retryable"]) == ("endpoint_gone", False)


def test_a_write_is_sent_once(cal_com: respx.MockRouter, connector: Connector) -> None:
    route = cal_com.post("/v2/things").mock(side_effect=httpx.ReadError)
    connector.execute("CAL_MAKE_THING")
    assert route.call_count == 1


@pytest.mark.parametrize("fault", [KeyboardInterrupt, SystemExit])
def test_an_interruption_is_not_swallowed(fault: type[BaseException]) -> None:
    def interrupt(request: httpx.Request) -> httpx.Response:
        raise fault

    with (
        httpx.Client(transport=httpx.MockTransport(interrupt)) as client,
        Connector(actions=ACTIONS, client=client) as connector,
        pytest.raises(fault),
    ):
        connector.execute("CAL_LIST_THINGS")


async def test_a_cancellation_is_not_swallowed() -> None:
    asked = asyncio.Event()

    async def stall(request: httpx.Request) -> httpx.Response:
        asked.set()
        return await asyncio.Future()

    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(stall)) as client,
        AsyncConnector(actions=ACTIONS, client=client) as connector,
    ):
        task = asyncio.ensure_future(connector.execute("CAL_LIST_THINGS"))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def test_a_closed_connector_cannot_be_used() -> None:
    connector = Connector(actions=ACTIONS)
    connector.close()
    connector.close()
    with pytest.raises(ConnectorClosed, match="make a new one"):
        connector.execute("CAL_LIST_THINGS")
    with pytest.raises(ConnectorClosed):
        connector.__enter__()


async def test_a_closed_async_connector_cannot_be_used() -> None:
    connector = AsyncConnector(actions=ACTIONS)
    await connector.aclose()
    await connector.aclose()
    with pytest.raises(ConnectorClosed, match="make a new one"):
        await connector.execute("CAL_LIST_THINGS")
    with pytest.raises(ConnectorClosed):
        await connector.__aenter__()


@pytest.mark.parametrize(
    "base_url",
    [
        "https://cal.example",
        "https://cal.example/",
        "https://cal.example/v2",
        "https://cal.example/v2/",
    ],
)
@respx.mock
def test_another_server_may_be_named_with_or_without_the_version(base_url: str) -> None:
    respx.get("https://cal.example/v2/things").respond(json=DONE)
    with Connector(actions=ACTIONS, base_url=base_url) as connector:
        assert connector.execute("CAL_LIST_THINGS").successful


@respx.mock
def test_another_server_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAL_API_BASE_URL", "https://api.cal.eu/")
    respx.get("https://api.cal.eu/v2/things").respond(json=DONE)
    with Connector(actions=ACTIONS) as connector:
        assert connector.execute("CAL_LIST_THINGS").successful


@pytest.mark.parametrize(
    "base_url", ["cal.example", "ftp://cal.example", "https://", "https://[", "x"]
)
def test_a_wrong_address_is_told_in_the_envelope(base_url: str) -> None:
    with Connector(actions=ACTIONS, base_url=base_url) as connector:
        envelope = connector.execute("CAL_LIST_THINGS")
    assert envelope.data["code"] == "network_error"
    assert "CAL_API_BASE_URL" in str(envelope.error)


@pytest.mark.parametrize("base_url", ["cal.example", "ftp://cal.example"])
def test_an_address_without_http_is_not_worth_another_try(base_url: str) -> None:
    with Connector(actions=ACTIONS, base_url=base_url) as connector:
        assert connector.execute("CAL_LIST_THINGS").data["retryable"] is False


def test_a_client_of_your_own_is_used_and_stays_open() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=DONE, headers={"set-cookie": "uid=1; Path=/"})

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        with Connector(api_key=KEY, actions=ACTIONS, client=client) as connector:
            assert connector.execute("CAL_LIST_THINGS").successful
            assert connector.execute("CAL_LIST_THINGS").successful
        assert not client.is_closed
    assert [request.headers.get("cookie") for request in seen] == [None, None]


async def test_an_async_client_of_your_own_is_used_and_stays_open() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=DONE))
    async with httpx.AsyncClient(transport=transport) as client:
        async with AsyncConnector(actions=ACTIONS, client=client) as connector:
            assert (await connector.execute("CAL_LIST_THINGS")).successful
        assert not client.is_closed


def test_the_auth_of_a_client_of_your_own_does_not_replace_the_key() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["authorization"])
        return httpx.Response(200, json=DONE)

    with (
        httpx.Client(transport=httpx.MockTransport(answer), auth=("user", "word")) as client,
        Connector(api_key=KEY, actions=ACTIONS, client=client) as connector,
    ):
        connector.execute("CAL_LIST_THINGS")
    assert seen == [f"Bearer {KEY}"]


def test_a_sandbox_takes_the_options_of_a_connector() -> None:
    offered = catalog.filter(slugs=["CAL_RETRIEVE_MY_INFORMATION", "CAL_FETCH_ALL_BOOKINGS"])
    with Connector.sandbox(coerce=False, unwrap=False, actions=offered) as connector:
        assert connector.execute("CAL_GET_TEAMS_LIST").data["code"] == "unknown_action"
        assert connector.execute("CAL_RETRIEVE_MY_INFORMATION").data["status"] == "success"
        strict = connector.execute("CAL_FETCH_ALL_BOOKINGS", {"take": "5"})
        assert strict.data["code"] == "invalid_params"


def test_a_client_of_your_own_follows_no_redirect() -> None:
    transport = httpx.MockTransport(
        lambda _: httpx.Response(302, headers={"location": "https://evil.example/"})
    )
    with (
        httpx.Client(transport=transport, follow_redirects=True) as client,
        Connector(api_key=KEY, actions=ACTIONS, client=client) as connector,
    ):
        assert connector.execute("CAL_LIST_THINGS").data["code"] == "unreadable_response"


async def test_an_async_client_of_your_own_follows_no_redirect() -> None:
    transport = httpx.MockTransport(
        lambda _: httpx.Response(302, headers={"location": "https://evil.example/"})
    )
    async with (
        httpx.AsyncClient(transport=transport, follow_redirects=True) as client,
        AsyncConnector(api_key=KEY, actions=ACTIONS, client=client) as connector,
    ):
        envelope = await connector.execute("CAL_LIST_THINGS")
    assert envelope.data["code"] == "unreadable_response"


async def test_calls_of_one_async_connector_run_at_once() -> None:
    waiting = 0
    both = asyncio.Event()

    async def answer(_: httpx.Request) -> httpx.Response:
        nonlocal waiting
        waiting += 1
        if waiting == 2:
            both.set()
        await asyncio.wait_for(both.wait(), 10)
        return httpx.Response(200, json=DONE)

    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client,
        AsyncConnector(actions=ACTIONS, client=client) as connector,
    ):
        calls = (connector.execute("CAL_LIST_THINGS") for _ in range(2))
        assert all(one.successful for one in await asyncio.gather(*calls))


def test_one_connector_serves_many_threads(cal_com: respx.MockRouter, connector: Connector) -> None:
    cal_com.get("/v2/things").respond(json=DONE)
    answers: list[bool] = []

    def call() -> None:
        answers.extend(connector.execute("CAL_LIST_THINGS").successful for _ in range(5))

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 40


def test_the_callers_params_are_never_changed(
    cal_com: respx.MockRouter, connector: Connector
) -> None:
    cal_com.get("/v2/things/abc").respond(json=DONE)
    params = {"uid": "abc", "take": None}
    connector.execute("CAL_GET_THING", params)
    assert params == {"uid": "abc", "take": None}


def test_no_credential_shows_in_any_text_or_log(
    cal_com: respx.MockRouter, connector: Connector, caplog: pytest.LogCaptureFixture
) -> None:
    cal_com.get("/v2/things").mock(side_effect=[httpx.Response(401, json={}), httpx.ReadError])
    with caplog.at_level(logging.DEBUG):
        shown = [str(connector.execute("CAL_LIST_THINGS")) for _ in range(2)]
    assert KEY not in repr(connector) + caplog.text + "".join(shown)


@respx.mock
def test_no_key_comes_back_in_an_error_that_names_the_address() -> None:
    address = f"https://user:{KEY}@cal.example"
    with Connector(actions=ACTIONS, base_url=address) as connector:
        respx.get("https://cal.example/v2/things").mock(side_effect=httpx.ConnectError)
        assert KEY not in repr(connector) + str(connector.execute("CAL_LIST_THINGS"))


FLOWS = catalog_of(
    document("CAL_GET_TEAM_INFORMATION_BY_TEAM_ID", path="/v2/team"),
    document("CAL_RETRIEVE_MY_INFORMATION", path="/v2/me"),
    document("CAL_GET_TEAMS_LIST", path="/v2/teams"),
    document("CAL_GET_ORGANIZATION_ID", path="/v2/me", flow="organization_ids"),
    document(
        "CAL_CHECK_TEAM_STRIPE_INTEGRATION_STATUS", path="/v2/stripe", flow="team_stripe_status"
    ),
)


def test_a_team_outside_an_organization_has_no_stripe_status(cal_com: respx.MockRouter) -> None:
    cal_com.get("/v2/team").respond(json={"status": "success", "data": {"id": 7}})
    with Connector(api_key=KEY, actions=FLOWS) as connector:
        envelope = connector.execute("CAL_CHECK_TEAM_STRIPE_INTEGRATION_STATUS", {"teamId": 7})
    assert envelope.data["code"] == "rejected"
    assert "belongs to no organization" in str(envelope.error)


def test_the_failure_of_a_first_call_is_the_failure_of_the_action(
    cal_com: respx.MockRouter,
) -> None:
    cal_com.get("/v2/me").respond(401, json={"message": "No"})
    with Connector(api_key=KEY, actions=FLOWS) as connector:
        assert connector.execute("CAL_GET_ORGANIZATION_ID").data["code"] == "unauthorized"


@pytest.fixture
def packaged(cal_com: respx.MockRouter, monkeypatch: pytest.MonkeyPatch) -> respx.Route:
    monkeypatch.setenv("CAL_API_KEY", KEY)
    return cal_com.get("/v2/bookings").respond(json={"status": "success", "data": []})


def test_execute_needs_no_connector(packaged: respx.Route) -> None:
    assert execute("CAL_FETCH_ALL_BOOKINGS", {"take": 5}).data == {"items": []}
    assert json.loads(packaged.calls.last.request.url.params["take"]) == 5


def test_execute_follows_the_environment(
    packaged: respx.Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute("CAL_FETCH_ALL_BOOKINGS")
    monkeypatch.setenv("CAL_API_KEY", "cal_another")
    execute("CAL_FETCH_ALL_BOOKINGS")
    assert packaged.calls.last.request.headers["authorization"] == "Bearer cal_another"


async def test_aexecute_needs_no_connector(packaged: respx.Route) -> None:
    assert (await aexecute("CAL_FETCH_ALL_BOOKINGS")).data == {"items": []}


@pytest.fixture
def only_ids(cal_com: respx.MockRouter) -> Iterator[Connector]:
    """A connector that offers one action, whose flow needs two others."""
    cal_com.get("/v2/me").respond(json={"status": "success", "data": {"organizationId": 7}})
    cal_com.get("/v2/teams").respond(json={"status": "success", "data": []})
    offered = catalog.filter(slugs=["CAL_GET_ORGANIZATION_ID"])
    with Connector(api_key="cal_test", actions=offered) as connector:
        yield connector


def test_a_flow_may_use_actions_that_are_not_offered(only_ids: Connector) -> None:
    assert only_ids.execute("CAL_GET_ORGANIZATION_ID").data == ["7"]


def test_an_action_that_a_flow_used_is_not_offered_by_that(only_ids: Connector) -> None:
    only_ids.execute("CAL_GET_ORGANIZATION_ID")
    assert only_ids.execute("CAL_GET_TEAMS_LIST").data["code"] == "unknown_action"


def test_a_write_whose_answer_is_too_large_has_an_unknown_outcome(
    cal_com: respx.MockRouter,
) -> None:
    cal_com.post("/v2/things").respond(json={"data": "x" * 100})
    with Connector(api_key=KEY, actions=ACTIONS, max_response_bytes=50) as connector:
        envelope = connector.execute("CAL_MAKE_THING", {"take": 1})
    assert envelope.data == {
        "code": "unreadable_response",
        "retryable": False,
        "outcome_unknown": True,
    }
    assert "may have taken effect" in str(envelope.error)
