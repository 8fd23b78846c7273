"""The command `cal-actions`: the catalogue, its actions and the sandbox from a shell.

Exit codes: 0 success, 1 a failed action, 2 wrong usage. Needs the extra `cli`.
"""

import io
import sys
from importlib.util import find_spec

__all__ = ["main"]


def main() -> None:
    """Run the command line with the arguments of the process, and exit."""
    if find_spec("click") is None or find_spec("rich") is None:
        sys.stderr.write('The command line needs an extra: pip install "cal-actions[cli]"\n')
        raise SystemExit(2)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A lone surrogate in Cal.com's data is written as JSON itself escapes it.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    from cal_actions.cli.commands import group

    group(prog_name="cal-actions")
