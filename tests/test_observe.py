"""What one can see of a call from outside: its log line and its hooks."""

import asyncio
import dataclasses
import io
import logging
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import httpx
import pytest

from cal_actions import AsyncConnector, Connector, ConnectorClosed, Envelope, catalog
from cal_actions.observe import RequestEvent, ResponseEvent, RetryEvent
from cal_actions.tokens import AccessToken, ManagedUserTokens
from tests import ready_answers
from tests.made_up import catalog_of, document
from tests.sending.faulty_server import Server, answer, serving

KEY = "cal_live_0123456789"
ACTIONS = catalog_of(
    document("CAL_MAKE", "POST"),
    document("CAL_READ"),
    document("CAL_SHOW", path="/v2/things/{uid}"),
)
ROOT = Path(__file__).parents[1]
HOOKS = ("on_request", "on_response", "on_retry")

Answer = Callable[[], httpx.Response] | Exception
Hook = Callable[[Any], object]


def done() -> httpx.Response:
    return httpx.Response(200, json={"status": "success", "data": {"uid": "abc"}})


def failed(status: int, pause: float = 0.001) -> Callable[[], httpx.Response]:
    # The pause is so short that a test need not wait for it.
    headers = {"retry-after": str(pause)}
    return lambda: httpx.Response(status, json={"message": "no"}, headers=headers)


def empty() -> httpx.Response:
    return httpx.Response(200)


def interrupted() -> httpx.Response:
    raise KeyboardInterrupt


LOST = httpx.ReadError("reset")
LATE = httpx.ReadTimeout("late")


class CalCom:
    """Gives these answers one after the other, and notes what came."""

    def __init__(self, *answers: Answer) -> None:
        self.requests: list[httpx.Request] = []
        self.answers = list(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        given = self.answers.pop(0)
        if isinstance(given, Exception):
            raise given
        return given()


Handler = Callable[[httpx.Request], httpx.Response]
Run = Callable[..., Envelope]


OPTIONS: dict[str, Any] = {"api_key": KEY, "actions": ACTIONS}
run_sync = partial(ready_answers.run_sync, **OPTIONS)
arun = partial(ready_answers.arun, **OPTIONS)
run_async = partial(ready_answers.run_async, **OPTIONS)
cancelled = partial(ready_answers.cancelled, **OPTIONS)


@pytest.fixture(params=[run_sync, run_async], ids=["sync", "async"])
def run(request: pytest.FixtureRequest) -> Run:
    """Execute an action over a client that has these answers, with either connector."""
    chosen: Run = request.param
    return chosen


@pytest.fixture
def lines() -> Iterator[list[logging.LogRecord]]:
    """What the logger `cal_actions` is told."""
    kept: list[logging.LogRecord] = []
    handler, logger = logging.Handler(), logging.getLogger("cal_actions")
    handler.emit = kept.append
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield kept
    logger.setLevel(logging.NOTSET)
    logger.removeHandler(handler)


def told(record: logging.LogRecord) -> dict[str, Any]:
    """The fields that a call's record has beyond those of every record, but for the time."""
    usual = logging.makeLogRecord({}).__dict__.keys() | {"message", "asctime", "ms"}
    return {name: value for name, value in record.__dict__.items() if name not in usual}


# --- the log line

ENDINGS: dict[str, tuple[str, dict[str, Any], list[Answer], int | None, str | None, int]] = {
    "a success": ("CAL_READ", {}, [done], 200, None, 1),
    "no such action": ("CAL_NONE", {}, [], None, "unknown_action", 0),
    "wrong params": ("CAL_READ", {"no": 1}, [], None, "invalid_params", 0),
    "a refusal": ("CAL_READ", {}, [failed(404)], 404, "not_found", 1),
    "a retry that helps": ("CAL_READ", {}, [failed(503), done], 200, None, 2),
    "a retry that is lost": ("CAL_READ", {}, [failed(503), LOST], None, "network_error", 2),
    "retries in vain": ("CAL_READ", {}, [failed(503), failed(502)], 502, "upstream_error", 2),
    "a lost write": ("CAL_MAKE", {}, [LOST], None, "network_error", 1),
    "a late write": ("CAL_MAKE", {}, [LATE], None, "timeout", 1),
    "an empty answer": ("CAL_READ", {}, [empty], 200, "unreadable_response", 1),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_call_is_one_line_in_the_log(
    run: Run, lines: list[logging.LogRecord], ending: str
) -> None:
    slug, params, answers, status, code, attempts = ENDINGS[ending]
    run(CalCom(*answers), slug, params, max_attempts=2)
    (line,) = lines
    assert (line.name, line.levelno) == ("cal_actions", logging.INFO)
    said = f"{slug} {status or '-'} {code or 'ok'} N ms, attempts: {attempts}"
    assert re.sub(r"\d+ ms", "N ms", line.getMessage()) == said
    assert told(line) == {"action": slug, "status": status, "code": code, "attempts": attempts}


def test_a_call_without_credentials_is_logged_without_an_attempt(
    run: Run, lines: list[logging.LogRecord]
) -> None:
    run(CalCom(), "CAL_READ", api_key=None)
    (line,) = lines
    assert (told(line)["code"], told(line)["attempts"]) == ("no_credentials", 0)


def test_an_action_of_several_requests_is_logged_once(
    run: Run, lines: list[logging.LogRecord]
) -> None:
    run(CalCom(done, done), "CAL_GET_ORGANIZATION_ID", actions=catalog)
    (line,) = lines
    assert (told(line)["action"], told(line)["attempts"]) == ("CAL_GET_ORGANIZATION_ID", 2)


def test_a_renewal_has_no_line_of_its_own(run: Run, lines: list[logging.LogRecord]) -> None:
    cal_com, token = renewing()
    run(cal_com, "CAL_READ", api_key=token)
    (line,) = lines
    assert (told(line)["status"], told(line)["attempts"]) == (200, 2)


def test_the_log_says_how_long_a_call_took(run: Run, lines: list[logging.LogRecord]) -> None:
    def slow(_: httpx.Request) -> httpx.Response:
        time.sleep(0.05)
        return done()

    started = time.monotonic()
    run(slow, "CAL_READ")
    whole = (time.monotonic() - started) * 1000
    (line,) = lines
    ms = line.__dict__["ms"]
    assert 50 <= ms <= whole
    assert f" {ms:.0f} ms," in line.getMessage()


def test_a_cancelled_call_is_logged(lines: list[logging.LogRecord]) -> None:
    assert asyncio.run(cancelled("CAL_MAKE")).cancelled()
    (line,) = lines
    wanted = {"action": "CAL_MAKE", "status": None, "code": "CancelledError", "attempts": 1}
    assert told(line) == wanted


def test_an_interrupted_call_is_logged(lines: list[logging.LogRecord]) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_sync(CalCom(interrupted), "CAL_READ")
    (line,) = lines
    assert told(line)["code"] == "KeyboardInterrupt"


def test_calls_of_several_threads_are_a_line_each(lines: list[logging.LogRecord]) -> None:
    with (
        httpx.Client(transport=httpx.MockTransport(lambda _: done())) as client,
        Connector(api_key=KEY, actions=ACTIONS, client=client) as connector,
    ):
        threads = [threading.Thread(target=connector.execute, args=("CAL_READ",)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [told(line)["attempts"] for line in lines] == [1] * 8


QUIET = """
import asyncio
import httpx
from cal_actions import AsyncConnector, Connector

def lost(request):
    raise httpx.ReadError("reset")

def hook(event):
    raise ValueError("of a hook")

def of(client):
    return {"api_key": "cal_test", "client": client, "max_attempts": 1, "on_request": hook}

transport = httpx.MockTransport(lost)
with httpx.Client(transport=transport) as client, Connector(**of(client)) as cal:
    assert cal.execute("CAL_GET_TEAMS_LIST").data["code"] == "network_error"
    assert cal.execute("CAL_CREATE_OR_UPDATE_TEAM_PROFILE", {"name": "a"}).data["outcome_unknown"]
    assert cal.execute("CAL_NONE").data["code"] == "unknown_action"

async def main():
    async with (
        httpx.AsyncClient(transport=transport) as client,
        AsyncConnector(**of(client)) as cal,
    ):
        assert (await cal.execute("CAL_GET_TEAMS_LIST")).data["code"] == "network_error"

asyncio.run(main())
"""


def test_where_logging_is_not_set_up_nothing_is_printed() -> None:
    environment = {name: value for name, value in os.environ.items() if "WARNING" not in name}
    ended = subprocess.run(
        [sys.executable, "-c", QUIET],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


WEIRD = {
    "another line": "CAL_READ 200 ok\nERROR:root:the disk is full",
    "a carriage return": "CAL_READ\rforged",
    "a line separator": "CAL_READ\u2028forged",
    "a terminal's escape": "\x1b[2J\x1b[31mCAL_READ",
    "text from right to left": "CAL_\u202eDAER",
    "half a character": "CAL_\udcff",
    "a null": "CAL_READ\0",
    "a format": "%s %d %(action)s {0}",
    "nothing": "",
    "space": " CAL_READ",
    "a number": 7,
    "bytes": b"CAL_READ",
    "no action": None,
    "a list": ["CAL_READ\n"],
}


@pytest.mark.parametrize("slug", WEIRD.values(), ids=WEIRD)
def test_a_weird_slug_stays_out_of_the_log(
    run: Run, lines: list[logging.LogRecord], slug: Any
) -> None:
    run(CalCom(), slug)
    (line,) = lines
    assert line.getMessage().startswith("(no slug) - unknown_action ")
    assert told(line)["action"] == "(no slug)"


@pytest.mark.parametrize("letter", ["A", "ü"])
def test_an_endless_slug_is_cut_in_the_log(
    run: Run, lines: list[logging.LogRecord], letter: str
) -> None:
    run(CalCom(), letter * 100_000)
    (line,) = lines
    assert told(line)["action"] == letter * 80
    assert len(line.getMessage()) < 200


def test_a_line_of_the_log_is_one_line(run: Run) -> None:
    written = io.StringIO()
    handler, logger = logging.StreamHandler(written), logging.getLogger("cal_actions")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        run(CalCom(failed(404)), "CAL_SHOW", {"uid": "abc\nforged"})
        run(CalCom(), "CAL_SHOW\nforged")
    finally:
        logger.setLevel(logging.NOTSET)
        logger.removeHandler(handler)
    assert len(written.getvalue().splitlines()) == 2
    assert "forged" not in written.getvalue()


# --- hooks


def collecting(events: list[Any]) -> dict[str, Hook]:
    return dict.fromkeys(HOOKS, events.append)


def untimed(events: list[Any]) -> list[Any]:
    """The events without the times that they tell."""
    still = {RequestEvent: {}, ResponseEvent: {"seconds": 0.0}, RetryEvent: {"pause": 0.0}}
    return [dataclasses.replace(event, **still[type(event)]) for event in events]


READ = ("CAL_READ", "GET", "/v2/things")
MAKE = ("CAL_MAKE", "POST", "/v2/things")


def renewing() -> tuple[CalCom, ManagedUserTokens]:
    tokens = {"accessToken": "a second token", "refreshToken": "a second renewal"}
    body = {"status": "success", "data": tokens}
    token = ManagedUserTokens(
        "a first token",
        "a first renewal",
        client_id="client",
        client_secret="a secret",
        store=lambda _access, _refresh: None,
    )
    return CalCom(failed(401), lambda: httpx.Response(200, json=body), done), token


def test_the_hooks_are_told_of_a_read_that_is_sent_again(run: Run) -> None:
    events: list[Any] = []
    run(CalCom(failed(503), failed(502), done), "CAL_READ", **collecting(events))
    assert untimed(events) == [
        RequestEvent(*READ, 1),
        ResponseEvent(*READ, 1, 503, "upstream_error", 0.0),
        RetryEvent(*READ, 1, 503, "upstream_error", 0.0),
        RequestEvent(*READ, 2),
        ResponseEvent(*READ, 2, 502, "upstream_error", 0.0),
        RetryEvent(*READ, 2, 502, "upstream_error", 0.0),
        RequestEvent(*READ, 3),
        ResponseEvent(*READ, 3, 200, None, 0.0),
    ]


def test_a_lost_answer_to_a_read_is_told_before_it_is_sent_again(run: Run) -> None:
    events: list[Any] = []
    run(CalCom(LOST, done), "CAL_READ", **collecting(events))
    assert untimed(events) == [
        RequestEvent(*READ, 1),
        ResponseEvent(*READ, 1, None, "network_error", 0.0),
        RetryEvent(*READ, 1, None, "network_error", 0.0),
        RequestEvent(*READ, 2),
        ResponseEvent(*READ, 2, 200, None, 0.0),
    ]


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (LOST, None, "network_error"),
        (LATE, None, "timeout"),
        (httpx.DecodingError("no gzip"), None, "unreadable_response"),
        (empty, 200, "unreadable_response"),
        (failed(500), 500, "upstream_error"),
        (failed(403), 403, "forbidden"),
    ],
    ids=["lost", "late", "no gzip", "empty", "500", "403"],
)
def test_a_write_that_fails_is_told_and_not_sent_again(
    run: Run, fault: Answer, status: int | None, code: str
) -> None:
    events: list[Any] = []
    run(CalCom(fault), "CAL_MAKE", **collecting(events))
    assert untimed(events) == [
        RequestEvent(*MAKE, 1),
        ResponseEvent(*MAKE, 1, status, code, 0.0),
    ]


def test_a_lost_answer_has_not_the_status_of_the_one_before(run: Run) -> None:
    events: list[Any] = []
    run(CalCom(failed(503), LOST), "CAL_READ", max_attempts=2, **collecting(events))
    assert (events[-1].status, events[-1].code) == (None, "network_error")


def test_a_path_is_told_as_its_template(run: Run) -> None:
    events: list[Any] = []
    answers = CalCom(failed(503), done)
    run(answers, "CAL_SHOW", {"uid": "a-private-uid", "take": 3}, **collecting(events))
    assert {event.path for event in events} == {"/v2/things/{uid}"}
    assert "a-private-uid" not in repr(events)


def test_what_is_not_sent_calls_no_hook(run: Run) -> None:
    events: list[Any] = []
    run(CalCom(), "CAL_READ", {"no": 1}, **collecting(events))
    assert events == []


def test_the_requests_of_a_call_are_counted_through(run: Run) -> None:
    events: list[Any] = []
    answers = CalCom(failed(503), done, done)
    run(answers, "CAL_GET_ORGANIZATION_ID", actions=catalog, on_request=events.append)
    assert [(event.slug, event.attempt) for event in events] == [
        ("CAL_RETRIEVE_MY_INFORMATION", 1),
        ("CAL_RETRIEVE_MY_INFORMATION", 2),
        ("CAL_GET_TEAMS_LIST", 3),
    ]


def test_the_hooks_are_told_of_a_renewals_requests(run: Run) -> None:
    events: list[Any] = []
    cal_com, token = renewing()
    run(cal_com, "CAL_READ", api_key=token, **collecting(events))
    renewal = ("CAL_REFRESH_OAUTH_TOKEN_FOR_CLIENT_ID", "POST", "/v2/oauth/{clientId}/refresh")
    assert untimed(events) == [
        RequestEvent(*READ, 1),
        ResponseEvent(*READ, 1, 401, "unauthorized", 0.0),
        RequestEvent(*renewal, 1),
        ResponseEvent(*renewal, 1, 200, None, 0.0),
        RequestEvent(*READ, 2),
        ResponseEvent(*READ, 2, 200, None, 0.0),
    ]


def test_a_renewal_by_a_function_calls_no_hook(run: Run) -> None:
    events: list[Any] = []
    token = AccessToken("a first token", lambda: "a second token")
    run(CalCom(failed(401), done), "CAL_READ", api_key=token, on_request=events.append)
    assert [event.slug for event in events] == ["CAL_READ", "CAL_READ"]


def test_a_cancelled_request_is_told() -> None:
    events: list[Any] = []

    assert asyncio.run(cancelled("CAL_READ", **collecting(events))).cancelled()
    assert untimed(events) == [
        RequestEvent(*READ, 1),
        ResponseEvent(*READ, 1, None, "cancelled", 0.0),
    ]


def test_a_hook_is_called_around_the_request_it_tells_of(run: Run) -> None:
    order: list[str] = []
    answers = CalCom(failed(503), done)

    def note(request: httpx.Request) -> httpx.Response:
        order.append("arrived")
        return answers(request)

    hooks = {name: (lambda _event, name=name: order.append(name)) for name in HOOKS}
    run(note, "CAL_READ", **hooks)
    once = ["on_request", "arrived", "on_response"]
    assert order == [*once, "on_retry", *once]


def test_a_response_is_told_with_its_seconds(run: Run) -> None:
    events: list[Any] = []

    def slow(_: httpx.Request) -> httpx.Response:
        time.sleep(0.05)
        return done()

    started = time.monotonic()
    run(slow, "CAL_READ", on_response=events.append)
    assert 0.05 <= events[0].seconds <= time.monotonic() - started


def test_a_retry_is_told_before_its_pause() -> None:
    async def events() -> list[RetryEvent]:
        kept: list[RetryEvent] = []
        retried = asyncio.Event()

        def hook(event: RetryEvent) -> None:
            kept.append(event)
            retried.set()

        call = asyncio.create_task(arun(CalCom(failed(503, 20)), "CAL_READ", on_retry=hook))
        await asyncio.wait_for(retried.wait(), 5)
        call.cancel()
        await asyncio.wait([call])
        return kept

    (event,) = asyncio.run(events())
    assert 20 <= event.pause <= 20.5


def test_an_event_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        RequestEvent(*READ, 1).path = "/v2"


# --- hooks that misbehave


def raising(_: Any) -> None:
    raise ValueError("of a hook")


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_that_raises_changes_no_call(run: Run, name: str) -> None:
    cal_com = CalCom(failed(429), done)
    envelope = run(cal_com, "CAL_MAKE", **{name: raising})
    assert envelope.data == {"uid": "abc"}
    assert len(cal_com.requests) == 2


@pytest.mark.parametrize("name", HOOKS[:2])
def test_a_hook_that_raises_sends_no_write_twice(run: Run, name: str) -> None:
    cal_com = CalCom(LOST)
    envelope = run(cal_com, "CAL_MAKE", **{name: raising})
    assert envelope.data == {"code": "network_error", "retryable": False, "outcome_unknown": True}
    assert len(cal_com.requests) == 1


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_that_raises_is_logged(run: Run, lines: list[logging.LogRecord], name: str) -> None:
    run(CalCom(failed(503), done), "CAL_READ", **{name: raising})
    complaints = [line for line in lines if line.levelno == logging.ERROR]
    assert len(complaints) == (1 if name == "on_retry" else 2)
    for line in complaints:
        assert line.name == "cal_actions"
        assert line.exc_info is not None
        assert isinstance(line.exc_info[1], ValueError)


def test_a_hook_that_raises_leaves_the_other_hooks_alone(run: Run) -> None:
    events: list[Any] = []
    run(CalCom(done), "CAL_READ", on_request=raising, on_response=events.append)
    assert [event.status for event in events] == [200]


def test_an_interruption_in_a_hook_passes_through(run: Run) -> None:
    cal_com = CalCom()
    with pytest.raises(KeyboardInterrupt):
        run(cal_com, "CAL_READ", on_request=lambda _event: interrupted())
    assert cal_com.requests == []


def test_an_interruption_in_a_hook_costs_no_place_in_the_rate_limit() -> None:
    interrupting = [False]

    def perhaps(_: RequestEvent) -> None:
        if interrupting[0]:
            raise KeyboardInterrupt

    def counted(left: int) -> Callable[[], httpx.Response]:
        limit = {"Limit": 9, "Remaining": left, "Reset": 3600}
        headers = {f"X-RateLimit-{name}-Default": str(number) for name, number in limit.items()}
        return lambda: httpx.Response(200, json={"data": {}}, headers=headers)

    # Cal.com counts what arrives alone: the interrupted requests never left.
    cal_com = CalCom(*(counted(left) for left in range(8, -1, -1)))
    with (
        httpx.Client(transport=httpx.MockTransport(cal_com)) as client,
        Connector(api_key=KEY, actions=ACTIONS, client=client, on_request=perhaps) as connector,
    ):
        connector.execute("CAL_READ")
        interrupting[0] = True
        for _ in range(4):
            with pytest.raises(KeyboardInterrupt):
                connector.execute("CAL_READ")
        interrupting[0] = False
        codes = [connector.execute("CAL_READ").error for _ in range(8)]
    assert codes == [None] * 8


async def coroutine(_: Any) -> None: ...


async def generator(_: Any) -> Any:
    yield


class Awaited:
    async def method(self, _: Any) -> None: ...

    async def __call__(self, _: Any) -> None: ...


NO_HOOKS = {
    "a coroutine function": coroutine,
    "a partial coroutine function": partial(coroutine, 1),
    "a coroutine method": Awaited().method,
    "an object with a coroutine": Awaited(),
    "an AsyncMock": AsyncMock(),
    "an async generator": generator,
    "a number": 1,
    "text": "print",
    "a list of functions": [print],
    "false": False,
}


@pytest.mark.parametrize("connector", [Connector, AsyncConnector])
@pytest.mark.parametrize("name", HOOKS)
@pytest.mark.parametrize("hook", NO_HOOKS.values(), ids=NO_HOOKS)
def test_what_is_no_plain_function_is_refused_as_a_hook(
    connector: type[Connector | AsyncConnector], name: str, hook: Any
) -> None:
    with pytest.raises(TypeError, match=f"{name} must be a function of one event"):
        connector(**{name: hook})


class Plain:
    def method(self, _: Any) -> None: ...

    def __call__(self, _: Any) -> None: ...


@pytest.mark.parametrize(
    "hook", [print, Plain(), Plain().method, partial(print, "event:"), [].append]
)
def test_whatever_can_be_called_is_a_hook(run: Run, hook: Hook) -> None:
    assert run(CalCom(done), "CAL_READ", on_request=hook).successful


# --- hooks that use the connector themselves


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_may_execute_another_action(name: str) -> None:
    inner: list[Envelope] = []

    def again(event: RequestEvent) -> None:
        if event.slug == "CAL_MAKE":
            inner.append(connector.execute("CAL_READ"))

    def reply(request: httpx.Request) -> httpx.Response:
        is_first = request.method == "POST" and not inner
        return (failed(429) if is_first and name == "on_retry" else done)()

    with (
        httpx.Client(transport=httpx.MockTransport(reply)) as client,
        Connector(api_key=KEY, actions=ACTIONS, client=client, **{name: again}) as connector,
    ):
        outer = connector.execute("CAL_MAKE")
    assert [envelope.data for envelope in (outer, *inner)] == [{"uid": "abc"}] * 2


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_may_begin_a_task_that_executes_another_action(name: str) -> None:
    inner: list[asyncio.Task[Envelope]] = []

    def reply(request: httpx.Request) -> httpx.Response:
        is_first = request.method == "POST" and not inner
        return (failed(429) if is_first and name == "on_retry" else done)()

    async def calls() -> list[Envelope]:
        def again(event: RequestEvent) -> None:
            if event.slug == "CAL_MAKE":
                inner.append(asyncio.create_task(connector.execute("CAL_READ")))

        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(reply)) as client,
            AsyncConnector(
                api_key=KEY, actions=ACTIONS, client=client, **{name: again}
            ) as connector,
        ):
            return [await connector.execute("CAL_MAKE"), *await asyncio.gather(*inner)]

    assert [envelope.data for envelope in asyncio.run(calls())] == [{"uid": "abc"}] * 2


@pytest.fixture
def a_server_that_fails_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Over a real connection, as closing a client that was passed in would close nothing."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    unavailable = answer(b"{}", "Retry-After: 0.001", status="503 Service Unavailable")
    fine = answer(b'{"data": {"uid": "abc"}}')
    connections: list[socket.socket] = []

    def behave(server: Server, connection: socket.socket) -> None:
        connections.append(connection)
        (unavailable if len(server.requests) == 1 else fine)(server, connection)

    with serving(behave) as server:
        yield server
        for connection in connections:  # or the server would wait for those who stay
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def assert_all_have_left(server: Server) -> None:
    _accepting, *connections = server._threads
    assert connections
    for thread in connections:
        thread.join(5)
    assert not any(thread.is_alive() for thread in connections)


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_may_close_the_connector(a_server_that_fails_once: Server, name: str) -> None:
    url = a_server_that_fails_once.url
    connector = Connector(
        api_key=KEY, base_url=url, actions=ACTIONS, **{name: lambda _event: connector.close()}
    )
    assert connector.execute("CAL_READ").data == {"uid": "abc"}
    with pytest.raises(ConnectorClosed):
        connector.execute("CAL_READ")
    assert_all_have_left(a_server_that_fails_once)


@pytest.mark.parametrize("way", ["aiohttp", "httpcore"])
@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_may_begin_to_close_an_async_connector(
    monkeypatch: pytest.MonkeyPatch, a_server_that_fails_once: Server, name: str, way: str
) -> None:
    if way == "httpcore":
        monkeypatch.setitem(sys.modules, "cal_actions.transport.aiohttp_pool", None)

    async def calls() -> Envelope:
        closing: list[asyncio.Task[None]] = []
        connector = AsyncConnector(
            api_key=KEY,
            base_url=a_server_that_fails_once.url,
            actions=ACTIONS,
            **{name: lambda _event: closing.append(asyncio.create_task(connector.aclose()))},
        )
        envelope = await connector.execute("CAL_READ")
        await asyncio.gather(*closing)
        with pytest.raises(ConnectorClosed):
            await connector.execute("CAL_READ")
        return envelope

    assert asyncio.run(calls()).data == {"uid": "abc"}
    assert_all_have_left(a_server_that_fails_once)
