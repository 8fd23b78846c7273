"""Access tokens that renew themselves: what is sent, stored and told, however many wait."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import httpx
import pytest

from cal_actions import ActionError, AsyncConnector, Connector, Envelope
from cal_actions.sandbox import Sandbox
from cal_actions.tokens import AccessToken, ManagedUserTokens, OAuth2Tokens, RenewableToken
from tests import ready_answers
from tests.made_up import catalog_of, document
from tests.sandbox.conftest import Caller, Clock
from tests.sandbox.platform_world import WORLD, add_mona

WAYS = ["sync", "async"]
ROTATING = ["managed user", "oauth 2"]
ACTIONS = catalog_of(document("CAL_READ"), document("CAL_MAKE", "POST"))
OLD, NEW, NEWER = "access-token-1", "access-token-2", "access-token-3"
REFRESH, REFRESH_2, REFRESH_3 = "refresh-token-1", "refresh-token-2", "refresh-token-3"
TRADES = {"managed user": "/v2/oauth/client-one/refresh", "oauth 2": "/v2/auth/oauth2/token"}
PATIENCE = 20.0


class Request(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def token(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")

    @property
    def is_trade(self) -> bool:
        return self.path in TRADES.values()


class Reply(NamedTuple):
    status: int
    body: Any
    headers: tuple[tuple[str, str], ...] = ()


class Lost(Exception):
    """The connection ends without an answer."""


def done() -> Reply:
    return Reply(200, {"status": "success", "data": {"uid": "abc"}})


def refused(status: int = 401, message: str = "no good") -> Reply:
    return Reply(status, {"status": "error", "error": {"message": message}})


class CalCom(ThreadingHTTPServer):
    """Takes all access tokens but the first one, and trades refresh tokens for new pairs.

    `events` is what happened, in order; `answer` and `trade` may be replaced.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.requests: list[Request] = []
        self.events: list[str] = []
        self.expired = {OLD}
        self.refusal = refused()
        self.answer: Callable[[Request], Reply] = self.take
        self.trade: Callable[[Request], Reply] = self.rotate

    def take(self, request: Request) -> Reply:
        return self.refusal if request.token in self.expired else done()

    def rotate(self, request: Request) -> Reply:
        """Give the pair with the next number, as the endpoint that is asked names it."""
        sent = json.loads(request.body)
        number = int((sent.get("refreshToken") or sent["refresh_token"])[-1]) + 1
        access, refresh = f"access-token-{number}", f"refresh-token-{number}"
        if "refreshToken" in sent:
            data = {"accessToken": access, "refreshToken": refresh, "accessTokenExpiresAt": 1}
            return Reply(200, {"status": "success", "data": data})
        return Reply(
            200,
            {
                "access_token": access,
                "token_type": "bearer",
                "refresh_token": refresh,
                "expires_in": 1800,
            },
        )

    @property
    def trades(self) -> list[Request]:
        return [request for request in self.requests if request.is_trade]

    @property
    def tokens(self) -> list[str]:
        """The access tokens that came, in order."""
        return [request.token for request in self.requests if not request.is_trade]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: CalCom

    def do_GET(self) -> None:
        length = int(self.headers.get("content-length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self.rfile.read(length))
        self.server.requests.append(request)
        self.server.events.append("trade" if request.is_trade else f"call with {request.token}")
        try:
            reply = (self.server.trade if request.is_trade else self.server.answer)(request)
        except Lost:
            self.close_connection = True
            return
        body = json.dumps(reply.body).encode()
        self.send_response(reply.status)
        for name, value in (
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            *reply.headers,
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def finish(self) -> None:
        try:
            super().finish()
        except OSError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def cal_com() -> Iterator[CalCom]:
    with CalCom() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Store:
    """Keeps the pairs it is given; `problems` are raised first."""

    def __init__(self, cal_com: CalCom, *problems: Exception) -> None:
        self.pairs: list[tuple[str, str]] = []
        self.problems = list(problems)
        self._events = cal_com.events

    def __call__(self, access: str, refresh: str) -> None:
        self._events.append(f"store {access}")
        self.pairs.append((access, refresh))
        if self.problems:
            raise self.problems.pop(0)


def rotating(kind: str, store: Callable[[str, str], object], **options: Any) -> RenewableToken:
    options = {"client_id": "client-one", "client_secret": "client-secret-1", **options}
    if kind == "managed user":
        return ManagedUserTokens(OLD, REFRESH, store=store, **options)
    return OAuth2Tokens(OLD, REFRESH, store=store, **options)


def ask(way: str, url: str, token: Any, *slugs: str, **options: Any) -> list[Envelope]:
    """Execute actions one after the other over one connector."""
    options = {"api_key": token, "base_url": url, "actions": ACTIONS, **options}
    slugs = slugs or ("CAL_READ",)
    if way == "sync":
        with Connector(**options) as connector:
            return [connector.execute(slug) for slug in slugs]

    async def run() -> list[Envelope]:
        async with AsyncConnector(**options) as connector:
            return [await connector.execute(slug) for slug in slugs]

    return asyncio.run(run())


class Refresh:
    """A refresh function that counts its calls; async where it is told so."""

    def __init__(self, *tokens: Any) -> None:
        self.calls = 0
        self._tokens = list(tokens) or [NEW]

    def __call__(self) -> Any:
        self.calls += 1
        token = self._tokens.pop(0) if len(self._tokens) > 1 else self._tokens[0]
        if isinstance(token, BaseException):
            raise token
        return token

    async def later(self) -> Any:
        await asyncio.sleep(0)
        return self()

    def in_pieces(self) -> Any:
        return self.later()


# --- an access token and a function


@pytest.mark.parametrize("status", [401, 498])
@pytest.mark.parametrize("way", WAYS)
def test_a_token_that_is_refused_is_renewed_within_the_call(
    way: str, status: int, cal_com: CalCom
) -> None:
    cal_com.refusal = refused(status)
    refresh = Refresh()
    (envelope,) = ask(way, cal_com.url, AccessToken(OLD, refresh))
    assert (envelope.data, cal_com.tokens, refresh.calls) == ({"uid": "abc"}, [OLD, NEW], 1)


@pytest.mark.parametrize(
    "kind",
    [
        lambda refresh: refresh.later,
        lambda refresh: partial(refresh.later),
        lambda refresh: refresh.in_pieces,
    ],
    ids=["a coroutine function", "a partial one", "a function of a coroutine"],
)
def test_an_async_connector_awaits_the_refresh(kind: Any, cal_com: CalCom) -> None:
    refresh = Refresh()
    (envelope,) = ask("async", cal_com.url, AccessToken(OLD, kind(refresh)))
    assert (envelope.successful, cal_com.tokens, refresh.calls) == (True, [OLD, NEW], 1)


def test_a_blocking_refresh_does_not_block_the_loop(cal_com: CalCom) -> None:
    asked, other_is_done = threading.Event(), threading.Event()

    def refresh() -> str:
        asked.set()
        assert other_is_done.wait(PATIENCE)
        return NEW

    async def run() -> Envelope:
        options: Any = {"base_url": cal_com.url, "actions": ACTIONS}
        async with AsyncConnector(api_key=AccessToken(OLD, refresh), **options) as connector:
            first = asyncio.create_task(connector.execute("CAL_READ"))
            await asyncio.to_thread(asked.wait, PATIENCE)
            assert (await connector.execute("CAL_READ", auth="another")).successful
            other_is_done.set()
            return await first

    assert asyncio.run(run()).successful


@pytest.mark.parametrize("way", WAYS)
def test_later_calls_use_the_new_token_at_once(way: str, cal_com: CalCom) -> None:
    refresh = Refresh()
    envelopes = ask(way, cal_com.url, AccessToken(OLD, refresh), "CAL_READ", "CAL_MAKE")
    assert [envelope.successful for envelope in envelopes] == [True, True]
    assert (cal_com.tokens, refresh.calls) == ([OLD, NEW, NEW], 1)


@pytest.mark.parametrize("way", WAYS)
def test_a_token_that_is_taken_is_not_renewed(way: str, cal_com: CalCom) -> None:
    refresh = Refresh()
    (envelope,) = ask(way, cal_com.url, AccessToken(NEW, refresh))
    assert (envelope.successful, cal_com.tokens, refresh.calls) == (True, [NEW], 0)


@pytest.mark.parametrize("status", [400, 403, 404, 409])
@pytest.mark.parametrize("way", WAYS)
def test_no_other_refusal_renews_a_token(way: str, status: int, cal_com: CalCom) -> None:
    cal_com.refusal = refused(status)
    refresh = Refresh()
    (envelope,) = ask(way, cal_com.url, AccessToken(OLD, refresh))
    assert (envelope.data["http_status"], len(cal_com.requests), refresh.calls) == (status, 1, 0)


@pytest.mark.parametrize("way", WAYS)
def test_a_token_may_expire_again(way: str, cal_com: CalCom) -> None:
    refresh = Refresh(NEW, NEWER)

    def answer(request: Request) -> Reply:
        expired = {OLD} if len(cal_com.requests) < 3 else {OLD, NEW}
        return refused() if request.token in expired else done()

    cal_com.answer = answer
    envelopes = ask(way, cal_com.url, AccessToken(OLD, refresh), "CAL_READ", "CAL_READ")
    assert [envelope.successful for envelope in envelopes] == [True, True]
    assert (cal_com.tokens, refresh.calls) == ([OLD, NEW, NEW, NEWER], 2)


@pytest.mark.parametrize("way", WAYS)
def test_a_write_that_was_refused_is_sent_once_more_and_done_once(
    way: str, cal_com: CalCom
) -> None:
    (envelope,) = ask(way, cal_com.url, AccessToken(OLD, Refresh()), "CAL_MAKE")
    assert (envelope.successful, cal_com.tokens) == (True, [OLD, NEW])
    first, second = cal_com.requests
    assert (first.method, first.path, first.body) == (second.method, second.path, second.body)


@pytest.mark.parametrize("way", WAYS)
def test_a_new_token_that_is_refused_too_is_told_and_not_renewed_again(
    way: str, cal_com: CalCom
) -> None:
    cal_com.expired = {OLD, NEW}
    refresh = Refresh()
    (envelope,) = ask(way, cal_com.url, AccessToken(OLD, refresh))
    assert (envelope.data["code"], envelope.data["http_status"]) == ("unauthorized", 401)
    assert (cal_com.tokens, refresh.calls) == ([OLD, NEW], 1)


@pytest.mark.parametrize("token", [None, "", "  ", 5, b"access-token-2", [NEW]])
@pytest.mark.parametrize("way", WAYS)
def test_a_refresh_that_returns_no_token_is_told(way: str, token: Any, cal_com: CalCom) -> None:
    (envelope,) = ask(way, cal_com.url, AccessToken(OLD, Refresh(token)))
    assert envelope.data == {"code": "unauthorized", "retryable": False}
    assert "`refresh` must return the new token as text" in str(envelope.error)
    assert cal_com.tokens == [OLD]


@pytest.mark.parametrize("token", ["access\ntoken", "accéss", "access\0"])
@pytest.mark.parametrize("way", WAYS)
def test_a_new_token_that_no_header_can_carry_is_told(
    way: str, token: str, cal_com: CalCom
) -> None:
    (envelope,) = ask(way, cal_com.url, AccessToken(OLD, Refresh(token)))
    assert envelope.data["code"] == "no_credentials"
    assert token not in str(envelope.error)
    assert cal_com.tokens == [OLD]


@pytest.mark.parametrize(
    "problem", [ValueError(f"{NEW} is secret"), OSError(5, f"{NEW} is secret"), StopIteration(NEW)]
)
@pytest.mark.parametrize("way", WAYS)
def test_what_a_refresh_raises_is_told_by_its_name_and_the_next_call_tries_again(
    way: str, problem: Exception, cal_com: CalCom
) -> None:
    refresh = Refresh(problem, NEW)
    token = AccessToken(OLD, refresh)
    failed, worked = ask(way, cal_com.url, token, "CAL_READ", "CAL_READ", timeout=5.0)
    assert failed.data["code"] == "unauthorized"
    assert "was raised" in str(failed.error)
    assert NEW not in str(failed.error)
    assert (worked.successful, cal_com.tokens, refresh.calls) == (True, [OLD, OLD, NEW], 2)


def test_a_coroutine_function_with_a_sync_connector_is_told(cal_com: CalCom) -> None:
    refresh = Refresh()
    (envelope,) = ask("sync", cal_com.url, AccessToken(OLD, refresh.later))
    assert envelope.data["code"] == "unauthorized"
    assert "only an AsyncConnector can await" in str(envelope.error)
    assert (cal_com.tokens, refresh.calls) == ([OLD], 0)


@pytest.mark.parametrize("way", WAYS)
def test_a_blank_token_is_none(way: str, cal_com: CalCom) -> None:
    refresh = Refresh()
    (envelope,) = ask(way, cal_com.url, AccessToken(" ", refresh))
    assert (envelope.data["code"], cal_com.requests) == ("no_credentials", [])


@pytest.mark.parametrize("way", WAYS)
def test_a_token_given_with_a_call_is_renewed_too(way: str, cal_com: CalCom) -> None:
    token = AccessToken(OLD, Refresh())
    options: Any = {"api_key": "another", "base_url": cal_com.url, "actions": ACTIONS}

    async def run() -> Envelope:
        async with AsyncConnector(**options) as connector:
            return await connector.execute("CAL_READ", auth=token)

    if way == "sync":
        with Connector(**options) as connector:
            envelope = connector.execute("CAL_READ", auth=token)
    else:
        envelope = asyncio.run(run())
    assert (envelope.successful, cal_com.tokens) == (True, [OLD, NEW])


# --- many calls, one renewal


def all_together(cal_com: CalCom, callers: int) -> None:
    """Refuse the expired token only when that many calls have come with it."""
    together = threading.Barrier(callers)

    def answer(request: Request) -> Reply:
        if request.token == OLD:
            together.wait(PATIENCE)
        return cal_com.take(request)

    cal_com.answer = answer


def threads(connector: Connector, callers: int) -> list[Envelope]:
    with ThreadPoolExecutor(callers) as pool:
        return list(pool.map(lambda _: connector.execute("CAL_READ"), range(callers)))


def ask_together(way: str, url: str, token: RenewableToken, callers: int) -> list[Envelope]:
    options: Any = {"api_key": token, "base_url": url, "actions": ACTIONS}
    if way == "sync":
        with Connector(**options) as connector:
            return threads(connector, callers)

    async def run() -> list[Envelope]:
        async with AsyncConnector(**options) as connector:
            return await asyncio.gather(*(connector.execute("CAL_READ") for _ in range(callers)))

    return asyncio.run(run())


@pytest.mark.parametrize(("way", "callers"), [("sync", 20), ("async", 50)])
def test_many_calls_with_an_expired_token_renew_it_once(
    way: str, callers: int, cal_com: CalCom
) -> None:
    all_together(cal_com, callers)
    refresh = Refresh()
    envelopes = ask_together(way, cal_com.url, AccessToken(OLD, refresh), callers)
    assert [envelope.error for envelope in envelopes] == [None] * callers
    assert refresh.calls == 1
    assert sorted(cal_com.tokens) == [OLD] * callers + [NEW] * callers


@pytest.mark.parametrize(("way", "callers"), [("sync", 20), ("async", 50)])
@pytest.mark.parametrize("kind", ROTATING)
def test_many_calls_with_an_expired_token_trade_the_refresh_token_once(
    kind: str, way: str, callers: int, cal_com: CalCom
) -> None:
    all_together(cal_com, callers)
    store = Store(cal_com)
    envelopes = ask_together(way, cal_com.url, rotating(kind, store), callers)
    assert [envelope.error for envelope in envelopes] == [None] * callers
    assert (len(cal_com.trades), store.pairs) == (1, [(NEW, REFRESH_2)])


@pytest.mark.parametrize(("way", "callers"), [("sync", 20), ("async", 50)])
def test_a_refresh_that_fails_is_told_to_all_who_wait(
    way: str, callers: int, cal_com: CalCom
) -> None:
    refused_calls = threading.Semaphore(0)
    calls: list[int] = []

    def answer(request: Request) -> Reply:
        refused_calls.release()
        return cal_com.take(request)

    def refresh() -> str:
        calls.append(1)
        for _ in range(callers if len(calls) == 1 else 0):  # a late refusal begins anew
            assert refused_calls.acquire(timeout=PATIENCE)
        raise OSError

    cal_com.answer = answer
    envelopes = ask_together(way, cal_com.url, AccessToken(OLD, refresh), callers)
    assert {envelope.data["code"] for envelope in envelopes} == {"unauthorized"}
    assert cal_com.tokens == [OLD] * callers


def test_a_refusal_that_comes_after_the_renewal_renews_nothing(cal_com: CalCom) -> None:
    refresh = Refresh()
    arrived, renewed = threading.Event(), threading.Event()

    def answer(request: Request) -> Reply:
        if request.method == "POST" and request.token == OLD:
            arrived.set()
            assert renewed.wait(PATIENCE)
        return cal_com.take(request)

    cal_com.answer = answer
    options: Any = {"base_url": cal_com.url, "actions": ACTIONS}
    with (
        Connector(api_key=AccessToken(OLD, refresh), **options) as connector,
        ThreadPoolExecutor(1) as pool,
    ):
        late = pool.submit(connector.execute, "CAL_MAKE")
        assert arrived.wait(PATIENCE)
        assert connector.execute("CAL_READ").successful
        renewed.set()
        assert late.result(PATIENCE).successful
    assert refresh.calls == 1


@pytest.mark.parametrize("kind", ROTATING)
def test_a_sync_and_an_async_connector_share_a_renewal(kind: str, cal_com: CalCom) -> None:
    all_together(cal_com, 10)
    token = rotating(kind, Store(cal_com))
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(ask_together, way, cal_com.url, token, 5) for way in WAYS]
        envelopes = [envelope for one in asked for envelope in one.result(PATIENCE)]
    assert [envelope.error for envelope in envelopes] == [None] * 10
    assert len(cal_com.trades) == 1


def test_two_event_loops_at_once_share_a_renewal(cal_com: CalCom) -> None:
    all_together(cal_com, 10)
    refresh = Refresh()
    token = AccessToken(OLD, refresh.later)
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(ask_together, "async", cal_com.url, token, 5) for _ in range(2)]
        envelopes = [envelope for one in asked for envelope in one.result(PATIENCE)]
    assert [envelope.error for envelope in envelopes] == [None] * 10
    assert refresh.calls == 1


def test_a_loop_after_another_uses_the_token_that_was_renewed(cal_com: CalCom) -> None:
    refresh = Refresh()
    token = AccessToken(OLD, refresh.later)
    for _ in range(2):
        (envelope,) = ask("async", cal_com.url, token)
        assert envelope.successful
    assert (cal_com.tokens, refresh.calls) == ([OLD, NEW, NEW], 1)


# --- who waits may give up


class Held:
    """A trade or refresh that takes until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go_on = threading.Event()

    def __call__(self) -> None:
        self.begun.set()
        assert self.go_on.wait(PATIENCE)

    async def has_begun(self) -> None:
        await asyncio.to_thread(self.begun.wait, PATIENCE)


def hold_trades(cal_com: CalCom) -> Held:
    held = Held()

    def trade(request: Request) -> Reply:
        held()
        return cal_com.rotate(request)

    cal_com.trade = trade
    return held


@pytest.mark.parametrize("kind", ROTATING)
def test_a_cancelled_call_breaks_the_renewal_for_no_one(kind: str, cal_com: CalCom) -> None:
    held, store = hold_trades(cal_com), Store(cal_com)

    async def run() -> Envelope:
        options: Any = {"base_url": cal_com.url, "actions": ACTIONS}
        async with AsyncConnector(api_key=rotating(kind, store), **options) as connector:
            first = asyncio.create_task(connector.execute("CAL_READ"))
            await held.has_begun()
            second = asyncio.create_task(connector.execute("CAL_READ"))
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            held.go_on.set()
            return await second

    assert asyncio.run(run()).successful
    assert (len(cal_com.trades), store.pairs) == (1, [(NEW, REFRESH_2)])


@pytest.mark.parametrize("kind", ROTATING)
def test_the_pair_is_kept_when_the_only_call_is_cancelled(kind: str, cal_com: CalCom) -> None:
    held, store = hold_trades(cal_com), Store(cal_com)
    token = rotating(kind, store)

    async def run() -> None:
        options: Any = {"base_url": cal_com.url, "actions": ACTIONS}
        async with AsyncConnector(api_key=token, **options) as connector:
            only = asyncio.create_task(connector.execute("CAL_READ"))
            await held.has_begun()
            only.cancel()
            with pytest.raises(asyncio.CancelledError):
                await only
            held.go_on.set()

    asyncio.run(run())
    assert store.pairs == [(NEW, REFRESH_2)]
    (envelope,) = ask("sync", cal_com.url, token)
    assert (envelope.successful, len(cal_com.trades)) == (True, 1)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ROTATING)
def test_a_call_that_waited_too_long_leaves_the_renewal_to_the_others(
    kind: str, way: str, cal_com: CalCom
) -> None:
    held, store = hold_trades(cal_com), Store(cal_com)
    token = rotating(kind, store)
    options: Any = {"api_key": token, "base_url": cal_com.url, "actions": ACTIONS}
    with Connector(**options) as patient, ThreadPoolExecutor(1) as pool:
        waits = pool.submit(patient.execute, "CAL_READ")
        assert held.begun.wait(PATIENCE)
        (late,) = ask(way, cal_com.url, token, timeout=1)
        held.go_on.set()
        assert waits.result(PATIENCE).successful
    assert late.data == {"code": "timeout", "retryable": True}
    assert "not renewed in time" in str(late.error)
    assert (len(cal_com.trades), store.pairs) == (1, [(NEW, REFRESH_2)])


@pytest.mark.parametrize("way", WAYS)
def test_a_refresh_goes_on_after_the_call_that_began_it_is_out_of_time(
    way: str, cal_com: CalCom
) -> None:
    held, calls = Held(), []
    options: Any = {"base_url": cal_com.url, "actions": ACTIONS, "timeout": 0.3}

    def refresh() -> str:
        calls.append(1)
        held()
        return NEW

    token = AccessToken(OLD, refresh)

    async def run() -> Envelope:
        async with AsyncConnector(api_key=token, **options) as connector:
            late = await connector.execute("CAL_READ")
            held.go_on.set()
            return late

    if way == "sync":
        with Connector(api_key=token, **options) as connector:
            late = connector.execute("CAL_READ")
            held.go_on.set()
    else:
        late = asyncio.run(run())
    assert late.data == {"code": "timeout", "retryable": True}
    (envelope,) = ask(way, cal_com.url, token)
    assert (envelope.successful, cal_com.tokens[-1], len(calls)) == (True, NEW, 1)


@pytest.mark.parametrize("way", WAYS)
def test_a_thread_that_cannot_be_started_is_told_and_the_next_call_renews(
    way: str, cal_com: CalCom, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name.startswith("cal_actions"):
            raise RuntimeError("can't start new thread")
        start(thread)

    token = rotating("managed user", Store(cal_com))
    monkeypatch.setattr(threading.Thread, "start", refuse)
    (first,) = ask(way, cal_com.url, token, timeout=5.0)
    monkeypatch.undo()
    (second,) = ask(way, cal_com.url, token, timeout=5.0)
    # A thread that is not to be had must not hang or raise; an AsyncConnector needs none.
    assert first.successful or first.data["code"] == "unauthorized"
    assert (second.successful, len(cal_com.trades)) == (True, 1)


# --- a refresh token that rotates


@pytest.mark.parametrize("way", WAYS)
def test_a_managed_users_refresh_is_the_request_that_cal_com_expects(
    way: str, cal_com: CalCom
) -> None:
    (envelope,) = ask(way, cal_com.url, rotating("managed user", Store(cal_com)))
    (trade,) = cal_com.trades
    assert envelope.successful
    assert (trade.method, trade.path) == ("POST", "/v2/oauth/client-one/refresh")
    assert json.loads(trade.body) == {"refreshToken": REFRESH}
    assert trade.headers["x-cal-secret-key"] == "client-secret-1"
    assert trade.headers["content-type"] == trade.headers["accept"] == "application/json"
    assert not {"authorization", "x-cal-client-id", "cal-api-version"} & trade.headers.keys()


@pytest.mark.parametrize(
    ("secret", "sent"),
    [("client-secret-1", {"client_secret": "client-secret-1"}), (None, {}), ("", {})],
    ids=["confidential", "public", "blank"],
)
@pytest.mark.parametrize("way", WAYS)
def test_an_oauth_2_refresh_is_the_request_that_cal_com_expects(
    way: str, secret: str | None, sent: dict[str, str], cal_com: CalCom
) -> None:
    token = rotating("oauth 2", Store(cal_com), client_secret=secret)
    (envelope,) = ask(way, cal_com.url, token)
    (trade,) = cal_com.trades
    assert envelope.successful
    assert (trade.method, trade.path) == ("POST", "/v2/auth/oauth2/token")
    assert json.loads(trade.body) == {
        "grant_type": "refresh_token",
        "client_id": "client-one",
        "refresh_token": REFRESH,
        **sent,
    }
    assert trade.headers["content-type"] == trade.headers["accept"] == "application/json"
    assert not {"authorization", "x-cal-client-id", "x-cal-secret-key"} & trade.headers.keys()


def test_a_client_id_is_one_segment_of_the_path(cal_com: CalCom) -> None:
    ask("sync", cal_com.url, rotating("managed user", Store(cal_com), client_id="a/../b?c"))
    assert cal_com.requests[1].path == "/v2/oauth/a%2F..%2Fb%3Fc/refresh"


@pytest.mark.parametrize("client_id", ["", "..", "a\nb"])
@pytest.mark.parametrize("way", WAYS)
def test_a_client_id_that_no_path_can_hold_is_told(
    way: str, client_id: str, cal_com: CalCom
) -> None:
    token = rotating("managed user", Store(cal_com), client_id=client_id)
    (envelope,) = ask(way, cal_com.url, token)
    assert envelope.data["code"] == "unauthorized"
    assert "clientId" in str(envelope.error)
    assert cal_com.trades == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ROTATING)
def test_the_new_pair_is_stored_before_a_request_carries_its_token(
    kind: str, way: str, cal_com: CalCom
) -> None:
    store = Store(cal_com)
    (envelope,) = ask(way, cal_com.url, rotating(kind, store))
    assert (envelope.successful, store.pairs) == (True, [(NEW, REFRESH_2)])
    assert cal_com.events == [f"call with {OLD}", "trade", f"store {NEW}", f"call with {NEW}"]


@pytest.mark.parametrize("kind", ROTATING)
def test_an_async_store_has_ended_before_a_request_carries_the_new_token(
    kind: str, cal_com: CalCom
) -> None:
    async def store(access: str, refresh: str) -> None:
        await asyncio.sleep(0.01)
        cal_com.events.append(f"stored {access} {refresh}")

    (envelope,) = ask("async", cal_com.url, rotating(kind, store))
    assert envelope.successful
    assert cal_com.events[2:] == [f"stored {NEW} {REFRESH_2}", f"call with {NEW}"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ROTATING)
def test_the_second_renewal_trades_the_rotated_refresh_token(
    kind: str, way: str, cal_com: CalCom
) -> None:
    def answer(request: Request) -> Reply:
        expired = {OLD} if len(cal_com.trades) < 2 and len(cal_com.tokens) < 3 else {OLD, NEW}
        return refused(498) if request.token in expired else done()

    cal_com.answer = answer
    store = Store(cal_com)
    envelopes = ask(way, cal_com.url, rotating(kind, store), "CAL_READ", "CAL_READ")
    assert [envelope.successful for envelope in envelopes] == [True, True]
    assert [REFRESH.encode() in trade.body for trade in cal_com.trades] == [True, False]
    assert REFRESH_2.encode() in cal_com.trades[1].body
    assert store.pairs == [(NEW, REFRESH_2), (NEWER, REFRESH_3)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ROTATING)
def test_a_pair_that_was_not_stored_is_stored_by_the_next_call_and_not_traded_again(
    kind: str, way: str, cal_com: CalCom
) -> None:
    store = Store(cal_com, OSError(28, f"no room for {REFRESH_2}"))
    token = rotating(kind, store)
    failed, worked = ask(way, cal_com.url, token, "CAL_MAKE", "CAL_MAKE")
    assert failed.data["code"] == "unauthorized"
    assert "OSError was raised" in str(failed.error)
    assert REFRESH_2 not in str(failed.error)
    assert (worked.successful, len(cal_com.trades)) == (True, 1)
    assert store.pairs == [(NEW, REFRESH_2)] * 2
    stored = [f"call with {OLD}", "trade", f"store {NEW}", f"call with {OLD}", f"store {NEW}"]
    assert cal_com.events == [*stored, f"call with {NEW}"]


@pytest.mark.parametrize("kind", ROTATING)
def test_an_async_store_with_a_sync_connector_is_told_and_loses_nothing(
    kind: str, cal_com: CalCom
) -> None:
    pairs: list[tuple[str, str]] = []

    async def store(access: str, refresh: str) -> None:
        pairs.append((access, refresh))

    token = rotating(kind, store)
    (failed,) = ask("sync", cal_com.url, token)
    assert "only an AsyncConnector can await" in str(failed.error)
    (worked,) = ask("async", cal_com.url, token)
    assert (worked.successful, pairs, len(cal_com.trades)) == (True, [(NEW, REFRESH_2)], 1)


@pytest.mark.parametrize("status", [400, 401, 403, 498])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ROTATING)
def test_a_refused_refresh_token_means_to_sign_in_again(
    kind: str, way: str, status: int, cal_com: CalCom
) -> None:
    cal_com.trade = lambda _: refused(status, "Invalid refresh token")
    store = Store(cal_com)
    (envelope,) = ask(way, cal_com.url, rotating(kind, store))
    assert envelope.data == {"code": "unauthorized", "retryable": False}
    assert "Invalid refresh token" in str(envelope.error)
    assert "sign in again" in str(envelope.error)
    assert (cal_com.tokens, len(cal_com.trades), store.pairs) == ([OLD], 1, [])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"status": "success", "data": {"accessToken": NEW}},
        {"status": "success", "data": {"accessToken": 5, "refreshToken": REFRESH_2}},
        {"access_token": NEW, "refresh_token": " "},
        {"status": "success", "data": [NEW, REFRESH_2]},
    ],
)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ROTATING)
def test_a_trade_without_tokens_is_told(kind: str, way: str, body: Any, cal_com: CalCom) -> None:
    cal_com.trade = lambda _: Reply(200, body)
    store = Store(cal_com)
    (envelope,) = ask(way, cal_com.url, rotating(kind, store))
    assert envelope.data["code"] == "unauthorized"
    assert "Cal.com's answer has no tokens" in str(envelope.error)
    assert (cal_com.tokens, store.pairs) == ([OLD], [])


def lost(_: Request) -> Reply:
    raise Lost


TROUBLE: dict[str, tuple[Callable[[Request], Reply], str]] = {
    "a lost answer": (lost, "network_error"),
    "a gateway's error": (lambda _: Reply(503, "down"), "upstream_error"),
    "an error of Cal.com's": (lambda _: refused(500), "upstream_error"),
}


@pytest.mark.parametrize(("trouble", "code"), TROUBLE.values(), ids=TROUBLE)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ROTATING)
def test_trouble_that_passes_is_no_reason_to_sign_in_again(
    kind: str, way: str, trouble: Callable[[Request], Reply], code: str, cal_com: CalCom
) -> None:
    cal_com.trade = trouble
    token = rotating(kind, Store(cal_com))
    (envelope,) = ask(way, cal_com.url, token)
    assert (envelope.data["code"], envelope.data["retryable"]) == (code, True)
    assert "sign in again" not in str(envelope.error)
    assert "outcome_unknown" not in envelope.data
    assert (cal_com.tokens, len(cal_com.trades)) == ([OLD], 1)


@pytest.mark.parametrize("trouble", [trouble for trouble, _ in TROUBLE.values()], ids=TROUBLE)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ROTATING)
def test_the_call_after_trouble_trades_again(
    kind: str, way: str, trouble: Callable[[Request], Reply], cal_com: CalCom
) -> None:
    cal_com.trade = lambda request: (
        trouble(request) if len(cal_com.trades) == 1 else cal_com.rotate(request)
    )
    store = Store(cal_com)
    failed, worked = ask(way, cal_com.url, rotating(kind, store), "CAL_MAKE", "CAL_MAKE")
    assert (failed.successful, worked.successful) == (False, True)
    assert (cal_com.tokens, len(cal_com.trades)) == ([OLD, OLD, NEW], 2)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ROTATING)
def test_a_trade_without_an_answer_ends_at_the_deadline(
    kind: str, way: str, cal_com: CalCom, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An AsyncConnector that is closed waits for its renewals, which takes no longer than this.
    monkeypatch.setattr("cal_actions.async_connector.RENEWAL_SECONDS", 0.5)
    held = hold_trades(cal_com)
    try:
        (envelope,) = ask(way, cal_com.url, rotating(kind, Store(cal_com)), timeout=1.0)
    finally:
        held.go_on.set()
    assert (envelope.data["code"], envelope.data["retryable"]) == ("timeout", True)
    assert (cal_com.tokens, len(cal_com.trades)) == ([OLD], 1)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ROTATING)
def test_a_rate_limit_on_the_trade_is_waited_for(kind: str, way: str, cal_com: CalCom) -> None:
    limited = Reply(429, {"message": "too many"}, (("Retry-After", "0.05"),))
    cal_com.trade = lambda request: limited if len(cal_com.trades) == 1 else cal_com.rotate(request)
    (envelope,) = ask(way, cal_com.url, rotating(kind, Store(cal_com)))
    assert (envelope.successful, len(cal_com.trades)) == (True, 2)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ROTATING)
def test_a_rate_limit_on_the_trade_that_lasts_is_told_with_its_length(
    kind: str, way: str, cal_com: CalCom
) -> None:
    cal_com.trade = lambda _: Reply(429, {"message": "too many"}, (("Retry-After", "90"),))
    (envelope,) = ask(way, cal_com.url, rotating(kind, Store(cal_com)))
    assert (envelope.data["code"], envelope.data["retryable"]) == ("rate_limited", True)
    assert envelope.data["retry_after"] == 90
    assert (cal_com.tokens, len(cal_com.trades)) == ([OLD], 1)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ROTATING)
def test_no_secret_that_a_refusal_quotes_is_told(kind: str, way: str, cal_com: CalCom) -> None:
    secrets = f"{REFRESH} of client-secret-1 is wrong"
    cal_com.trade = lambda _: refused(400, secrets)
    (envelope,) = ask(way, cal_com.url, rotating(kind, Store(cal_com)))
    shown = repr(envelope)
    assert not [one for one in (REFRESH, "client-secret-1") if one in shown]


# --- against the sandbox, whose tokens expire


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(now=clock, world=WORLD) as made:
        yield made


def me(way: str, sandbox: Sandbox, token: RenewableToken) -> Envelope:
    async def run() -> Envelope:
        async with AsyncConnector.sandbox(sandbox) as cal:
            return await cal.execute("CAL_RETRIEVE_MY_INFORMATION", auth=token)

    if way == "async":
        return asyncio.run(run())
    with Connector.sandbox(sandbox) as cal:
        return cal.execute("CAL_RETRIEVE_MY_INFORMATION", auth=token)


@pytest.mark.parametrize("way", WAYS)
def test_a_managed_users_token_is_renewed_whenever_it_has_expired(
    way: str, sandbox: Sandbox, clock: Clock
) -> None:
    made = add_mona(Caller(sandbox))
    pairs: list[tuple[str, str]] = []
    token = ManagedUserTokens(
        made["accessToken"],
        made["refreshToken"],
        client_id="client-one",
        client_secret="secret-one",
        store=lambda *pair: pairs.append(pair),
    )
    for renewals in range(3):
        envelope = me(way, sandbox, token)
        assert envelope.successful, envelope.error
        assert envelope.data["id"] == made["user"]["id"]
        assert len(pairs) == renewals
        clock.advance(hours=2)
    used = {made["refreshToken"], *(refresh for _, refresh in pairs)}
    assert len(used) == 3


@pytest.mark.parametrize("way", WAYS)
def test_a_refresh_token_that_someone_else_has_used_means_to_sign_in_again(
    way: str, sandbox: Sandbox, clock: Clock
) -> None:
    call = Caller(sandbox)
    made = add_mona(call)
    call(
        "POST",
        "/v2/oauth/client-one/refresh",
        {"refreshToken": made["refreshToken"]},
        key=None,
        headers={"x-cal-secret-key": "secret-one"},
    )
    clock.advance(hours=2)
    token = ManagedUserTokens(
        made["accessToken"],
        made["refreshToken"],
        client_id="client-one",
        client_secret="secret-one",
        store=lambda *_: None,
    )
    envelope = me(way, sandbox, token)
    assert envelope.data == {"code": "unauthorized", "retryable": False}
    assert "sign in again" in str(envelope.error)


@pytest.mark.parametrize("way", WAYS)
def test_a_function_may_get_the_new_token_from_anywhere(
    way: str, sandbox: Sandbox, clock: Clock
) -> None:
    call = Caller(sandbox)
    made = add_mona(call)
    clock.advance(hours=2)

    def refresh() -> str:
        told = call(
            "POST",
            "/v2/oauth/client-one/refresh",
            {"refreshToken": made["refreshToken"]},
            key=None,
            headers={"x-cal-secret-key": "secret-one"},
        )
        return str(told.data["accessToken"])

    envelope = me(way, sandbox, AccessToken(made["accessToken"], refresh))
    assert envelope.successful, envelope.error
    assert envelope.data["id"] == made["user"]["id"]


# --- odd ends


def test_an_action_that_failed_within_refresh_is_not_what_the_call_came_to() -> None:
    def refresh() -> str:
        raise ActionError("network_error", "A booking was lost.", outcome_unknown=True)

    told = ready_answers.run_sync(
        lambda _: httpx.Response(401, json={}),
        "CAL_READ",
        api_key=AccessToken(OLD, refresh),
        actions=ACTIONS,
    )
    assert told.data == {"code": "unauthorized", "retryable": False}


def test_a_renewal_may_take_longer_than_the_call_that_wants_it() -> None:
    stored = threading.Event()

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path in TRADES.values():
            time.sleep(0.4)
            return httpx.Response(200, json={"accessToken": NEW, "refreshToken": REFRESH_2})
        is_new = request.headers["authorization"] == f"Bearer {NEW}"
        return httpx.Response(200 if is_new else 401, json={})

    token = ManagedUserTokens(
        OLD,
        REFRESH,
        client_id="client-one",
        client_secret="secret-one",
        store=lambda *_: stored.set(),
    )
    with (
        httpx.Client(transport=httpx.MockTransport(answer)) as client,
        Connector(auth=token, actions=ACTIONS, client=client, timeout=0.2) as connector,
    ):
        assert connector.execute("CAL_READ").data["code"] == "timeout"
        assert stored.wait(PATIENCE)
        assert any(connector.execute("CAL_READ").successful for _ in range(20))


def test_a_renewal_gives_no_request_more_attempts_than_there_are() -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.method)
        return httpx.Response(401 if len(sent) == 2 else 503, json={})

    told = ready_answers.run_sync(
        answer,
        "CAL_READ",
        api_key=AccessToken(OLD, lambda: NEW),
        actions=ACTIONS,
        max_attempts=2,
    )
    assert told.data["http_status"] == 503
    assert len(sent) == 3
