"""`cal-actions schema`, piped."""

import json

import pytest

from cal_actions import catalog, schemas

SLUGS = ("CAL_POST_NEW_BOOKING_REQUEST", "CAL_FETCH_ALL_BOOKINGS")


@pytest.mark.parametrize("form", ["json-schema", "openai"])
def test_the_definitions_of_named_actions_are_those_of_the_library(invoke, form):
    result = invoke("schema", *SLUGS, "--format", form)
    assert json.loads(result.stdout) == schemas.export([catalog[slug] for slug in SLUGS], form)


def test_all_gives_every_action(invoke):
    result = invoke("schema", "--all", "--format", "openai")
    assert [tool["function"]["name"] for tool in json.loads(result.stdout)] == list(catalog)


def test_a_slug_named_twice_is_defined_once(invoke):
    assert len(json.loads(invoke("schema", SLUGS[0], SLUGS[0]).stdout)) == 1


def test_json_schema_is_the_format_unless_another_is_named(invoke):
    assert "input_schema" in json.loads(invoke("schema", SLUGS[0]).stdout)[0]


@pytest.mark.parametrize("args", [(), ("--all", SLUGS[0])])
def test_either_slugs_or_all_must_be_given(invoke, args):
    result = invoke("schema", *args)
    assert result.exit_code == 2
    assert "give --all" in result.stderr


def test_one_unknown_slug_among_several_is_named(invoke):
    result = invoke("schema", SLUGS[0], "CAL_FETCH_ALL_BOOKIGS")
    assert result.exit_code == 2
    assert "There is no action 'CAL_FETCH_ALL_BOOKIGS'" in result.stderr


def test_an_unknown_format_is_wrong_usage_and_names_the_known_ones(invoke):
    result = invoke("schema", "--all", "--format", "openapi")
    assert result.exit_code == 2
    assert "openai" in result.stderr
