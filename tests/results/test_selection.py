"""Selecting from an answer with JMESPath."""

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cal_actions.errors import ActionError
from cal_actions.results.selection import Selection

BOOKINGS = {
    "items": [
        {"uid": "a", "status": "accepted", "attendees": [{"email": "ana@example.com"}]},
        {"uid": "b", "status": "pending", "attendees": []},
    ],
    "pagination": {"totalItems": 2},
}


@pytest.mark.parametrize(
    ("expression", "selected"),
    [
        ("items[].uid", ["a", "b"]),
        ("items[?status=='pending'].uid | [0]", "b"),
        ("items[].{uid: uid, who: attendees[0].email}", [
            {"uid": "a", "who": "ana@example.com"},
            {"uid": "b", "who": None},
        ]),
        ("length(items)", 2),
        ("sort_by(items, &status)[-1].uid", "b"),
        ("nothing.here", None),
    ],
)  # fmt: skip
def test_an_expression_selects_from_the_answer(expression: str, selected: Any) -> None:
    assert Selection(expression).apply(BOOKINGS) == selected


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("", "is empty"),
        ("items[", "ends too early"),
        ("items[?status == 'pending", 'is wrong at character 18, from "\'pending" on'),
        ("items[?id == 5]", "is wrong at character 14, from '5]' on (a number is written"),
        ("items..uid", "is wrong at character 7, from '.uid' on"),
        ("size(items)", "calls size(), which JMESPath does not have"),
        ("items[?size(@) == `1`]", "calls size(), which JMESPath does not have"),
        ("length(items, uid)", "calls length() with 2 arguments: it takes 1"),
        ("not_null()", "calls not_null() with 0 arguments: it takes at least 1"),
        ("items[::0]", "has a slice whose step is 0"),
        ("&uid", "has a & that is not an argument"),
        ("length(&uid)", "has a & that is not an argument"),
        ("(" * 9_000, "is nested too deeply"),
        ("a" * 10_001, "is longer than 10000 characters"),
        (5, "must be a JMESPath expression as text, not int"),
    ],
)
def test_a_wrong_expression_is_refused_with_the_place(expression: Any, said: str) -> None:
    with pytest.raises(ActionError) as caught:
        Selection(expression)
    assert caught.value.code == "invalid_params"
    assert caught.value.message.startswith(f"select {said}")
    (detail,) = caught.value.facts["details"]
    assert detail["path"] == "select"
    assert detail["message"].startswith(said)


@pytest.mark.parametrize(
    ("expression", "data", "reason"),
    [
        ("length(id)", {"id": 7}, "length() in select cannot take a value of type number"),
        ("sort(@)", [1, "a"], "sort() in select cannot take a value of type str"),
        ("a < b", {"a": "x", "b": 1}, "select compares values that have no order"),
    ],
)
def test_an_answer_that_does_not_fit_comes_back_whole(
    expression: str, data: Any, reason: str
) -> None:
    whole = data if isinstance(data, dict) else {"value": data}
    told = f"All of the answer is here: {reason}."
    assert Selection(expression).apply(data) == {**whole, "select_error": told}


def test_the_answer_itself_is_not_changed() -> None:
    data = {"id": 7}
    Selection("length(id)").apply(data)
    assert data == {"id": 7}


def test_without_the_library_the_extra_to_install_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "jmespath", None)
    with pytest.raises(ImportError, match=r'pip install "cal-actions\[jmespath\]"'):
        Selection("only.seen[0].here")


PIECES = st.sampled_from(
    ["a", "b", ".", "[", "]", "0", "*", "?", "|", "&", "@", "(", ")", ",", "'x'", "`1`", "{", "}",
     ":", "==", "<", "length", "sort_by", "to_array", "not_null", "-1", " "]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=8,
)


def is_json(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_json(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(is_json, value))
    return value is None or isinstance(value, str | int | float)


@given(st.lists(PIECES, max_size=12).map("".join), VALUES)
def test_whatever_compiles_gives_json_for_any_answer(expression: str, data: Any) -> None:
    try:
        selection = Selection(expression)
    except ActionError:
        return
    assert is_json(selection.apply(data))
