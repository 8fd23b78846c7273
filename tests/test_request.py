"""Checked params → the request that leaves, but for the host and the credentials."""

import json
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from cal_actions import ActionError
from cal_actions.conversions import CONVERSIONS
from cal_actions.request import RequestBuilder
from cal_actions.wire import WireRequest
from tests.made_up import catalog_of, document

TEXT = {"type": "string", "description": "Text."}


def builder(
    method: str = "GET",
    path: str = "/v2/things",
    wire: dict[str, Any] | None = None,
    names: tuple[str, ...] = ("thingId", "a", "b", "c"),
    version: str | None = None,
) -> RequestBuilder:
    properties = dict.fromkeys(names, TEXT)
    made = document(
        method=method, path=path, version=version, properties=properties, wire=wire or {}
    )
    return RequestBuilder(catalog_of(made)["CAL_DO"])


def target(params: dict[str, Any], **options: Any) -> str:
    return builder(**options)(params).target


def body(params: dict[str, Any], **options: Any) -> Any:
    sent = builder("POST", **options)(params).body
    assert sent is not None
    return json.loads(sent)


def fault(params: dict[str, Any], **options: Any) -> str:
    with pytest.raises(ActionError) as caught:
        builder(**options)(params)
    assert caught.value.code == "invalid_params"
    ((told,)) = caught.value.facts["details"]
    return f"{told['path']} {told['message']}"


def test_a_request_is_a_plain_value() -> None:
    made = builder("PATCH", "/v2/things/{thingId}", version="2024-08-13")({"thingId": 7, "a": "x"})
    assert made == WireRequest("PATCH", "/v2/things/7", "2024-08-13", b'{"a":"x"}')


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_without_a_body_parameters_go_into_the_query(method: str) -> None:
    made = builder(method)({"a": "x", "b": 2})
    assert (made.target, made.body) == ("/v2/things?a=x&b=2", None)


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT"])
def test_with_a_body_parameters_go_into_it(method: str) -> None:
    made = builder(method)({"a": "x", "b": 2})
    assert (made.target, made.body) == ("/v2/things", b'{"a":"x","b":2}')


def test_a_body_is_sent_even_when_it_is_empty() -> None:
    assert builder("POST")({}).body == b"{}"


def test_a_parameter_may_be_placed_in_the_query_of_a_post() -> None:
    made = builder("POST", wire={"a": {"in": "query"}})({"a": "x", "b": 2})
    assert (made.target, made.body) == ("/v2/things?a=x", b'{"b":2}')


@pytest.mark.parametrize(
    ("value", "segment"),
    [
        ("abc", "abc"),
        ("a/b", "a%2Fb"),
        ("a b", "a%20b"),
        ("a?b#c", "a%3Fb%23c"),
        ("a%2Fb", "a%252Fb"),
        ("..a", "..a"),
        ("../me", "..%2Fme"),
        ("..\\me", "..%5Cme"),
        ("é", "%C3%A9"),
        ("{a}", "%7Ba%7D"),
        ("a@b+c.example", "a%40b%2Bc.example"),
        (42, "42"),
        (42.0, "42"),
        (True, "true"),
    ],
)
def test_a_path_value_is_exactly_one_segment(value: Any, segment: str) -> None:
    made = target({"thingId": value, "a": "x"}, path="/v2/things/{thingId}/{a}")
    assert made == f"/v2/things/{segment}/x"


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_path_value_that_would_climb_the_path_is_refused(value: str) -> None:
    said = "thingId must not be empty, '.' or '..'"
    assert fault({"thingId": value}, path="/v2/things/{thingId}") == said


@pytest.mark.parametrize("value", ["a\x00", "a\nb", "\x1b[0m", "\x7f", "\ud800"])
def test_a_path_value_with_control_characters_is_refused(value: str) -> None:
    said = "thingId must not have control characters"
    assert fault({"thingId": value}, path="/v2/things/{thingId}") == said


@pytest.mark.parametrize(
    "value",
    [10**5000, float("nan"), float("inf"), -(2**64)],
    ids=["5001 digits", "no number", "infinite", "65 bits"],
)
@pytest.mark.parametrize("path", ["/v2/things/{thingId}", "/v2/things"])
def test_a_number_beyond_64_bits_is_refused_in_a_url(path: str, value: float) -> None:
    assert fault({"thingId": value}, path=path) == "thingId must be a number of 64 bits"


@pytest.mark.parametrize(
    ("value", "query"),
    [
        ("x y", "x%20y"),
        ("a&b=c", "a%26b%3Dc"),
        ("a+b@c.example", "a%2Bb%40c.example"),
        ("é\n", "%C3%A9%0A"),
        ("", ""),
        (True, "true"),
        (False, "false"),
        (1.0, "1"),
        (0.5, "0.5"),
    ],
)
def test_a_query_value_is_encoded(value: Any, query: str) -> None:
    assert target({"a": value}) == f"/v2/things?a={query}"


def test_text_that_utf_8_cannot_encode_is_refused_in_a_query() -> None:
    assert fault({"a": "\ud800"}) == "a must be text that UTF-8 can encode"


def test_a_member_of_a_text_enum_is_sent_as_its_text() -> None:
    class State(str, Enum):  # noqa: UP042 - the older style, whose str() is the member's name
        PAST = "past"

    assert target({"a": State.PAST}) == "/v2/things?a=past"


@pytest.mark.parametrize("values", [["x", "y,z"], ("x", "y,z")])
def test_an_array_repeats_its_key(values: Any) -> None:
    assert target({"a": values}) == "/v2/things?a=x&a=y%2Cz"


@pytest.mark.parametrize("values", [["x", "y z"], ("x", "y z")])
def test_an_array_that_is_not_exploded_is_joined_with_commas(values: Any) -> None:
    assert target({"a": values}, wire={"a": {"explode": False}}) == "/v2/things?a=x,y%20z"


def test_a_query_name_with_brackets_is_encoded() -> None:
    made = target({"a": 5}, wire={"a": {"name": "calendars[0][id]"}})
    assert made == "/v2/things?calendars%5B0%5D%5Bid%5D=5"


def test_params_that_make_too_long_a_url_are_refused() -> None:
    assert fault({"a": "x" * 70_000}) == (
        " the params must be shorter: their URL has 70013 characters"
    )


def test_a_parameter_may_have_another_name_on_the_wire() -> None:
    assert body({"a": 1}, wire={"a": {"name": "z"}}) == {"z": 1}


def test_a_dotted_name_nests_in_the_body() -> None:
    wire = {"a": {"name": "color.lightThemeHex"}, "b": {"name": "color.darkThemeHex"}}
    made = body({"a": "#fff", "b": "#000"}, wire=wire)
    assert made == {"color": {"lightThemeHex": "#fff", "darkThemeHex": "#000"}}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_parameter_that_is_not_sent_is_left_out(method: str) -> None:
    made = builder(method, wire={"a": {"send": False}})({"a": 1})
    assert (made.target, made.body) == ("/v2/things", b"{}" if method == "POST" else None)


@pytest.mark.parametrize(
    ("conversion", "given", "sent"),
    [
        ("array", "x", ["x"]),
        ("array", ["x"], ["x"]),
        ("array", ("x",), ["x"]),
        ("integers", ["7", 8], [7, 8]),
        ("integers", "7", [7]),
        ("json", '{"k": [1]}', {"k": [1]}),
        ("json", {"k": 1}, {"k": 1}),
        ("utc", "2030-01-07T10:00:00+02:00", "2030-01-07T08:00:00Z"),
        ("utc", "2030-01-07T10:00", "2030-01-07T10:00:00Z"),
        ("utc", "2030-01-07T10:00:00.5Z", "2030-01-07T10:00:00.500000Z"),
    ],
)
def test_a_conversion_changes_what_is_sent(conversion: str, given: Any, sent: Any) -> None:
    assert body({"a": given}, wire={"a": {"convert": conversion}}) == {"a": sent}


@pytest.mark.parametrize(
    ("conversion", "value", "said"),
    [
        ("integers", "seven", "a must be an integer"),
        ("integers", ["7", "7.5"], "a must be an integer"),
        ("integers", "1_000", "a must be an integer"),
        ("json", "{", "a must be JSON text"),
        ("utc", "0001-01-01T00:00:00+14:00", "a must be a date-time that UTC has"),
        ("utc", "soon", "a must be an ISO 8601 date-time"),
    ],
)
def test_what_cannot_be_converted_is_refused(conversion: str, value: Any, said: str) -> None:
    assert fault({"a": value}, method="POST", wire={"a": {"convert": conversion}}) == said


def test_the_params_are_never_changed() -> None:
    params = {"a": {"k": 1}, "b": "2"}
    builder("POST", wire={"b": {"name": "z.b", "convert": "integers"}})(params)
    assert params == {"a": {"k": 1}, "b": "2"}


def test_a_body_that_json_cannot_carry_is_refused() -> None:
    assert "must be plain JSON" in fault({"a": {1, 2}}, method="POST")


def test_a_body_that_holds_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert "must be plain JSON" in fault({"a": loop}, method="POST")


def test_the_vocabulary_of_action_files_lists_exactly_the_conversions() -> None:
    vocabulary = Path(__file__).parent.parent / "action_specs" / "action.schema.json"
    document = json.loads(vocabulary.read_text("utf-8"))
    fields = document["properties"]["wire"]["additionalProperties"]["properties"]
    assert fields["convert"]["enum"] == list(CONVERSIONS)
