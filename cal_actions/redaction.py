"""Takes what was sent out of what a server says: it may quote it, and errors end up in logs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from json import dumps
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from cal_actions.wire import Headers

CREDENTIALS = ("authorization", "x-cal-client-id", "x-cal-secret-key")
_SECRET = re.compile("secret|password|token|key|state|code", re.IGNORECASE)
_PASSWORD = re.compile("secret|password", re.IGNORECASE)
HIDDEN = "***"
_SHORTEST = 8
_SHORTEST_SECRET = 4
_LONGEST_TEXT = 10_000  # of which an error shows a fraction


class Redaction:
    """Replaces credentials by `***` and the values of params by the names of their parameters.

    Short values and plain words stay, but for secrets: they tell nothing, and a message would
    no longer read.
    """

    def __init__(self, params: Mapping[str, Any], headers: Headers) -> None:
        self._params = params
        self._headers = headers
        self._by_start: dict[str, list[tuple[str, str]]] | None = None

    def __call__(self, said: str) -> str:
        """Return what was said without any of it, cut where it is very long."""
        if self._by_start is None:
            self._by_start = self._grouped()
        text = said[:_LONGEST_TEXT]
        starts = {text[at : at + _SHORTEST] for at in range(len(text))}
        quoted = {pair for start in starts for pair in self._by_start.get(start, ())}
        quoted.update(*(pairs for start, pairs in self._by_start.items() if len(start) < _SHORTEST))
        for value, name in sorted(quoted, key=lambda pair: (-len(pair[0]), pair)):
            if len(value) >= _SHORTEST:
                text = text.replace(value, name)
            else:  # a short secret, which may be a part of words that tell nothing
                text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", name, text)
        return text

    def _grouped(self) -> dict[str, list[tuple[str, str]]]:
        """What to replace by what, by its first characters: there may be very many."""
        found: dict[str, list[tuple[str, str]]] = {}
        for value, name in {*self._credentials(), *self._values()}:
            found.setdefault(value[:_SHORTEST], []).append((value, name))
        return found

    def _credentials(self) -> Iterator[tuple[str, str]]:
        for name, value in self._headers.lines:
            secret = value.removeprefix("Bearer ")
            if name.lower() in CREDENTIALS and len(secret) >= _SHORTEST:
                yield secret, "***"

    def _values(self) -> Iterator[tuple[str, str]]:
        for name, key, text in _strings(self._params):
            is_word = text.replace(" ", "").isalpha()
            least = _SHORTEST_SECRET if _PASSWORD.search(key) else _SHORTEST
            if len(text) >= least and (not is_word or _SECRET.search(key)):
                # As it was given, with its spaces made one, as JSON and as a path have it.
                forms = (text, " ".join(text.split()), dumps(text)[1:-1])
                for form in (*forms, quote(text, safe="", errors="replace")):
                    if len(form) >= least:
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
