"""The params of an action as typed: JSON, @FILE or standard input."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

_WAYS = """Give a JSON object in single quotes ('{"take": 5}'), @FILE, or - for standard input."""


def read_params(given: str | None) -> Any:
    """Return the params: `{}` for None, else what the JSON says.

    `given` is JSON text, `@FILE` or `-`. A file may be in UTF-8, UTF-16 or UTF-32. Raises
    click.UsageError, which never repeats the params, when it cannot be read or parsed.
    """
    if given is None:
        return {}
    if given == "-":
        return _parsed(sys.stdin.buffer.read(), "Standard input")
    if given.startswith("@"):
        return _parsed(_content(given[1:]), "The file")
    return _parsed(given, "The argument")


def _content(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "not a file name"
        raise click.UsageError(f"The file after @ cannot be read: {reason}. {_WAYS}") from None


def _parsed(text: str | bytes, source: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as problem:
        reason = f"{problem.msg} at line {problem.lineno}, column {problem.colno}"
    except UnicodeDecodeError:
        reason = "it is not UTF-8"
    except RecursionError:
        reason = "it is nested too deeply"
    except ValueError as problem:
        reason = str(problem)
    raise click.UsageError(f"{source} is not JSON: {reason}. {_WAYS}")


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON number")
