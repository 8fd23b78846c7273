"""Ranking: the actions that fit what somebody wants, the best first.

BM25 over fields of different weight (Robertson, Zaragoza & Taylor, "Simple BM25 extension to
multiple weighted fields", 2004), less what does not fit: above all things that an action is on
and nobody spoke of, which tells a team's actions from an organization's and from one's own. The
weights were found on the queries in `tests/search/tuning`.
"""

from __future__ import annotations

import re
from collections import Counter
from math import log
from typing import TYPE_CHECKING

from cal_actions.search.spelling import Spelling
from cal_actions.search.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cal_actions.search.words import Vocabulary
    from cal_actions.spec import ActionSpec

    Fields = dict[str, Counter[str]]
    Postings = dict[str, list[tuple[int, float]]]

_LONGEST_QUERY = 1_000  # characters
_ADDRESS = re.compile(r"\S+@\S+|\w+://\S+")  # what stands in them is nobody's wish

_WEIGHTS = {"title": 7.0, "request": 4.0, "keywords": 2.5, "description": 0.1, "parameters": 0.3}
_SATURATION = 1.1  # k1: how soon a word that comes again adds nothing
_DILUTION = 0.35  # b: how much a long field takes from its words

_UNASKED = 1.5  # off for each thing that an action is on and the query does not name
_MISSING = 0.6  # off for each thing that the query names and the action is not on
_OTHER_VERB = 1.0  # off where the query names something to do, and the action does another
_NO_DOING = 0.5  # off for a write where the query names nothing to do
_ONE = 0.5  # off for a list where the query asks for one thing
_LIST = 0.3  # off for one thing where the query asks for no certain one

_THINGS = {
    "attributes": "@attribute",
    "bookings": "@booking",
    "busy-times": "@busy",
    "calendars": "@calendar",
    "conferencing": "@conferencing",
    "connect": "@connect",
    "create-phone-call": "@phone",
    "default": "@default",
    "destination-calendars": "@destination",
    "event-types": "@event_type",
    "gcal": "@google",
    "google": "@google",
    "ics-feed": "@feed",
    "memberships": "@member",
    "oauth-clients": "@client",
    "options": "@option",
    "organizations": "@organization",
    "provider": "@client",
    "schedules": "@schedule",
    "selected-calendars": "@selected",
    "slots": "@slot",
    "stripe": "@stripe",
    "teams": "@team",
    "timezones": "@timezone",
    "users": "@user",
    "webhooks": "@webhook",
}
_ALL_THINGS = frozenset(_THINGS.values())
_PEOPLE = frozenset({"@member", "@user"})  # nobody but Cal.com tells one from the other
_METHODS = {
    "GET": "@get",
    "POST": "@create",
    "PATCH": "@update",
    "PUT": "@update",
    "DELETE": "@delete",
}
_DOINGS = frozenset(
    {
        "@absent",
        "@assign",
        "@cancel",
        "@check",
        "@confirm",
        "@connect",
        "@create",
        "@decline",
        "@delete",
        "@disconnect",
        "@hold",
        "@join",
        "@reassign",
        "@refresh",
        "@reschedule",
        "@save",
        "@update",
    }
)


class Index:
    """Actions, made ready to be searched."""

    def __init__(self, specs: Iterable[ActionSpec], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._actions = [_Action(spec, vocabulary) for spec in specs]
        self._words: set[str] = set(vocabulary.words)
        self._made_spelling: Spelling | None = None
        self._postings = _postings([self._fields(action) for action in self._actions])

    def search(self, query: str, limit: int) -> list[ActionSpec]:
        """Return up to `limit` actions, the best first; none where no word is known."""
        scores: dict[int, float] = {}
        asked: set[str] = set()
        for terms in dict.fromkeys(map(frozenset, self._read(query))):  # what comes twice, once
            asked |= terms
            for number, score in self._best(terms).items():
                scores[number] = scores.get(number, 0.0) + score
        if asked & _PEOPLE:
            asked |= _PEOPLE
        ranked = sorted((self._actions[n].misfit(asked) - score, n) for n, score in scores.items())
        return [self._actions[number].spec for _, number in ranked[:limit]]

    def _best(self, terms: Iterable[str]) -> dict[int, float]:
        """Score each action by that of the terms which says most: they mean the same."""
        best: dict[int, float] = {}
        for term in terms:
            for number, score in self._postings.get(term, ()):
                if score > best.get(number, 0.0):
                    best[number] = score
        return best

    def _read(self, query: str) -> Iterator[set[str]]:
        words: list[str] = []
        for word in words_of(_ADDRESS.sub(" ", query[:_LONGEST_QUERY])):
            if word.isdigit():
                yield {"@one"}  # a number names one thing, as any other id does
            elif self._is_known(word):
                words.append(word)
            elif any(map(str.isdigit, word)):
                yield {"@one"}
            elif parts := self._spelling.parts(word):
                words += parts
            elif near := self._spelling.near(word):
                words.append(min(near, key=lambda known: self._unlikeness(word, known)))
        yield from self._vocabulary.terms(words)

    def _is_known(self, word: str) -> bool:
        return (
            word in self._words
            or self._vocabulary.stem(word) in self._postings
            or not self._vocabulary.tells(word)
        )

    # Not cached_property: its lock, held by a thread at a fork, would stop the child for ever.
    @property
    def _spelling(self) -> Spelling:
        if self._made_spelling is None:
            self._made_spelling = Spelling(self._words)
        return self._made_spelling

    def _unlikeness(self, word: str, known: str) -> tuple[bool, bool, int, str]:
        actions = self._postings.get(self._vocabulary.stem(known), ())
        return sorted(word) != sorted(known), word[0] != known[0], -len(actions), known

    def _fields(self, action: _Action) -> Fields:
        fields: Fields = {}
        for field, texts in action.texts().items():
            fields[field] = Counter()
            for text in texts:
                words = words_of(text)
                self._words.update(words)
                for terms in self._vocabulary.terms(words):
                    fields[field].update(terms)
        fields["request"].update(action.facts)
        return fields


class _Action:
    """What is compared with a query."""

    def __init__(self, spec: ActionSpec, vocabulary: Vocabulary) -> None:
        self.spec = spec
        self._verbs = _verbs(spec, vocabulary)
        self._things = frozenset(_THINGS[part] for part in spec.path.split("/") if part in _THINGS)
        self._is_one = spec.path.endswith("}")
        self._reads = spec.effect == "read"

    @property
    def facts(self) -> set[str]:
        """The terms that stand for the request, though no text says them."""
        number = {"@one"} if self._is_one else {"@list"} if self._reads else set()
        return {*self._verbs, *self._things, *number}

    def texts(self) -> dict[str, list[str]]:
        """Return the texts of each field."""
        return {
            "title": [self.spec.title, self.spec.slug.removeprefix("CAL_")],
            "request": [self.spec.path.removeprefix("/v2/"), self.spec.resource],
            "keywords": [phrase for words in self.spec.keywords.values() for phrase in words],
            "description": [self.spec.description],
            "parameters": list(self.spec.input["properties"]),
        }

    def misfit(self, asked: set[str]) -> float:
        """Tell how much to take from the score of an action that differs from what is asked."""
        wanted = asked & _ALL_THINGS
        off = _UNASKED * len(self._things - asked) + _MISSING * len(wanted - self._things)
        if not asked & _DOINGS:
            off += _NO_DOING * (not self._reads)
            if "@one" in asked:
                off += _ONE * (not self._is_one)
            else:
                off += _LIST * self._is_one
        else:
            off += _OTHER_VERB * (not self._verbs & asked)
        return off


def _verbs(spec: ActionSpec, vocabulary: Vocabulary) -> frozenset[str]:
    """Find what is done: what the path ends with (/cancel), else what the method stands for."""
    literals = [part for part in spec.path.split("/") if not part.startswith("{")]
    named = {name for terms in vocabulary.terms(words_of(literals[-1])) for name in terms} & _DOINGS
    if named and (spec.method == "POST" or not spec.path.endswith("}")):
        return frozenset(named)
    return frozenset({_METHODS[spec.method]})


def _postings(documents: list[Fields]) -> Postings:
    """Term → the documents that have it, each with what the term adds to its score."""
    average = {
        field: sum(document[field].total() for document in documents) / len(documents) or 1.0
        for field in (_WEIGHTS if documents else ())
    }
    weights: dict[str, dict[int, float]] = {}
    for number, document in enumerate(documents):
        for field, terms in document.items():
            dilution = 1 - _DILUTION + _DILUTION * terms.total() / average[field]
            for term, count in terms.items():
                found = weights.setdefault(term, {})
                found[number] = found.get(number, 0.0) + _WEIGHTS[field] * count / dilution
    postings: Postings = {}
    for term, found in weights.items():
        rarity = log(1 + (len(documents) - len(found) + 0.5) / (len(found) + 0.5))
        postings[term] = [
            (number, rarity * weight / (_SATURATION + weight)) for number, weight in found.items()
        ]
    return postings
