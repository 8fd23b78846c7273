"""Rate limits: what the `X-RateLimit-*` headers say, and a budget that callers share.

Cal.com counts requests in windows and tells limit, remaining requests and the window's end in
every answer, under a name that varies with the key (seen in the recorded server). There is no
`Retry-After`; a gateway in front may send one.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from cal_actions import forks

_HEADER = re.compile(r"x-ratelimit-(limit|remaining|reset)-?(.*)", re.IGNORECASE)
_UNIX_TIME = 1_000_000_000
_MOST_CALLERS = 10_000
_MOST_LIMITS = 20
_SAME_WINDOW = 1.5  # seconds: the headers round up to whole ones
_LONGEST_WINDOW = 300.0  # seconds: who was told to wait longer may have been told wrong


class Limit(NamedTuple):
    """One limit as an answer tells it; `reset` is the seconds until its window ends."""

    limit: int
    remaining: int
    reset: float


def limits(headers: Mapping[str, str]) -> dict[str, Limit]:
    """Read every limit that the headers tell completely, by its name.

    `Reset` is seconds to wait (the recorded server) or Unix time (Cal.com's documentation): a
    number too large for a wait is taken as that. What is no number is passed over.
    """
    return {
        name: Limit(int(one["limit"]), int(one["remaining"]), _seconds(one["reset"]))
        for name, one in _told(headers).items()
        if one.keys() == {"limit", "remaining", "reset"}
    }


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait after a 429, or None where the headers do not say.

    The longest wait of the limits that have nothing left, or of all when none says so; without
    any, a gateway's `Retry-After`, in seconds or as a date.
    """
    told = [one for one in _told(headers).values() if "reset" in one]
    spent = [one for one in told if one.get("remaining", 1) <= 0]
    if told:
        return max(_seconds(one["reset"]) for one in spent or told)
    return retry_after_of_gateway(headers)


def retry_after_of_gateway(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of `Retry-After`, given as a number or as a date; else None."""
    value = headers.get("retry-after")
    if value is None:
        return None
    number = _number(value)
    if number is not None:
        return max(0.0, number)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


@dataclass(slots=True)
class _Window:
    """The requests that one limit leaves until its window ends, a moment of the clock.

    `booked` counts, for each window to come, the requests that wait for it: who comes first
    gets the earlier one, so that no one waits for ever.
    """

    limit: int
    left: int
    ends: float
    length: float
    number: int = 0
    booked: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, told: Limit, now: float, others: int) -> _Window:
        reset = min(told.reset, _LONGEST_WINDOW)
        left = max(0, told.remaining - others)
        return cls(max(1, told.limit), left, now + reset, max(1.0, reset))

    def roll(self, now: float, under_way: int) -> None:
        if now < self.ends:
            return
        # What is unanswered may have arrived too late to count in the last window.
        self.left = self.limit - self._turn_over(now) - under_way
        self.ends = now + self.length  # it begins with its first request

    def _turn_over(self, now: float) -> int:
        """Go on to the window of now; returns how many have waited for it."""
        self.number += 1 + int((now - self.ends) // self.length)
        due = sum(count for at, count in self.booked.items() if at <= self.number)
        self.booked = {at: count for at, count in self.booked.items() if at > self.number}
        return due

    def learn(self, told: Limit, now: float, others: int) -> None:
        """Take in what the answer to a request tells.

        `others` were unanswered when it was sent, or sent after it: the server may have
        counted them already, or not yet, and what is left lies between.
        """
        reset = min(told.reset, _LONGEST_WINDOW)
        ends = now + reset
        self.limit = max(1, told.limit)
        self.length = max(self.length, reset)
        if abs(ends - self.ends) <= _SAME_WINDOW:
            self.left = max(min(self.left, told.remaining), told.remaining - others)
            self.ends = max(self.ends, ends)
        else:
            due = self._turn_over(now) if now >= self.ends else 0
            self.left = max(0, told.remaining - others) - due
            self.ends = ends

    def place(self, moment: float) -> int:
        """The number of the first window that has room, at that moment or later."""
        at = self.number
        if moment >= self.ends:
            at += 1 + int((moment - self.ends) // self.length)
        elif self.left > 0:
            return at
        else:
            at += 1
        while self.booked.get(at, 0) >= self.limit:
            at += 1
        return at

    def take(self, at: int) -> None:
        if at <= self.number:
            self.left -= 1
        else:
            self.booked[at] = self.booked.get(at, 0) + 1

    def give_back(self, at: int) -> None:
        if at <= self.number:
            self.left += 1
        else:
            self.booked[at] -= 1

    def opens(self, at: int, now: float) -> float:
        """Seconds until the window of that number begins."""
        if at <= self.number:
            return 0.0
        return self.ends + (at - self.number - 1) * self.length - now


class Place:
    """One request's place among those that share a budget."""

    __slots__ = ("at", "is_used", "settled")

    def __init__(self) -> None:
        self.settled = 0
        self.at: dict[str, int] = {}
        self.is_used = False


class _Budget:
    def __init__(self) -> None:
        self.windows: dict[str, _Window] = {}
        self.sent = 0
        self.under_way = 0
        self.waiting = 0

    def use(self, place: Place) -> None:
        if place.is_used:
            return
        self.waiting -= 1
        place.settled = self.sent - self.under_way
        self.sent += 1
        self.under_way += 1
        place.is_used = True


class RateLimits:
    """What each caller may still send, shared by all threads and tasks of a connector.

    Until the first answer nothing is known and nothing waits; where an answer comes late, or
    others use the same key, a 429 still tells. Moments are those of the monotonic clock, in
    seconds.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._budgets: OrderedDict[Hashable, _Budget] = OrderedDict()
        forks.renew_after_fork(self)

    def after_fork(self) -> None:
        """Start anew: the threads that held the lock and the places are not in the child."""
        self._lock = threading.Lock()
        self._budgets = OrderedDict()

    def enter(self, caller: Hashable, now: float, until: float) -> tuple[Place | None, float]:
        """Take a place in the caller's budget.

        Returns the place and the seconds until it is there, 0 for at once; no place, but the
        seconds, when that is later than `until`.
        """
        with self._lock:
            budget = self._of(caller)
            place = Place()
            wait, longest = -1.0, 0.0
            while longest > wait:  # a later place in one limit is a later one in all
                wait = longest
                if wait > 0 and now + wait >= until:
                    return None, wait
                for name, window in budget.windows.items():
                    window.roll(now, budget.under_way)
                    place.at[name] = window.place(now + wait)
                    longest = max(longest, window.opens(place.at[name], now))
            for name, at in place.at.items():
                budget.windows[name].take(at)
            budget.waiting += 1
            if wait <= 0:
                budget.use(place)
            return place, wait

    def wait(self, caller: Hashable, place: Place, now: float) -> float:
        """Return the seconds that a place still has to wait: what is known may have changed."""
        with self._lock:
            longest = 0.0
            budget = self._of(caller)
            for window, at in self._windows(caller, place):
                window.roll(now, budget.under_way)
                longest = max(longest, window.opens(at, now))
            if longest <= 0:
                budget.use(place)
            return longest

    def leave(self, caller: Hashable, place: Place) -> None:
        """Give a place back that was not used."""
        with self._lock:
            for window, at in self._windows(caller, place):
                window.give_back(at)
            if place.is_used:
                self._of(caller).under_way -= 1
            else:
                self._of(caller).waiting -= 1

    def learn(
        self, caller: Hashable, place: Place, headers: Mapping[str, str] | None, now: float
    ) -> None:
        """Take in the headers of the answer to a place's request, None where none came."""
        told = limits(headers) if headers else {}
        with self._lock:
            budget = self._of(caller)
            budget.under_way -= 1
            for name, limit in told.items():
                window = budget.windows.get(name)
                if window is None:
                    if len(budget.windows) < _MOST_LIMITS:
                        budget.windows[name] = _Window.of(limit, now, budget.under_way)
                    continue
                if place.at.get(name, window.number) >= window.number:  # else it tells the past
                    window.learn(limit, now, budget.sent - place.settled - 1)

    def _windows(self, caller: Hashable, place: Place) -> Iterator[tuple[_Window, int]]:
        windows = self._of(caller).windows
        for name, at in place.at.items():
            if name in windows:
                yield windows[name], at

    def _of(self, caller: Hashable) -> _Budget:
        budget = self._budgets.get(caller)
        if budget is None:
            budget = self._budgets[caller] = _Budget()
            if len(self._budgets) > _MOST_CALLERS:
                self._forget()
        else:
            self._budgets.move_to_end(caller)
        return budget

    def _forget(self) -> None:
        for caller, budget in self._budgets.items():
            if not (budget.under_way or budget.waiting):
                del self._budgets[caller]
                return


def _told(headers: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """Return the numbers of each limit by its name: `limit`, `remaining` and `reset`."""
    told: dict[str, dict[str, float]] = {}
    for name, value in headers.items():
        found = _HEADER.fullmatch(name)
        number = _number(value) if found else None
        if found and number is not None:
            told.setdefault(found[2].lower(), {})[found[1].lower()] = number
    return told


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) < 1e15 else None


def _seconds(reset: float) -> float:
    return max(0.0, reset - time.time() if reset > _UNIX_TIME else reset)
