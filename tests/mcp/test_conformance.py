"""MCP's official conformance suite, against the server over HTTP.

What it asks of servers that demonstrate an SDK, and of no other, is in conformance.yaml.
"""

import json
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from cal_actions import AsyncConnector
from cal_actions.mcp import ask_user, create_app, create_server, tell_retry
from cal_actions.sandbox import Sandbox
from tests.mcp.serving import behind_http
from tests.mcp.test_inspector import peer, run_peer

EXPECTED = Path(__file__).with_name("conformance.yaml")
ALL, NEWEST = "all", "2026-07-28"
"""Every scenario, at 2025-11-25 where that revision has it; those of the newest, at it."""

NO_FAULT = {"SUCCESS", "INFO", "SKIPPED"}


class Report(NamedTuple):
    """What the suite found."""

    code: int
    said: str
    checks: dict[str, list[dict[str, Any]]]
    """By scenario."""

    def verdicts(self, scenario: str) -> set[str]:
        return {check["status"] for check in self.checks[scenario]}

    def faults(self, scenario: str) -> set[str]:
        checks = self.checks[scenario]
        return {check["id"] for check in checks if check["status"] not in NO_FAULT}


def run_suite(url: str, revision: str, home: Path) -> Report:
    command = [*peer("conformance"), "server", "--url", url, "--suite", "all"]
    command += ["--output-dir", str(home), "--expected-failures", str(EXPECTED)]
    if revision != ALL:
        command += ["--spec-version", revision]
    done = run_peer(command, home)
    checks = {}
    for path in home.glob("*/checks.json"):
        scenario = re.sub(r"^server-|-\d{4}-\d\d-\d\dT.*$", "", path.parent.name)
        checks[scenario] = json.loads(path.read_text())
    return Report(done.returncode, done.stdout + done.stderr, checks)


class Errors(logging.Handler):
    """Keeps what the SDK and the HTTP server log as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(self.format(record))


@pytest.fixture(scope="module")
def errors() -> Errors:
    return Errors()


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory, errors: Errors) -> dict[str, Report]:
    revisions = [ALL, NEWEST]
    homes = [tmp_path_factory.mktemp("home") for _ in revisions]
    with Sandbox() as world:
        connector = AsyncConnector.sandbox(world, approve=ask_user, on_retry=tell_retry)
        app = create_app(create_server(connector), keys=False)
        with behind_http(app) as url, ThreadPoolExecutor() as pool:
            loggers = [logging.getLogger(name) for name in ("mcp", "uvicorn")]
            for logger in loggers:
                logger.addHandler(errors)
            found = list(pool.map(run_suite, [url] * len(revisions), revisions, homes))
            for logger in loggers:
                logger.removeHandler(errors)
    return dict(zip(revisions, found, strict=True))


@pytest.fixture
def report(reports: dict[str, Report]) -> Report:
    return reports[ALL]


@pytest.mark.parametrize("revision", [ALL, NEWEST])
def test_the_suite_finds_no_fault_but_the_expected(
    reports: dict[str, Report], revision: str
) -> None:
    assert "Baseline check passed: all failures are expected." in reports[revision].said
    assert reports[revision].code == 0


def test_each_expected_fault_is_found(report: Report) -> None:
    faults = {f"{name}:{check}" for name in report.checks for check in report.faults(name)}
    assert faults == set(yaml.safe_load(EXPECTED.read_text())["server"])


def test_nothing_that_the_suite_sends_is_an_error_inside_the_server(
    reports: dict[str, Report], errors: Errors
) -> None:
    assert errors.messages == []


@pytest.mark.parametrize(
    ("revision", "scenario"),
    [
        (ALL, "server-initialize"),
        (ALL, "server-session-lifecycle"),
        (ALL, "ping"),
        (ALL, "completion-complete"),
        (ALL, "tools-list"),
        (ALL, "resources-list"),
        (ALL, "prompts-list"),
        (ALL, "server-sse-multiple-streams"),
        (ALL, "dns-rebinding-protection"),
        (NEWEST, "completion-complete"),
        (NEWEST, "tools-list"),
        (NEWEST, "resources-list"),
        (NEWEST, "prompts-list"),
        (NEWEST, "dns-rebinding-protection"),
        (NEWEST, "sep-2164-resource-not-found"),
        (NEWEST, "caching"),
        (NEWEST, "http-header-validation"),
        (NEWEST, "input-required-result-unsupported-methods"),
    ],
)
def test_what_needs_no_demonstration_is_passed(
    reports: dict[str, Report], revision: str, scenario: str
) -> None:
    assert reports[revision].verdicts(scenario) == {"SUCCESS"}


def test_of_the_stateless_protocol_only_what_needs_the_suite_s_own_tool_is_missed(
    report: Report,
) -> None:
    assert report.faults("server-stateless") == {
        "sep-2575-server-rejects-undeclared-capability",
        "sep-2575-missing-capability-http-400",
    }
