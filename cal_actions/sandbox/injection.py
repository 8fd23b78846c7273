"""Faults on demand: what a test or an eval wants the sandbox to do wrong next."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from http.client import responses

from cal_actions.sandbox import refusals
from cal_actions.sandbox.limits import Limit


class ConnectionDropped(Exception):
    """The sandbox ends the connection without an answer, because it was told to."""


@dataclass(slots=True)
class _Failure:
    """`status` None drops the connection; `handled` does so after the request was carried out."""

    status: int | None
    handled: bool = False


class Injection:
    """The faults of one sandbox; any thread may add and clear them.

    Failures are used up in the order they were added, one by each request. Latency and a rate
    limit stay until `clear()`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: list[_Failure] = []
        self._seconds = 0.0
        self._limit: Limit | None = None

    @property
    def seconds(self) -> float:
        """How long every answer waits."""
        return self._seconds

    @property
    def limit(self) -> Limit | None:
        """The rate limit that every caller has, or None for each caller's own."""
        return self._limit

    def latency(self, seconds: float) -> None:
        """Let every answer wait. Raises ValueError below 0."""
        if seconds < 0:
            raise ValueError(f"latency is a number of seconds from 0, not {seconds}")
        self._seconds = seconds

    def rate_limit(self, requests: int, seconds: int = 60) -> None:
        """Give every caller a limit of `requests` in `seconds`; more are answered 429.

        Who exceeds it is refused for `seconds`, as on Cal.com. What was counted before counts.
        Raises ValueError below 1.
        """
        if requests < 1 or seconds < 1:
            raise ValueError("a rate limit is at least 1 request in at least 1 second")
        self._limit = Limit(requests=requests, seconds=seconds, block_seconds=seconds)

    def fail_next(self, status: int = 503, *, times: int = 1) -> None:
        """Answer the next `times` requests with an error; nothing is carried out.

        Raises ValueError for a status that is no error (400 to 599).
        """
        if not 400 <= status <= 599:
            raise ValueError(f"an error has a status from 400 to 599, not {status}")
        self._add(_Failure(status), times)

    def drop_connection(self, *, handled: bool = False, times: int = 1) -> None:
        """Give the next `times` requests no answer: `handle` raises ConnectionDropped, the HTTP
        server closes the connection.

        `handled` carries each request out first, so that only its answer is lost.
        """
        self._add(_Failure(None, handled), times)

    def clear(self) -> None:
        """Take everything back."""
        with self._lock:
            self._failures.clear()
        self._seconds, self._limit = 0.0, None

    def before(self) -> bool:
        """Called before a request: waits, fails it, or tells that its answer is to be lost.

        Raises Refusal and ConnectionDropped.
        """
        if self._seconds:
            time.sleep(self._seconds)
        with self._lock:
            failure = self._failures.pop(0) if self._failures else None
        if failure is None or failure.handled:
            return failure is not None
        if failure.status is None:
            raise ConnectionDropped
        raise _refusal(failure.status)

    def _add(self, failure: _Failure, times: int) -> None:
        with self._lock:
            self._failures.extend([failure] * times)


def _refusal(status: int) -> refusals.Refusal:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return refusals.throttled()
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return refusals.broken()
    return refusals.plain(status, responses.get(status, "Error"))
