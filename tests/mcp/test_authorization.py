"""Over HTTP with an authorization server: where clients sign in, and which keys are turned away."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from cal_actions import AsyncConnector, Envelope
from cal_actions.auth import Credentials
from cal_actions.cli.commands import group
from cal_actions.mcp import create_app, create_server
from cal_actions.observe import RequestEvent
from cal_actions.sandbox import Sandbox
from cal_actions.sandbox.server import running_server
from tests.mcp.serving import COMMAND, ERAS, command_over_http
from tests.mcp.test_http import (
    PROFILES,
    WRONG,
    begin,
    call,
    call_once,
    connected,
    data_of,
    in_session,
    request,
    session_headers,
)
from tests.mcp.test_http import served as serving
from tests.sandbox.platform_world import MEMBER, STRANGER
from tests.sandbox.platform_world import WORLD as PLATFORM

AUTHORIZATION_SERVER = "https://sign-in.example.com"
PUBLIC_URL = "https://cal.example.com/mcp"
METADATA = "/.well-known/oauth-protected-resource/mcp"
METADATA_URL = f"https://cal.example.com{METADATA}"
NOW = datetime(2030, 1, 7, 8, tzinfo=UTC)
LAPSING = {"key": "cal_lapsing_0123456789", "expiresAt": "2030-01-07T08:01:00.000Z"}

both_eras = pytest.mark.parametrize("mode", ERAS)


@pytest.fixture
def world() -> Iterator[Sandbox]:
    petra, milo, *others = PLATFORM["users"]
    milo = {**milo, "apiKeys": [*milo["apiKeys"], LAPSING]}
    with Sandbox(now=NOW, world={**PLATFORM, "users": [petra, milo, *others]}) as made:
        yield made


@pytest.fixture
def tried() -> list[RequestEvent]:
    """Each time that Cal.com was asked about a key."""
    return []


@pytest.fixture
def verifying(world: Sandbox) -> Iterator[Sandbox]:
    """The Cal.com that is asked about keys: one of its own, so that it alone may fail."""
    with Sandbox(now=NOW, world=world.state()) as made:
        yield made


@pytest.fixture
def sent() -> list[RequestEvent]:
    """What was sent to Cal.com for a client."""
    return []


@pytest.fixture
def url(
    world: Sandbox, verifying: Sandbox, tried: list[RequestEvent], sent: list[RequestEvent]
) -> Iterator[str]:
    trying = AsyncConnector.sandbox(verifying, on_request=tried.append, max_attempts=1)
    with serving(
        world,
        on_request=sent.append,
        authorization_server=AUTHORIZATION_SERVER,
        public_url=PUBLIC_URL,
        verify_with=trying,
    ) as served:
        yield served
    asyncio.run(trying.aclose())


# Where clients sign in


def metadata_of(url: str, headers: dict[str, str] | None = None, key: str | None = None) -> Any:
    return request("GET", url.removesuffix("/mcp") + METADATA, key, headers or {})


@pytest.mark.parametrize("key", [None, WRONG], ids=["no key", "a key that is refused"])
def test_who_has_no_key_learns_where_to_get_one(url: str, key: str | None) -> None:
    told = metadata_of(url, key=key)
    assert told.status_code == 200
    assert told.json()["resource"] == PUBLIC_URL
    assert told.json()["authorization_servers"] == [AUTHORIZATION_SERVER]
    assert told.json()["bearer_methods_supported"] == ["header"]


def test_a_page_can_read_where_to_get_a_key(url: str) -> None:
    told = metadata_of(url, {"Origin": "http://localhost:1234"})
    assert told.headers.get_list("Access-Control-Allow-Origin") == ["http://localhost:1234"]


@pytest.mark.parametrize("key", [None, WRONG], ids=["no key", "a key that is refused"])
@pytest.mark.parametrize("first", [call_once, begin], ids=["newest", "older"])
def test_a_client_that_is_turned_away_is_told_where_that_stands(
    url: str, sent: list[RequestEvent], first: Any, key: str | None
) -> None:
    told = first(url, key)
    assert told.status_code == 401
    challenge = told.headers["WWW-Authenticate"]
    assert challenge.startswith("Bearer ")
    assert f'resource_metadata="{METADATA_URL}"' in challenge
    assert 'error="invalid_token"' in challenge
    assert sent == []


def test_without_an_authorization_server_no_metadata_is_told(world: Sandbox) -> None:
    with serving(world) as url:
        assert metadata_of(url).status_code == 404
        assert "resource_metadata" not in begin(url, None).headers["WWW-Authenticate"]


# Which keys are taken


@both_eras
def test_a_key_that_cal_com_takes_is_taken(url: str, mode: str) -> None:
    assert data_of(call(url, STRANGER, mode))["email"] == PROFILES[STRANGER]


@both_eras
def test_cal_com_is_asked_about_a_key_once(
    url: str, tried: list[RequestEvent], sent: list[RequestEvent], mode: str
) -> None:
    async def run() -> None:
        async with connected(url, MEMBER, mode) as client:
            for _ in range(3):
                await client.call_tool("CAL_RETRIEVE_MY_INFORMATION", {})

    asyncio.run(run())
    assert (len(tried), len(sent)) == (1, 3)


def test_cal_com_is_asked_about_each_key(url: str, tried: list[RequestEvent]) -> None:
    statuses = [begin(url, key).status_code for key in (MEMBER, STRANGER, WRONG, MEMBER)]
    assert statuses == [200, 200, 401, 200]
    assert len(tried) == 3


@pytest.mark.parametrize("key", [None, "cal_a\tb", "k" * 4_097], ids=["none", "a tab", "long"])
def test_cal_com_is_not_asked_about_what_cannot_be_a_key(
    url: str, tried: list[RequestEvent], key: str | None
) -> None:
    assert begin(url, key).status_code == 401
    assert tried == []


def test_a_refused_key_is_asked_about_again(url: str, tried: list[RequestEvent]) -> None:
    assert [begin(url, WRONG).status_code for _ in range(2)] == [401, 401]
    assert len(tried) == 2


def test_a_key_that_lapses_is_turned_away_within_minutes(
    url: str, verifying: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(monotonic=lambda: 1_000.0)
    monkeypatch.setattr("cal_actions.mcp.keys.time", clock)
    assert begin(url, LAPSING["key"]).status_code == 200
    verifying.advance(timedelta(minutes=2))
    clock.monotonic = lambda: 1_299.0
    assert begin(url, LAPSING["key"]).status_code == 200
    clock.monotonic = lambda: 1_301.0
    assert begin(url, LAPSING["key"]).status_code == 401


@pytest.mark.parametrize("status", [403, 429, 500, 503, None])
@pytest.mark.parametrize("first", [call_once, begin], ids=["newest", "older"])
def test_a_cal_com_that_fails_turns_no_key_away(
    url: str, verifying: Sandbox, first: Any, status: int | None
) -> None:
    if status is None:
        verifying.inject.drop_connection()
    else:
        verifying.inject.fail_next(status)
    assert first(url, MEMBER).status_code == 200


def test_a_key_that_could_not_be_tried_is_tried_again(url: str, verifying: Sandbox) -> None:
    verifying.inject.fail_next(503)
    assert [begin(url, WRONG).status_code for _ in range(2)] == [200, 401]


def test_a_session_goes_on_with_its_owner_s_renewed_token(url: str) -> None:
    session = session_headers(url, LAPSING["key"])
    assert PROFILES[MEMBER] in in_session(url, MEMBER, session).text


def test_a_session_is_not_found_with_another_user_s_token(
    url: str, sent: list[RequestEvent]
) -> None:
    session = session_headers(url, LAPSING["key"])
    assert in_session(url, STRANGER, session).status_code == 404
    assert sent == []


def test_keys_whose_owner_is_not_named_share_no_session(world: Sandbox, verifying: Sandbox) -> None:
    def unnamed(_slug: str, _params: Any, envelope: Envelope) -> Envelope:
        return envelope.model_copy(update={"data": {}})

    trying = AsyncConnector.sandbox(verifying, after=unnamed)
    with serving(
        world,
        authorization_server=AUTHORIZATION_SERVER,
        public_url=PUBLIC_URL,
        verify_with=trying,
    ) as url:
        session = session_headers(url, MEMBER)
        assert in_session(url, STRANGER, session).status_code == 404
        assert PROFILES[MEMBER] in in_session(url, MEMBER, session).text
    asyncio.run(trying.aclose())


def test_the_host_of_the_public_url_is_taken(url: str) -> None:
    assert begin(url, MEMBER, {"Host": "cal.example.com"}).status_code == 200


# What it needs


@pytest.mark.parametrize(
    "change",
    [
        {"public_url": None},
        {"verify_with": None},
        {"keys": False},
        {"public_url": "cal.example.com"},
        {"authorization_server": "sign-in"},
    ],
    ids=lambda change: " ".join(f"{name}={value}" for name, value in change.items()),
)
def test_an_authorization_server_without_what_it_needs_is_refused(change: dict[str, Any]) -> None:
    anonymous = AsyncConnector(auth=Credentials())
    options: dict[str, Any] = {
        "authorization_server": AUTHORIZATION_SERVER,
        "public_url": PUBLIC_URL,
        "verify_with": anonymous,
    }
    server = create_server(anonymous)
    create_app(server, **options)
    with pytest.raises(ValueError, match=r"authorization_server needs|must be a URL"):
        create_app(server, **{**options, **change})


@pytest.mark.parametrize(
    "arguments",
    [[], ["--sandbox", "--public-url", PUBLIC_URL]],
    ids=["no public URL", "a sandbox"],
)
def test_the_command_refuses_an_authorization_server_without_what_it_needs(
    arguments: list[str],
) -> None:
    finished = subprocess.run(
        [*COMMAND, "--http", "--authorization-server", AUTHORIZATION_SERVER, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert finished.returncode == 2
    assert "Error: --authorization-server is for " in finished.stderr


@pytest.mark.parametrize("option", ["--authorization-server", "--public-url"])
def test_the_command_refuses_what_is_no_url(option: str) -> None:
    urls = {"--authorization-server": AUTHORIZATION_SERVER, "--public-url": PUBLIC_URL}
    words = [word for pair in {**urls, option: "cal.example"}.items() for word in pair]
    finished = CliRunner().invoke(group, ["mcp", "--http", "--port", "0", *words])
    assert finished.exit_code == 2
    assert f"Error: {option[2:].replace('-', '_')} must be a URL" in finished.stderr


def test_the_command_turns_away_the_keys_that_cal_com_refuses(world: Sandbox) -> None:
    arguments = ("--authorization-server", AUTHORIZATION_SERVER, "--public-url", PUBLIC_URL)
    with (
        running_server(world) as cal_com,
        command_over_http(*arguments, **{**os.environ, "CAL_API_BASE_URL": cal_com}) as url,
    ):
        assert METADATA_URL in begin(url, WRONG).headers["WWW-Authenticate"]
        assert PROFILES[MEMBER] in call_once(url, MEMBER).text
