"""What a provider refuses is refused here, with what to do about it."""

from typing import Any

import pytest

from cal_actions import ActionSpec, catalog, schemas
from tests.schemas.dialects import unions
from tests.schemas.offers import TOO_LARGE, made_up, offered, parameters

STRING = {"type": "string", "description": "Text."}


def many(count: int, **properties: dict[str, Any]) -> list[ActionSpec]:
    return [made_up(f"CAL_DO_{number}", **properties or {"a": STRING}) for number in range(count)]


@pytest.mark.parametrize(
    ("format_name", "most"),
    [("openai", 128), ("openai-responses", 128), ("gemini", 512), ("gemini-openapi", 512)],
)
def test_more_tools_than_a_provider_takes_are_refused(format_name: Any, most: int) -> None:
    assert len(schemas.export(many(most), format_name)) == most
    message = f"{most + 1} actions are more than the {most} tools that '{format_name}' takes"
    with pytest.raises(ValueError, match=message) as raised:
        schemas.export(many(most + 1), format_name)
    for way in ("resource=…", "effect=…", "toolset=…", "slugs=…"):
        assert way in str(raised.value)


@pytest.mark.parametrize("format_name", ["json-schema", "anthropic", "mcp"])
def test_a_format_without_such_a_limit_takes_every_action(format_name: Any) -> None:
    assert len(schemas.export(catalog, format_name)) == 141
    assert len(schemas.export(many(600), format_name)) == 600


@pytest.mark.parametrize("slug", ["CAL_" + "A" * 61, "CAL DO", "CAL_NAÏVE", ""])
@pytest.mark.parametrize("format_name", ["openai", "openai-responses", "anthropic", "gemini"])
def test_a_name_that_a_provider_refuses_is_refused(format_name: Any, slug: str) -> None:
    with pytest.raises(ValueError, match=r"is no name that .* takes: rename it to at most 64"):
        schemas.export([made_up(slug, a=STRING)], format_name)


def test_a_name_may_be_longer_in_mcp_and_is_free_in_plain_json_schema() -> None:
    long = [made_up("CAL_" + "A" * 61, a=STRING)]
    assert schemas.export(long, "mcp")
    assert schemas.export([made_up("any name", a=STRING)], "json-schema")


def test_a_description_that_openai_refuses_is_refused() -> None:
    spec = made_up(a=STRING)
    spec.__dict__["description"] = "a" * 1025
    with pytest.raises(ValueError, match="CAL_DO has 1025 characters: shorten it to the 1024"):
        schemas.export([spec], "openai")
    assert schemas.export([spec], "anthropic")


def test_anthropic_takes_twenty_strict_tools() -> None:
    assert len(schemas.export(many(20), "anthropic", strict=True)) == 20
    with pytest.raises(ValueError, match="21 actions are more than the 20 strict tools"):
        schemas.export(many(21), "anthropic", strict=True)


def test_anthropic_takes_sixteen_parameters_of_several_types_in_all_strict_tools() -> None:
    texts = {"type": "array", "items": STRING, "description": "Texts."}
    actions = many(8, a=STRING, b=STRING, c=texts)
    assert sum(unions(parameters(tool)) for tool in offer(actions)) == 16
    more = made_up("CAL_MORE", a=STRING, b=STRING, c=STRING, d=STRING)
    with pytest.raises(ValueError, match="have 19 parameters of several types") as raised:
        offer([*actions, more])
    assert "(most in CAL_MORE 3, CAL_DO_0 2, CAL_DO_1 2)" in str(raised.value)
    assert "leave strict out" in str(raised.value)


def test_a_definition_of_several_types_counts_too() -> None:
    actions = many(17, a={"$ref": "#/$defs/c"})
    for spec in actions:
        spec.input["$defs"] = {"c": {"type": ["string", "integer"]}}
    assert offer(actions[:16])
    with pytest.raises(ValueError, match="have 17 parameters of several types"):
        offer(actions)


def offer(actions: list[ActionSpec]) -> list[dict[str, Any]]:
    return schemas.export(actions, "anthropic", strict=True)


def test_every_strict_action_but_two_fits_anthropic_on_its_own() -> None:
    assert (
        max(unions(parameters(tool)) for tool in offered("anthropic", True, False).values()) <= 16
    )
    for slug in TOO_LARGE:
        with pytest.raises(ValueError, match=f"more than the 16 .*most in {slug} 4"):
            schemas.export([catalog[slug]], "anthropic", strict=True)


def nested(levels: int) -> dict[str, Any]:
    inner = {"type": "object", "required": ["a"], "properties": {"a": STRING}}
    for _ in range(levels):
        inner = {"type": "object", "required": ["a"], "properties": {"a": inner}}
    return inner


ENUM = [f"value {number}" for number in range(1001)]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({f"p{number}": STRING for number in range(5001)}, "5001 properties"),
        ({"a": nested(9)}, "11 levels of objects"),
        ({"a": {"type": "string", "enum": ENUM}}, "1001 enum values"),
        ({"a": {"type": "string", "enum": ["x" * 120_000]}}, "120001 characters of names"),
    ],
    ids=["properties", "levels", "enum values", "characters"],
)
def test_a_schema_that_is_too_large_for_openais_strict_mode_is_refused(
    parameters: dict[str, Any], message: str
) -> None:
    spec = made_up(**parameters)
    assert schemas.export([spec], "openai")
    with pytest.raises(ValueError, match=f"CAL_DO has {message}"):
        schemas.export([spec], "openai", strict=True)
