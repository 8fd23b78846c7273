"""Every snippet of the README runs: the first command in a fresh copy, the others against a
sandbox server."""

import asyncio
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp_types import Tool

from cal_actions import Catalog, catalog, schemas
from cal_actions.sandbox import Sandbox
from cal_actions.sandbox.server import running_server
from tests.mcp.serving import client
from tests.results.o200k import count
from tests.search.quality import KINDS, quality, queries

ROOT = Path(__file__).parents[1]
COMPACT: Any = {"separators": (",", ":")}
PROXIES = {"http_proxy", "https_proxy", "all_proxy"}
README = (ROOT / "README.md").read_text("utf-8")
SNIPPETS = [
    (language, text) for language, text in re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
]
SHELL = [text.strip() for language, text in SNIPPETS if language == "sh"]
PYTHON = [text for language, text in SNIPPETS if language == "python"]
INSTALL_AND_BOOK, RUN_THE_TESTS, *OTHER_SHELL = SHELL
CONFIGS = [json.loads(text) for language, text in SNIPPETS if language == "json"]
COMMANDS = [line for text in OTHER_SHELL for line in text.splitlines()]


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    with Sandbox() as sandbox, running_server(sandbox) as url:
        scripts = str(Path(sys.executable).parent)
        yield {
            **{name: text for name, text in os.environ.items() if name.lower() not in PROXIES},
            "CAL_API_KEY": sandbox.api_key,
            "CAL_API_BASE_URL": url,
            "PATH": scripts + os.pathsep + os.environ["PATH"],
        }


def run(command: list[str], where: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd=where, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def test_the_first_command_installs_and_books_a_meeting(tmp_path: Path) -> None:
    copy = tmp_path / "checkout"
    ignored = shutil.ignore_patterns(".git", ".venv", "dist", ".*_cache", "__pycache__", "tests")
    shutil.copytree(ROOT, copy, ignore=ignored)
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    answer = json.loads(run(["sh", "-c", INSTALL_AND_BOOK], copy, environment))
    assert answer["successful"]
    assert answer["data"]["status"] == "accepted"


def test_the_test_command_is_what_continuous_integration_runs() -> None:
    assert RUN_THE_TESTS in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()


@pytest.mark.parametrize("snippet", PYTHON, ids=range(len(PYTHON)))
def test_a_python_snippet_runs(snippet: str, environment: dict[str, str], tmp_path: Path) -> None:
    run([sys.executable, "-c", snippet], tmp_path, environment)


def test_the_snippet_with_an_account_reaches_it(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (snippet,) = (one for one in PYTHON if "print(me.data" in one)
    assert "@" in run([sys.executable, "-c", snippet], tmp_path, environment)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_shell_line_succeeds(command: str, environment: dict[str, str], tmp_path: Path) -> None:
    assert json.loads(run(shlex.split(command), tmp_path, environment))


@pytest.mark.parametrize("config", CONFIGS, ids=range(len(CONFIGS)))
def test_the_server_of_a_client_s_config_offers_tools(
    config: dict[str, Any], environment: dict[str, str]
) -> None:
    ((_, server),) = (config.get("mcpServers") or config["servers"]).items()
    assert set(server["env"]) <= set(environment)
    found = shutil.which(server["command"], path=environment["PATH"])
    command = StdioServerParameters(command=found or "", args=server["args"], env=environment)

    async def list_tools() -> list[Tool]:
        async with Client(command) as connected:
            assert not (await connected.call_tool("CAL_RETRIEVE_MY_INFORMATION")).is_error
            return (await connected.list_tools()).tools

    assert len(asyncio.run(list_tools())) == 18


def test_the_three_tools_for_searching_cost_what_is_told() -> None:
    async def list_tools() -> list[Any]:
        async with client(search=True) as connected:
            return (await connected.list_tools()).tools

    tools = [
        tool.model_dump(by_alias=True, mode="json", exclude_none=True)
        for tool in asyncio.run(list_tools())
    ]
    assert f"for {count(json.dumps(tools, **COMPACT))} tokens" in README


def test_the_search_finds_as_much_as_is_told() -> None:
    told = {
        kind: (int(count), float(first), float(five), float(mrr))
        for kind, count, first, five, mrr in re.findall(
            r"^\| (\w+) \((\d+)\) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", README, re.MULTILINE
        )
    }
    asked = {kind: [one for one in queries("unseen") if one.kind == kind] for kind in KINDS}
    assert told == {
        kind: (len(some), *(round(figure, 2) for figure in quality(some)))
        for kind, some in {**asked, "all": list(queries("unseen"))}.items()
    }


def test_the_action_file_shown_is_a_right_one(tmp_path: Path) -> None:
    (text,) = [text for language, text in SNIPPETS if language == "yaml"]
    (tmp_path / "bookings").mkdir()
    (tmp_path / "bookings" / "CAL_DECLINE_BOOKING_WITH_REASON.yaml").write_text(text, "utf-8")
    shutil.copy(ROOT / "action_specs" / "action.schema.json", tmp_path)
    assert list(Catalog.from_directory(tmp_path)) == ["CAL_DECLINE_BOOKING_WITH_REASON"]


def test_the_costs_of_the_toolsets_are_as_measured() -> None:
    told = {
        name: (int(full.replace(",", "")), int(compact.replace(",", "")))
        for name, full, compact in re.findall(
            r"^\| `(\w+)` \| \d+ \| ([\d,]+) \| ([\d,]+) \|$", README, re.MULTILINE
        )
    }
    assert told == {
        name: tuple(
            count(json.dumps(schemas.export(actions, "openai", compact=compact), **COMPACT))
            for compact in (False, True)
        )
        for name, actions in ((name, catalog.filter(toolset=name)) for name in catalog.toolsets)
    }
