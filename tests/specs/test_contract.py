"""The contract is the floor: its 141 actions and 578 parameters, as `tests/contract.json`
states them, are all there, with their types, required flags and enums."""

import json
from pathlib import Path
from typing import Any

import pytest

from cal_actions import catalog

CONTRACT: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "contract.json").read_text("utf-8")
)
PARAMETERS = [
    (slug, name, stated)
    for slug, action in CONTRACT.items()
    for name, stated in action["parameters"].items()
]
PARAMETER_IDS = [f"{slug}-{name}" for slug, name, _ in PARAMETERS]
PLURALS = {"object[]": "object", "string[]": "string"}


def parameter(slug: str, name: str) -> dict[str, Any]:
    schema: dict[str, Any] = catalog[slug].input["properties"][name]
    return schema


def alternatives(slug: str, name: str) -> list[dict[str, Any]]:
    """The ways to give a parameter, local references resolved."""
    definitions = catalog[slug].input.get("$defs", {})
    schema = parameter(slug, name)
    found = schema.get("anyOf", [schema])
    return [
        definitions[item["$ref"].rpartition("/")[2]] if "$ref" in item else item for item in found
    ]


def test_the_contract_has_141_actions_and_578_parameters() -> None:
    assert (len(CONTRACT), len(PARAMETERS)) == (141, 578)


def test_the_actions_are_exactly_those_of_the_contract() -> None:
    assert list(catalog) == list(CONTRACT)


@pytest.mark.parametrize("slug", CONTRACT)
def test_the_title_is_the_contracts_word_for_word(slug: str) -> None:
    assert catalog[slug].title == CONTRACT[slug]["title"]


@pytest.mark.parametrize("slug", CONTRACT)
def test_the_parameters_are_those_of_the_contract_and_the_stated_additions(slug: str) -> None:
    spec = catalog[slug]
    assert set(spec.input["properties"]) == {*CONTRACT[slug]["parameters"], *spec.additions}
    assert not set(spec.additions) & set(CONTRACT[slug]["parameters"])


@pytest.mark.parametrize("slug", CONTRACT)
def test_exactly_the_contracts_parameters_are_required(slug: str) -> None:
    stated = CONTRACT[slug]["parameters"]
    required = {name for name, facts in stated.items() if facts["required"]}
    assert set(catalog[slug].input.get("required", [])) == required


@pytest.mark.parametrize(("slug", "name", "stated"), PARAMETERS, ids=PARAMETER_IDS)
def test_a_parameter_takes_the_contracts_type(slug: str, name: str, stated: dict[str, Any]) -> None:
    types = [schema.get("type") for schema in alternatives(slug, name)]
    flat = [item for kind in types for item in (kind if isinstance(kind, list) else [kind])]
    assert ("array" if stated["type"] in PLURALS else stated["type"]) in flat


@pytest.mark.parametrize(
    ("slug", "name", "stated"),
    [item for item in PARAMETERS if item[2]["type"] in PLURALS],
    ids=[f"{slug}-{name}" for slug, name, facts in PARAMETERS if facts["type"] in PLURALS],
)
def test_the_items_of_a_list_have_the_contracts_type(
    slug: str, name: str, stated: dict[str, Any]
) -> None:
    kind = parameter(slug, name)["items"]["type"]
    assert PLURALS[stated["type"]] in (kind if isinstance(kind, list) else [kind])


@pytest.mark.parametrize(
    ("slug", "name", "stated"),
    [item for item in PARAMETERS if "enum" in item[2]],
    ids=[f"{slug}-{name}" for slug, name, facts in PARAMETERS if "enum" in facts],
)
def test_an_enum_is_complete(slug: str, name: str, stated: dict[str, Any]) -> None:
    enums = [schema["enum"] for schema in alternatives(slug, name) if "enum" in schema]
    assert enums == [stated["enum"]] or sorted(enums[0]) == sorted(stated["enum"])
