"""How many requests a caller may send, counted in memory and told in every answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

DEFAULT_NAME = "Default"


@dataclass(frozen=True, slots=True)
class Limit:
    """`requests` in `seconds`; who sends more is refused for `block_seconds`.

    The defaults are those of an API key and of a caller without credentials: the recorded server
    answers 429 to request 121 of a minute and blocks for one minute.
    """

    name: str = DEFAULT_NAME
    requests: int = 120
    seconds: int = 60
    block_seconds: int = 60


def limit_from(record: Mapping[str, Any]) -> Limit:
    """The `rateLimit` of an API key in a world: name, requests, seconds, blockSeconds."""
    return Limit(
        name=record.get("name", DEFAULT_NAME),
        requests=record.get("requests", 120),
        seconds=record.get("seconds", 60),
        block_seconds=record.get("blockSeconds", 60),
    )


ACCESS_TOKEN_LIMIT = Limit(requests=500)


@dataclass(slots=True)
class _Window:
    count: int
    ends: datetime
    blocked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """The state of a caller's window after one more request."""

    headers: dict[str, str]
    exceeded: bool


class Limiter:
    """Counts the requests of every caller. Not thread-safe: the sandbox counts under its lock."""

    def __init__(self) -> None:
        self._windows: dict[str, _Window] = {}

    def count(self, caller: str, limit: Limit, now: datetime) -> Count:
        """Count one request of `caller` at `now`."""
        window = self._window(caller, limit, now)
        window.count += 1
        if window.count > limit.requests and window.blocked_until is None:
            window.blocked_until = now + timedelta(seconds=limit.block_seconds)
        ends = window.blocked_until or window.ends
        headers = {
            f"X-RateLimit-Limit-{limit.name}": str(limit.requests),
            f"X-RateLimit-Remaining-{limit.name}": str(max(0, limit.requests - window.count)),
            f"X-RateLimit-Reset-{limit.name}": str(ceil((ends - now).total_seconds())),
        }
        return Count(headers, window.blocked_until is not None)

    def _window(self, caller: str, limit: Limit, now: datetime) -> _Window:
        window = self._windows.get(caller)
        if window is None or now >= (window.blocked_until or window.ends):
            window = _Window(0, now + timedelta(seconds=limit.seconds))
            self._windows[caller] = window
        return window
