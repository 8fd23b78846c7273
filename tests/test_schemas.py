"""Actions as the tool definitions that language models take."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cal_actions import Catalog, catalog, schemas

SLUGS = [
    "CAL_POST_NEW_BOOKING_REQUEST",
    "CAL_FETCH_ALL_BOOKINGS",
    "CAL_UPDATE_OAUTH_CLIENT_WEBHOOK",
    "CAL_RETRIEVE_CALENDAR_BUSY_TIMES",
    "CAL_CREATE_TEAM_EVENT_TYPE",
]


def five() -> Catalog:
    return catalog.filter(slugs=SLUGS)


def test_the_plain_format_says_everything_of_an_action() -> None:
    (tool,) = schemas.export(catalog.filter(slugs=["CAL_FETCH_ALL_BOOKINGS"]))
    spec = catalog["CAL_FETCH_ALL_BOOKINGS"]
    assert tool == {
        "name": "CAL_FETCH_ALL_BOOKINGS",
        "title": spec.title,
        "description": spec.description,
        "effect": "read",
        "idempotent": True,
        "input_schema": spec.input_schema,
        "output_schema": spec.output_schema,
    }


def test_the_openai_format_is_a_function_tool() -> None:
    (tool,) = schemas.export([catalog["CAL_FETCH_ALL_BOOKINGS"]], "openai")
    spec = catalog["CAL_FETCH_ALL_BOOKINGS"]
    function = {
        "name": "CAL_FETCH_ALL_BOOKINGS",
        "description": spec.description,
        "parameters": spec.input_schema,
    }
    assert tool == {"type": "function", "function": function}


@pytest.mark.parametrize("format_name", schemas.FORMATS)
def test_there_is_one_tool_per_action_in_their_order(format_name: Any) -> None:
    tools = schemas.export(five(), format_name)
    assert [tool.get("name") or tool["function"]["name"] for tool in tools] == SLUGS


@pytest.mark.parametrize("format_name", schemas.FORMATS)
def test_the_tools_are_plain_json(format_name: Any) -> None:
    tools = schemas.export(five(), format_name)
    assert json.loads(json.dumps(tools)) == tools


@pytest.mark.parametrize("slug", SLUGS)
def test_the_schemas_are_valid_json_schema_2020_12(slug: str) -> None:
    (tool,) = schemas.export(catalog.filter(slugs=[slug]))
    Draft202012Validator.check_schema(tool["input_schema"])
    Draft202012Validator.check_schema(tool["output_schema"])


@pytest.mark.parametrize("format_name", schemas.FORMATS)
def test_the_tools_are_yours_to_change(format_name: Any) -> None:
    before = json.dumps(schemas.export(five(), format_name))
    for tool in schemas.export(five(), format_name):
        function = tool.get("function", tool)
        (function.get("parameters") or function["input_schema"])["properties"].clear()
        function.get("output_schema", {}).clear()
    assert json.dumps(schemas.export(five(), format_name)) == before


def test_an_empty_catalogue_gives_no_tools() -> None:
    assert schemas.export(Catalog(dict)) == []


def test_an_unknown_format_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="unknown format 'xml': use one of json-schema, openai"):
        schemas.export(catalog, "xml")  # type: ignore[arg-type]
