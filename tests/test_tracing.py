"""OpenTelemetry's spans: a tool's execution, and inside it each HTTP request."""

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

import cal_actions
from cal_actions import AsyncConnector, Connector, Envelope, catalog
from cal_actions.placement import placements
from cal_actions.tokens import AccessToken, ManagedUserTokens
from tests import ready_answers
from tests.made_up import catalog_of, document

KEY = "cal_live_0123456789"
BASE = "https://cal.example"
ACTIONS = catalog_of(
    document("CAL_MAKE", "POST"),
    document("CAL_READ"),
    document("CAL_SHOW", path="/v2/things/{uid}"),
)

Answer = Callable[[], httpx.Response] | Exception
Run = Callable[..., Envelope]


def done() -> httpx.Response:
    return httpx.Response(200, json={"status": "success", "data": {"uid": "abc"}})


def failed(status: int) -> Callable[[], httpx.Response]:
    # The pause is so short that a test need not wait for it.
    return lambda: httpx.Response(status, json={"message": "no"}, headers={"retry-after": "0.001"})


def interrupted() -> httpx.Response:
    raise KeyboardInterrupt


LOST = httpx.ReadError("reset")


def answering(*answers: Answer) -> Callable[[httpx.Request], httpx.Response]:
    """Give these answers one after the other."""
    left = list(answers)

    def handle(_: httpx.Request) -> httpx.Response:
        given = left.pop(0)
        if isinstance(given, Exception):
            raise given
        return given()

    return handle


OPTIONS: dict[str, Any] = {"api_key": KEY, "base_url": BASE, "actions": ACTIONS}
run_sync = partial(ready_answers.run_sync, **OPTIONS)
arun = partial(ready_answers.arun, **OPTIONS)
run_async = partial(ready_answers.run_async, **OPTIONS)
cancelled = partial(ready_answers.cancelled, **OPTIONS)


@pytest.fixture(params=[run_sync, run_async], ids=["sync", "async"])
def run(request: pytest.FixtureRequest) -> Run:
    """Execute an action over a client that has these answers, with either connector."""
    chosen: Run = request.param
    return chosen


class Traced:
    """What was recorded, by a provider that is not the process's own."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer = self.provider.get_tracer("an agent")

    @property
    def spans(self) -> list[ReadableSpan]:
        """In the order in which they ended."""
        return list(self._exporter.get_finished_spans())

    @property
    def calls(self) -> list[ReadableSpan]:
        return [span for span in self.spans if span.name.startswith("execute_tool ")]

    @property
    def requests(self) -> list[ReadableSpan]:
        return [span for span in self.spans if span.kind is SpanKind.CLIENT]


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> Iterator[Traced]:
    # A process's own provider can be set but once.
    made = Traced()
    monkeypatch.setattr(trace, "get_tracer", made.provider.get_tracer)
    yield made
    made.provider.shutdown()


def id_of(span: Any) -> int | None:
    return None if span is None else span.get_span_context().span_id


def parent_of(span: ReadableSpan) -> int | None:
    return None if span.parent is None else span.parent.span_id


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


# --- what they say


def test_a_call_is_the_execution_of_a_tool(traced: Traced, run: Run) -> None:
    run(answering(done), "CAL_READ")
    (call,) = traced.calls
    assert (call.name, call.kind) == ("execute_tool CAL_READ", SpanKind.INTERNAL)
    assert attributes(call) == {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "CAL_READ",
        "gen_ai.tool.type": "extension",
    }


def test_a_request_is_an_http_clients(traced: Traced, run: Run) -> None:
    run(answering(done), "CAL_SHOW", {"uid": "abc"})
    (request,) = traced.requests
    assert request.name == "GET /v2/things/{uid}"
    assert attributes(request) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "server.address": "cal.example",
        "server.port": 443,
        "url.full": f"{BASE}/v2/things/abc",
        "url.template": "/v2/things/{uid}",
    }


def test_a_request_is_within_its_call(traced: Traced, run: Run) -> None:
    run(answering(done), "CAL_READ")
    request, call = traced.spans
    assert parent_of(request) == id_of(call)
    assert request.get_span_context().trace_id == call.get_span_context().trace_id


def test_a_success_has_neither_error_nor_status(traced: Traced, run: Run) -> None:
    run(answering(done), "CAL_READ")
    for span in traced.spans:
        assert "error.type" not in attributes(span)
        assert span.status.status_code is StatusCode.UNSET


def test_the_spans_are_of_this_library(traced: Traced, run: Run) -> None:
    run(answering(done), "CAL_READ")
    for span in traced.spans:
        assert span.instrumentation_scope is not None
        assert span.instrumentation_scope.name == "cal_actions"
        assert span.instrumentation_scope.version == cal_actions.__version__


@pytest.mark.parametrize(
    ("base_url", "address", "port", "url"),
    [
        ("http://cal.example", "cal.example", 80, "http://cal.example/v2/things"),
        ("http://cal.example:8080", "cal.example", 8080, "http://cal.example:8080/v2/things"),
        ("https://cal.example/api/v2", "cal.example", 443, f"{BASE}/api/v2/things"),
        ("https://ann:hidden@cal.example", "cal.example", 443, f"{BASE}/v2/things"),
        ("http://[::1]:3000", "::1", 3000, "http://[::1]:3000/v2/things"),
    ],
)
def test_a_request_says_where_it_goes(
    traced: Traced, run: Run, base_url: str, address: str, port: int, url: str
) -> None:
    run(answering(done), "CAL_READ", base_url=base_url)
    (request,) = traced.requests
    found = attributes(request)
    told = [found[name] for name in ("server.address", "server.port", "url.full")]
    assert told == [address, port, url]


def test_a_request_to_nowhere_is_told_without_an_address(traced: Traced, run: Run) -> None:
    run(answering(), "CAL_READ", base_url="ftp://cal.example")
    (request,) = traced.requests
    assert attributes(request) == {
        "error.type": "network_error",
        "http.request.method": "GET",
        "url.template": "/v2/things",
    }


def test_an_embedded_sandbox_has_no_address(traced: Traced) -> None:
    with Connector.sandbox() as connector:
        connector.execute("CAL_RETRIEVE_MY_INFORMATION")
    (request,) = traced.requests
    assert attributes(request) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "url.template": "/v2/me",
    }


def test_the_url_has_no_query(traced: Traced, run: Run) -> None:
    run(answering(done), "CAL_READ", {"take": 3, "uid": "abc"})
    (request,) = traced.requests
    assert attributes(request)["url.full"] == f"{BASE}/v2/things"


@pytest.mark.parametrize(
    "answer", [done, failed(401), failed(500), LOST], ids=["done", "401", "500", "lost"]
)
def test_nothing_secret_is_in_a_span(traced: Traced, run: Run, answer: Answer) -> None:
    params = {"tags": ["a private tag"], "uid": "a-private-uid"}
    run(answering(answer), "CAL_MAKE", params, auth=KEY, api_key=None)
    told = "".join(span.to_json() for span in traced.spans)
    assert len(traced.spans) == 2
    for secret in (KEY, "Bearer", "a private tag", "a-private-uid"):
        assert secret not in told


def test_no_secret_is_in_a_span_of_a_renewal(traced: Traced, run: Run) -> None:
    secrets = ["first-access", "first-renewal", "second-access", "second-renewal", "hidden-secret"]
    first, renewal, second, next_renewal, client_secret = secrets
    body = {"data": {"accessToken": second, "refreshToken": next_renewal}}
    token = ManagedUserTokens(
        first,
        renewal,
        client_id="client",
        client_secret=client_secret,
        store=lambda _access, _refresh: None,
    )
    answers = answering(failed(401), lambda: httpx.Response(200, json=body), done)
    assert run(answers, "CAL_READ", api_key=token).successful
    told = "".join(span.to_json() for span in traced.spans)
    assert not [secret for secret in secrets if secret in told]


@pytest.mark.parametrize("slug", catalog)
def test_no_action_has_a_secret_in_its_path(slug: str) -> None:
    properties = catalog[slug].input["properties"]
    in_path = [name for name, at in placements(catalog[slug]).items() if at.location == "path"]
    assert [name for name in in_path if properties[name].get("format") == "password"] == []


# --- what went wrong


@pytest.mark.parametrize(
    ("answer", "status", "kind", "code"),
    [
        (failed(404), 404, "404", "not_found"),
        (failed(503), 503, "503", "upstream_error"),
        (failed(429), 429, "429", "rate_limited"),
        (failed(302), 302, "unreadable_response", "unreadable_response"),
        (lambda: httpx.Response(200), 200, "unreadable_response", "unreadable_response"),
        (LOST, None, "network_error", "network_error"),
        (httpx.ReadTimeout("late"), None, "timeout", "timeout"),
    ],
    ids=["404", "503", "429", "redirect", "empty", "lost", "late"],
)
def test_a_failure_is_told_by_both_spans(
    traced: Traced, run: Run, answer: Answer, status: int | None, kind: str, code: str
) -> None:
    run(answering(answer), "CAL_MAKE", max_attempts=1)
    request, call = traced.spans
    assert attributes(request).get("http.response.status_code") == status
    assert attributes(request)["error.type"] == kind
    assert attributes(call)["error.type"] == code
    assert [span.status.status_code for span in (call, request)] == [StatusCode.ERROR] * 2


@pytest.mark.parametrize(
    ("slug", "params", "code"),
    [("CAL_READ", {"no": 1}, "invalid_params"), ("CAL_NONE", {}, "unknown_action")],
)
def test_what_is_not_sent_is_a_call_without_a_request(
    traced: Traced, run: Run, slug: str, params: dict[str, Any], code: str
) -> None:
    run(answering(), slug, params)
    (call,) = traced.spans
    assert call.name == f"execute_tool {slug}"
    assert attributes(call)["error.type"] == code
    assert call.status.status_code is StatusCode.ERROR


def test_a_weird_slug_stays_out_of_a_span(traced: Traced, run: Run) -> None:
    run(answering(), "CAL_READ\nforged " + "x" * 10_000)
    (call,) = traced.spans
    assert call.name == "execute_tool (no slug)"
    assert attributes(call)["gen_ai.tool.name"] == "(no slug)"


def test_an_interruption_ends_both_spans(traced: Traced) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_sync(answering(interrupted), "CAL_READ")
    request, call = traced.spans
    assert attributes(call)["error.type"] == "KeyboardInterrupt"
    assert attributes(request)["error.type"] == "cancelled"


def test_a_cancellation_ends_both_spans(traced: Traced) -> None:
    assert asyncio.run(cancelled("CAL_READ")).cancelled()
    request, call = traced.spans
    assert attributes(call)["error.type"] == "CancelledError"
    assert attributes(request)["error.type"] == "cancelled"


# --- requests that are sent again


def resends(traced: Traced) -> list[int | None]:
    return [attributes(span).get("http.request.resend_count") for span in traced.requests]


def test_each_attempt_is_a_span_that_counts_the_ones_before(traced: Traced, run: Run) -> None:
    run(answering(failed(503), failed(502), done), "CAL_READ")
    (call,) = traced.calls
    assert resends(traced) == [None, 1, 2]
    assert [parent_of(span) for span in traced.requests] == [id_of(call)] * 3
    told = [attributes(span)["http.response.status_code"] for span in traced.requests]
    assert told == [503, 502, 200]


def test_a_retry_that_helps_leaves_the_call_without_an_error(traced: Traced, run: Run) -> None:
    run(answering(failed(503), done), "CAL_READ")
    (call,) = traced.calls
    assert "error.type" not in attributes(call)
    assert call.status.status_code is StatusCode.UNSET


def test_another_request_of_the_same_call_is_no_resend(traced: Traced, run: Run) -> None:
    run(answering(done, done), "CAL_GET_ORGANIZATION_ID", actions=catalog)
    assert [span.name for span in traced.requests] == ["GET /v2/me", "GET /v2/teams"]
    assert resends(traced) == [None, None]


def test_another_request_of_the_same_call_counts_its_own_resends(traced: Traced, run: Run) -> None:
    answers = answering(failed(503), done, failed(503), done)
    run(answers, "CAL_GET_ORGANIZATION_ID", actions=catalog)
    assert resends(traced) == [None, 1, None, 1]


def test_a_request_with_a_renewed_token_is_a_resend(traced: Traced, run: Run) -> None:
    token = AccessToken("a first token", lambda: "a second token")
    run(answering(failed(401), failed(503), done), "CAL_READ", api_key=token)
    assert resends(traced) == [None, 1, 2]


def test_the_requests_of_an_action_of_several_are_within_one_call(traced: Traced, run: Run) -> None:
    run(answering(done, done), "CAL_GET_ORGANIZATION_ID", actions=catalog)
    (call,) = traced.calls
    assert call.name == "execute_tool CAL_GET_ORGANIZATION_ID"
    assert [parent_of(span) for span in traced.requests] == [id_of(call)] * 2


def test_the_request_of_a_renewal_is_within_the_call_that_needs_it(
    traced: Traced, run: Run
) -> None:
    body = {"data": {"accessToken": "a second token", "refreshToken": "a second renewal"}}
    token = ManagedUserTokens(
        "a first token",
        "a first renewal",
        client_id="client",
        client_secret="a secret",
        store=lambda _access, _refresh: None,
    )
    answers = answering(failed(401), lambda: httpx.Response(200, json=body), done)
    run(answers, "CAL_READ", api_key=token)
    (call,) = traced.calls
    renewal = traced.requests[1]
    assert renewal.name == "POST /v2/oauth/{clientId}/refresh"
    assert "http.request.resend_count" not in attributes(renewal)
    assert [parent_of(span) for span in traced.requests] == [id_of(call)] * 3


# --- whose they are


def test_a_call_is_within_the_callers_span(traced: Traced) -> None:
    with traced.tracer.start_as_current_span("agent") as agent:
        run_sync(answering(done), "CAL_READ")
    (call,) = traced.calls
    assert parent_of(call) == id_of(agent)


def test_an_async_call_is_within_the_callers_span(traced: Traced) -> None:
    async def agents() -> Any:
        with traced.tracer.start_as_current_span("agent") as agent:
            await arun(answering(done), "CAL_READ")
        return agent

    agent = asyncio.run(agents())
    (call,) = traced.calls
    assert parent_of(call) == id_of(agent)


def test_a_call_without_a_caller_is_a_root(traced: Traced, run: Run) -> None:
    run(answering(done), "CAL_READ")
    (call,) = traced.calls
    assert call.parent is None


def assert_each_is_its_agents_own(traced: Traced, agents: int) -> None:
    by_id = {id_of(span): span for span in traced.spans}
    assert len(traced.requests) == agents
    for request in traced.requests:
        call = by_id[parent_of(request)]
        agent = by_id[parent_of(call)]
        assert attributes(request)["url.full"] == f"{BASE}/v2/things/{agent.name}"


def test_concurrent_tasks_do_not_mix_their_spans(traced: Traced) -> None:
    count = 20

    async def calls() -> None:
        arrived: list[str] = []
        all_here = asyncio.Event()

        async def together(request: httpx.Request) -> httpx.Response:
            arrived.append(request.url.path)
            if len(arrived) == count:
                all_here.set()
            await all_here.wait()
            return done()

        async def agent(connector: AsyncConnector, name: str) -> None:
            with traced.tracer.start_as_current_span(name):
                await connector.execute("CAL_SHOW", {"uid": name})

        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(together)) as client,
            AsyncConnector(api_key=KEY, base_url=BASE, actions=ACTIONS, client=client) as connector,
        ):
            await asyncio.gather(*(agent(connector, f"agent-{n}") for n in range(count)))

    asyncio.run(calls())
    assert_each_is_its_agents_own(traced, count)


def test_concurrent_threads_do_not_mix_their_spans(traced: Traced) -> None:
    count = 8
    all_here = threading.Barrier(count, timeout=30)

    def together(_: httpx.Request) -> httpx.Response:
        all_here.wait()
        return done()

    def agent(name: str) -> None:
        with traced.tracer.start_as_current_span(name):
            connector.execute("CAL_SHOW", {"uid": name})

    with (
        httpx.Client(transport=httpx.MockTransport(together)) as client,
        Connector(api_key=KEY, base_url=BASE, actions=ACTIONS, client=client) as connector,
        ThreadPoolExecutor(count) as threads,
    ):
        list(threads.map(agent, [f"agent-{n}" for n in range(count)]))
    assert_each_is_its_agents_own(traced, count)


ENDINGS: dict[str, tuple[Answer, str]] = {
    "a success": (done, "CAL_READ"),
    "a failure": (failed(404), "CAL_READ"),
    "no such action": (done, "CAL_NONE"),
    "a lost write": (LOST, "CAL_MAKE"),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_after_a_call_the_callers_span_is_current_again(traced: Traced, ending: str) -> None:
    answer, slug = ENDINGS[ending]
    with traced.tracer.start_as_current_span("agent") as agent:
        run_sync(answering(answer), slug)
        assert trace.get_current_span() is agent


@pytest.mark.parametrize("ending", ENDINGS)
def test_after_an_async_call_the_callers_span_is_current_again(traced: Traced, ending: str) -> None:
    answer, slug = ENDINGS[ending]

    async def call() -> None:
        with traced.tracer.start_as_current_span("agent") as agent:
            await arun(answering(answer), slug)
            assert trace.get_current_span() is agent

    asyncio.run(call())


def test_after_an_interruption_the_callers_span_is_current_again(traced: Traced) -> None:
    with traced.tracer.start_as_current_span("agent") as agent:
        with suppress(KeyboardInterrupt):
            run_sync(answering(interrupted), "CAL_READ")
        assert trace.get_current_span() is agent


def test_after_a_cancellation_the_callers_span_is_current_again(traced: Traced) -> None:
    async def call() -> None:
        task = asyncio.current_task()
        assert task is not None

        async def cancelled(_: httpx.Request) -> httpx.Response:
            task.cancel()
            await asyncio.Event().wait()
            return done()

        with traced.tracer.start_as_current_span("agent") as agent:
            with pytest.raises(asyncio.CancelledError):
                await arun(cancelled, "CAL_READ")
            assert trace.get_current_span() is agent
        task.uncancel()

    asyncio.run(call())
    assert len(traced.calls) == 1


def test_calls_that_follow_each_other_are_no_children_of_each_other(traced: Traced) -> None:
    with traced.tracer.start_as_current_span("agent") as agent:
        run_sync(answering(done), "CAL_READ")
        run_sync(answering(done), "CAL_READ")
    assert [parent_of(call) for call in traced.calls] == [id_of(agent)] * 2


def test_a_call_by_a_hook_is_within_the_call_that_it_is_told_of(traced: Traced) -> None:
    def again(event: Any) -> None:
        if event.slug == "CAL_READ":
            run_sync(answering(done), "CAL_SHOW", {"uid": "abc"})

    run_sync(answering(done), "CAL_READ", on_request=again)
    inner, outer = traced.calls
    assert parent_of(inner) == id_of(outer)


def test_a_connector_asks_for_its_tracer_once(
    traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def counted(*arguments: Any) -> trace.Tracer:
        asked.append(arguments)
        return traced.provider.get_tracer(*arguments)

    monkeypatch.setattr(trace, "get_tracer", counted)
    run_sync(answering(failed(503), done), "CAL_READ")
    assert len(asked) == 1


def test_calls_that_are_the_first_of_a_connector_at_once_are_all_traced(
    traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    beginning, over = threading.Event(), threading.Event()

    def slow(*arguments: Any) -> trace.Tracer:
        beginning.set()
        # Where the second call waits for the first, it cannot be over.
        over.wait(0.3)
        return traced.provider.get_tracer(*arguments)

    monkeypatch.setattr(trace, "get_tracer", slow)
    with (
        httpx.Client(transport=httpx.MockTransport(lambda _: done())) as client,
        Connector(api_key=KEY, base_url=BASE, actions=ACTIONS, client=client) as connector,
        ThreadPoolExecutor(1) as other,
    ):
        first = other.submit(connector.execute, "CAL_READ")
        beginning.wait(30)
        connector.execute("CAL_READ")
        over.set()
        first.result()
    assert len(traced.calls) == 2
    assert len(traced.requests) == 2


# --- without it


@pytest.mark.parametrize("ending", ENDINGS)
def test_without_opentelemetry_a_call_is_the_same(
    monkeypatch: pytest.MonkeyPatch, run: Run, ending: str
) -> None:
    answer, slug = ENDINGS[ending]
    with_it = run(answering(answer), slug)
    monkeypatch.delitem(sys.modules, "cal_actions.tracing")
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    assert run(answering(answer), slug) == with_it
    assert "cal_actions.tracing" not in sys.modules


def test_without_opentelemetry_the_hooks_are_called(
    monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.delitem(sys.modules, "cal_actions.tracing", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    events: list[Any] = []
    hooks = dict.fromkeys(("on_request", "on_response", "on_retry"), events.append)
    assert run(answering(failed(503), done), "CAL_READ", **hooks).successful
    assert len(events) == 5


def test_without_a_provider_nothing_is_recorded(run: Run) -> None:
    before = trace.get_current_span()
    assert run(answering(done), "CAL_READ").data == {"uid": "abc"}
    assert trace.get_current_span() is before
