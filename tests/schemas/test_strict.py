"""Schemas that a provider holds a model to, and what comes of the values that fit them."""

from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from cal_actions import catalog, schemas
from cal_actions.validation import Checker
from tests.schemas.offers import made_up, offered, parameters

BOOKING = catalog["CAL_POST_NEW_BOOKING_REQUEST"]
CASES = [
    (format_name, compact)
    for format_name in ("openai", "openai-responses", "anthropic")
    for compact in (False, True)
]


def held(format_name: Any, **parameter: Any) -> dict[str, Any]:
    """What becomes of the second parameter, an optional one."""
    spec = made_up(
        must={"type": "string", "description": "Must."},
        may={"description": "May.", **parameter},
    )
    (tool,) = schemas.export([spec], format_name, strict=True)
    schema = parameters(tool)
    assert schema["required"] == ["must", "may"]
    assert schema["additionalProperties"] is False
    found: dict[str, Any] = schema["properties"]["may"]
    return found


@pytest.mark.parametrize("format_name", schemas.STRICT_FORMATS)
def test_a_strict_tool_says_so(format_name: Any) -> None:
    (tool,) = schemas.export([catalog["CAL_GET_TEAMS_LIST"]], format_name, strict=True)
    assert tool.get("function", tool)["strict"] is True


@pytest.mark.parametrize("format_name", ["openai", "anthropic"])
@pytest.mark.parametrize(
    ("parameter", "nullable"),
    [
        ({"type": "string"}, {"type": ["string", "null"]}),
        ({"type": ["string", "integer"]}, {"type": ["string", "integer", "null"]}),
        (
            {"type": "array", "items": {"type": "string"}},
            {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]},
        ),
        (
            {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
        ),
    ],
    ids=str,
)
def test_what_was_optional_takes_null(
    format_name: str, parameter: dict[str, Any], nullable: dict[str, Any]
) -> None:
    assert held(format_name, **parameter) == {"description": "May.", **nullable}


def test_what_was_required_takes_no_null() -> None:
    (tool,) = schemas.export([catalog["CAL_DELETE_SCHEDULE_BY_ID"]], "openai", strict=True)
    assert parameters(tool)["properties"]["scheduleId"]["type"] == "integer"


def test_null_is_one_of_the_values_of_an_optional_enum() -> None:
    assert held("openai", type="string", enum=["a", "b"]) == {
        "type": ["string", "null"],
        "enum": ["a", "b", None],
        "description": "May.",
    }
    assert held("openai", type="boolean", const=True)["enum"] == [True, None]


def test_anthropic_is_given_enums_without_a_type_which_are_no_unions() -> None:
    assert held("anthropic", type="string", enum=["a"]) == {
        "enum": ["a", None],
        "description": "May.",
    }
    assert held("anthropic", type="boolean") == {
        "enum": [True, False, None],
        "description": "May.",
    }


def test_an_optional_object_is_closed_and_its_optional_parts_take_null_too() -> None:
    place = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
    place["properties"]["b"] = {"type": "integer"}
    assert held("openai", **place) == {
        "anyOf": [
            {
                "type": "object",
                "required": ["a", "b"],
                "additionalProperties": False,
                "properties": {"a": {"type": "string"}, "b": {"type": ["integer", "null"]}},
            },
            {"type": "null"},
        ],
        "description": "May.",
    }


def test_what_is_shared_stays_a_definition_with_nothing_beside_its_references() -> None:
    (tool,) = schemas.export([catalog["CAL_PATCH_WEBHOOK_EVENT_TYPE"]], "openai", strict=True)
    schema = parameters(tool)
    assert schema["properties"]["triggers"]["anyOf"] == [
        {"$ref": "#/$defs/trigger"},
        {"type": "array", "items": {"$ref": "#/$defs/trigger"}},
        {"type": "null"},
    ]
    assert schema["$defs"] == catalog["CAL_PATCH_WEBHOOK_EVENT_TYPE"].input["$defs"]
    spec = made_up(a={"type": "string"}, b={"$ref": "#/$defs/c", "description": "B."})
    spec.input["$defs"] = {"c": {"type": "integer", "description": "C."}}
    (tool,) = schemas.export([spec], "anthropic", strict=True)
    assert parameters(tool)["properties"]["b"] == {
        "type": ["integer", "null"],
        "description": "B.",
    }


@pytest.mark.parametrize(
    ("format_name", "parameter", "said"),
    [
        ("openai", {"type": "string", "minLength": 1}, "May. Not empty."),
        ("openai", {"type": "string", "maxLength": 5}, "May. At most 5 characters."),
        ("openai", {"type": "string", "pattern": "^(?!a)"}, "May. Matches ^(?!a)."),
        ("openai", {"type": "string", "format": "uri"}, "May. A URL."),
        ("openai", {"type": "string", "format": "password"}, "May."),
        ("openai", {"type": "integer", "minimum": 1}, "May."),
        ("anthropic", {"type": "integer", "minimum": 1}, "May. At least 1."),
        (
            "anthropic",
            {"type": "integer", "minimum": 1, "maximum": 9},
            "May. At least 1. At most 9.",
        ),
        ("anthropic", {"type": "string", "format": "uri"}, "May."),
        ("anthropic", {"type": "string", "pattern": "^a$"}, "May."),
    ],
)
def test_what_the_provider_cannot_enforce_is_said_in_words(
    format_name: str, parameter: dict[str, Any], said: str
) -> None:
    found = held(format_name, **parameter)
    assert found["description"] == said
    enforced = set(parameter) - {"type"}
    if said == "May." and parameter.get("format") != "password":
        assert enforced <= found.keys()
    else:
        assert not enforced & found.keys()


def test_words_follow_a_description_as_a_sentence_and_say_nothing_of_nothing() -> None:
    assert held("openai", type="string", minLength=1, description="Hex")["description"] == (
        "Hex. Not empty."
    )
    assert held("openai", type="string", minLength=0) == {
        "type": ["string", "null"],
        "description": "May.",
    }


def test_anthropic_takes_a_least_number_of_items_of_one_at_most() -> None:
    strings = {"type": "array", "items": {"type": "string"}}
    assert held("anthropic", **strings, minItems=1)["anyOf"][0]["minItems"] == 1
    assert held("anthropic", **strings, minItems=2)["description"] == "May. At least 2 items."


def test_actions_with_free_form_objects_are_named_with_their_parameters() -> None:
    found = schemas.not_strict(catalog)
    assert found["CAL_POST_NEW_BOOKING_REQUEST"] == ["bookingFieldsResponses", "metadata"]
    assert found["CAL_CREATE_TEAM_IN_ORGANIZATION"] == ["metadata"]
    assert len(found) == 9
    assert schemas.not_strict(catalog, compact=True) == {}


@pytest.mark.parametrize(
    ("parameter", "paths"),
    [
        ({"type": "object"}, ["a"]),
        ({"type": "object", "additionalProperties": False}, ["a"]),
        ({"type": "object", "additionalProperties": {"type": "string"}}, ["a"]),
        ({"type": ["string", "object"]}, ["a"]),
        ({"type": "object", "additionalProperties": True, "properties": {"b": {}}}, ["a", "a.b"]),
        ({"type": "array"}, ["a"]),
        ({"type": "array", "items": {"type": "object"}}, ["a[]"]),
        ({"anyOf": [{"type": "object"}, {"type": "object"}]}, ["a"]),
        ({}, ["a"]),
        ({"type": "object", "properties": {"b": {"type": "string"}}}, []),
        ({"type": "object", "properties": {"b": {"type": ["string", "null"]}}}, ["a.b"]),
        ({"type": "object", "properties": {"b": {"enum": ["c", None]}}}, ["a.b"]),
        (
            {
                "type": "object",
                "required": ["b"],
                "properties": {"b": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
            },
            [],
        ),
    ],
    ids=str,
)
def test_a_free_form_value_is_found_wherever_it_is(
    parameter: dict[str, Any], paths: list[str]
) -> None:
    spec = made_up(a={"description": "A.", **parameter})
    assert schemas.not_strict([spec]) == ({"CAL_DO": paths} if paths else {})


def test_a_strict_export_of_a_free_form_action_says_what_to_do() -> None:
    actions = catalog.filter(slugs=["CAL_GET_TEAMS_LIST", "CAL_POST_NEW_BOOKING_REQUEST"])
    with pytest.raises(ValueError, match="cannot describe the free-form values") as raised:
        schemas.export(actions, "openai", strict=True)
    message = str(raised.value)
    assert "CAL_POST_NEW_BOOKING_REQUEST (bookingFieldsResponses, metadata)" in message
    assert "catalog.filter(slugs=…)" in message
    assert "compact=True" in message
    assert "CAL_GET_TEAMS_LIST" not in message


def test_compact_is_no_way_out_where_the_free_form_parameter_is_required() -> None:
    spec = made_up(a={"type": "object", "description": "A."})
    with pytest.raises(ValueError, match=r"CAL_DO \(a\)") as raised:
        schemas.export([spec], "openai", strict=True)
    assert "compact" not in str(raised.value)
    with pytest.raises(ValueError, match=r"CAL_DO \(a\)"):
        schemas.export([spec], "openai", strict=True, compact=True)


@pytest.mark.parametrize("format_name", sorted({*schemas.FORMATS} - {*schemas.STRICT_FORMATS}))
def test_a_format_without_strict_mode_refuses_it(format_name: Any) -> None:
    with pytest.raises(ValueError, match=f"'{format_name}' has no strict mode: leave strict out"):
        schemas.export([BOOKING], format_name, strict=True)


@cache
def checkers() -> dict[str, Checker]:
    return {slug: Checker(slug, spec.input) for slug, spec in catalog.items()}


TEXTS = {"date-time": "2030-01-07T10:00:00Z", "date": "2030-01-07", "email": "a@example.com"}


class Instances:
    """Values of a strict schema: `null` says how often one that may be null is."""

    def __init__(self, schema: dict[str, Any], null: float, random: Random) -> None:
        self._schema, self._null, self._random = schema, null, random

    def make(self) -> Any:
        return self._of(self._schema)

    def _of(self, schema: dict[str, Any]) -> Any:
        if "$ref" in schema:
            return self._of(self._schema["$defs"][schema["$ref"].rpartition("/")[2]])
        if "anyOf" in schema:
            return self._one([self._of(choice) for choice in schema["anyOf"]])
        if "enum" in schema:
            return self._one(schema["enum"])
        kind = schema["type"]
        if isinstance(kind, list):
            return self._one([self._of({**schema, "type": one}) for one in kind])
        match kind:
            case "object":
                return {name: self._of(part) for name, part in schema["properties"].items()}
            case "array":
                count = max(schema.get("minItems", 0), self._random.randint(0, 2))
                return [self._of(schema["items"]) for _ in range(count)]
            case "string":
                return "15" if "pattern" in schema else TEXTS.get(schema.get("format"), "text")
            case "integer" | "number":
                return schema.get("minimum", 1) + self._random.randint(0, 1)
            case "boolean":
                return self._random.random() < 0.5
        return None

    def _one(self, values: list[Any]) -> Any:
        if None in values and self._random.random() < self._null:
            return None
        return self._random.choice([value for value in values if value is not None] or [None])


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def taken(format_name: str, compact: bool, null: float, random: Random) -> dict[str, Any]:
    """Slug → what was sent and what came of it, where those differ by more than the nulls."""
    wrong = {}
    for slug, tool in offered(format_name, True, compact).items():
        schema = parameters(tool)
        value = Instances(schema, null, random).make()
        try:
            checked = checkers()[slug](value)
        except Exception as fault:
            checked = {"refused": str(fault)}
        if checked != without_nulls(value):
            wrong[slug] = (value, checked)
    return wrong


@pytest.mark.parametrize(("format_name", "compact"), CASES)
def test_null_for_all_that_is_optional_is_all_left_out(format_name: str, compact: bool) -> None:
    assert taken(format_name, compact, 1, Random(1)) == {}


@pytest.mark.parametrize(("format_name", "compact"), CASES)
def test_what_fits_with_everything_given_is_accepted(format_name: str, compact: bool) -> None:
    assert taken(format_name, compact, 0, Random(1)) == {}


@settings(max_examples=10, deadline=None)
@given(case=st.sampled_from(CASES), null=st.sampled_from([0.2, 0.5, 0.8]), random=st.randoms())
def test_any_mixture_of_values_and_nulls_is_accepted_without_the_nulls(
    case: tuple[str, bool], null: float, random: Random
) -> None:
    assert taken(*case, null, random) == {}


def test_the_values_made_for_these_tests_fit_the_strict_schemas() -> None:
    for slug, tool in offered("openai", True, False).items():
        schema = parameters(tool)
        for null in (0, 0.5, 1):
            value = Instances(schema, null, Random(slug)).make()
            Draft202012Validator(schema).validate(value)
