"""Where output goes: JSON into pipes, tables and colour onto terminals, long ones paged."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.console import Console, RenderableType

_C1_CONTROLS = re.compile("[\x7f-\x9f]")
_TRAILING_SPACES = re.compile(" +$", re.MULTILINE)

json_option: Callable[[Any], Any] = click.option(
    "--json", "as_json", is_flag=True, help="Plain JSON, as when piped."
)


def wants_json(as_json: bool) -> bool:
    """Tell whether to write JSON: where asked for, and wherever no terminal is."""
    return as_json or not sys.stdout.isatty()


def dump(value: Any) -> str:
    """Return JSON text in which no control character can reach a terminal."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return _C1_CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def write_json(value: Any) -> None:
    """Write JSON, indented, to standard output."""
    write(dump(value) + "\n")


def write(text: str) -> None:
    """Write text to standard output; a reader that has left is no error."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still buffered is flushed at exit, which must not fail either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def terminal() -> Console:
    """Return the terminal that standard output is."""
    from rich.console import Console

    return Console(highlight=False)


def draw(parts: Iterable[RenderableType], *, paged: bool = False) -> None:
    """Draw onto the terminal; when `paged` and higher than that, through the pager.

    Text that is not to be wrapped runs on past the width, so that it can be copied.
    """
    from rich.text import Text

    console = terminal()
    with console.capture() as captured:
        for part in parts:
            to_copy = isinstance(part, Text) and part.no_wrap
            console.print(part, soft_wrap=bool(to_copy))
    text = _TRAILING_SPACES.sub("", captured.get())
    if paged and sys.stdin.isatty() and text.count("\n") >= console.height:
        click.echo_via_pager(text.rstrip("\n"))
    else:
        write(text)
