"""Words: text → the terms that a search compares, whichever of five languages it is in.

A term is the stem of a word, or `@name` for what a word or a phrase stands for in
`action_specs/vocabulary.yaml`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import combining, normalize

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    Known = Mapping[str, Any]
    _Names = dict[tuple[str, ...], frozenset[str]]

_WORD = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_+")

_SHORTEST_STEM = 4
_MOST_STEMS = 20_000  # kept; what people type has no end


def words_of(text: str) -> list[str]:
    """Split text into words of small letters without accents; `eventTypeId` is three."""
    apart = _HUMP.sub(" ", text)
    if not apart.isascii():
        apart = "".join(char for char in normalize("NFKD", apart) if not combining(char))
    return _WORD.findall(apart.casefold())


class Vocabulary:
    """What is known of words: which tell nothing, how they end, what they stand for."""

    def __init__(self, known: Known) -> None:
        """Take the content of `vocabulary.yaml`."""
        self._stopwords = _all_words(known["stopwords"])
        # Snowball's stemmers, English or the shortest stem of the five, find no more of the
        # queries in tests/search and make an index in two to ten times the time.
        self._endings = frozenset(_all_words(known["endings"]))
        self._longest_ending = max(map(len, self._endings), default=0)
        self._stems: dict[str, str] = {}
        self._by_words: _Names = {}
        self._by_stems: _Names = {}
        self._longest: dict[str, int] = {}  # stem → words of the longest phrase that it begins
        for name, languages in known["synonyms"].items():
            for phrases in languages.values():
                for phrase in phrases:
                    self._add(words_of(phrase), f"@{name}")
        self.words = frozenset(self._stems)

    def _add(self, words: Sequence[str], name: str) -> None:
        stems = tuple(map(self.stem, words))
        self._longest[stems[0]] = max(len(stems), self._longest.get(stems[0], 0))
        for names, key in ((self._by_words, tuple(words)), (self._by_stems, stems)):
            names[key] = names.get(key, frozenset()) | {name}

    def tells(self, word: str) -> bool:
        """Tell whether a word is none of those that stand everywhere."""
        return word not in self._stopwords

    def stem(self, word: str) -> str:
        """Cut off the ending of a word."""
        found = self._stems.get(word)
        if found is None:
            found = self._cut(word)
            if len(self._stems) < _MOST_STEMS:
                self._stems[word] = found
        return found

    def _cut(self, word: str) -> str:
        for length in range(min(self._longest_ending, len(word) - _SHORTEST_STEM), 0, -1):
            if word[-length:] in self._endings:
                return word[:-length]
        return word

    def terms(self, words: Sequence[str]) -> Iterator[set[str]]:
        """Yield the terms of each word that tells something, and of each phrase."""
        stems = [self.stem(word) for word in words]
        at = 0
        while at < len(words):
            length, names = self._phrase(words, stems, at)
            if length > 1 or self.tells(words[at]):
                inner = range(at, at + length)
                yield {*names, *(stems[n] for n in inner if self.tells(words[n]))}
            at += length

    def _phrase(
        self, words: Sequence[str], stems: Sequence[str], at: int
    ) -> tuple[int, frozenset[str]]:
        """Find what the longest phrase that begins here stands for, and its length in words."""
        for length in range(self._longest.get(stems[at], 0), 0, -1):
            phrase = slice(at, at + length)
            # As it stands first: to book is not a booking, though both have one stem.
            names = self._by_words.get(tuple(words[phrase])) or self._by_stems.get(
                tuple(stems[phrase])
            )
            if names:
                return len(words[phrase]), names
        return 1, frozenset()


def _all_words(languages: Mapping[str, Sequence[str]]) -> set[str]:
    return {part for words in languages.values() for word in words for part in words_of(word)}
