"""The server over HTTP: each request with a key of its own, and only from where it may come."""

import asyncio
import json
import logging
import os
import re
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp_types import CallToolResult, ElicitResult, ErrorData, InputRequiredResult
from starlette.requests import Request

from cal_actions import AsyncConnector
from cal_actions.cli.commands import group
from cal_actions.mcp import ask_user, create_app, create_server, serve_http
from cal_actions.mcp.keys import AnyKey, Caller
from cal_actions.observe import RequestEvent
from cal_actions.sandbox import Sandbox
from cal_actions.sandbox.server import running_server
from tests.mcp.serving import COMMAND, ERAS, behind_http, command_over_http, refusal
from tests.sandbox.platform_world import CLIENT, MEMBER, OWNER, STRANGER
from tests.sandbox.platform_world import WORLD as PLATFORM

TALK = {"id": 5, "ownerId": 2, "title": "Talk", "slug": "talk", "lengthInMinutes": 30}
WORLD = {**PLATFORM, "eventTypes": [TALK]}
"""The connector's own credentials are those of the owner, Petra; the member, Milo, has a talk."""

NEWEST, OLDER = "2026-07-28", "2025-11-25"
META = {
    "io.modelcontextprotocol/protocolVersion": NEWEST,
    "io.modelcontextprotocol/clientCapabilities": {},
}
ME = "CAL_RETRIEVE_MY_INFORMATION"
DELETE = "CAL_DELETE_EVENT_TYPE_BY_ID"
MANAGED_USERS = ("CAL_GET_OAUTH_CLIENTS_USER", {"clientId": CLIENT["x-cal-client-id"]})
WRONG = "cal_of_nobody_0123456789"
PROFILES = {MEMBER: "milo@example.com", STRANGER: "stella@example.com"}


@contextmanager
def served(world: Sandbox, **options: Any) -> Iterator[str]:
    """Serve a world; the options are those of the application, but for the connector's."""
    names = options.keys() & {"before", "on_request"}
    own = {name: options.pop(name) for name in names}
    # Few actions, for the SDK's client reads what each of them answers.
    own |= {"allow": [ME, DELETE, MANAGED_USERS[0]], "approve": ask_user, "max_attempts": 1}
    connector = AsyncConnector.sandbox(world, **own)
    with behind_http(create_app(create_server(connector), **options)) as url:
        yield url
    asyncio.run(connector.aclose())


@pytest.fixture(scope="module")
def world() -> Iterator[Sandbox]:
    with Sandbox(world=WORLD) as made:
        yield made


@pytest.fixture(scope="module")
def sent() -> list[RequestEvent]:
    """What the connector sent to Cal.com."""
    return []


@pytest.fixture(scope="module")
def url(world: Sandbox, sent: list[RequestEvent]) -> Iterator[str]:
    with served(world, on_request=sent.append) as url:
        yield url


@pytest.fixture(scope="module")
def public_url(world: Sandbox) -> Iterator[str]:
    """A server that is reached by other names, and by pages from elsewhere."""
    hosts = ["cal.example.com", "one.example.com:8443", "any.example.com:*"]
    origins = ["https://app.example", "https://any.example:*"]
    with served(world, hosts=hosts, origins=origins) as url:
        yield url


@pytest.fixture(scope="module")
def keyless_url(world: Sandbox) -> Iterator[str]:
    with served(world, keys=False) as url:
        yield url


@pytest.fixture(autouse=True)
def as_new(world: Sandbox, sent: list[RequestEvent]) -> None:
    world.reset()
    sent.clear()


# As the SDK's client asks

PLAIN: dict[str, Any] = {"trust_env": False, "verify": False, "timeout": 30.0}
"""No proxy, and no certificates to load, for a server on loopback."""


def headers_of(key: str | None, headers: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {**({} if key is None else {"Authorization": f"Bearer {key}"}), **(headers or {})}


@asynccontextmanager
async def connected(
    url: str,
    key: str | None,
    mode: str = "auto",
    headers: Mapping[str, str] | None = None,
    **callbacks: Any,
) -> AsyncIterator[Client]:
    async with (
        httpx2.AsyncClient(headers=headers_of(key, headers), **PLAIN) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode, **callbacks) as client,
    ):
        yield client


def call(
    url: str, key: str | None, mode: str, slug: str = ME, params: Any = None, **options: Any
) -> CallToolResult:
    """Call one tool; the options are those of `connected`."""

    async def run() -> CallToolResult:
        async with connected(url, key, mode, **options) as client:
            return await client.call_tool(slug, params or {})

    return asyncio.run(run())


def data_of(result: CallToolResult) -> Any:
    return (result.structured_content or {})["data"]


# As it is on the wire


def request(
    method: str, url: str, key: str | None, headers: Mapping[str, Any], **body: Any
) -> httpx2.Response:
    accept = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    with httpx2.Client(**PLAIN) as http:
        return http.request(method, url, headers={**accept, **headers_of(key, headers)}, **body)


def message(method: str, params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def newest(method: str, name: str = "") -> dict[str, str]:
    return {"MCP-Protocol-Version": NEWEST, "Mcp-Method": method, "Mcp-Name": name}


def call_once(
    url: str,
    key: str | None = MEMBER,
    headers: Mapping[str, Any] | None = None,
    slug: str = ME,
    params: Any = None,
) -> httpx2.Response:
    """Call a tool in the newest revision, where a request needs no other before it."""
    asked = message("tools/call", {"name": slug, "arguments": params or {}, "_meta": META})
    return request("POST", url, key, {**newest("tools/call", slug), **(headers or {})}, json=asked)


def begin(
    url: str, key: str | None = MEMBER, headers: Mapping[str, Any] | None = None
) -> httpx2.Response:
    """Begin a session, as clients of the older revisions do."""
    client = {"clientInfo": {"name": "test", "version": "1"}, "capabilities": {}}
    asked = message("initialize", {"protocolVersion": OLDER, **client})
    return request("POST", url, key, headers or {}, json=asked)


def session_headers(url: str, key: str = MEMBER) -> dict[str, str]:
    """What the requests of a new session name it by."""
    session = begin(url, key).headers["Mcp-Session-Id"]
    return {"Mcp-Session-Id": session, "MCP-Protocol-Version": OLDER}


def in_session(
    url: str, key: str | None, session: Mapping[str, str], method: str = "POST"
) -> httpx2.Response:
    asked = message("tools/call", {"name": ME, "arguments": {}})
    return request(method, url, key, session, json=asked if method == "POST" else None)


FIRST = {"newest": call_once, "older": begin}
"""What a client sends first."""

first_request = pytest.mark.parametrize("first", FIRST.values(), ids=FIRST)
both_eras = pytest.mark.parametrize("mode", ERAS)


# Whose key a call is made with


@both_eras
def test_each_client_acts_with_its_own_key(url: str, mode: str) -> None:
    async def run() -> list[str]:
        async with connected(url, MEMBER, mode) as one, connected(url, STRANGER, mode) as other:
            results = [await client.call_tool(ME, {}) for client in (one, other, one)]
        return [data_of(result)["email"] for result in results]

    milo, stella = PROFILES.values()
    assert asyncio.run(run()) == [milo, stella, milo]


@both_eras
def test_calls_of_two_keys_at_once_never_mix(world: Sandbox, mode: str) -> None:
    waiting, all_there = 0, asyncio.Event()

    async def before(slug: str, params: dict[str, Any]) -> None:
        """Hold each call until all of them have come."""
        nonlocal waiting
        waiting += 1
        if waiting == 30:
            all_there.set()
        await all_there.wait()

    async def run(url: str) -> list[tuple[str, str]]:
        async with (
            asyncio.timeout(20),
            connected(url, MEMBER, mode) as one,
            connected(url, STRANGER, mode) as other,
        ):

            async def ask(key: str, client: Client) -> tuple[str, str]:
                return key, data_of(await client.call_tool(ME, {}))["email"]

            both = {MEMBER: one, STRANGER: other}
            return await asyncio.gather(*[ask(*each) for each in [*both.items()] * 15])

    with served(world, before=before) as url:
        assert asyncio.run(run(url)) == [*PROFILES.items()] * 15


@both_eras
def test_a_wrong_key_is_told_in_the_result(url: str, mode: str) -> None:
    result = call(url, WRONG, mode)
    assert (result.is_error, data_of(result)["code"]) == (True, "unauthorized")


NO_KEYS: dict[str, dict[str, Any]] = {
    "no header": {},
    "another scheme": {"Authorization": f"Basic {MEMBER}"},
    "no scheme": {"Authorization": MEMBER},
    "an empty key": {"Authorization": "Bearer"},
    "too long": {"Authorization": "Bearer cal_" + "k" * 4_093},
    "a tab": {"Authorization": "Bearer cal_\tmilo"},
    "not ASCII": {"Authorization": "Bearer cal_mil\xf6".encode("latin-1")},
    "in another header": {"X-Api-Key": MEMBER},
}


@pytest.mark.parametrize("headers", NO_KEYS.values(), ids=NO_KEYS)
def test_a_call_without_a_key_does_not_reach_the_connector(
    url: str, sent: list[RequestEvent], headers: dict[str, Any]
) -> None:
    told = call_once(url, None, headers)
    assert (told.status_code, told.headers["WWW-Authenticate"][:7]) == (401, "Bearer ")
    assert sent == []


@pytest.mark.parametrize("headers", NO_KEYS.values(), ids=NO_KEYS)
def test_no_session_begins_without_a_key(url: str, headers: dict[str, Any]) -> None:
    told = begin(url, None, headers)
    assert (told.status_code, told.headers["WWW-Authenticate"][:7]) == (401, "Bearer ")
    assert "Mcp-Session-Id" not in told.headers


def test_the_longest_key_that_is_taken_reaches_the_connector(
    url: str, sent: list[RequestEvent]
) -> None:
    assert call_once(url, "cal_" + "k" * 4_092).status_code == 200
    assert [event.slug for event in sent] == [ME]


def test_the_scheme_is_read_without_case(url: str) -> None:
    told = call_once(url, None, {"Authorization": f"bearer {MEMBER}"})
    assert PROFILES[MEMBER] in told.text


@both_eras
def test_the_headers_of_an_oauth_client_make_its_actions_work(url: str, mode: str) -> None:
    result = call(url, MEMBER, mode, *MANAGED_USERS, headers=CLIENT)
    assert data_of(result) == {"items": []}


@both_eras
def test_the_connector_s_own_oauth_client_is_not_lent_to_callers(url: str, mode: str) -> None:
    # What is tried instead is the caller's key, and a member may not do this.
    result = call(url, MEMBER, mode, *MANAGED_USERS)
    assert data_of(result)["code"] == "forbidden"


def test_an_oauth_client_s_headers_do_not_stand_for_a_key(
    url: str, sent: list[RequestEvent]
) -> None:
    slug, params = MANAGED_USERS
    assert call_once(url, None, CLIENT, slug, params).status_code == 401
    assert sent == []


@pytest.mark.parametrize("key", [None, MEMBER], ids=["no header", "a key that is not asked for"])
@both_eras
def test_without_keys_calls_are_made_as_the_connector_is(
    keyless_url: str, mode: str, key: str | None
) -> None:
    assert data_of(call(keyless_url, key, mode))["email"] == "petra@example.com"


# Sessions of the older revisions


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_a_session_belongs_to_the_key_that_began_it(
    url: str, sent: list[RequestEvent], method: str
) -> None:
    assert in_session(url, STRANGER, session_headers(url), method).status_code == 404
    assert sent == []


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_a_session_id_is_no_key(url: str, sent: list[RequestEvent], method: str) -> None:
    assert in_session(url, None, session_headers(url), method).status_code == 401
    assert sent == []


@pytest.mark.parametrize("key", [STRANGER, None], ids=["another key", "no key"])
def test_a_session_goes_on_when_someone_else_tries_to_end_it(url: str, key: str | None) -> None:
    session = session_headers(url)
    in_session(url, key, session, "DELETE")
    assert PROFILES[MEMBER] in in_session(url, MEMBER, session).text


def test_a_session_ends_when_its_client_deletes_it(url: str) -> None:
    session = session_headers(url)
    assert in_session(url, MEMBER, session, "DELETE").status_code == 200
    assert in_session(url, MEMBER, session).status_code == 404


# Where no key shows

SECRETS = (MEMBER, STRANGER, WRONG, CLIENT["x-cal-secret-key"], "wrong_secret_0123456789")


def troubled(url: str, world: Sandbox) -> list[httpx2.Response]:
    """Calls that succeed, and calls that fail in every layer."""
    session = session_headers(url)
    wrong_pair = {**CLIENT, "x-cal-secret-key": SECRETS[-1]}
    responses = [
        begin(url),
        in_session(url, MEMBER, session),
        in_session(url, STRANGER, session),
        call_once(url, MEMBER, CLIENT, *MANAGED_USERS),
        call_once(url, MEMBER, wrong_pair, *MANAGED_USERS),
        call_once(url, WRONG),
        call_once(url, f"{MEMBER}\t{STRANGER}"),
        call_once(url, MEMBER, {"Host": "evil.example"}),
        call_once(url, MEMBER, slug=f"CAL_{ME}"),
        request("POST", url, MEMBER, session, content=b"{"),
        request("POST", url, MEMBER, newest("ping"), content=b"[]"),
        request("PUT", url, MEMBER, newest("ping")),
    ]
    world.inject.fail_next(500)
    responses.append(call_once(url))
    world.inject.drop_connection()
    responses.append(call_once(url))
    return responses


def test_no_log_record_has_a_key(
    url: str,
    world: Sandbox,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name, logger in logging.root.manager.loggerDict.items():
        if isinstance(logger, logging.Logger):
            caplog.set_level(logging.DEBUG, logger=name)
            monkeypatch.setattr(logger, "propagate", True)
    troubled(url, world)
    records = caplog.records
    assert {"cal_actions", "mcp"} <= {record.name.partition(".")[0] for record in records}
    texts = [f"{record.name}: {record.getMessage()} {vars(record)}" for record in records]
    texts.append(caplog.text)  # with the tracebacks
    assert [text for text in texts if any(secret in text for secret in SECRETS)] == []


def test_no_answer_has_a_key(url: str, world: Sandbox) -> None:
    responses = troubled(url, world)
    assert {200, 400, 401, 404, 405, 421} <= {response.status_code for response in responses}
    texts = [f"{response.headers.raw} {response.text}" for response in responses]
    assert [text for text in texts if any(secret in text for secret in SECRETS)] == []


def test_a_caller_shows_no_key() -> None:
    token = asyncio.run(AnyKey().verify_token(MEMBER))
    assert token is not None
    headers = [(name.encode(), value.encode()) for name, value in CLIENT.items()]
    scope = {"type": "http", "headers": headers, "user": AuthenticatedUser(token)}
    caller = Caller.of(Request(scope))
    shown = f"{caller!r} {caller} {vars(caller.auth)}"
    assert "auth=" in shown
    assert [secret for secret in SECRETS if secret in shown] == []


# Asking the user


@both_eras
@pytest.mark.parametrize("action", ["accept", "decline"])
def test_a_destructive_call_does_what_the_user_says(
    url: str, world: Sandbox, mode: str, action: Any
) -> None:
    questions: list[str] = []

    async def answer(_: Any, params: Any) -> ElicitResult:
        questions.append(params.message)
        return ElicitResult(action=action)

    before = world.state()["eventTypes"]
    result = call(url, MEMBER, mode, DELETE, {"eventTypeId": 5}, elicitation_callback=answer)
    assert questions == ["Delete event type by id (destructive): eventTypeId=5\nGo ahead?"]
    if action == "accept":
        assert (result.is_error, world.state()["eventTypes"]) == (False, [])
    else:
        assert data_of(result)["code"] == "refused"
        assert world.state()["eventTypes"] == before


def test_an_answer_counts_for_the_key_that_was_asked(url: str, sent: list[RequestEvent]) -> None:
    async def never(_: Any, params: Any) -> ElicitResult:
        raise AssertionError(params)

    async def run() -> ErrorData:
        can_ask = {"elicitation_callback": never}
        async with connected(url, MEMBER, **can_ask) as one:
            question = await one.session.call_tool(
                DELETE, {"eventTypeId": 5}, allow_input_required=True
            )
        assert isinstance(question, InputRequiredResult)
        yes = ElicitResult(action="accept")
        async with connected(url, STRANGER, **can_ask) as other:
            return await refusal(
                other.session.call_tool(
                    DELETE,
                    {"eventTypeId": 5},
                    input_responses=dict.fromkeys(question.input_requests or {}, yes),
                    request_state=question.request_state,
                    allow_input_required=True,
                )
            )

    assert asyncio.run(run()).data == {"reason": "invalid_request_state"}
    assert sent == []


# Hosts and origins


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example"])
@first_request
def test_a_request_to_another_host_is_not_answered(
    url: str, sent: list[RequestEvent], first: Any, host: str
) -> None:
    assert first(url, headers={"Host": host}).status_code == 421
    assert sent == []


@pytest.mark.parametrize("host", ["localhost", "localhost:9", "127.0.0.1:9", "[::1]:9", "[::1]"])
@first_request
def test_this_machine_has_many_names(url: str, first: Any, host: str) -> None:
    assert first(url, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:9", 200),
        ("cal.example.com", 200),
        ("cal.example.com:8443", 421),
        ("www.cal.example.com", 421),
        ("one.example.com:8443", 200),
        ("one.example.com:443", 421),
        ("any.example.com:8443", 200),
        ("any.example.com.evil.example:8443", 421),
    ],
)
@first_request
def test_hosts_are_taken_beside_this_machine(
    public_url: str, first: Any, host: str, status: int
) -> None:
    assert first(public_url, headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://localhost.evil.example:80",
        "https://localhost:1234",
        "http://localhost@evil.example",
        "null",
    ],
)
@first_request
def test_a_request_of_another_page_is_not_answered(
    url: str, sent: list[RequestEvent], first: Any, origin: str
) -> None:
    assert first(url, headers={"Origin": origin}).status_code == 403
    assert sent == []


@pytest.mark.parametrize("origin", ["http://localhost:1234", "http://127.0.0.1", "http://[::1]:9"])
@first_request
def test_pages_of_this_machine_can_read_the_answers(url: str, first: Any, origin: str) -> None:
    told = first(url, headers={"Origin": origin})
    assert (told.status_code, told.headers["Access-Control-Allow-Origin"]) == (200, origin)


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:1234", 200),
        ("https://app.example", 200),
        ("http://app.example", 403),
        ("https://app.example:8443", 403),
        ("https://app-example", 403),
        ("https://any.example:8443", 200),
        ("https://any.example.evil.example:8443", 403),
    ],
)
@first_request
def test_origins_are_taken_beside_this_machine(
    public_url: str, first: Any, origin: str, status: int
) -> None:
    told = first(public_url, headers={"Origin": origin})
    readable_by = origin if status == 200 else None
    assert told.status_code == status
    assert told.headers.get("Access-Control-Allow-Origin") == readable_by


def preflight(url: str, origin: str, method: str) -> httpx2.Response:
    """What a browser asks before it sends such a request of a page, without the page's key."""
    wanted = {
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type,mcp-protocol-version",
    }
    return request("OPTIONS", url, None, {"Origin": origin, **wanted})


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("origin", ["http://localhost:1234", "https://any.example:8443"])
def test_a_browser_may_send_requests_of_an_expected_page(
    public_url: str, origin: str, method: str
) -> None:
    told = preflight(public_url, origin, method)
    assert (told.status_code, told.headers["Access-Control-Allow-Origin"]) == (200, origin)
    assert method in told.headers["Access-Control-Allow-Methods"]
    assert "authorization" in told.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("origin", ["https://evil.example", "https://any.example.evil.example:1"])
def test_a_browser_may_send_no_requests_of_another_page(public_url: str, origin: str) -> None:
    assert "Access-Control-Allow-Origin" not in preflight(public_url, origin, "POST").headers


@pytest.mark.parametrize("key", [MEMBER, None], ids=["a session", "no key"])
def test_a_page_can_read_the_headers_that_it_needs(url: str, key: str | None) -> None:
    told = begin(url, key, {"Origin": "http://localhost:1234"})
    assert told.headers["Access-Control-Allow-Origin"] == "http://localhost:1234"
    exposed = told.headers["Access-Control-Expose-Headers"].split(", ")
    assert sorted(exposed) == ["Mcp-Session-Id", "WWW-Authenticate"]


# What is no request

MIB = 2**20
MALFORMED: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 400),
    "no JSON": (b"{", 400),
    "not text": (b'{"jsonrpc": "\xff"}', 400),
    "too deep": (b"[" * 100_000, 400),
    "a number": (b"1", 400),
    "a batch": (json.dumps([message("ping", {})] * 2).encode(), 400),
    "too large": (b" " * 4 * MIB + b" ", 413),
}
OF_AN_ERA = {"newest": lambda _: newest("ping"), "older": session_headers}
"""The headers of a request."""

headers_of_both_eras = pytest.mark.parametrize("era", OF_AN_ERA.values(), ids=OF_AN_ERA)


@pytest.mark.parametrize(("body", "status"), MALFORMED.values(), ids=MALFORMED)
@headers_of_both_eras
def test_what_is_no_request_is_answered_with_an_error(
    url: str, era: Any, body: bytes, status: int
) -> None:
    told = request("POST", url, MEMBER, era(url), content=body)
    assert told.status_code == status


@pytest.mark.parametrize("body", [body for body, _ in MALFORMED.values()], ids=MALFORMED)
def test_a_session_outlives_what_is_no_request(url: str, body: bytes) -> None:
    session = session_headers(url)
    request("POST", url, MEMBER, session, content=body)
    assert PROFILES[MEMBER] in in_session(url, MEMBER, session).text


@headers_of_both_eras
def test_a_large_body_that_hides_its_length_is_refused(url: str, era: Any) -> None:
    def pieces() -> Iterator[bytes]:
        yield b" " * 4 * MIB
        yield b" "

    assert request("POST", url, MEMBER, era(url), content=pieces()).status_code == 413


def test_a_body_as_large_as_any_is_read(url: str) -> None:
    body = json.dumps(message("ping", {})).encode().ljust(4 * MIB)
    assert request("POST", url, MEMBER, session_headers(url), content=body).status_code == 200


@both_eras
def test_an_unknown_method_is_told_to_be_unknown(url: str, mode: str) -> None:
    headers = newest("no/such") if mode == "auto" else session_headers(url)
    told = request("POST", url, MEMBER, headers, json=message("no/such", {"_meta": META}))
    assert json.loads(told.text.partition("data: ")[2] or told.text)["error"]["code"] == -32601


# The command


def test_the_command_serves_at_the_url_that_it_prints() -> None:
    with command_over_http("--sandbox") as url:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/mcp", url)
        assert data_of(call(url, None, "auto"))["email"] == "sam@example.com"


def test_the_command_takes_no_credentials_from_the_environment_over_http(world: Sandbox) -> None:
    own = {
        "CAL_API_KEY": OWNER,
        "CAL_OAUTH_CLIENT_ID": CLIENT["x-cal-client-id"],
        "CAL_OAUTH_CLIENT_SECRET": CLIENT["x-cal-secret-key"],
    }
    with (
        running_server(world) as cal_com,
        command_over_http(**{**os.environ, **own, "CAL_API_BASE_URL": cal_com}) as url,
    ):
        assert call_once(url, None).status_code == 401
        assert data_of(call(url, MEMBER, "auto"))["email"] == PROFILES[MEMBER]
        assert data_of(call(url, MEMBER, "auto", *MANAGED_USERS))["code"] == "forbidden"


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 0)]
)
def test_a_signal_ends_the_command_quietly(number: signal.Signals, code: int) -> None:
    with subprocess.Popen(
        [*COMMAND, "--http", "--port", "0", "--sandbox"], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        try:
            url = process.stderr.readline().rpartition(" ")[2].strip()
            assert call_once(url, None).status_code == 200
            process.send_signal(number)
            assert process.wait(timeout=20) == code
            assert process.stderr.read() == ""
        finally:
            process.kill()


def test_a_port_in_use_is_wrong_usage() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        finished = CliRunner().invoke(group, ["mcp", "--http", "--sandbox", "--port", str(port)])
    assert finished.exit_code == 2
    assert f"Error: Cannot listen on 127.0.0.1 port {port}: " in finished.stderr
    assert "--port 0 takes any free one." in finished.stderr


def test_to_listen_for_other_machines_needs_the_host_they_name() -> None:
    finished = subprocess.run(
        [*COMMAND, "--http", "--sandbox", "--port", "0", "--host", "0.0.0.0"],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert finished.returncode == 2
    assert "--allowed-host cal.example.com" in finished.stderr


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--host", "127.0.0.1"),
        ("--port", "0"),
        ("--allowed-host", "cal.example.com"),
        ("--allowed-origin", "https://app.example"),
        ("--public-url", "https://cal.example.com/mcp"),
        ("--authorization-server", "https://sign-in.example.com"),
    ],
)
def test_an_option_of_http_is_refused_without_it(option: str, value: str) -> None:
    finished = CliRunner().invoke(group, ["mcp", "--sandbox", option, value])
    assert finished.exit_code == 2
    assert f"Error: {option} is for --http: add it, or leave this out" in finished.stderr


def test_serving_that_is_cancelled_answers_no_connection_any_more(world: Sandbox) -> None:
    async def run() -> int:
        async with AsyncConnector.sandbox(world) as connector:
            app = create_app(create_server(connector))
            url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
            serving = asyncio.create_task(serve_http(app, port=0, ready=url.set_result))
            at = httpx2.URL(await url)
            reader, writer = await asyncio.open_connection(at.host, at.port)
            writer.write(b"GET /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b" 401 " in await reader.readline()
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving
            rest = await reader.read()
            writer.close()
            return rest.count(b"HTTP/1.1")

    assert asyncio.run(run()) == 0
