"""Params before they are sent: what is put right, and what is told about the rest."""

import copy
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
import respx
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from cal_actions import ActionError, Connector, catalog
from cal_actions.validation import Checker
from tests.made_up import catalog_of, document

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 60},
        "orgId": {"type": "integer", "minimum": 1, "maximum": 1000},
        "price": {"type": "number", "minimum": 0},
        "hidden": {"type": "boolean"},
        "agreed": {"type": "boolean", "const": True},
        "start": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date"},
        "status": {"type": "string", "enum": ["upcoming", "past", "cancelled"]},
        "secret": {"type": "string", "format": "password", "minLength": 8, "enum": ["a" * 8]},
        "digits": {"type": "string", "pattern": "^[0-9]+$"},
        "note": {"type": ["string", "null"]},
        "cleared": {"$ref": "#/$defs/cleared"},
        "any": {},
        "guests": {
            "type": "array",
            "minItems": 1,
            "maxItems": 3,
            "items": {"type": "string"},
        },
        "ids": {"type": "array", "items": {"type": "integer"}},
        "attendee": {
            "type": "object",
            "required": ["email"],
            "properties": {"email": {"type": "string"}, "age": {"type": "integer"}},
        },
        "location": {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "required": ["type", "link"],
                    "properties": {"type": {"const": "link"}, "link": {"type": "string"}},
                },
                {
                    "type": "object",
                    "required": ["type", "phone", "country"],
                    "properties": {"type": {"const": "phone"}, "phone": {"type": "string"}},
                },
            ]
        },
        "lengths": {"anyOf": [{"type": "integer"}, {"$ref": "#/$defs/integers"}]},
    },
    "$defs": {
        "integers": {"type": "array", "items": {"type": "integer"}},
        "cleared": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
}
check = Checker("CAL_DO", SCHEMA)
strictly = Checker("CAL_DO", SCHEMA, coerce=False)


def faults(params: Any, checker: Checker = check) -> list[dict[str, str]]:
    with pytest.raises(ActionError) as caught:
        checker(params)
    assert caught.value.code == "invalid_params"
    assert caught.value.retryable is False
    details: list[dict[str, str]] = caught.value.facts["details"]
    return details


def fault(**params: Any) -> str:
    ((found,)) = faults({"name": "n", **params})
    return f"{found['path']} {found['message']}"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"orgId": "42"}, {"orgId": 42}),
        ({"orgId": " 42 "}, {"orgId": 42}),
        ({"price": "9.5"}, {"price": 9.5}),
        ({"hidden": "true"}, {"hidden": True}),
        ({"hidden": "False"}, {"hidden": False}),
        ({"digits": 42}, {"digits": "42"}),
        ({"note": 42}, {"note": "42"}),
        ({"ids": ["1", 2]}, {"ids": [1, 2]}),
        ({"ids": "[1, 2]"}, {"ids": [1, 2]}),
        ({"ids": '["1", 2]'}, {"ids": [1, 2]}),
        ({"ids": (1, 2)}, {"ids": [1, 2]}),
        ({"attendee": '{"email": "a@b.example"}'}, {"attendee": {"email": "a@b.example"}}),
        ({"attendee": {"email": 1, "age": "7"}}, {"attendee": {"email": "1", "age": 7}}),
        ({"attendee": {"email": "e", "age": None}}, {"attendee": {"email": "e"}}),
        ({"lengths": "30"}, {"lengths": 30}),
        ({"lengths": ["30", 60]}, {"lengths": [30, 60]}),
    ],
)
def test_what_is_meant_beyond_doubt_is_put_right(
    given: dict[str, Any], meant: dict[str, Any]
) -> None:
    assert check({"name": "n", **given}) == {"name": "n", **meant}


@pytest.mark.parametrize(
    "params",
    [
        {"orgId": "4.2"},
        {"orgId": "1e2"},
        {"orgId": "forty"},
        {"orgId": "1_000"},
        {"orgId": "٤٢"},
        {"hidden": "yes"},
        {"hidden": 1},
        {"agreed": 1},
        {"digits": True},
        {"digits": 10**20},
        {"guests": "a@b.example"},
        {"ids": "1,2"},
        {"ids": "[1, 2"},
    ],
)
def test_what_is_doubtful_is_refused(params: dict[str, Any]) -> None:
    assert len(faults({"name": "n", **params})) == 1


def test_none_for_an_optional_parameter_is_left_out() -> None:
    assert check({"name": "n", "orgId": None, "hidden": None}) == {"name": "n"}


def test_none_for_a_required_parameter_is_refused() -> None:
    assert faults({"name": None}) == [{"path": "name", "message": "must be text, not null"}]


@pytest.mark.parametrize("name", ["note", "cleared", "any"])
def test_none_is_kept_where_null_is_a_value(name: str) -> None:
    assert check({"name": "n", name: None, "orgId": "42"}) == {"name": "n", name: None, "orgId": 42}


@pytest.mark.parametrize("params", [{"orgId": "42"}, {"orgId": None}, {"digits": 42}])
def test_without_coercion_nothing_is_put_right(params: dict[str, Any]) -> None:
    assert len(faults({"name": "n", **params}, strictly)) == 1


def test_the_callers_params_are_never_changed() -> None:
    params = {"name": "n", "orgId": "42", "note": None, "attendee": {"email": "e", "age": "7"}}
    before = copy.deepcopy(params)
    check(params)
    assert params == before


@pytest.mark.parametrize("mapping", [OrderedDict, MappingProxyType])
def test_any_mapping_will_do(mapping: Any) -> None:
    assert check(mapping({"name": "n"})) == {"name": "n"}


def test_json_text_of_the_params_will_do() -> None:
    assert check('{"name": "n", "orgId": 42}') == {"name": "n", "orgId": 42}


@pytest.mark.parametrize("params", [None, {}])
def test_no_params_will_do_where_none_is_required(params: Any) -> None:
    assert Checker("CAL_DO", {**SCHEMA, "required": []})(params) == {}


@pytest.mark.parametrize("params", [None, {}])
def test_no_params_are_refused_where_one_is_required(params: Any) -> None:
    assert faults(params) == [{"path": "name", "message": "is required"}]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        (["name"], "must be an object, not an array"),
        ("name", 'must be an object, not "name"'),
        (5, "must be an object, not 5"),
        (True, "must be an object, not true"),
        (object(), "must be an object, not a Python object"),
    ],
)
def test_params_that_are_no_object_are_refused(params: Any, said: str) -> None:
    assert faults(params) == [{"path": "", "message": said}]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"orgId": "x"}, 'orgId must be an integer, not "x"'),
        ({"orgId": 0}, "orgId must be 1 or more, not 0"),
        ({"orgId": 1001}, "orgId must be 1000 or less, not 1001"),
        ({"orgId": 1.5}, "orgId must be an integer, not 1.5"),
        ({"orgId": datetime(2030, 1, 7)}, "orgId must be an integer, not a Python datetime"),
        ({"price": "a lot"}, 'price must be a number, not "a lot"'),
        ({"hidden": "maybe"}, 'hidden must be true or false, not "maybe"'),
        ({"agreed": False}, "agreed must be true"),
        ({"note": []}, "note must be text or null, not an array"),
        ({"name": ""}, "name must not be empty"),
        ({"name": "n" * 61}, "name must have 60 characters or fewer"),
        ({"digits": "4x"}, 'digits must match the pattern ^[0-9]+$, not "4x"'),
        ({"guests": []}, "guests must not be empty"),
        ({"guests": list("abcd")}, "guests must have 3 items or fewer"),
        ({"guests": ["a", {}]}, "guests[1] must be text, not an object"),
        ({"attendee": {}}, "attendee.email is required"),
        ({"lengths": "half an hour"}, 'lengths must be an integer or an array, not "half an hour"'),
    ],
)
def test_a_violation_says_where_and_what_to_change(params: dict[str, Any], said: str) -> None:
    assert fault(**params) == said


@pytest.mark.parametrize(
    "value",
    [
        "tomorrow",
        "2030-01-07",
        "2030-01-07 10:00",
        "2030-13-01T10:00:00Z",
        "10:00",
        "2030-01-07T10",
    ],
)
def test_what_is_no_date_time_is_told_an_example(value: str) -> None:
    said = "start must be an ISO 8601 date-time such as 2030-01-07T10:00:00Z"
    assert fault(start=value) == f'{said}, not "{value}"'


@pytest.mark.parametrize(
    "value",
    ["2030-01-07T10:00", "2030-01-07T10:00:00Z", "2030-01-07T10:00:00.123+02:00"],
)
def test_a_date_time_may_have_an_offset_or_none(value: str) -> None:
    assert check({"name": "n", "start": value})["start"] == value


@pytest.mark.parametrize("value", ["20300107", "2030-1-7", "2030-02-30", "2030-01-07T10:00"])
def test_what_is_no_date_is_told_an_example(value: str) -> None:
    assert fault(day=value) == f'day must be a date such as 2030-01-07, not "{value}"'


def test_a_value_outside_an_enum_is_told_the_near_one() -> None:
    assert (
        fault(status="canceled")
        == 'status is not a possible value: got "canceled" (did you mean cancelled?)'
    )


def test_a_value_outside_an_enum_is_told_all_where_none_is_near() -> None:
    said = 'status is not a possible value: got "open" (use one of upcoming, past, cancelled)'
    assert fault(status="open") == said


def test_a_misspelled_parameter_is_told_the_near_one() -> None:
    assert fault(orgid=4) == "orgid is not a parameter (did you mean orgId?)"


def test_an_unknown_parameter_is_told_all_where_none_is_near() -> None:
    assert fault(zzz=4).startswith("zzz is not a parameter (the parameters are name, orgId, price,")


def test_an_unknown_parameter_of_an_action_without_any_is_told_so() -> None:
    none = Checker("CAL_DO", {"type": "object", "additionalProperties": False, "properties": {}})
    assert faults({"x": 1}, none) == [
        {"path": "x", "message": "is not a parameter (there are none)"}
    ]


def test_an_item_that_stands_twice_is_told_where_each_must_stand_once() -> None:
    tags = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
    once = Checker("CAL_DO", {"type": "object", "properties": {"tags": tags}})
    assert once({"tags": ["a", "b"]}) == {"tags": ["a", "b"]}
    assert faults({"tags": ["a", "a"]}, once) == [
        {"path": "tags", "message": "must not hold the same item twice"}
    ]


def test_of_several_alternatives_only_the_nearest_is_told() -> None:
    assert fault(location={"type": "link"}) == "location.link is required"


def test_every_violation_is_told_at_once() -> None:
    told = [item["path"] for item in faults({"orgId": "x", "orgid": 4, "attendee": {}})]
    assert sorted(told) == ["attendee.email", "name", "orgId", "orgid"]


def test_the_sentence_holds_every_violation() -> None:
    with pytest.raises(ActionError) as caught:
        check({"orgId": "x"})
    assert (
        caught.value.message
        == 'CAL_DO was not sent: name is required; orgId must be an integer, not "x".'
    )


def test_at_most_fifty_violations_are_told() -> None:
    assert len(faults({f"unknown{number}": 1 for number in range(500)})) == 50


def test_a_secret_is_never_echoed() -> None:
    with pytest.raises(ActionError) as caught:
        check({"name": "n", "secret": "hunter2"})
    assert "hunter2" not in str(caught.value.data()) + caught.value.message


def test_a_long_value_is_never_echoed() -> None:
    assert fault(orgId="x" * 100) == "orgId must be an integer"


def test_a_long_name_is_cut() -> None:
    ((told,)) = faults({"name": "n", "z" * 500: 1})
    assert told["path"] == "z" * 40


@pytest.mark.parametrize("character", ["\n", "\x1b", "\ud800", "\u2028"])
def test_an_unprintable_name_is_told_in_print(character: str) -> None:
    (told,) = faults({"name": "n", f"a{character}b": 1})
    assert told["path"] == "a?b"


@pytest.mark.parametrize(
    ("name", "shown"), [("a\ud800b", "a?b"), ("a\nb", "a?b"), ("z" * 500, "z" * 40)]
)
def test_a_name_of_the_callers_own_is_told_in_short_print(name: str, shown: str) -> None:
    texts = {"type": "object", "additionalProperties": {"type": "string"}}
    free = Checker("CAL_DO", {"type": "object", "properties": {"metadata": texts}})
    ((told,)) = faults({"metadata": {name: []}}, free)
    assert told["path"] == f"metadata.{shown}"


def test_an_unprintable_value_is_told_in_print() -> None:
    assert fault(orgId="\ud800\n") == r'orgId must be an integer, not "?\n"'


NOT_JSON = {
    "a number of 5001 digits": 10**5000,
    "a decimal": Decimal("9.5"),
    "a decimal that is no number": Decimal("sNaN"),
    "a complex number": 1j,
    "a float that is no number": float("nan"),
    "an infinite float": float("inf"),
    "a set": {1, 2},
    "bytes": b"bytes",
    "a function": len,
    "a date": datetime(2030, 1, 7),
}


@pytest.mark.parametrize("value", NOT_JSON.values(), ids=NOT_JSON)
@pytest.mark.parametrize("place", [lambda value: value, lambda value: {"nested": [value]}])
@pytest.mark.parametrize("name", ["any", "attendee", "location", "name", "orgId", "price"])
def test_a_value_that_json_does_not_have_is_refused(
    name: str, place: Callable[[Any], Any], value: Any
) -> None:
    actions = catalog_of(document(method="POST", auth=["none"], input=SCHEMA))
    with respx.mock, Connector(actions=actions) as connector:
        envelope = connector.execute("CAL_DO", {"name": "n", name: place(value)})
    assert envelope.data["code"] == "invalid_params"
    assert len(envelope.error or "") < 300


def test_params_nested_too_deeply_are_refused() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    assert fault(ids=deep) in (
        "ids[0] must be an integer, not an array",
        " the params are nested too deeply",
    )


def values() -> st.SearchStrategy[Any]:
    plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
    words = st.sampled_from(["", "1", "a@b.example", "link", "past", "phone", "upcoming", "x" * 61])
    return st.recursive(
        plain | words,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(["age", "email", "link", "type"]), inner, max_size=3)
        ),
        max_leaves=5,
    )


WITHOUT_FORMATS = {
    **SCHEMA,
    "properties": {
        name: schema
        for name, schema in SCHEMA["properties"].items()
        if schema.get("format") in (None, "password")
    },
}
DRAFT_2020_12 = Draft202012Validator(WITHOUT_FORMATS)
ONLY_CHECKED = Checker("CAL_DO", WITHOUT_FORMATS, coerce=False)


@settings(deadline=None, max_examples=400)
@given(
    st.fixed_dictionaries(
        {}, optional={name: values() for name in (*WITHOUT_FORMATS["properties"], "unknown")}
    )
)
def test_exactly_what_fits_the_json_schema_is_taken(params: dict[str, Any]) -> None:
    try:
        ONLY_CHECKED(params)
    except ActionError:
        taken = False
    else:
        taken = True
    assert taken == DRAFT_2020_12.is_valid(params)


LOOSE_IN_PYTHON: list[tuple[dict[str, Any], Any]] = [
    ({"const": True}, 1),
    ({"const": 0}, False),
    ({"enum": [1, "a"]}, True),
    ({"enum": [[1], "a"]}, [True]),
    ({"type": "integer"}, True),
    ({"type": "number", "maximum": 5}, True),
    ({"$ref": "#/$defs/text", "minLength": 3}, "ab"),
    ({"type": "object", "required": ["b"], "additionalProperties": False}, {"b": 1}),
    (
        {"type": "object", "required": ["b"], "additionalProperties": {"type": "string"}},
        {"b": 1},
    ),
]


@pytest.mark.parametrize(("schema", "value"), LOOSE_IN_PYTHON)
def test_what_only_python_holds_equal_or_for_allowed_is_refused(
    schema: dict[str, Any], value: Any
) -> None:
    whole = {
        "type": "object",
        "properties": {"a": schema},
        "$defs": {"text": {"type": "string"}},
    }
    assert faults({"a": value}, Checker("CAL_DO", whole, coerce=False))


def test_what_is_told_of_very_many_violations_is_bounded() -> None:
    spec = catalog["CAL_POST_WEBHOOK_EVENT"]
    params = {"subscriberUrl": "https://x.example", "active": True, "triggers": ["NO"] * 3000}
    with pytest.raises(ActionError) as caught:
        Checker(spec.slug, spec.input)(params)
    details = caught.value.facts["details"]
    assert details[0]["path"] == "triggers[0]"
    assert 1 < len(details) < 50
    assert len(caught.value.message) < 12_000
