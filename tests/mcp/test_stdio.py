"""`cal-actions mcp` on standard input and output, as a client starts it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from mcp import Client, StdioServerParameters
from mcp.server.lowlevel import Server
from mcp_types import MISSING_REQUIRED_CLIENT_CAPABILITY, ErrorData
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

import cal_actions.mcp
from cal_actions import catalog
from cal_actions.cli.commands import group
from cal_actions.sandbox import Sandbox
from cal_actions.sandbox.server import running_server
from tests.mcp.serving import COMMAND, ERAS, refusal
from tests.mcp.test_tools import MEETING

Ask = Callable[..., Any]


def command(*arguments: str, **environment: str) -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable, args=[*COMMAND[1:], *arguments], env={**os.environ, **environment}
    )


def called(
    name: str, params: dict[str, Any], *arguments: str, mode: Any = "auto", **environment: str
) -> Any:
    """Call a tool of a server that runs in a process of its own."""

    async def ask() -> Any:
        async with Client(command(*arguments, **environment), mode=mode) as connected:
            return (await connected.call_tool(name, params)).structured_content

    return asyncio.run(ask())


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Run the command in this process, and ask its server something in place of serving it."""

    def run(question: Callable[[Client], Awaitable[Any]], *arguments: str) -> Any:
        answers: list[Any] = []

        async def serve(server: Server[Any]) -> None:
            async with Client(server) as connected:
                answers.append(await question(connected))

        monkeypatch.setattr(cal_actions.mcp, "serve_stdio", serve)
        done = CliRunner().invoke(group, ["mcp", *arguments], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return answers[0]

    return run


def calling(name: str, params: dict[str, Any]) -> Callable[[Client], Awaitable[Any]]:
    async def call(connected: Client) -> Any:
        return (await connected.call_tool(name, params)).structured_content

    return call


async def offered(connected: Client) -> set[str]:
    return {tool.name for tool in (await connected.list_tools()).tools}


@pytest.mark.parametrize("mode", ERAS)
def test_the_sandbox_needs_no_key(mode: str) -> None:
    answer = called("CAL_POST_NEW_BOOKING_REQUEST", MEETING, "--sandbox", mode=mode)
    assert answer["data"]["status"] == "accepted"


def test_the_key_of_the_environment_reaches_the_server_of_the_environment() -> None:
    with Sandbox() as world, running_server(world) as url:
        answer = called(
            "CAL_RETRIEVE_MY_INFORMATION", {}, CAL_API_KEY=world.api_key, CAL_API_BASE_URL=url
        )
    assert answer["data"]["username"] == "sam"


def test_without_a_key_a_call_is_told_which_variable_to_set() -> None:
    answer = called("CAL_RETRIEVE_MY_INFORMATION", {})
    assert answer["data"]["code"] == "no_credentials"
    assert "CAL_API_KEY" in answer["error"]


def test_the_sandbox_s_state_is_kept_in_its_file(tmp_path: Path) -> None:
    db = str(tmp_path / "cal.db")
    called("CAL_POST_NEW_BOOKING_REQUEST", MEETING, "--sandbox", "--db", db)
    with Sandbox(db) as world:
        assert [booking["status"] for booking in world.state()["bookings"]] == ["accepted"]


@pytest.mark.parametrize(
    ("arguments", "slugs"),
    [
        ([], set(catalog)),
        (["--tools", "scheduling"], set(catalog.filter(toolset="scheduling"))),
        (["--tools", "teams, webhooks"], set(catalog.filter(toolset=["teams", "webhooks"]))),
        (["--tools", "search"], {"cal_find", "cal_describe", "cal_execute"}),
        (["--read-only"], set(catalog.filter(effect="read"))),
        (["--deny", "write", "--deny", "destructive"], set(catalog.filter(effect="read"))),
        (["--allow", "CAL_GET_TEAMS_LIST"], {"CAL_GET_TEAMS_LIST"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_the_options_choose_what_is_offered(
    ask: Ask, arguments: list[str], slugs: set[str]
) -> None:
    assert ask(offered, "--sandbox", *arguments) == slugs


def test_searching_can_be_limited_to_toolsets(ask: Ask) -> None:
    question = calling("cal_find", {"query": "cancel booking", "limit": 20})
    answer = ask(question, "--tools", "search,webhooks")
    found = {one["action"] for one in answer["data"]["actions"]}
    assert found
    assert found <= set(catalog.filter(toolset="webhooks"))


def test_a_default_fills_in() -> None:
    answer = called("CAL_RETRIEVE_EVENT_TYPE_BY_ID", {}, "--sandbox", "--default", "eventTypeId=2")
    assert answer["data"]["slug"] == "15min"


def test_a_default_may_be_text(ask: Ask) -> None:
    question = calling("CAL_LIST_EVENT_TYPES", {})
    answer = ask(question, "--sandbox", "--default", "username=sam")
    assert answer["data"]["items"]


def test_a_dry_run_answers_the_request(ask: Ask) -> None:
    answer = ask(calling("CAL_FETCH_ALL_BOOKINGS", {"take": 5}), "--sandbox", "--dry-run")
    assert answer["data"]["request"]["url"].endswith("/v2/bookings?take=5")


def test_a_long_answer_is_shortened_to_the_tokens_that_are_asked_for(ask: Ask) -> None:
    question = calling("CAL_GET_ALL_TIMEZONES", {})
    answer = ask(question, "--sandbox", "--max-result-tokens", "500")
    assert answer["data"]["truncated"]


@pytest.mark.parametrize("approval", ["ask", "off"])
def test_a_client_that_cannot_ask_is_let_through_by_default(ask: Ask, approval: str) -> None:
    question = calling("CAL_DELETE_WEBHOOK_BY_ID", {"webhookId": "x"})
    answer = ask(question, "--sandbox", "--approval", approval)
    assert answer["data"]["code"] == "not_found"


def test_where_consent_is_required_it_is_not(ask: Ask) -> None:
    async def question(connected: Client) -> ErrorData:
        return await refusal(connected.call_tool("CAL_DELETE_WEBHOOK_BY_ID", {"webhookId": "x"}))

    error = ask(question, "--sandbox", "--approval", "require")
    assert error.code == MISSING_REQUIRED_CLIENT_CAPABILITY


def test_once_it_has_served_interrupts_are_as_they_were(ask: Ask) -> None:
    before = signal.getsignal(signal.SIGINT)
    ask(offered, "--sandbox")
    assert signal.getsignal(signal.SIGINT) is before


@contextmanager
def server() -> Iterator[Any]:
    with subprocess.Popen(
        [*COMMAND, "--sandbox"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def handshake(version: str) -> str:
    hello = {
        "protocolVersion": version,
        "capabilities": {},
        "clientInfo": {"name": "old", "version": "1"},
    }
    call = {"name": "CAL_RETRIEVE_MY_INFORMATION", "arguments": {}}
    messages: list[dict[str, Any]] = [
        {"id": 1, "method": "initialize", "params": hello},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": call},
    ]
    return "".join(json.dumps({"jsonrpc": "2.0", **message}) + "\n" for message in messages)


def test_every_older_revision_is_spoken() -> None:
    with ExitStack() as stack:
        servers = {
            version: stack.enter_context(server()) for version in HANDSHAKE_PROTOCOL_VERSIONS
        }
        for version, process in servers.items():
            process.stdin.write(handshake(version))
            process.stdin.flush()
        spoken = {}
        for version, process in servers.items():
            first, second = (json.loads(process.stdout.readline()) for _ in range(2))
            assert json.loads(second["result"]["content"][0]["text"])["successful"]
            spoken[version] = first["result"]["protocolVersion"]
            process.stdin.close()
            assert process.wait(timeout=10) == 0
    assert spoken == {version: version for version in HANDSHAKE_PROTOCOL_VERSIONS}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_although_its_input_is_open(how: signal.Signals) -> None:
    with server() as process:
        process.stdin.write('{"jsonrpc": "2.0", "id": 1, "method": "nothing"}\n')
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(how)
        assert process.wait(timeout=10) == -how


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["--tools", "scheduled"], "did you mean scheduling?"),
        (["--default", "orgId"], "--default takes NAME=VALUE, such as orgId=7"),
        (["--default", "orgid=7"], "did you mean orgId?"),
        (["--deny", "CAL_REMOVE_*"], "deny: no action is meant by 'CAL_REMOVE_*'"),
        (["--db", "cal.db"], "--db is the sandbox's file: add --sandbox"),
        (["--sandbox", "--db", "/"], "is a directory"),
        (["--approval", "maybe"], "'ask', 'require', 'off'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_option_is_told_what_to_change(arguments: list[str], fault: str) -> None:
    done = CliRunner().invoke(group, ["mcp", *arguments])
    assert done.exit_code == 2
    assert fault in " ".join(done.stderr.split())


def test_without_the_extra_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['mcp'] = None\n"
        "from importlib import util; find = util.find_spec\n"
        "util.find_spec = lambda name, *rest: None if name == 'mcp' else find(name, *rest)\n"
        "from cal_actions.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "mcp"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert 'pip install "cal-actions[mcp]"' in done.stderr
