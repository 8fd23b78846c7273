"""Search: the actions that fit what somebody wants, in their own words.

Lexical, local and deterministic: `words` and `spelling` read a query, `ranking` compares it with
the actions. What words stand for is data: `action_specs/vocabulary.yaml`, and `keywords` in an
action's file.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from cal_actions.search.ranking import Index
from cal_actions.search.words import Vocabulary, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cal_actions.search.words import Known
    from cal_actions.spec import ActionSpec

FILE = "vocabulary.yaml"
COMPILED = "vocabulary.json"
_PARTS = ("stopwords", "endings", "synonyms")


def index_of(specs: Iterable[ActionSpec]) -> Index:
    """Make actions ready to be searched, which takes about 0.1 seconds for 141."""
    return Index(specs, _vocabulary())


@cache
def _vocabulary() -> Vocabulary:
    here = Path(__file__).parents[1]
    compiled = here / "action_specs" / COMPILED
    if compiled.exists():
        return Vocabulary(json.loads(compiled.read_text("utf-8")))
    return Vocabulary(read_vocabulary(here.parent / "action_specs"))


def read_vocabulary(root: Path) -> Known:
    """Read `vocabulary.yaml` under `root`. Raises SpecError for a file of another form."""
    from cal_actions.action_files import line_of, read_yaml
    from cal_actions.errors import SpecError

    path = root / FILE
    known = read_yaml(path)
    if not isinstance(known, dict) or tuple(known) != _PARTS:
        message = f"must be a mapping of {', '.join(_PARTS)}, no more"
        raise SpecError(message, file=str(path), line=1)
    if not isinstance(known["synonyms"], dict):
        line = line_of(path, ("synonyms",))
        raise SpecError("synonyms: must be a mapping", file=str(path), line=line)
    for where, languages in (
        (("stopwords",), known["stopwords"]),
        (("endings",), known["endings"]),
        *((("synonyms", name), words) for name, words in known["synonyms"].items()),
    ):
        if problem := _problem(languages):
            message = f"{'.'.join(where)}: {problem}"
            raise SpecError(message, file=str(path), line=line_of(path, where))
    return known


def _problem(languages: object) -> str | None:
    if not isinstance(languages, dict) or not languages:
        return "must have languages, such as en, with words"
    for language, words in languages.items():
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            return f"{language} must be a list of words"
        for word in words:
            if not words_of(word):
                return f"{word!r} in {language} has no letters"
            if words.count(word) > 1:
                return f"{word!r} stands twice in {language}, keep one"
    return None
