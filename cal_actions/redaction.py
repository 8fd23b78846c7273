"""Takes out of an error what was sent: a server may quote it, and errors end up in logs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cal_actions.errors import ActionError

if TYPE_CHECKING:
    from cal_actions.wire import Headers

_CREDENTIALS = ("authorization", "x-cal-client-id", "x-cal-secret-key")
_SECRET = re.compile("secret|password|token|key|state|code", re.IGNORECASE)
_SHORTEST = 8
_MOST_VALUES = 1_000


def without_values(
    problem: ActionError, params: Mapping[str, Any], headers: Headers
) -> ActionError:
    """Return the problem without credentials and without the values of params.

    A value is replaced by the name of its parameter. Short ones and plain words stay: they
    tell nothing, and a message would no longer read.
    """
    hidden = dict(sorted(_hidden(params, headers), key=lambda pair: -len(pair[0])))
    if not any(value in text for value in hidden for text in _texts(problem)):
        return problem

    def clean(text: str) -> str:
        for value, name in hidden.items():
            text = text.replace(value, name)
        return text

    facts = dict(problem.facts)
    if "details" in facts:
        facts["details"] = [
            {name: clean(text) for name, text in item.items()} for item in facts["details"]
        ]
    if "request_id" in facts:
        facts["request_id"] = clean(facts["request_id"])
    return ActionError(problem.code, clean(problem.message), retryable=problem.retryable, **facts)


def _texts(problem: ActionError) -> Iterator[str]:
    yield problem.message
    for item in problem.facts.get("details", ()):
        yield from item.values()
    yield problem.facts.get("request_id", "")


def _hidden(params: Mapping[str, Any], headers: Headers) -> Iterator[tuple[str, str]]:
    for name, value in headers.lines:
        secret = value.removeprefix("Bearer ")
        if name.lower() in _CREDENTIALS and len(secret) >= _SHORTEST:
            yield secret, "***"
    for name, key, text in islice(_strings(params), _MOST_VALUES):
        is_word = text.replace(" ", "").isalpha()
        if len(text) >= _SHORTEST and (not is_word or _SECRET.search(key)):
            # As it was given, as a message has its spaces, and as a path has it.
            for form in (text, " ".join(text.split()), quote(text, safe="", errors="replace")):
                yield form, f"<{name}>"


def _strings(params: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield every text in the params with its parameter and the nearest key."""
    left = [(name, name, value) for name, value in params.items()]
    while left:
        name, key, value = left.pop()
        if isinstance(value, str):
            yield name, key, value
        elif isinstance(value, Mapping):
            left += [(name, str(inner), item) for inner, item in value.items()]
        elif isinstance(value, list | tuple):
            left += [(name, key, item) for item in value]
