"""No credential shows: not in what is printed, logged or raised, nor in the frames of that."""

import asyncio
import gc
import json
import logging
import signal
import socket
import threading
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from cal_actions import AsyncConnector, Connector, ConnectorClosed, Envelope, aexecute, execute
from cal_actions.auth import Credentials
from cal_actions.tokens import AccessToken, ManagedUserTokens, OAuth2Tokens, Secret
from cal_actions.wire import Ask as Wanted
from cal_actions.wire import Headers, WireRequest
from tests.made_up import catalog_of, document
from tests.sending.conftest import ASYNC, KEY, SYNC, Ask, aopened, opened, without_aiohttp
from tests.sending.faulty_server import Server, answer, serving, then_close, then_reset, then_stall

TOKEN, REFRESH = "access_token_0123456789", "refresh_token_0123456789"
CLIENT, PAIR_SECRET = "client_id_0123456789", "client_secret_0123456789"
SECRETS = (KEY, TOKEN, REFRESH, PAIR_SECRET)
OK = b'{"status": "success", "data": {"uid": "abc"}}'
SOON = "Retry-After: 0.01"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 45\r\n\r\n"


def shown_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def leaks(raised: BaseException | None) -> list[str]:
    """Where an exception, or one that it came from, holds a secret; this file's frames do."""
    found: list[str] = []
    left, seen = [raised], set()
    while left:
        one = left.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        left += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
        if shown_in(f"{one!r} {one} {one.args!r}"):
            found.append(f"the text of {type(one).__name__}")
        for frame, _ in traceback.walk_tb(one.__traceback__):
            if frame.f_code.co_filename == __file__:
                continue
            for name, value in frame.f_locals.items():
                if shown_in(repr(value)):
                    place = f"{Path(frame.f_code.co_filename).name}:{frame.f_code.co_name}"
                    found.append(f"{place} {name} ({type(one).__name__})")
    return found


# --- printed


PRINTED: dict[str, Callable[[], Any]] = {
    "Connector": lambda: Connector(
        api_key=KEY, oauth_client_id=CLIENT, oauth_client_secret=PAIR_SECRET
    ),
    "AsyncConnector": lambda: AsyncConnector(auth=KEY),
    "Credentials": lambda: Credentials(KEY, CLIENT, PAIR_SECRET),
    "Authorization of a key": lambda: Credentials(KEY).authorize(action("user")),
    "Authorization of a token": lambda: Credentials(AccessToken(KEY, str)).authorize(
        action("user")
    ),
    "Authorization of a pair": lambda: Credentials(None, CLIENT, PAIR_SECRET).authorize(
        action("oauth_client")
    ),
    "AccessToken": lambda: AccessToken(TOKEN, lambda: TOKEN),
    "ManagedUserTokens": lambda: ManagedUserTokens(
        TOKEN, REFRESH, client_id=CLIENT, client_secret=PAIR_SECRET, store=print
    ),
    "OAuth2Tokens": lambda: OAuth2Tokens(
        TOKEN, REFRESH, client_id=CLIENT, client_secret=PAIR_SECRET, store=print
    ),
    "Secret": lambda: Secret(KEY),
    "Headers": lambda: headers(),
    "WireRequest": lambda: wire(),
    "Ask": lambda: Wanted(wire(), headers(), 1.0),
}


def action(scheme: str) -> Any:
    return catalog_of(document(auth=[scheme]))["CAL_DO"]


def headers() -> Headers:
    return Headers(("Authorization", f"Bearer {KEY}")) + Headers(("x-cal-secret-key", PAIR_SECRET))


def wire() -> WireRequest:
    return WireRequest("POST", f"/v2/things?state={KEY}", None, REFRESH.encode())


@pytest.mark.parametrize("make", PRINTED.values(), ids=PRINTED)
def test_no_credential_is_printed(make: Callable[[], Any]) -> None:
    one = make()
    held = getattr(one, "__dict__", {})
    texts = f"{one!r} {one!s} {one:} {[one]} {held}"
    assert shown_in(texts) == []


def test_the_password_of_an_address_is_not_printed() -> None:
    connector = Connector(base_url=f"https://user:{KEY}@host/x")
    assert repr(connector) == "<Connector https://host/x>"


def test_a_header_line_shows_its_name() -> None:
    assert repr(headers()) == "Headers(Authorization, x-cal-secret-key)"


# --- in envelopes and logs


QUOTED = {
    "said": lambda text: {"error": {"message": f"the key {text} is wrong"}},
    "said at the top": lambda text: {"message": [f"the key {text} is wrong"]},
    "details of a field": lambda text: {
        "error": {
            "message": "Bad Request",
            "details": {"errors": [{"property": "x", "constraints": {"is": f"{text} is wrong"}}]},
        }
    },
    "the name of a field": lambda text: {
        "error": {
            "details": {"errors": [{"property": text, "constraints": {"is": "it is wrong"}}]},
        }
    },
    "the last word": lambda text: {"error": {"message": f"wrong: {text}."}},
    "cut off where a message is too long": lambda text: {
        "error": {"message": "x" * (500 - len(text)) + " " + text}
    },
}


@pytest.mark.parametrize("status", ["400 Bad Request", "401 Unauthorized", "500 Oops"])
@pytest.mark.parametrize("quote", QUOTED.values(), ids=QUOTED)
def test_a_key_that_an_error_quotes_is_not_told(status: str, quote: Any) -> None:
    with (
        serving(answer(json.dumps(quote(KEY)).encode(), status=status)) as server,
        opened("sync", server.url) as connector,
    ):
        envelope = connector.execute("CAL_MAKE")
    shown = f"{envelope!r} {envelope.model_dump_json()}"
    assert not envelope.successful
    assert KEY not in shown
    assert KEY[:16] not in shown


@pytest.mark.parametrize(
    "behave",
    [
        answer(KEY.encode(), "Content-Type: text/plain", status="502 Bad Gateway"),
        answer(OK, f"Content-Type: text/{KEY}", status="502 Bad Gateway"),
        answer(b"<p>", f"Content-Type: text/{KEY}"),
        answer(OK, f"Content-Encoding: {KEY}"),
        answer(b"{}", f"X-Request-Id: {KEY}", status="400 Bad Request"),
        answer(b"{}", f"Location: https://{KEY}/", status="302 Found"),
        then_close(f"HTTP/1.1 {KEY}\r\n\r\n".encode()),
        then_close(f"HTTP/1.1 200 OK\r\n{KEY}\r\n\r\n".encode()),
    ],
    ids=["text", "type", "type of a page", "coding", "request id", "location", "status", "header"],
)
def test_a_key_that_an_answer_quotes_is_told_in_no_way_to_send(ask: Ask, behave: Any) -> None:
    with serving(behave) as server:
        envelopes = ask(server.url, "CAL_READ", "CAL_MAKE")
    assert shown_in(repr(envelopes)) == []


def test_a_pair_that_an_error_quotes_is_not_told() -> None:
    quoted = {"error": {"message": f"{PAIR_SECRET} of {CLIENT} is wrong"}}
    actions = catalog_of(document("CAL_APP", auth=["oauth_client"]))
    auth = Credentials(None, CLIENT, PAIR_SECRET)
    with (
        serving(answer(json.dumps(quoted).encode(), status="401 Unauthorized")) as server,
        opened("sync", server.url, actions=actions) as connector,
    ):
        envelope = connector.execute("CAL_APP", auth=auth)
    assert envelope.data["code"] == "unauthorized"
    assert [one for one in (PAIR_SECRET, CLIENT) if one in repr(envelope)] == []


def test_no_failed_envelope_raises_with_a_key(ask: Ask) -> None:
    quoted = json.dumps({"error": {"message": f"the key {KEY} is wrong"}}).encode()
    with serving(answer(quoted, status="401 Unauthorized")) as server:
        (envelope,) = ask(server.url, "CAL_READ")
    with pytest.raises(Exception, match="answered 401") as caught:
        envelope.raise_for_error()
    assert leaks(caught.value) == []


BEHAVIOURS = {
    "an answer": answer(OK),
    "a refusal": answer(f'{{"error": {{"message": "{KEY}"}}}}'.encode(), status="400 Bad Request"),
    "a reset": then_reset(b""),
    "a redirect": answer(b"", "Location: http://127.0.0.1:9/", status="307 Temporary Redirect"),
    "half an answer": then_close(HEAD + OK[:20]),
    "no HTTP": then_close(f"{KEY}\r\n\r\n".encode()),
}


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything that is logged, however little it matters."""
    caplog.set_level(logging.DEBUG)
    for name in ("cal_actions", "asyncio", "aiohttp", "httpcore", "httpx"):
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


def leaks_of(records: list[logging.LogRecord]) -> list[str]:
    found = [record.name for record in records if shown_in(str(vars(record)))]
    for record in records:
        found += shown_in(record.getMessage())
        found += leaks(record.exc_info[1]) if record.exc_info else []
    return found


# What a server makes up is in httpcore's log of its own connections, as it came: no key of ours.
@pytest.mark.parametrize("behave", BEHAVIOURS.values(), ids=BEHAVIOURS)
def test_no_log_line_shows_a_key(ask: Ask, behave: Any, told: pytest.LogCaptureFixture) -> None:
    with serving(behave) as server:
        ask(server.url, "CAL_READ", "CAL_MAKE", attempt_timeout=1.0)
    ours = [record for record in told.records if record.name == "cal_actions"]
    assert len(ours) == 2
    quoted = behave in (BEHAVIOURS["a refusal"], BEHAVIOURS["no HTTP"])
    assert leaks_of(ours if quoted else told.records) == []


def test_what_a_raising_hook_leaves_in_the_log_has_no_key(
    ask: Ask, told: pytest.LogCaptureFixture
) -> None:
    def hook(_: object) -> None:
        raise ValueError("of the hook")

    with serving(then_reset(b"")) as server:
        ask(server.url, "CAL_READ", on_request=hook, on_response=hook)
    records = [record for record in told.records if record.exc_info]
    assert len(records) == 2
    assert leaks_of(records) == []


def test_no_hook_is_told_a_secret(ask: Ask) -> None:
    events: list[object] = []
    hooks = dict.fromkeys(("on_request", "on_response", "on_retry"), events.append)
    quoted = f'{{"error": {{"message": "{KEY}"}}}}'.encode()
    with serving(answer(quoted, SOON, status="500 Oops")) as server:
        ask(server.url, "CAL_READ", max_attempts=2, **hooks)
    assert len(events) == 5
    assert shown_in(repr(events)) == []


def test_no_span_has_a_secret(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    trace = pytest.importorskip("opentelemetry.sdk.trace")
    export = pytest.importorskip("opentelemetry.sdk.trace.export")
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    spans = memory.InMemorySpanExporter()
    provider = trace.TracerProvider()
    provider.add_span_processor(export.SimpleSpanProcessor(spans))
    monkeypatch.setattr("opentelemetry.trace.get_tracer", provider.get_tracer)
    quoted = f'{{"error": {{"message": "{KEY}"}}}}'.encode()
    with serving(answer(quoted, SOON, status="500 Oops")) as server:
        ask(server.url, "CAL_READ", "CAL_MAKE", max_attempts=2)
    finished = spans.get_finished_spans()
    assert len(finished) == 5
    assert shown_in(" ".join(span.to_json() for span in finished)) == []


# --- in redirects


@pytest.mark.parametrize("status", [302, 307, 308])
def test_a_redirect_to_another_host_carries_nothing(ask: Ask, status: int) -> None:
    with serving(answer(OK)) as other:
        away = answer(b"", f"Location: {other.url}/v2/me", status=f"{status} Away")
        with serving(away) as server:
            envelopes = ask(server.url, "CAL_READ", "CAL_MAKE", "CAL_DROP", max_attempts=3)
    assert {envelope.data["code"] for envelope in envelopes} == {"unreadable_response"}
    assert (len(server.requests), other.requests) == (3, [])


@pytest.mark.parametrize("make", [httpx.Client, httpx.AsyncClient])
def test_a_client_that_follows_redirects_does_not_follow_them_here(make: Any) -> None:
    with serving(answer(OK)) as other:
        away = answer(b"", f"Location: {other.url}/v2/me", status="307 Away")
        with serving(away) as server:
            envelope = call_with(make(follow_redirects=True), server.url)
    assert envelope.data["code"] == "unreadable_response"
    assert other.requests == []


def call_with(client: Any, url: str) -> Envelope:
    if isinstance(client, httpx.Client):
        with client, opened("sync", url, client=client) as connector:
            return connector.execute("CAL_READ")

    async def run() -> Envelope:
        async with client, aopened("async over aiohttp", url, client=client) as connector:
            envelope: Envelope = await connector.execute("CAL_READ")
            return envelope

    return asyncio.run(run())


# --- in what is raised


@pytest.fixture(params=ASYNC)
def async_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "async over httpcore":
        without_aiohttp(monkeypatch)
    return str(request.param)


def interrupting(start: bytes) -> Callable[[Server, socket.socket], None]:
    """Send `start`, and press Ctrl-C while the client waits for more."""

    def behave(server: Server, connection: socket.socket) -> None:
        connection.sendall(start)
        main = threading.main_thread().ident
        assert main is not None
        signal.pthread_kill(main, signal.SIGINT)
        server.over.wait()
        connection.close()  # a client that is passed in reads on, in its thread

    return behave


def interrupted(way: str, url: str, **options: Any) -> BaseException:
    """What an interrupted call raises, in whatever way it is sent."""
    if way in SYNC:
        with opened(way, url, **options) as connector, pytest.raises(KeyboardInterrupt) as caught:
            connector.execute("CAL_MAKE")
        return caught.value

    async def run() -> BaseException:
        async with aopened(way, url, **options) as connector:
            with pytest.raises(KeyboardInterrupt) as caught:
                await connector.execute("CAL_MAKE")
            return caught.value

    return asyncio.run(run())


@pytest.mark.parametrize("start", [b"", HEAD[:40], HEAD + OK[:20]], ids=["", "headers", "body"])
@pytest.mark.parametrize("way", SYNC)
def test_an_interrupted_call_holds_no_key(way: str, start: bytes) -> None:
    with serving(interrupting(start)) as server:
        raised = interrupted(way, server.url)
    assert leaks(raised) == []


@pytest.mark.parametrize("method", ["create_connection", "sendall", "send", "recv"])
@pytest.mark.parametrize("way", SYNC)
def test_an_interruption_within_a_socket_holds_no_key(
    way: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner: Any = socket if method == "create_connection" else socket.socket
    real = getattr(owner, method)
    raised: list[str] = []

    def interrupt(*arguments: Any, **more: Any) -> Any:
        thread = threading.current_thread()
        if thread is threading.main_thread() or thread.name == "cal_actions":
            raised.append(method)
            raise KeyboardInterrupt
        return real(*arguments, **more)

    with serving(answer(OK)) as server, opened(way, server.url) as connector:
        monkeypatch.setattr(owner, method, interrupt)
        try:
            connector.execute("CAL_MAKE")
        except KeyboardInterrupt as problem:
            found: list[str] | None = leaks(problem)
        else:
            found = None
        monkeypatch.undo()
    # Own connections write with sendall, others may with send.
    assert found == ([] if raised else None)
    assert raised or method in ("send", "sendall")


@pytest.mark.parametrize("hook", ["on_response", "on_retry"])
@pytest.mark.parametrize("way", [*SYNC, *ASYNC])
def test_an_interruption_after_a_lost_answer_holds_no_key(
    way: str, hook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "async over httpcore":
        without_aiohttp(monkeypatch)

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    with socket.create_server(("127.0.0.1", 0)) as unused:
        closed = f"http://127.0.0.1:{unused.getsockname()[1]}"
    for url in (closed, None):  # refused, and lost
        with serving(then_reset(b"")) as server:
            options = {"max_attempts": 2, hook: interrupt}
            raised = retried(way, url or server.url, options)
        assert leaks(raised) == []


def retried(way: str, url: str, options: dict[str, Any]) -> BaseException:
    if way in SYNC:
        with opened(way, url, **options) as connector, pytest.raises(KeyboardInterrupt) as caught:
            connector.execute("CAL_READ")
        return caught.value

    async def run() -> BaseException:
        async with aopened(way, url, **options) as connector:
            with pytest.raises(KeyboardInterrupt) as caught:
                await connector.execute("CAL_READ")
            return caught.value

    return asyncio.run(run())


@pytest.mark.parametrize("start", [b"", HEAD[:40], HEAD + OK[:20]], ids=["", "headers", "body"])
def test_a_cancelled_call_holds_no_key(async_way: str, start: bytes) -> None:
    arrived = threading.Event()

    def behave(server: Server, connection: socket.socket) -> None:
        connection.sendall(start)
        arrived.set()
        server.over.wait()

    async def run(url: str) -> list[str]:
        async with aopened(async_way, url) as connector:
            task = asyncio.create_task(connector.execute("CAL_MAKE"))
            await asyncio.to_thread(arrived.wait, 10)
            task.cancel("given up")
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            return leaks(caught.value)

    with serving(behave) as server:
        assert asyncio.run(run(server.url)) == []


@pytest.mark.parametrize("way", ["async over httpcore", "httpx.AsyncClient"])
def test_a_call_that_is_cancelled_while_it_is_written_holds_no_key(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_aiohttp(monkeypatch)
    begun = threading.Event()

    async def stall(*_: object, **__: object) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def run(url: str) -> list[str]:
        async with aopened(way, url) as connector:
            task = asyncio.create_task(connector.execute("CAL_MAKE"))
            await asyncio.to_thread(begun.wait, 10)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            return leaks(caught.value)

    monkeypatch.setattr("httpcore._backends.anyio.AnyIOStream.write", stall)
    with serving(answer(OK)) as server:
        assert asyncio.run(run(server.url)) == []


def test_a_type_error_within_an_async_client_holds_no_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise TypeError

    async def run(url: str) -> list[str]:
        async with aopened("httpx.AsyncClient", url) as connector:
            with pytest.raises(TypeError) as caught:
                await connector.execute("CAL_MAKE")
            return leaks(caught.value)

    monkeypatch.setattr("httpcore._backends.auto.AutoBackend.connect_tcp", refuse)
    with serving(answer(OK)) as server:
        assert asyncio.run(run(server.url)) == []


def test_a_call_that_is_timed_out_from_outside_holds_no_key(async_way: str) -> None:
    async def run(url: str) -> list[str]:
        async with aopened(async_way, url) as connector:
            with pytest.raises(TimeoutError) as caught:
                async with asyncio.timeout(0.1):
                    await connector.execute("CAL_MAKE")
            return leaks(caught.value)

    with serving(then_stall(b"")) as server:
        assert asyncio.run(run(server.url)) == []


def test_a_sync_client_in_an_async_connector_holds_no_key() -> None:
    async def run(url: str) -> list[str]:
        with httpx.Client() as client:
            async with aopened("async over aiohttp", url, client=client) as connector:
                with pytest.raises(TypeError) as caught:
                    await connector.execute("CAL_READ")
                return leaks(caught.value)

    with serving(answer(OK)) as server, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it does not await
        assert asyncio.run(run(server.url)) == []
        gc.collect()


def test_an_async_client_in_a_sync_connector_holds_no_key() -> None:
    client = httpx.AsyncClient()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its coroutine is never awaited
        with (
            opened("sync", "http://127.0.0.1:9", client=client) as connector,
            pytest.raises((TypeError, AttributeError)) as caught,
        ):
            connector.execute("CAL_READ")
        found = leaks(caught.value)
        del caught
        gc.collect()
    asyncio.run(client.aclose())
    assert found == []


@pytest.mark.parametrize("client", [object(), "no client", httpx], ids=["object", "text", "module"])
def test_a_client_that_is_none_holds_no_key(client: Any) -> None:
    with (
        opened("sync", "http://127.0.0.1:9", client=client) as connector,
        pytest.raises((TypeError, AttributeError)) as caught,
    ):
        connector.execute("CAL_READ")
    assert leaks(caught.value) == []


AUTHS: dict[str, Callable[[], Any]] = {
    "text": lambda: KEY,
    "a token": lambda: AccessToken(KEY, str),
    "credentials": lambda: Credentials(KEY, CLIENT, PAIR_SECRET),
}


@pytest.mark.parametrize("auth", AUTHS.values(), ids=AUTHS)
def test_a_closed_connector_holds_no_key(auth: Any) -> None:
    connector = Connector(api_key=KEY)
    connector.close()
    with pytest.raises(ConnectorClosed) as caught:
        connector.execute("CAL_READ", auth=auth())
    assert leaks(caught.value) == []


@pytest.mark.parametrize("auth", AUTHS.values(), ids=AUTHS)
def test_a_closed_async_connector_holds_no_key(auth: Any) -> None:
    async def run() -> list[str]:
        connector = AsyncConnector(api_key=KEY)
        await connector.aclose()
        with pytest.raises(ConnectorClosed) as caught:
            await connector.execute("CAL_READ", auth=auth())
        return leaks(caught.value)

    assert asyncio.run(run()) == []


@pytest.mark.parametrize("auth", [KEY.encode(), {"api_key": KEY}, [KEY]], ids=["b", "dict", "list"])
def test_an_auth_of_the_wrong_type_is_not_held(auth: Any) -> None:
    async def run() -> None:
        await AsyncConnector().execute("CAL_READ", auth=auth)

    for call in (
        lambda: Connector(auth=auth),
        lambda: AsyncConnector(auth=auth),
        lambda: Connector().execute("CAL_READ", auth=auth),
        lambda: asyncio.run(run()),
        lambda: execute("CAL_READ", auth=auth),
        lambda: asyncio.run(aexecute("CAL_READ", auth=auth)),
    ):
        with pytest.raises(TypeError) as caught:
            call()
        assert leaks(caught.value) == []


WRONG_OPTIONS: dict[str, dict[str, Any]] = {
    "no time": {"timeout": 0},
    "time that is text": {"attempt_timeout": "1"},
    "no attempts": {"max_attempts": 0},
    "no bytes": {"max_response_bytes": -1},
    "a hook that is none": {"on_request": "print"},
    "an address that is none": {"base_url": 5},
    "auth beside it": {"auth": KEY},
}


@pytest.mark.parametrize("options", WRONG_OPTIONS.values(), ids=WRONG_OPTIONS)
@pytest.mark.parametrize("kind", [Connector, AsyncConnector])
def test_a_constructor_that_refuses_holds_no_key(kind: Any, options: dict[str, Any]) -> None:
    pair = {"oauth_client_id": CLIENT, "oauth_client_secret": PAIR_SECRET}
    with pytest.raises((ValueError, TypeError, AttributeError)) as caught:
        kind(api_key=KEY, **pair, **options)
    assert leaks(caught.value) == []


@pytest.mark.parametrize("auth", [None, KEY], ids=["environment", "auth"])
def test_the_functions_of_the_package_hold_no_key(
    auth: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAL_API_KEY", KEY)
    monkeypatch.setenv("CAL_OAUTH_CLIENT_SECRET", PAIR_SECRET)

    async def cancelled(url: str) -> list[str]:
        task = asyncio.create_task(aexecute("CAL_RETRIEVE_MY_INFORMATION", auth=auth))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        return leaks(caught.value)

    with serving(interrupting(b"")) as server:
        monkeypatch.setenv("CAL_API_BASE_URL", server.url)
        with pytest.raises(KeyboardInterrupt) as caught:
            execute("CAL_RETRIEVE_MY_INFORMATION", auth=auth)
    assert leaks(caught.value) == []
    with serving(then_stall(b"")) as server:
        monkeypatch.setenv("CAL_API_BASE_URL", server.url)
        assert asyncio.run(cancelled(server.url)) == []


# --- values of params


PROPERTIES = {
    name: {"description": "Any.", **kind}
    for name, kind in {
        "uid": {"type": "string"},
        "reason": {"type": "string"},
        "password": {"type": "string"},
        "guests": {"type": "array", "items": {"type": "string"}},
        "attendee": {"type": "object"},
    }.items()
}
ASKING = catalog_of(document("CAL_ASK", "POST", "/v2/things/{uid}", properties=PROPERTIES))


def refused_with(message: str, params: dict[str, Any]) -> Envelope:
    body = json.dumps({"error": {"message": message}}).encode()
    with (
        serving(answer(body, status="400 Bad Request")) as server,
        opened("sync", server.url, actions=ASKING) as connector,
    ):
        return connector.execute("CAL_ASK", {"uid": "abc", **params})


@pytest.mark.parametrize(
    ("params", "quoted", "told"),
    [
        ({"reason": "call 555-12345"}, "call 555-12345 is no reason", "<reason> is no reason"),
        ({"password": "mysecretword"}, "mysecretword is too plain", "<password> is too plain"),
        ({"guests": ["a@x.example"]}, "a@x.example is a host", "<guests> is a host"),
        (
            {"attendee": {"email": "ann@x.example"}},
            "ann@x.example has a booking",
            "<attendee> has a booking",
        ),
        ({"uid": "uid-0123456789"}, "no uid-0123456789 here", "no <uid> here"),
        (
            {"reason": "x-1234567", "password": "x-123456789"},
            "x-123456789 and x-1234567",
            "<password> and <reason>",
        ),
        ({"reason": "mail bo@x.example."}, "wrong: mail bo@x.example.", "wrong: <reason>"),
        ({"reason": "two  spaces 1234"}, "no two  spaces 1234 here", "no <reason> here"),
    ],
    ids=["text", "password", "list", "object", "path", "one in another", "full stop", "spaces"],
)
def test_a_value_that_an_error_quotes_is_replaced_by_its_name(
    params: dict[str, Any], quoted: str, told: str
) -> None:
    envelope = refused_with(quoted, params)
    assert str(envelope.error).rstrip(".") == f"Cal.com answered 400: {told}"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"reason": "cancelled"}, "it was cancelled before"),
        ({"reason": "short 1"}, "short 1 is wrong"),
        ({"reason": "not quoted 1234"}, "something else is wrong"),
        ({"uid": "abc-1"}, "abc-1 is not found"),
    ],
    ids=["a word", "short", "not quoted", "a short uid"],
)
def test_short_values_and_plain_words_stay_readable(params: dict[str, Any], message: str) -> None:
    assert refused_with(message, params).error == f"Cal.com answered 400: {message}."


def test_a_value_of_the_path_that_a_missing_route_quotes_is_replaced() -> None:
    body = json.dumps({"message": "Cannot POST /v2/things/bob%40x.example"}).encode()
    with (
        serving(answer(body, status="404 Not Found")) as server,
        opened("sync", server.url, actions=ASKING) as connector,
    ):
        envelope = connector.execute("CAL_ASK", {"uid": "bob@x.example"})
    assert envelope.data["code"] == "endpoint_gone"
    assert "bob" not in str(envelope.error)
