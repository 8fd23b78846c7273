"""Spelling: the known words that a misspelt one may mean, and those that a compound is made of.

Two words are near where leaving out one letter at most of each makes them equal: a letter too
many, too few, another one, or two that changed places. What becomes of the known words so is
written down once and looked up, as in Garbe's SymSpell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_SHORTEST = 4
_LONGEST = 40
_LINKS = ("", "s", "n", "en", "es")  # German: Organisation-s-webhook


class Spelling:
    """The words that are known."""

    def __init__(self, words: Collection[str]) -> None:
        self._words = frozenset(words)
        self._shapes: dict[str, list[str]] = {}
        for word in sorted(words):
            if _is_checked(word):
                for shape in _shapes(word):
                    self._shapes.setdefault(shape, []).append(word)

    def near(self, word: str) -> list[str]:
        """Return the known words that an unknown one may have been meant to be."""
        if not _is_checked(word):
            return []
        return sorted({near for shape in _shapes(word) for near in self._shapes.get(shape, ())})

    def parts(self, word: str) -> list[str]:
        """Return the two known words that an unknown one is made of, if any."""
        if not _is_checked(word):
            return []
        for at in range(len(word) - _SHORTEST, _SHORTEST - 1, -1):
            head, tail = word[:at], word[at:]
            if tail not in self._words:
                continue
            for link in _LINKS:
                if head.endswith(link) and head.removesuffix(link) in self._words:
                    return [head.removesuffix(link), tail]
        return []


def _is_checked(word: str) -> bool:
    return _SHORTEST <= len(word) <= _LONGEST and word.isalpha()


def _shapes(word: str) -> Iterator[str]:
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]
