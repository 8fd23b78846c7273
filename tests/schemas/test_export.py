"""Actions as the tool definitions that language models take."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from anthropic.types import ToolParam
from google.genai.types import FunctionDeclaration, GenerateContentConfig
from jsonschema import Draft202012Validator
from openai.types.chat import ChatCompletionToolParam
from openai.types.responses import FunctionToolParam
from openai.types.shared_params import FunctionDefinition
from pydantic import ConfigDict, TypeAdapter

from cal_actions import Catalog, Envelope, catalog, schemas
from cal_actions.errors import ActionError
from tests.schemas.dialects import CHECKERS
from tests.schemas.offers import IDS, VARIANTS, made_up, offered, parameters

SLUGS = [
    "CAL_POST_NEW_BOOKING_REQUEST",
    "CAL_FETCH_ALL_BOOKINGS",
    "CAL_UPDATE_OAUTH_CLIENT_WEBHOOK",
    "CAL_RETRIEVE_CALENDAR_BUSY_TIMES",
    "CAL_CREATE_TEAM_EVENT_TYPE",
]
LISTING = catalog["CAL_FETCH_ALL_BOOKINGS"]


def five() -> Catalog:
    return catalog.filter(slugs=SLUGS)


def only(format_name: Any, *specs: Any, **options: bool) -> dict[str, Any]:
    (tool,) = schemas.export(specs or [LISTING], format_name, **options)
    return tool


def test_the_plain_format_says_everything_of_an_action() -> None:
    assert only("json-schema") == {
        "name": "CAL_FETCH_ALL_BOOKINGS",
        "title": LISTING.title,
        "description": LISTING.description,
        "effect": "read",
        "idempotent": True,
        "input_schema": LISTING.input_schema,
        "output_schema": LISTING.output_schema,
    }


def test_the_openai_format_is_a_function_tool() -> None:
    function = {
        "name": "CAL_FETCH_ALL_BOOKINGS",
        "description": LISTING.description,
        "parameters": LISTING.input_schema,
    }
    assert only("openai") == {"type": "function", "function": function}


def test_the_responses_format_is_flat_and_always_says_whether_it_is_strict() -> None:
    assert only("openai-responses") == {
        "type": "function",
        "name": "CAL_FETCH_ALL_BOOKINGS",
        "description": LISTING.description,
        "parameters": LISTING.input_schema,
        "strict": False,
    }
    assert only("openai-responses", strict=True)["strict"] is True


def test_the_anthropic_format_has_an_input_schema() -> None:
    assert only("anthropic") == {
        "name": "CAL_FETCH_ALL_BOOKINGS",
        "description": LISTING.description,
        "input_schema": LISTING.input_schema,
    }


def test_the_mcp_format_tells_what_a_call_does() -> None:
    tool = only("mcp", catalog["CAL_DELETE_SCHEDULE_BY_ID"])
    assert tool["title"] == "Delete schedule by id"
    assert tool["annotations"] == {
        "title": "Delete schedule by id",
        "readOnlyHint": False,
        "destructiveHint": True,
        "idempotentHint": catalog["CAL_DELETE_SCHEDULE_BY_ID"].idempotent,
        "openWorldHint": True,
    }
    assert only("mcp")["annotations"]["readOnlyHint"] is True
    write = only("mcp", catalog["CAL_UPDATE_SCHEDULE_BY_ID"])["annotations"]
    assert (write["readOnlyHint"], write["destructiveHint"]) == (False, False)


@pytest.mark.parametrize(
    "envelope",
    [
        Envelope.success({"items": [], "pagination": {"hasNextPage": False}}),
        Envelope.success(["unwrapped"]),
        Envelope.failure(ActionError("rate_limited", "Wait 3 seconds.", retry_after=3)),
    ],
    ids=["success", "another shape", "failure"],
)
def test_the_mcp_output_schema_takes_every_envelope(envelope: Envelope) -> None:
    schema = only("mcp")["outputSchema"]
    Draft202012Validator(schema).validate(envelope.model_dump())


def test_the_mcp_output_schema_shows_the_data_of_success_and_of_failure() -> None:
    spec = made_up(uid={"type": "string", "description": "Its uid."})
    success, failure, _ = only("mcp", spec)["outputSchema"]["properties"]["data"]["anyOf"]
    assert success == spec.output_schema
    assert failure["required"] == ["code", "retryable"]
    assert not Draft202012Validator(only("mcp")["outputSchema"]).is_valid({"data": {}})


def gemini(format_name: Any, **parameter: Any) -> dict[str, Any]:
    schema = parameters(only(format_name, made_up(a={"description": "A.", **parameter})))
    found: dict[str, Any] = schema["properties"]["a"]
    return found


@pytest.mark.parametrize(
    ("parameter", "as_json", "as_openapi"),
    [
        ({"type": "boolean", "const": True}, {"type": "boolean"}, {"type": "boolean"}),
        (
            {"type": "string", "const": "x"},
            {"type": "string", "enum": ["x"]},
            {"type": "string", "enum": ["x"]},
        ),
        (
            {"type": "string", "minLength": 1},
            {"type": "string", "description": "A. Not empty."},
            {"type": "string", "minLength": 1},
        ),
        (
            {"type": "string", "pattern": "^a$"},
            {"type": "string", "description": "A. Matches ^a$."},
            {"type": "string", "pattern": "^a$"},
        ),
        (
            {"type": "integer", "enum": [1, 2]},
            {"type": "integer", "enum": [1, 2]},
            {"type": "integer", "description": "A. One of 1, 2."},
        ),
        (
            {"type": "string", "format": "date"},
            {"type": "string", "format": "date"},
            {"type": "string", "description": "A. A date such as 2030-01-07."},
        ),
        ({"type": "string", "format": "password"}, {"type": "string"}, {"type": "string"}),
        (
            {"type": ["string", "null"]},
            {"type": ["string", "null"]},
            {"type": "string", "nullable": True},
        ),
        (
            {"type": "object", "additionalProperties": {"type": "string"}},
            {"type": "object", "additionalProperties": {"type": "string"}},
            {
                "type": "string",
                "description": "A. Each value is of type string. A JSON object, as text.",
            },
        ),
    ],
    ids=str,
)
def test_gemini_is_told_in_words_what_it_has_no_keyword_for(
    parameter: dict[str, Any], as_json: dict[str, Any], as_openapi: dict[str, Any]
) -> None:
    if parameter.get("const") is True:
        as_json = as_openapi = {"type": "boolean", "description": "A. Always true."}
    assert gemini("gemini", **parameter) == {"description": "A.", **as_json}
    assert gemini("gemini-openapi", **parameter) == {"description": "A.", **as_openapi}


@pytest.mark.parametrize("format_name", ["gemini", "gemini-openapi"])
def test_several_types_become_choices_with_nothing_beside_them(format_name: str) -> None:
    assert gemini(format_name, type=["string", "integer"], minimum=1) == {
        "anyOf": [{"type": "string", "description": "A."}, {"type": "integer", "minimum": 1}]
    }


def test_a_choice_of_null_is_nullable_in_openapi() -> None:
    choices = [{"type": "null"}, {"type": "string"}, {"type": "integer"}]
    assert gemini("gemini-openapi", anyOf=choices) == {
        "anyOf": [
            {"type": "string", "nullable": True, "description": "A."},
            {"type": "integer"},
        ]
    }


def test_a_choice_of_one_kind_or_null_is_that_kind_in_openapi() -> None:
    assert gemini("gemini-openapi", anyOf=[{"type": "string"}, {"type": "null"}]) == {
        "type": "string",
        "nullable": True,
        "description": "A.",
    }


def test_references_stay_for_gemini_and_are_put_in_place_in_openapi() -> None:
    spec = catalog["CAL_POST_WEBHOOK_EVENT"]
    trigger = spec.input["$defs"]["trigger"]
    as_json, as_openapi = parameters(only("gemini", spec)), parameters(only("gemini-openapi", spec))
    items = {"type": "array", "items": {"$ref": "#/$defs/trigger"}}
    described = {**items, "description": spec.input["properties"]["triggers"]["description"]}
    assert as_json["properties"]["triggers"]["anyOf"] == [items["items"], described]
    assert as_json["$defs"] == {"trigger": trigger}
    assert as_openapi["properties"]["triggers"]["anyOf"] == [
        trigger | {"description": described["description"]},
        {**items, "items": trigger},
    ]


def test_an_action_without_parameters_declares_none_in_openapi() -> None:
    spec = catalog["CAL_RETRIEVE_MY_INFORMATION"]
    assert only("gemini-openapi", spec).keys() == {"name", "description"}


def unknown(tool: dict[str, Any], typed_dict: Any) -> set[str]:
    """What `tool` has that the provider's own type does not."""
    known: set[str] = typed_dict.__required_keys__ | typed_dict.__optional_keys__
    return tool.keys() - known


CHAT = TypeAdapter(ChatCompletionToolParam)
RESPONSES = TypeAdapter(FunctionToolParam)
ANTHROPIC = TypeAdapter(ToolParam)


class Declaration(FunctionDeclaration):
    model_config = ConfigDict(extra="forbid")


def of_the_provider(format_name: str, tool: dict[str, Any]) -> None:
    match format_name:
        case "openai":
            assert not unknown(tool, ChatCompletionToolParam)
            assert not unknown(tool["function"], FunctionDefinition)
            CHAT.validate_python(tool)
        case "openai-responses":
            assert not unknown(tool, FunctionToolParam)
            RESPONSES.validate_python(tool)
        case "anthropic":
            assert not unknown(tool, ToolParam)
            ANTHROPIC.validate_python(tool)
        case "gemini" | "gemini-openapi":
            declared = Declaration.model_validate(tool)
            again = declared.model_dump(mode="json", by_alias=True, exclude_none=True)
            assert again.keys() == tool.keys()


@pytest.mark.parametrize(("format_name", "strict", "compact"), VARIANTS, ids=IDS)
def test_every_action_fits_the_types_and_the_rules_of_its_provider(
    format_name: str, strict: bool, compact: bool
) -> None:
    tools = offered(format_name, strict, compact)
    faults = {slug: found for slug, tool in tools.items() if (found := CHECKERS[format_name](tool))}
    assert faults == {}
    for tool in tools.values():
        of_the_provider(format_name, tool)
        Draft202012Validator.check_schema(parameters(tool))
    assert len(tools) >= (130 if strict else len(catalog))


@pytest.mark.parametrize("format_name", schemas.FORMATS)
def test_there_is_one_tool_per_action_in_their_order(format_name: Any) -> None:
    tools = schemas.export(five(), format_name)
    assert [tool.get("name") or tool["function"]["name"] for tool in tools] == SLUGS
    assert schemas.export(list(five().values()), format_name) == tools


def emptied(value: Any) -> None:
    """Remove all that a list or dict holds, and all that is in it."""
    if isinstance(value, (dict, list)):
        for item in list(value.values() if isinstance(value, dict) else value):
            emptied(item)
        value.clear()


@pytest.mark.parametrize(("format_name", "strict", "compact"), VARIANTS, ids=IDS)
def test_the_tools_share_nothing_with_the_catalogue(
    format_name: Any, strict: bool, compact: bool
) -> None:
    for slug in SLUGS[1:4]:  # none of them has a free-form parameter
        spec = catalog[slug]
        before = json.dumps(spec.__dict__, default=str)
        tool = only(format_name, spec, strict=strict, compact=compact)
        written = json.dumps(tool)
        emptied(tool)
        assert json.dumps(spec.__dict__, default=str) == before
        assert json.dumps(only(format_name, spec, strict=strict, compact=compact)) == written


EVERYTHING = """
import hashlib, json, sys
from tests.schemas.offers import VARIANTS, offered
told = json.dumps([offered(*variant) for variant in VARIANTS])
print(hashlib.sha256(told.encode()).hexdigest())
"""


def in_a_process(code: str, **environment: str) -> str:
    return subprocess.run(
        [sys.executable, "-B", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        cwd=Path(__file__).parents[2],
    ).stdout


def test_two_processes_export_the_same_bytes_whatever_their_hash_seeds() -> None:
    assert in_a_process(EVERYTHING, PYTHONHASHSEED="1") == in_a_process(
        EVERYTHING, PYTHONHASHSEED="2"
    )


LOADED = """
import sys
from cal_actions import schemas
from tests.schemas.offers import made_up
for name in ("json-schema", "openai", "openai-responses", "anthropic", "mcp"):
    assert schemas.export([made_up(a={"type": "string"})], name)
print(*sorted(sys.modules))
"""


def test_a_plain_export_loads_no_library_and_no_dialect() -> None:
    loaded = set(in_a_process(LOADED).split())
    assert not loaded & {"jsonschema", "pydantic", "yaml", "httpx"}
    ours = {name for name in loaded if name.startswith("cal_actions.schemas.")}
    assert ours <= {f"cal_actions.schemas.{name}" for name in ("formats", "limits")}


@pytest.mark.parametrize("format_name", schemas.FORMATS)
def test_an_empty_catalogue_gives_no_tools(format_name: Any) -> None:
    assert schemas.export(Catalog(dict), format_name) == []


def test_an_unknown_format_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="unknown format 'xml': use one of json-schema, openai"):
        schemas.export(catalog, "xml")


def test_an_action_that_comes_twice_is_exported_once() -> None:
    both = [*catalog.filter(toolset="scheduling").values(), *catalog.values()]
    assert len(schemas.export(both, "anthropic")) == len(catalog)


@pytest.mark.parametrize("wrong", ["scheduling", ["CAL_LIST_EVENT_TYPES"], [None]])
def test_anything_but_actions_is_a_type_error(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"catalog\.filter"):
        schemas.export(wrong)


def test_gemini_openapi_needs_the_type_of_a_value_but_finds_that_of_an_enum() -> None:
    (tool,) = schemas.export([made_up(a={"enum": ["x", "y"]})], "gemini-openapi")
    assert parameters(tool)["properties"]["a"] == {"type": "string", "enum": ["x", "y"]}
    with pytest.raises(ValueError, match=r"needs the type of each value: 'Whatever\.' has none"):
        schemas.export([made_up(a={"description": "Whatever."})], "gemini-openapi")


@pytest.mark.parametrize("format_name", ["gemini", "gemini-openapi"])
def test_what_gemini_needs_beside_alternatives_it_needs_in_each(format_name: Any) -> None:
    text = {"type": "string"}
    spec = made_up(
        a={
            "type": "object",
            "required": ["x"],
            "properties": {"x": text, "y": text, "z": text},
            "anyOf": [{"required": ["y"]}, {"required": ["z"]}],
        }
    )
    (tool,) = schemas.export([spec], format_name)
    choices = parameters(tool)["properties"]["a"]["anyOf"]
    assert [choice["required"] for choice in choices] == [["x", "y"], ["x", "z"]]


@pytest.mark.parametrize("format_name", ["gemini", "gemini-openapi"])
def test_a_definition_may_name_another(format_name: Any) -> None:
    spec = made_up(a={"$ref": "#/$defs/b", "description": "An id."})
    spec.input["$defs"] = {"b": {"$ref": "#/$defs/c"}, "c": {"type": "integer"}}
    (tool,) = schemas.export([spec], format_name)
    assert parameters(tool)["properties"]["a"] == {"type": "integer", "description": "An id."}


def test_the_formats_are_those_that_a_type_checker_knows() -> None:
    module = ast.parse(Path(schemas.__file__).read_text("utf-8"))
    (known,) = (
        ast.literal_eval(node.value.slice)
        for node in ast.walk(module)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Subscript)
        and ast.unparse(node.targets[0]) == "Format"
    )
    assert known == schemas.FORMATS


def test_gemini_takes_the_declarations_in_a_plain_config() -> None:
    tools = schemas.export(catalog.filter(toolset="scheduling"), "gemini")
    config = GenerateContentConfig.model_validate({"tools": [{"function_declarations": tools}]})
    assert config.tools is not None
    assert [one.name for one in config.tools[0].function_declarations] == [
        tool["name"] for tool in tools
    ]
