"""Ways to use the command: in this process, in one of its own, and on a terminal."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import pytest
from click.testing import CliRunner, Result

from cal_actions.cli.commands import group
from tests.installed import install

# -P leaves the current directory off the path, so that the installed package is found.
COMMAND = (sys.executable, "-P", "-c", "from cal_actions.cli import main; main()")
CREDENTIALS = ("CAL_API_KEY", "CAL_OAUTH_CLIENT_ID", "CAL_OAUTH_CLIENT_SECRET", "CAL_API_BASE_URL")
LOOKS = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "LESS", "PAGER")

Invoke = Callable[..., Result]
Run = Callable[..., subprocess.CompletedProcess[bytes]]
Start = Callable[..., AbstractContextManager[subprocess.Popen[bytes]]]
Terminal = Callable[..., "Shown"]


@dataclass(frozen=True)
class Shown:
    """What a terminal was sent, and how the command ended."""

    text: str
    code: int


@pytest.fixture
def invoke() -> Invoke:
    """Call the command in this process, its output piped."""

    def call(*args: str, given: bytes | str | None = None) -> Result:
        return CliRunner().invoke(group, args, input=given, prog_name="cal-actions")

    return call


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of an installed package, without what changes the look."""
    site = tmp_path_factory.mktemp("site")
    install(site)
    kept = {name: value for name, value in os.environ.items() if name not in CREDENTIALS + LOOKS}
    return {**kept, "PYTHONPATH": str(site), "TERM": "xterm-256color", "PAGER": "cat"}


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Call the command in a process of its own, its output piped."""

    def call(
        *args: str,
        given: bytes | None = None,
        **changes: str,
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [*COMMAND, *args],
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            env={**environment, **changes},
            timeout=30,
        )

    return call


@pytest.fixture
def start(environment: dict[str, str]) -> Start:
    """Start the command, its output piped, for the length of a `with`."""

    @contextmanager
    def call(*args: str) -> Iterator[subprocess.Popen[bytes]]:
        with subprocess.Popen(
            [*COMMAND, *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    return call


@pytest.fixture
def terminal(environment: dict[str, str]) -> Terminal:
    """Call the command on a terminal of the given width and height, in characters.

    `interrupt_at` is text after which it is interrupted, as by Ctrl-C.
    """

    def call(
        *args: str,
        width: int = 120,
        height: int = 1000,
        interrupt_at: str | None = None,
        **changes: str,
    ) -> Shown:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        process = subprocess.Popen(
            [*COMMAND, *args],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**environment, **changes},
        )
        os.close(theirs)
        text = _read_until(ours, interrupt_at)
        if interrupt_at:
            process.send_signal(signal.SIGINT)
            text += _read_until(ours)
        os.close(ours)
        return Shown(text.replace("\r\n", "\n"), process.wait(timeout=30))

    return call


def _read_until(terminal: int, words: str | None = None) -> str:
    received = bytearray()
    while words is None or words.encode() not in received:
        try:
            block = os.read(terminal, 65536)
        except OSError:
            # Linux tells the end of a terminal as an error, others as nothing to read.
            block = b""
        if not block:
            break
        received += block
    return received.decode()
