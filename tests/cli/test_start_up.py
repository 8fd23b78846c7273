"""What a start costs, and what a start without the extra says."""

import subprocess
import sys

import pytest

HEAVY = ("rich", "httpx", "pydantic", "jsonschema", "yaml", "sqlite3", "uvicorn")
LOADED = """
import atexit, sys
atexit.register(lambda: sys.stderr.write(" ".join(sys.modules)))
from cal_actions.cli import main
main()
"""
WITHOUT = """
import sys
sys.modules[{missing!r}] = None
from cal_actions.cli import main
main()
"""


def python(environment, program, *args):
    return subprocess.run(
        [sys.executable, "-P", "-c", program, *args], capture_output=True, env=environment
    )


@pytest.mark.parametrize(
    "args",
    [("schema", "--all", "--format", "anthropic"), ("list",), ("show", "CAL_FETCH_ALL_BOOKINGS")],
    ids=["schema", "list", "show"],
)
def test_what_needs_no_cal_com_loads_no_heavy_library(environment, args):
    finished = python(environment, LOADED, *args)
    assert finished.returncode == 0
    assert not {*HEAVY} & {*finished.stderr.decode().split()}


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra_one_line_says_what_to_install(environment, missing):
    finished = python(environment, WITHOUT.format(missing=missing), "list")
    assert finished.returncode == 2
    assert finished.stdout == b""
    assert finished.stderr.decode().splitlines() == [
        'The command line needs an extra: pip install "cal-actions[cli]"'
    ]


def test_without_the_sandbox_s_extra_the_server_says_what_to_install(environment):
    finished = python(environment, WITHOUT.format(missing="uvicorn"), "sandbox")
    assert finished.returncode == 2
    assert 'pip install "cal-actions[sandbox]"' in finished.stderr.decode()
