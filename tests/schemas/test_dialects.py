"""Each checker of a dialect finds what is wrong with a schema; one that cannot fail proves none."""

from typing import Any

import pytest

from tests.schemas import dialects

STRICT = {
    "type": "object",
    "required": ["a"],
    "additionalProperties": False,
    "properties": {"a": {"type": ["string", "null"]}},
}


def strict(**a: Any) -> dict[str, Any]:
    return {**STRICT, "properties": {"a": a}}


@pytest.mark.parametrize("checker", [dialects.openai_strict, dialects.anthropic_strict])
@pytest.mark.parametrize(
    "wrong",
    [
        {**STRICT, "additionalProperties": True},
        {**STRICT, "required": []},
        {**STRICT, "type": "array"},
        strict(),
        strict(type="text"),
        strict(type="object"),
        strict(type="array"),
        strict(type="string", minLength=1),
        strict(type="string", format="password"),
        strict(type="string", pattern="^(?=a)"),
        strict(type="boolean", const=True),
        strict(**{"$ref": "#/$defs/lost"}),
        strict(anyOf=[{"type": "object", "properties": {}}]),
    ],
    ids=str,
)
def test_a_schema_that_strict_mode_refuses_is_found(checker: Any, wrong: dict[str, Any]) -> None:
    assert checker(STRICT) == []
    assert checker(wrong)


def levels(depth: int) -> dict[str, Any]:
    inner = levels(depth - 1) if depth else {"type": "string"}
    return strict(**inner)


@pytest.mark.parametrize(
    "wrong",
    [
        levels(10),
        strict(type="string", enum=[str(n) for n in range(1001)]),
        {**strict(**{"$ref": "#/$defs/b", "description": "B."}), "$defs": {"b": {"type": "null"}}},
        {
            **STRICT,
            "required": [str(n) for n in range(5001)],
            "properties": {str(n): {"type": "string"} for n in range(5001)},
        },
    ],
    ids=["depth", "enum", "reference", "properties"],
)
def test_a_schema_that_is_too_much_for_openai_is_found(wrong: dict[str, Any]) -> None:
    assert dialects.openai_strict(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        strict(type="integer", minimum=1),
        strict(type="array", items={"type": "string"}, minItems=2),
        strict(enum=[{}]),
    ],
    ids=str,
)
def test_a_schema_that_is_too_much_for_anthropic_is_found(wrong: dict[str, Any]) -> None:
    assert dialects.anthropic_strict(wrong)


def test_unions_are_types_in_a_list_and_choices() -> None:
    assert dialects.unions(STRICT) == 1
    assert dialects.unions(strict(anyOf=[{"type": "string"}, {"type": "null"}])) == 1
    assert dialects.unions(strict(enum=["a", None])) == 0


OPEN = {"type": "object", "properties": {"a": {"type": "string"}}}


def with_a(**a: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"a": a}}


@pytest.mark.parametrize("checker", [dialects.gemini_json, dialects.gemini_openapi])
@pytest.mark.parametrize(
    "wrong",
    [
        {**OPEN, "type": "array"},
        {**OPEN, "required": ["b"]},
        with_a(type="boolean", const=True),
        with_a(type=["string", "integer"]),
        with_a(type="string", format="password"),
        with_a(type="array"),
        with_a(enum=["a"]),
        with_a(type="boolean", enum=[True]),
        with_a(anyOf=[{"type": "string"}], description="A."),
        with_a(**{"$ref": "#/$defs/lost"}),
    ],
    ids=str,
)
def test_a_schema_that_gemini_refuses_is_found(checker: Any, wrong: dict[str, Any]) -> None:
    assert checker(OPEN) == []
    assert checker(wrong)


@pytest.mark.parametrize(
    ("checker", "wrong"),
    [
        (dialects.gemini_json, with_a(type="string", pattern="a")),
        (dialects.gemini_json, with_a(type="string", minLength=1)),
        (
            dialects.gemini_json,
            {**with_a(**{"$ref": "#/$defs/b", "type": "null"}), "$defs": {"b": OPEN}},
        ),
        (dialects.gemini_openapi, {**OPEN, "additionalProperties": False}),
        (dialects.gemini_openapi, with_a(type=["string", "null"])),
        (dialects.gemini_openapi, with_a(type="integer", enum=[1])),
        (dialects.gemini_openapi, with_a(type="string", format="date")),
    ],
    ids=range(7),
)
def test_a_schema_that_one_dialect_of_gemini_refuses_is_found(
    checker: Any, wrong: dict[str, Any]
) -> None:
    assert checker(wrong)


MCP = {"name": "a", "inputSchema": {"type": "object"}, "outputSchema": {"type": "object"}}


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "a b"},
        {"inputSchema": {"type": "array"}},
        {"outputSchema": {"type": "array"}},
        {"parameters": {}},
        {"annotations": {"readOnlyHint": "yes"}},
        {"annotations": {"title": True}},
        {"annotations": {"safe": True}},
    ],
    ids=str,
)
def test_a_tool_that_mcp_refuses_is_found(wrong: dict[str, Any]) -> None:
    assert dialects.mcp_tool(MCP) == []
    assert dialects.mcp_tool(MCP | wrong)


@pytest.mark.parametrize("name", ["", "a b", "1st", "a" * 65, "naïve"])
def test_a_name_that_a_provider_refuses_is_found(name: str) -> None:
    assert dialects.openai_tool({"name": name, "description": "", "parameters": OPEN})
    assert dialects.anthropic_tool({"name": name, "input_schema": OPEN})
    assert dialects.gemini_function({"name": name})


def test_a_function_without_properties_or_with_a_long_description_is_found() -> None:
    assert dialects.gemini_function({"name": "a", "parameters": {"type": "object"}})
    long = {"name": "a", "description": "a" * 1025, "parameters": OPEN}
    assert dialects.openai_tool({"type": "function", "function": long})
    assert dialects.plain_json((1,))
