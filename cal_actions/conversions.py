"""The conversions between what an agent gives and what Cal.com takes.

Each raises ValueError, with the words for a violation, for a value that it cannot convert.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

_INTEGER = re.compile(r" *-?[0-9]{1,18} *")


def _array(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _integer(value: Any) -> int:
    if isinstance(value, str) and not _INTEGER.fullmatch(value):
        raise ValueError("must be an integer")
    return int(value)


def _integers(value: Any) -> list[int]:
    return [_integer(item) for item in _array(value)]


def _json(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise ValueError("must be JSON text") from None


def _utc(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("must be an ISO 8601 date-time") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError:
        raise ValueError("must be a date-time that UTC has") from None


CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "array": _array,
    "integers": _integers,
    "json": _json,
    "utc": _utc,
}
"""The conversions that an action file may name."""
