"""The single constraints of a field, with the names and messages of Cal.com's own checks."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from cal_actions.sandbox.exchange import LARGEST_ID

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


@dataclass(frozen=True, slots=True)
class Rule:
    """One constraint: its name, the test, and the message with `{property}` in it.

    With `each` the test runs on every item of an array, and on a value that is no array itself.
    """

    name: str
    test: Callable[[Any], bool]
    message: str
    each: bool = False

    def holds(self, value: Any) -> bool:
        """Whether the value passes."""
        if self.each and isinstance(value, list):
            return all(self.test(item) for item in value)
        return self.test(value)

    def for_each(self) -> Rule:
        """The same rule for every item of an array."""
        return replace(self, each=True, message=f"each value in {self.message}")


def is_string() -> Rule:
    """Text."""
    return Rule("isString", _is_text, "{property} must be a string")


def is_boolean() -> Rule:
    """true or false; no text, no 0 or 1."""
    return Rule(
        "isBoolean", lambda value: isinstance(value, bool), "{property} must be a boolean value"
    )


def is_number() -> Rule:
    """A number of JSON; no text."""
    return Rule(
        "isNumber",
        _is_number,
        "{property} must be a number conforming to the specified constraints",
    )


def is_int() -> Rule:
    """A whole number of 32 bits; beyond them the recorded server breaks (500)."""
    return Rule("isInt", _is_int, "{property} must be an integer number")


def is_array() -> Rule:
    """An array."""
    return Rule("isArray", lambda value: isinstance(value, list), "{property} must be an array")


def is_object() -> Rule:
    """A JSON object."""
    return Rule("isObject", lambda value: isinstance(value, dict), "{property} must be an object")


def is_email() -> Rule:
    """An e-mail address."""
    return matches(_EMAIL, "{property} must be an email", name="isEmail")


def is_time_zone() -> Rule:
    """The name of an IANA time zone."""
    return Rule(
        "isTimeZone",
        lambda value: _is_text(value) and value in _time_zones(),
        "{property} must be a valid IANA time-zone",
    )


def is_date() -> Rule:
    """A calendar date, `2026-12-24`."""
    return Rule("isIso8601", _is_date, "{property} must be a valid ISO 8601 date string")


def at_least(minimum: int) -> Rule:
    """A number that is not smaller."""
    return Rule(
        "min",
        lambda value: _is_number(value) and value >= minimum,
        f"{{property}} must not be less than {minimum}",
    )


def at_most(maximum: int) -> Rule:
    """A number that is not greater."""
    return Rule(
        "max",
        lambda value: _is_number(value) and value <= maximum,
        f"{{property}} must not be greater than {maximum}",
    )


def is_in(values: Sequence[Any], *, each: bool = False) -> Rule:
    """One of the values; with `each`, so is every item."""
    return _one_of("isIn", values, each)


def is_enum(values: Sequence[Any], *, each: bool = False) -> Rule:
    """The same under Cal.com's other name for it."""
    return _one_of("isEnum", values, each)


def matches(pattern: str | re.Pattern[str], message: str, *, name: str = "matches") -> Rule:
    """Text that the whole pattern matches; the message is Cal.com's own for the field."""
    compiled = re.compile(pattern)
    return Rule(
        name,
        lambda value: _is_text(value) and compiled.fullmatch(value) is not None,
        message,
    )


def _one_of(name: str, values: Sequence[Any], each: bool) -> Rule:
    subject = "each value in {property}" if each else "{property}"
    listed = ", ".join(str(value) for value in values)
    return Rule(
        name,
        lambda value: not isinstance(value, bool) and value in values,
        f"{subject} must be one of the following values: {listed}",
        each,
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _is_int(value: Any) -> bool:
    return _is_number(value) and abs(value) <= LARGEST_ID and value == int(value)


def _is_date(value: Any) -> bool:
    try:
        return _is_text(value) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())
