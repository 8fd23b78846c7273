"""`catalog.search`: what it finds, and what it makes of odd queries."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cal_actions import Catalog, SpecError, catalog
from cal_actions.search import read_vocabulary
from tests.search.quality import KINDS, quality, queries

WANTED = {"keyword": 0.97, "sentence": 0.9, "paraphrase": 0.9, "typo": 0.9, "foreign": 0.9}


def best(query: str, actions: Catalog = catalog) -> str:
    return actions.search(query, 1)[0].slug


@pytest.mark.parametrize("kind", KINDS)
def test_of_unseen_queries_nearly_all_find_their_action_among_the_first_five(kind: str) -> None:
    asked = [query for query in queries("unseen") if query.kind == kind]
    assert quality(asked).hit_at_5 >= WANTED[kind]


def test_no_query_stands_in_both_halves() -> None:
    tuning, unseen = ({query.text for query in queries(half)} for half in ("tuning", "unseen"))
    assert len(tuning) + len(unseen) >= 300
    assert not tuning & unseen


@pytest.mark.parametrize("half", ["tuning", "unseen"])
def test_the_queries_name_actions_that_there_are(half: str) -> None:
    assert {slug for query in queries(half) for slug in query.actions} <= {*catalog}


def test_every_action_is_asked_for_in_unseen_queries() -> None:
    assert {slug for query in queries("unseen") for slug in query.actions} == {*catalog}


def test_every_action_has_words_in_five_languages() -> None:
    languages = {slug: (*spec.keywords,) for slug, spec in catalog.items()}
    assert languages == dict.fromkeys(catalog, ("en", "es", "de", "fr", "pt"))


@pytest.mark.parametrize("slug", catalog)
def test_an_action_is_found_by_its_slug(slug: str) -> None:
    assert best(slug) == slug


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("list webhooks", "CAL_RETRIEVE_WEBHOOKS_LIST"),
        ("list webhooks of the organization", "CAL_RETRIEVE_ORGANIZATION_WEBHOOKS_BY_ORG_ID"),
        ("list webhooks of the OAuth client", "CAL_RETRIEVE_WEBHOOK_DETAILS_FOR_OAUTH_CLIENT"),
        ("list webhooks of an event type", "CAL_RETRIEVE_WEBHOOKS_FOR_EVENT_TYPE"),
        ("delete team", "CAL_DELETE_TEAM_BY_ID"),
        ("delete team of the organization", "CAL_DELETE_TEAM_FROM_ORGANIZATION"),
        ("my schedules", "CAL_RETRIEVE_SCHEDULES_LIST"),
        ("schedules of the organization", "CAL_GET_ORGANIZATION_SCHEDULES"),
    ],
)
def test_whose_things_are_meant_decides_between_look_alikes(query: str, slug: str) -> None:
    assert best(query) == slug


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("book a meeting", "CAL_POST_NEW_BOOKING_REQUEST"),
        ("schedule a call with Tom", "CAL_POST_NEW_BOOKING_REQUEST"),
        ("my meetings", "CAL_FETCH_ALL_BOOKINGS"),
        ("move tomorrow's call with Ana", "CAL_RESCHEDULE_BOOKING_BY_UID"),
        ("what is event type 512", "CAL_RETRIEVE_EVENT_TYPE_BY_ID"),
        ("cancelar mi cita", "CAL_CANCEL_BOOKING_VIA_UID"),
        ("Organisationswebhook löschen", "CAL_DELETE_ORG_WEBHOOK"),
        ("canecl bookign", "CAL_CANCEL_BOOKING_VIA_UID"),
        ("CANCELAR A REUNIÃO", "CAL_CANCEL_BOOKING_VIA_UID"),
        ("cancelBooking", "CAL_CANCEL_BOOKING_VIA_UID"),
    ],
)
def test_people_s_own_words_find_the_action(query: str, slug: str) -> None:
    assert best(query) == slug


@pytest.mark.parametrize("query", ["", "   ", "¿?", "日本語", "the of and", "\ud800", "q" * 99_999])
def test_a_query_without_a_known_word_finds_nothing(query: str) -> None:
    assert catalog.search(query) == []


@given(st.text(max_size=300), st.integers(1, 200))
def test_any_text_is_a_query(query: str, limit: int) -> None:
    found = catalog.search(query, limit)
    assert len({spec.slug for spec in found}) == len(found) <= limit


def test_a_filtered_catalogue_finds_its_own_actions_only() -> None:
    reads = catalog.filter(effect="read")
    assert {spec.effect for spec in reads.search("delete my webhook", 20)} == {"read"}


def test_an_empty_catalogue_finds_nothing() -> None:
    assert catalog.filter(slugs=[]).search("webhook") == []


def test_at_most_as_many_as_the_limit_are_found() -> None:
    assert len(catalog.search("webhook")) == 5
    assert len(catalog.search("webhook", limit=2)) == 2


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="limit must be at least 1, not 0"):
        catalog.search("webhook", limit=0)


def test_a_query_that_is_no_text_is_refused() -> None:
    with pytest.raises(TypeError, match="query must be text, not list"):
        catalog.search(["webhook"])


def test_the_order_is_the_same_in_every_process() -> None:
    code = "from cal_actions import catalog; print([s.slug for s in catalog.search('team', 50)])"
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(told) == 1


RIGHT = {
    "stopwords": {"en": ["the"]},
    "endings": {"en": ["s"]},
    "synonyms": {"booking": {"en": ["meeting"]}},
}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"more": {}}, "1: must be a mapping of stopwords, endings, synonyms, no more"),
        ({"stopwords": ["the"]}, "1: stopwords: must have languages"),
        ({"endings": {"en": "s"}}, "2: endings: en must be a list of words"),
        ({"synonyms": {"a": {"en": ["b", "b"]}}}, "3: synonyms.a: 'b' stands twice in en"),
        ({"synonyms": {"a": {"en": ["?"]}}}, "3: synonyms.a: '\\?' in en has no letters"),
        ({"synonyms": []}, "3: synonyms: must be a mapping"),
    ],
)
def test_a_wrong_vocabulary_is_reported_with_its_line(
    change: dict[str, Any], fault: str, tmp_path: Path
) -> None:
    lines = (f"{name}: {json.dumps(content)}\n" for name, content in {**RIGHT, **change}.items())
    (tmp_path / "vocabulary.yaml").write_text("".join(lines), "utf-8")
    with pytest.raises(SpecError, match=fault):
        read_vocabulary(tmp_path)
