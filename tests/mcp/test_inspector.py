"""MCP's official Inspector, as a command, over both transports and in the old and new revision."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cal_actions import AsyncConnector, catalog
from cal_actions.mcp import create_app, create_server
from cal_actions.sandbox import Sandbox
from tests.mcp.serving import COMMAND, behind_http, command_over_http

PACKAGES = Path(__file__).parent / "peers" / "node_modules" / "@modelcontextprotocol"
ERAS = ("legacy", "modern")
"""What the Inspector calls the revisions before 2026-07-28, and those since."""

# Its exit codes
FAILED, NEEDS_KEY, TOOL_FAILED = 1, 3, 5

ANA = {"name": "Ana", "email": "ana@example.com", "timeZone": "Europe/Madrid"}


def peer(name: str) -> list[str]:
    """Return the command of one of MCP's own packages."""
    node = shutil.which("node", path=str(Path(sys.executable).parent))
    package = PACKAGES / name
    if node is None or not package.is_dir():
        missing = "Node.js" if node is None else f"@modelcontextprotocol/{name}"
        pytest.fail(f"{missing} is not installed: run `sh scripts/install test`", pytrace=False)
    commands = json.loads((package / "package.json").read_text())["bin"]
    return [node, str(package / commands[name])]


def run_peer(command: list[str], home: Path) -> subprocess.CompletedProcess[str]:
    """Run it with nothing of this environment: no proxy, no key, and none of the user's files."""
    environment = {
        "HOME": str(home),
        "MCP_CATALOG_PATH": str(home / "servers.json"),
        "NODE_COMPILE_CACHE": str(home / "compiled"),
        "PATH": os.environ["PATH"],
    }
    return subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )


class Answer(NamedTuple):
    """What the Inspector says of a request."""

    code: int
    result: Any
    severities: set[str]
    """Of what `--strict` finds in schemas."""
    problem: str


Inspect = Callable[..., Answer]


def inspector(target: list[str], era: str, home: Path) -> Inspect:
    """Return a function that makes one request of a server, which is a command or a URL."""
    # The Inspector starts a server with next to nothing of its own environment.
    path = f"PYTHONPATH={os.environ.get('PYTHONPATH', '')}"
    options = ["--cli", "--quiet", "--format", "json", "--protocol-era", era, "-e", path]
    command = [*peer("inspector"), *options]

    def inspect(method: str, *arguments: str) -> Answer:
        done = run_peer([*command, "--method", method, *arguments, "--", *target], home)
        said = json.loads(done.stdout) if done.stdout else {}
        found = [one for tool in said.get("schemaFindings", []) for one in tool["findings"]]
        problem = json.loads(done.stderr)["error"]["message"] if done.returncode else ""
        severities = {one["severity"] for one in found}
        return Answer(done.returncode, said.get("result"), severities, problem)

    return inspect


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with command_over_http("--sandbox") as url:
        yield url


@pytest.fixture
def inspect(home: Path, url: str) -> Inspect:
    """Inspect in the way that takes the least time."""
    return inspector([url], "modern", home)


def inspector_of(way: str, home: Path, url: str) -> Inspect:
    transport, era = way.split()
    return inspector([*COMMAND, "--sandbox"] if transport == "stdio" else [url], era, home)


@pytest.fixture(params=["stdio legacy", "http modern"])
def both_ways(request: pytest.FixtureRequest, home: Path, url: str) -> Inspect:
    return inspector_of(request.param, home, url)


@pytest.fixture(scope="module", params=["stdio modern", "http legacy"])
def strict_list(request: pytest.FixtureRequest, home: Path, url: str) -> Answer:
    return inspector_of(request.param, home, url)("tools/list", "--strict")


@pytest.fixture(scope="module")
def search_url() -> Iterator[str]:
    with Sandbox() as world:
        server = create_server(AsyncConnector.sandbox(world), search=True)
        with behind_http(create_app(server, keys=False)) as url:
            yield url


@pytest.fixture
def search(home: Path, search_url: str) -> Inspect:
    """Inspect a server with three tools to find, describe and execute."""
    return inspector([search_url], "modern", home)


@pytest.fixture(scope="module")
def guarded_url() -> Iterator[str]:
    with Sandbox() as world:
        server = create_server(AsyncConnector.sandbox(world))
        with behind_http(create_app(server)) as url:
            yield url


@pytest.fixture(params=ERAS)
def guarded(request: pytest.FixtureRequest, home: Path, guarded_url: str) -> Inspect:
    """Inspect a server that asks for a key."""
    return inspector([guarded_url], request.param, home)


def call(name: str, *arguments: str) -> list[str]:
    """Return what a call of a tool is to the Inspector; the arguments are NAME=VALUE."""
    return ["tools/call", "--tool-name", name, *(["--tool-arg", *arguments] if arguments else [])]


def bearer(key: str) -> list[str]:
    return ["--header", f"Authorization: Bearer {key}"]


def names(listed: list[dict[str, Any]]) -> list[str]:
    return [one["name"] for one in listed]


# Tools


def test_each_action_is_listed_as_a_tool(strict_list: Answer) -> None:
    listed = strict_list.result["tools"]
    assert names(listed) == list(catalog)
    assert len(listed) == 141


def test_the_schemas_of_the_tools_are_without_error(strict_list: Answer) -> None:
    assert (strict_list.code, strict_list.severities) == (0, {"warning"})


def test_a_call_is_answered(both_ways: Inspect) -> None:
    answer = both_ways(*call("CAL_RETRIEVE_MY_INFORMATION"))
    assert (answer.code, answer.result["isError"]) == (0, False)
    assert answer.result["structuredContent"]["data"]["username"] == "sam"


def test_a_call_that_fails_is_an_error_of_the_tool(inspect: Inspect) -> None:
    answer = inspect(*call("CAL_RETRIEVE_EVENT_TYPE_BY_ID", "eventTypeId=99"))
    assert (answer.code, answer.result["isError"]) == (TOOL_FAILED, True)
    assert answer.result["structuredContent"]["data"]["code"] == "not_found"


def test_numbers_texts_and_objects_reach_the_action(inspect: Inspect) -> None:
    arguments = ["eventTypeId=1", "start=2030-01-07T10:00:00Z", f"attendee={json.dumps(ANA)}"]
    answer = inspect(*call("CAL_POST_NEW_BOOKING_REQUEST", *arguments))
    booking = answer.result["structuredContent"]["data"]
    assert (booking["eventTypeId"], booking["start"]) == (1, "2030-01-07T10:00:00.000Z")
    assert booking["attendees"][0].items() >= ANA.items()


def test_booleans_and_texts_of_digits_reach_the_action(inspect: Inspect) -> None:
    arguments = ["name=2030", "timeZone=Europe/Rome", "isDefault=false"]
    answer = inspect(*call("CAL_CREATE_USER_AVAILABILITY_SCHEDULE", *arguments))
    schedule = answer.result["structuredContent"]["data"]
    assert (schedule["name"], schedule["isDefault"]) == ("2030", False)


def test_lists_reach_the_action(inspect: Inspect) -> None:
    answer = inspect(*call("CAL_FETCH_ALL_BOOKINGS", 'status=["cancelled","past"]', "take=3"))
    data = answer.result["structuredContent"]["data"]
    assert (data["items"], data["pagination"]["itemsPerPage"]) == ([], 3)


def test_many_calls_at_once_are_all_answered(inspect: Inspect) -> None:
    load = ["--load", "--load-requests", "60", "--load-concurrency", "20"]
    answered = inspect(*call("CAL_RETRIEVE_MY_INFORMATION"), *load).result
    assert (answered["ok"], answered["toolErrors"], answered["errors"]) == (60, 0, 0)


# Three tools in place of one for each action


def test_where_actions_are_searched_three_tools_are_listed(search: Inspect) -> None:
    answer = search("tools/list", "--strict")
    assert names(answer.result["tools"]) == ["cal_find", "cal_describe", "cal_execute"]
    assert (answer.code, answer.severities) == (0, {"warning"})


def test_an_action_is_found(search: Inspect) -> None:
    answer = search(*call("cal_find", "query=cancel a booking", "limit=3"))
    found = answer.result["structuredContent"]["data"]["actions"]
    assert found[0]["action"] == "CAL_CANCEL_BOOKING_VIA_UID"
    assert len(found) == 3


def test_an_action_is_executed_by_name(search: Inspect) -> None:
    params = {"action": "CAL_RETRIEVE_EVENT_TYPE_BY_ID", "params": {"eventTypeId": 2}}
    answer = search(*call("cal_execute"), "--tool-args-json", json.dumps(params))
    assert answer.result["structuredContent"]["data"]["slug"] == "15min"


# Keys


def test_a_call_is_made_with_the_key_of_its_header(guarded: Inspect) -> None:
    answer = guarded(*call("CAL_RETRIEVE_MY_INFORMATION"), *bearer("cal_sandbox_member"))
    assert answer.result["structuredContent"]["data"]["username"] == "robin"


def test_without_a_key_nothing_is_listed(guarded: Inspect) -> None:
    answer = guarded("tools/list", "--stored-auth-only")
    assert (answer.code, answer.result) == (NEEDS_KEY, None)


# Prompts


def test_prompts_are_listed_with_their_arguments(inspect: Inspect) -> None:
    listed = inspect("prompts/list").result["prompts"]
    assert {one["name"]: names(one["arguments"]) for one in listed} == {
        "book_a_meeting": ["attendee", "when", "about"],
        "weekly_review": ["week"],
    }


def test_a_prompt_is_written_out_with_its_arguments(inspect: Inspect) -> None:
    arguments = ["--prompt-args", "attendee=Ana <ana@example.com>", "when=Tuesday afternoon"]
    answer = inspect("prompts/get", "--prompt-name", "book_a_meeting", *arguments)
    (message,) = answer.result["messages"]
    given = "\nAttendee: Ana <ana@example.com>\nWhen: Tuesday afternoon\n"
    assert given in message["content"]["text"]


def test_a_prompt_without_what_it_needs_is_refused(inspect: Inspect) -> None:
    answer = inspect("prompts/get", "--prompt-name", "book_a_meeting")
    assert (answer.code, answer.problem) == (FAILED, "book_a_meeting needs attendee.")


# Resources


def test_the_catalogue_and_each_action_are_listed_as_resources(inspect: Inspect) -> None:
    listed = inspect("resources/list").result["resources"]
    pages = [f"cal-actions://actions/{slug}" for slug in catalog]
    assert [one["uri"] for one in listed] == ["cal-actions://catalog", *pages]


def test_the_catalogue_is_read(inspect: Inspect) -> None:
    (page,) = inspect("resources/read", "--uri", "cal-actions://catalog").result["contents"]
    assert page["mimeType"] == "text/markdown"
    assert [slug for slug in catalog if f"| {slug} |" not in page["text"]] == []


def test_an_action_s_page_is_read(inspect: Inspect) -> None:
    uri = "cal-actions://actions/CAL_CANCEL_BOOKING_VIA_UID"
    (page,) = inspect("resources/read", "--uri", uri).result["contents"]
    assert page["uri"] == uri
    assert page["text"].startswith("# Cancel booking via uid\n")


def test_a_page_that_is_not_there_is_refused(inspect: Inspect) -> None:
    answer = inspect("resources/read", "--uri", "cal-actions://actions/CAL_NOTHING")
    assert (answer.code, answer.problem) == (FAILED, "There is no such resource.")


def test_the_template_of_the_pages_is_listed(inspect: Inspect) -> None:
    (template,) = inspect("resources/templates/list").result["resourceTemplates"]
    assert template["uriTemplate"] == "cal-actions://actions/{slug}"
