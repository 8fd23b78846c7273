"""Faults on demand: a test says what goes wrong next."""

import asyncio
import http.client
import time
from urllib.parse import urlsplit

import pytest

from cal_actions import AsyncConnector, Connector
from cal_actions.sandbox import ConnectionDropped, Sandbox
from cal_actions.sandbox.server import running_server
from tests.sandbox.conftest import Caller, Clock

HOOK = {"active": False, "subscriberUrl": "http://127.0.0.1:9/x", "triggers": ["BOOKING_CREATED"]}


def hooks(sandbox: Sandbox) -> int:
    return len(sandbox.state()["webhooks"])


@pytest.mark.parametrize("status", [400, 418, 499, 500, 503, 599])
def test_the_next_request_fails_as_asked(sandbox: Sandbox, call: Caller, status: int) -> None:
    sandbox.inject.fail_next(status)
    assert call("GET", "/v2/me").status == status
    assert call("GET", "/v2/me").status == 200


def test_a_failure_may_come_several_times(sandbox: Sandbox, call: Caller) -> None:
    sandbox.inject.fail_next(times=2)
    assert [call("GET", "/v2/me").status for _ in range(3)] == [503, 503, 200]


def test_a_failed_request_is_not_carried_out(sandbox: Sandbox, call: Caller) -> None:
    sandbox.inject.fail_next()
    call("POST", "/v2/webhooks", HOOK)
    assert hooks(sandbox) == 0


def test_a_failure_of_429_has_the_body_of_a_rate_limit(sandbox: Sandbox, call: Caller) -> None:
    sandbox.inject.fail_next(429)
    assert call("GET", "/v2/me").error["code"] == "ThrottlerException"


@pytest.mark.parametrize("status", [200, 399, 600, 0])
def test_a_status_that_is_no_error_is_refused(sandbox: Sandbox, status: int) -> None:
    with pytest.raises(ValueError, match=f"from 400 to 599, not {status}"):
        sandbox.inject.fail_next(status)


def test_a_dropped_connection_gives_no_answer(sandbox: Sandbox, call: Caller) -> None:
    sandbox.inject.drop_connection()
    with pytest.raises(ConnectionDropped):
        call("POST", "/v2/webhooks", HOOK)
    assert hooks(sandbox) == 0


def test_the_answer_alone_may_be_lost(sandbox: Sandbox, call: Caller) -> None:
    sandbox.inject.drop_connection(handled=True)
    with pytest.raises(ConnectionDropped):
        call("POST", "/v2/webhooks", HOOK)
    assert hooks(sandbox) == 1


def test_a_connector_answers_a_dropped_connection_with_an_envelope(sandbox: Sandbox) -> None:
    sandbox.inject.drop_connection(handled=True)
    with Connector.sandbox(sandbox) as cal:
        result = cal.execute("CAL_DELETE_WEBHOOK_BY_ID", {"webhookId": "x"})
    assert result.data["code"] == "network_error"


def test_the_server_closes_a_dropped_connection(sandbox: Sandbox) -> None:
    sandbox.inject.drop_connection()
    with running_server(sandbox) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        connection.request("GET", "/v2/me")
        with pytest.raises(http.client.RemoteDisconnected):
            connection.getresponse()
        connection.close()


def test_the_server_answers_the_next_connection(sandbox: Sandbox) -> None:
    sandbox.inject.drop_connection()
    with running_server(sandbox) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        connection.request("GET", "/v2/timezones")
        with pytest.raises(http.client.RemoteDisconnected):
            connection.getresponse()
        connection.request("GET", "/v2/nothing")
        assert connection.getresponse().status == 404
        connection.close()


def test_a_rate_limit_holds_for_every_caller(sandbox: Sandbox, call: Caller) -> None:
    sandbox.inject.rate_limit(2, seconds=30)
    told = [call("GET", "/v2/me") for _ in range(3)]
    assert [one.status for one in told] == [200, 200, 429]
    assert told[2].headers["X-RateLimit-Reset-Default"] == "30"


def test_a_rate_limit_lets_go_after_its_seconds(
    sandbox: Sandbox, call: Caller, clock: Clock
) -> None:
    sandbox.inject.rate_limit(1, seconds=30)
    call("GET", "/v2/me")
    assert call("GET", "/v2/me").status == 429
    clock.advance(seconds=30)
    assert call("GET", "/v2/me").status == 200


@pytest.mark.parametrize(("requests", "seconds"), [(0, 60), (1, 0)])
def test_a_rate_limit_of_nothing_is_refused(sandbox: Sandbox, requests: int, seconds: int) -> None:
    with pytest.raises(ValueError, match="at least 1 request"):
        sandbox.inject.rate_limit(requests, seconds)


def test_latency_lets_every_answer_wait(
    sandbox: Sandbox, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    sandbox.inject.latency(0.05)
    assert [call("GET", "/v2/me").status, call("GET", "/v2/nothing").status] == [200, 404]
    assert waits == [0.05, 0.05]


def test_a_negative_latency_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="from 0, not -1"):
        sandbox.inject.latency(-1)


@pytest.mark.anyio
async def test_calls_of_an_async_connector_wait_side_by_side(sandbox: Sandbox) -> None:
    sandbox.inject.latency(0.3)
    ended: list[str] = []
    async with AsyncConnector.sandbox(sandbox) as cal:

        async def ask() -> None:
            await cal.execute("CAL_RETRIEVE_MY_INFORMATION")
            ended.append("call")

        async def tick() -> None:
            await asyncio.sleep(0.01)
            ended.append("tick")

        await asyncio.gather(ask(), tick())
    assert ended == ["tick", "call"]


def test_everything_can_be_taken_back(sandbox: Sandbox, call: Caller) -> None:
    sandbox.inject.fail_next()
    sandbox.inject.rate_limit(1)
    sandbox.inject.latency(60)
    sandbox.inject.clear()
    assert sandbox.inject.seconds == 0
    assert [call("GET", "/v2/me").status for _ in range(3)] == [200] * 3


def test_a_reset_takes_faults_back(sandbox: Sandbox, call: Caller) -> None:
    sandbox.inject.fail_next()
    sandbox.reset()
    assert call("GET", "/v2/me").status == 200


def test_known_server_faults_are_played_only_when_asked_for() -> None:
    statuses = []
    for faults in (False, True):
        with Sandbox(server_faults=faults) as sandbox:
            call = Caller(sandbox)
            call.version = "2024-06-11"
            statuses.append(call("GET", "/v2/schedules/abc").status)
            statuses.append(call("PATCH", "/v2/schedules/1", {"name": None}).status)
    assert statuses == [400, 400, 500, 500]


def test_faults_come_in_the_order_they_were_added(sandbox: Sandbox, call: Caller) -> None:
    sandbox.inject.fail_next(500)
    sandbox.inject.drop_connection(times=2)
    sandbox.inject.fail_next(502)
    assert call("GET", "/v2/me").status == 500
    for _ in range(2):
        with pytest.raises(ConnectionDropped):
            call("GET", "/v2/me")
    assert [call("GET", "/v2/me").status for _ in range(2)] == [502, 200]
