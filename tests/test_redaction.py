"""What was sent is taken out of errors: values, credentials, in messages and details."""

import json
import time
from string import ascii_lowercase, digits
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cal_actions.redaction import Redaction
from cal_actions.wire import Headers

KEY = "cal_live_0123456789"
AUTHORIZED = Headers(("Authorization", f"Bearer {KEY}"), ("Accept", "application/json"))


def cleaned(message: str, params: Any = None, headers: Headers | None = None) -> str:
    return Redaction(params or {}, headers or Headers())(message)


def test_a_value_becomes_the_name_of_its_parameter() -> None:
    assert cleaned("uid abc-12345 is wrong.", {"uid": "abc-12345"}) == "uid <uid> is wrong."


def test_a_value_is_taken_out_wherever_it_stands() -> None:
    assert cleaned("abc-12345 or abc-12345", {"uid": "abc-12345"}) == "<uid> or <uid>"


def test_the_longest_value_is_taken_out_first() -> None:
    params = {"short": "abc-12345", "long": "abc-12345-67890", "end": "12345-67890"}
    assert cleaned("abc-12345-67890 and abc-12345", params) == "<long> and <short>"
    assert cleaned("abc-12345-67890", dict(reversed(params.items()))) == "<long>"


@pytest.mark.parametrize(
    "params",
    [
        {"guest": {"email": "ada@example.com"}},
        {"guest": ["ada@example.com"]},
        {"guest": ("ada@example.com",)},
        {"guest": [{"contacts": [{"email": "ada@example.com"}]}, 1, None]},
        {"other": 1, "guest": {"a": {"b": {"c": ["ada@example.com"]}}}},
    ],
)
def test_a_nested_value_becomes_the_name_of_its_parameter(params: dict[str, Any]) -> None:
    assert cleaned("no ada@example.com here", params) == "no <guest> here"


@pytest.mark.parametrize(
    "headers",
    [
        AUTHORIZED,
        Headers(("authorization", KEY)),
        Headers(("X-CAL-SECRET-KEY", KEY)),
        Headers(("x-cal-client-id", KEY)),
    ],
)
def test_a_credential_becomes_stars(headers: Headers) -> None:
    assert cleaned(f"the key {KEY} is wrong", headers=headers) == "the key *** is wrong"


def test_a_header_that_is_no_credential_stays() -> None:
    assert cleaned("send application/json", headers=AUTHORIZED) == "send application/json"


@pytest.mark.parametrize("key", ["secret", "password", "clientSecret", "access_token", "apiKey"])
def test_a_plain_word_is_hidden_where_its_parameter_is_a_secret(key: str) -> None:
    assert cleaned("correct horse it is", {key: "correct horse"}) == f"<{key}> it is"
    assert cleaned("correct horse it is", {"auth": {key: "correct horse"}}) == "<auth> it is"


@pytest.mark.parametrize("key", ["secret", "password"])
def test_a_short_secret_is_hidden_where_it_is_a_word_of_its_own(key: str) -> None:
    assert cleaned("not cats, concats", {key: "cats"}) == f"not <{key}>, concats"


def test_a_secret_is_known_as_json_writes_it() -> None:
    secret = 'p\u00e4"ss\\word99'
    assert cleaned(json.dumps({"s": secret}), {"secret": secret}) == '{"s": "<secret>"}'


@pytest.mark.parametrize("value", ["correct horse", "Europe", "abc-123", "", "name"])
def test_plain_words_and_short_values_stay(value: str) -> None:
    assert cleaned(f"{value} is wrong", {"title": value}) == f"{value} is wrong"


@pytest.mark.parametrize("value", [12345678, 1.5, True, None, [], {}, b"abc-12345"])
def test_what_is_no_text_changes_nothing(value: Any) -> None:
    message = "12345678, 1.5, True, None, abc-12345"
    assert cleaned(message, {"value": value}) == message


def test_the_params_stay_unchanged() -> None:
    params = {"uid": "abc-12345", "tags": ["def-67890"]}
    cleaned("abc-12345 is taken", params, AUTHORIZED)
    assert params == {"uid": "abc-12345", "tags": ["def-67890"]}


def test_a_value_whose_spaces_make_most_of_it_hides_no_short_text() -> None:
    assert cleaned("a 1 is wrong", {"note": "a          1"}) == "a 1 is wrong"


def test_signs_of_patterns_are_taken_as_they_are() -> None:
    params = {"note": r"a.*(b)[c]\1", "other": r"\g<name>$"}
    assert cleaned(r"no a.*(b)[c]\1 and \g<name>$", params) == "no <note> and <other>"


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("line one 1\nline two 2", "line one 1 line two 2"),
        ("two  spaces 22", "two spaces 22"),
        ("tab\tand 1234", "tab and 1234"),
        ("zero\u200bwidth 1234", "zero\u200bwidth 1234"),
        ("ada@example.com", "ada%40example.com"),
    ],
)
def test_a_value_is_known_in_the_form_that_messages_have(value: str, quoted: str) -> None:
    assert cleaned(f"no {quoted} here", {"note": value}) == "no <note> here"


@pytest.mark.parametrize("last", [True, False])
def test_a_hundred_thousand_values_hide_no_other(last: bool) -> None:
    many = {"tags": [f"tag number {number}" for number in range(100_000)]}
    secret = {"note": "re-4711 secret"}
    params = many | secret if last else secret | many
    assert cleaned("no re-4711 secret here", params) == "no <note> here"


@pytest.mark.parametrize(
    "params",
    [
        {"tags": [f"tag number {number}" for number in range(100_000)]},
        {"tags": ["a" * 8 + "1"] * 100_000},
        {"tags": {f"key {number}": f"tag number {number}" for number in range(100_000)}},
        {"tags": ["1" * 1_000_000]},
    ],
    ids=["different", "alike", "by key", "long"],
)
def test_very_many_values_take_no_long_time(params: dict[str, Any]) -> None:
    spent = []
    for _ in range(3):
        begun = time.process_time()
        clean = Redaction(params, AUTHORIZED)
        for said in ["1" * 10_000, *["a" * 500] * 50]:
            clean(said)
        spent.append(time.process_time() - begun)
    assert min(spent) < 2


def test_values_nested_without_end_are_gone_through() -> None:
    params: Any = "abc-12345"
    for _ in range(100_000):
        params = [params]
    assert cleaned("no abc-12345 here", {"deep": params}) == "no <deep> here"


# Names of capitals and values without them: else the name put in could be a value itself.
VALUES = st.text(ascii_lowercase + digits + " -@.\"'\\é", min_size=8, max_size=30).map(
    lambda text: " ".join(("0" + text + "0").split())
)
PARAMS = st.dictionaries(
    st.text("ABC", min_size=1, max_size=3),
    VALUES | st.lists(VALUES, max_size=3) | st.dictionaries(st.just("KEY"), VALUES, max_size=1),
    max_size=4,
)


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value
    return [text for item in inner for text in texts(item)]


@given(st.data())
def test_no_hidden_value_is_left(data: st.DataObject) -> None:
    params = data.draw(PARAMS)
    hidden = [*texts(params), KEY]
    pieces = st.lists(st.sampled_from([*hidden, "X", " ", "is wrong: "]), max_size=8)
    message = "|".join(data.draw(pieces))
    told = cleaned(message, params, AUTHORIZED)
    assert not any(value in told for value in hidden)


@given(st.text(), PARAMS)
def test_what_quotes_nothing_is_left_alone(message: str, params: dict[str, Any]) -> None:
    quotes = any(value in message for value in [*texts(params), KEY])
    assert quotes or cleaned(message, params, AUTHORIZED) == message
