"""Values cut down to a budget of tokens, every list a beginning of what it was."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Count = Callable[[str], int]

_SHORT = 80  # ids, times and addresses are no longer, and half of one is worth nothing
_CHARACTERS = 8  # of a token, at most
_PORTION = 50_000  # characters: tokenizers grow slow, or refuse, beyond
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def compact(data: Any) -> str:
    """Write JSON as a model gets it: no spaces, every script as itself."""
    # A hook may have put what JSON has not, such as a date, into an answer.
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=str)
    # Half of a surrogate pair is no Unicode, and a tokenizer would refuse all of the text.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def tokens(text: str, count: Count, enough: int | None = None) -> int:
    """Count the tokens of a text of any length; stop when they are more than `enough`."""
    total = 0
    for start in range(0, len(text), _PORTION):
        total += count(text[start : start + _PORTION])
        if enough is not None and total > enough:
            break
    return total


class Cut(NamedTuple):
    """What was cut: the first `shown` of `of` items (or keys, or characters) are left."""

    path: str
    shown: int
    of: int
    unit: str = ""
    lost: int = 0  # tokens
    left_out: Any = None  # the first item


class Fitting:
    """Cuts a value down to a budget of tokens, and counts every part of it once."""

    def __init__(self, count: Count, enough: int) -> None:
        """More than `enough` tokens are all the same."""
        self.cuts: list[Cut] = []
        self._count = count
        self._enough = enough
        self._costs: dict[int, int] = {}
        self._floors: dict[int, int] = {}

    def fit(self, value: Any, budget: int, path: str) -> Any:
        """Return what of `value` fits the budget, itself where all of it does.

        What was cut is added to `cuts`. The result may come out a little longer, as its parts
        are counted one by one; `value` is never changed.
        """
        if self._cost(value) <= budget:
            return value
        if isinstance(value, str):
            return self._text(value, budget, path)
        if isinstance(value, list):
            return self._list(value, budget, path)
        if not isinstance(value, dict):
            return value
        if _is_grouped(value):
            return self._groups(value, budget, path)
        if self._floor(value) <= budget:
            return self._shared(value, budget, path)
        return self._keys(value, budget, path)

    def _list(self, items: list[Any], budget: int, path: str) -> list[Any]:
        kept, spent = self._prefix(items, budget - 2)
        if not kept and items and self._floor(items[0]) <= budget - 3:
            kept = [self.fit(items[0], budget - 3, f"{path}[0]")]
        self._tell(path, kept, items, "", self._cost(items) - spent)
        return kept

    def _prefix(self, items: Iterable[Any], budget: int) -> tuple[list[Any], int]:
        kept: list[Any] = []
        spent = 0
        for item in items:
            cost = self._cost(item) + 1
            if spent + cost > budget:
                break
            spent += cost
            kept.append(item)
        return kept, spent

    def _groups(self, groups: dict[str, list[Any]], budget: int, path: str) -> dict[str, Any]:
        """Cut what is grouped by date as if it were one list; a day that is emptied goes."""
        result: dict[str, Any] = {}
        room = budget - 2
        for day, group in groups.items():
            room -= self._cost(day) + 4
            kept, spent = self._prefix(group, room)
            if kept or (not group and room >= 0):
                result[day] = kept
            if len(kept) < len(group):
                break
            room -= spent
        shown = [item for group in result.values() for item in group]
        every = [item for group in groups.values() for item in group]
        self._tell(path, shown, every, "", self._cost(groups) - budget)
        return result

    def _shared(self, value: dict[str, Any], budget: int, path: str) -> dict[str, Any]:
        """Cut what costs most: small values stay whole, the large ones get equal shares."""
        result = dict(value)
        room = budget - 2 - sum(self._cost(key) + 2 for key in value)
        floors = sum(self._floor(item) for item in value.values())
        left = len(value)
        for key in sorted(value, key=lambda key: self._cost(value[key])):
            item = value[key]
            floors -= self._floor(item)
            share = max(self._floor(item), min(room // left, room - floors))
            result[key] = self.fit(item, share, _joined(path, key))
            room -= self._cost(item) if result[key] is item else self._tokens(result[key])
            left -= 1
        return result

    def _keys(self, value: dict[str, Any], budget: int, path: str) -> dict[str, Any]:
        result: dict[str, Any] = {}
        room = budget - 2
        for key, item in value.items():
            room -= self._cost(key) + 2
            if self._cost(item) > room:
                if isinstance(item, dict) or self._floor(item) <= room:
                    item = self.fit(item, room, _joined(path, key))
                    if item and room > 0:
                        result[key] = item
                break
            room -= self._cost(item)
            result[key] = item
        self._tell(path, result, value, "keys", self._cost(value) - budget)
        return result

    def _text(self, text: str, budget: int, path: str) -> str:
        length = min(len(text) - 1, budget * _CHARACTERS)
        while length > _SHORT and self._tokens(f"{text[:length]}…") > budget:
            length = length * 7 // 8
        if len(text) <= _SHORT:
            return text
        length = max(length, _SHORT)
        self._tell(path, text[:length], text, "characters", self._cost(text) - budget)
        return f"{text[:length]}…"

    def _tell(self, path: str, kept: Any, whole: Any, unit: str, lost: int) -> None:
        if len(kept) < len(whole):
            first = whole[len(kept)] if isinstance(whole, list) else None
            self.cuts.append(Cut(path, len(kept), len(whole), unit, lost, first))

    def _tokens(self, value: Any) -> int:
        return tokens(compact(value), self._count, self._enough)

    def _cost(self, value: Any) -> int:
        cost = self._costs.get(id(value))
        if cost is None:
            cost = self._costs[id(value)] = self._tokens(value)
        return cost

    def _floor(self, value: Any) -> int:
        floor = self._floors.get(id(value))
        if floor is None:
            floor = self._floors[id(value)] = self._tokens(_least(value))
        return floor


def _least(value: Any) -> Any:
    """What is left when every list is emptied and every long text cut."""
    if isinstance(value, str):
        return value if len(value) <= _SHORT else f"{value[:_SHORT]}…"
    if isinstance(value, list):
        return []
    if isinstance(value, dict):
        return {} if _is_grouped(value) else {key: _least(item) for key, item in value.items()}
    return value


def _is_grouped(value: dict[str, Any]) -> bool:
    return bool(value) and all(
        isinstance(item, list) and isinstance(key, str) and _DATE.fullmatch(key)
        for key, item in value.items()
    )


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else str(key)
