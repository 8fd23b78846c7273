"""`cal-actions schema`, piped."""

import json

import pytest

from cal_actions import catalog, schemas

SLUGS = ("CAL_POST_NEW_BOOKING_REQUEST", "CAL_FETCH_ALL_BOOKINGS")


@pytest.mark.parametrize("form", schemas.FORMATS)
def test_the_definitions_of_named_actions_are_those_of_the_library(invoke, form):
    result = invoke("schema", *SLUGS, "--format", form)
    assert json.loads(result.stdout) == schemas.export([catalog[slug] for slug in SLUGS], form)


def test_all_gives_every_action(invoke):
    result = invoke("schema", "--all", "--format", "anthropic")
    assert [tool["name"] for tool in json.loads(result.stdout)] == list(catalog)


def test_a_toolset_gives_its_actions(invoke):
    result = invoke("schema", "--toolset", "scheduling", "--format", "mcp")
    assert [tool["name"] for tool in json.loads(result.stdout)] == list(
        catalog.toolsets["scheduling"].slugs
    )


def test_strict_and_compact_are_those_of_the_library(invoke):
    args = ("--toolset", "scheduling", "--format", "openai", "--strict", "--compact")
    wanted = schemas.export(
        catalog.filter(toolset="scheduling"), "openai", strict=True, compact=True
    )
    assert json.loads(invoke("schema", *args).stdout) == wanted


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--all", "--format", "openai"), "141 actions are more than the 128 tools"),
        (("--all", "--format", "gemini", "--strict"), "'gemini' has no strict mode"),
        (("--toolset", "calender"), "There is no toolset 'calender'"),
    ],
)
def test_what_cannot_be_exported_is_wrong_usage_and_says_why(invoke, args, told):
    result = invoke("schema", *args)
    assert result.exit_code == 2
    assert told in result.stderr


def test_a_slug_named_twice_is_defined_once(invoke):
    assert len(json.loads(invoke("schema", SLUGS[0], SLUGS[0]).stdout)) == 1


def test_json_schema_is_the_format_unless_another_is_named(invoke):
    assert "input_schema" in json.loads(invoke("schema", SLUGS[0]).stdout)[0]


@pytest.mark.parametrize(
    "args",
    [(), ("--all", SLUGS[0]), ("--all", "--toolset", "teams"), ("--toolset", "teams", SLUGS[0])],
)
def test_one_of_slugs_a_toolset_and_all_must_be_given(invoke, args):
    result = invoke("schema", *args)
    assert result.exit_code == 2
    assert "Name the actions by their SLUGs, or choose them with --toolset" in result.stderr


def test_toolsets_resource_and_effect_choose_together(invoke):
    args = ("--toolset", "scheduling", "--toolset", "teams", "--effect", "read")
    listed = json.loads(invoke("schema", *args, "--resource", "teams").stdout)
    wanted = catalog.filter(toolset=["scheduling", "teams"], effect="read", resource="teams")
    assert [tool["name"] for tool in listed] == list(wanted)


def test_one_unknown_slug_among_several_is_named(invoke):
    result = invoke("schema", SLUGS[0], "CAL_FETCH_ALL_BOOKIGS")
    assert result.exit_code == 2
    assert "There is no action 'CAL_FETCH_ALL_BOOKIGS'" in result.stderr


def test_an_unknown_format_is_wrong_usage_and_names_the_known_ones(invoke):
    result = invoke("schema", "--all", "--format", "openapi")
    assert result.exit_code == 2
    assert "openai" in result.stderr
