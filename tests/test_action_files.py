"""Action files: what may stand in one, and what a wrong one is told."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from cal_actions import Catalog, SpecError
from cal_actions.action_files import load_directory, read_yaml

VOCABULARY = Path(__file__).parent.parent / "action_specs" / "action.schema.json"
GOOD = """\
slug: CAL_MOVE_THING
title: Move thing
description: Moves a thing.
effect: write
idempotent: true
request:
  method: PATCH
  path: /v2/things/{thingId}
  auth: [user]
input:
  type: object
  required: [thingId, start]
  additionalProperties: false
  properties:
    thingId: {type: string, description: Its id.}
    start: {type: string, format: date-time, description: From when.}
    end: {type: string, format: date-time, description: Until when.}
additions: [end]
wire:
  end: {name: minutes, convert: utc}
output: {type: object}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "things").mkdir()
    (tmp_path / "shared").mkdir()
    shutil.copy(VOCABULARY, tmp_path)
    return tmp_path


def write(root: Path, text: str, name: str = "things/CAL_MOVE_THING.yaml") -> Path:
    path = root / name
    path.write_text(text, "utf-8")
    return path


def fault_of(root: Path, text: str) -> SpecError:
    write(root, text)
    with pytest.raises(SpecError) as caught:
        Catalog.from_directory(root)
    return caught.value


def test_a_right_file_is_an_action_of_its_folder(root: Path) -> None:
    write(root, GOOD)
    assert Catalog.from_directory(root)["CAL_MOVE_THING"].resource == "things"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("Null", "Null"),
        ("~", "~"),
        ("2024-08-13", "2024-08-13"),
        ("10:30", "10:30"),
        ("0o17", "0o17"),
        ("010", "010"),
        ("1_000", "1_000"),
        (".5", ".5"),
        (".inf", ".inf"),
        ("+1", "+1"),
        ("true", True),
        ("null", None),
        ("-12", -12),
        ("1.5e3", 1500.0),
        ("<<", "<<"),
        ('"42"', "42"),
    ],
)
def test_a_scalar_means_what_it_means_in_json(tmp_path: Path, text: str, value: Any) -> None:
    read = read_yaml(write(tmp_path, f"key: {text}\n", "file.yaml"))
    assert (read, type(read["key"])) == ({"key": value}, type(value))


def test_a_key_that_stands_twice_is_refused_with_its_line(root: Path) -> None:
    fault = fault_of(root, GOOD + "title: Move it\n")
    assert (fault.line, "'title' stands twice" in str(fault)) == (22, True)


def test_a_key_that_is_no_text_is_refused(root: Path) -> None:
    assert "the key 12 is not text" in str(fault_of(root, "12: twelve\n"))


@pytest.mark.parametrize(
    "text",
    ["a: [1, 2", "a: *nothing\n", "a: b: c", "a: !!int text\n", "\x00", "- - - !!python/x 1"],
)
def test_what_is_no_yaml_is_refused(root: Path, text: str) -> None:
    assert "is not usable YAML" in str(fault_of(root, text))


def test_yaml_nested_too_deeply_is_refused(root: Path) -> None:
    fault = str(fault_of(root, f"a: {'[' * 2000}{']' * 2000}"))
    # PyYAML's own words since 6.0.4, ours before.
    assert re.search(r"is nested too deeply$|: exceeded maximum nesting depth$", fault)


def test_bytes_that_are_no_text_are_refused(root: Path) -> None:
    (root / "things" / "CAL_MOVE_THING.yaml").write_bytes(b"slug: \xff\xfe")
    with pytest.raises(SpecError, match="cannot be read"):
        Catalog.from_directory(root)


@pytest.mark.parametrize("text", ["", "- a list\n", "text\n"])
def test_a_file_that_is_no_mapping_is_refused(root: Path, text: str) -> None:
    assert "must be a mapping" in str(fault_of(root, text))


def test_a_directory_without_the_vocabulary_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"action\.schema\.json: cannot be read"):
        Catalog.from_directory(tmp_path)


@pytest.mark.parametrize(
    ("right", "wrong", "line", "said"),
    [
        ("effect: write", "effect: writes", 4, "effect: 'writes' is not one of"),
        ("idempotent: true", "idempotent: yes", 5, "'yes' is not of type 'boolean'"),
        ("title: Move thing\n", "", 1, "'title' is a required property"),
        ("title: Move thing", "titel: Move thing", 2, "'titel' was unexpected"),
        ("slug: CAL_MOVE_THING", "slug: CAL_MOVE_THINGS", 1, "the slug must be the file's stem"),
        ("method: PATCH", "method: HEAD", 7, "request.method: 'HEAD'"),
        ("path: /v2", "path: /v1", 8, "request.path"),
        ("auth: [user]", "auth: [none, user]", 9, "none stands last"),
        ("{thingId}", "{thing}", 8, "{thing} has no parameter of that name"),
        ("[thingId, start]", "[start]", 8, "thingId stands in the path, so it must be required"),
        ("[thingId, start]", "[thingId, start, stop]", 12, "stop is required but is no parameter"),
        (", description: Its id.", "", 15, "'description' is a required property"),
        ("format: date-time, description: From", "format: time, description: From", 16, "'time'"),
        ("{type: string, desc", "{type: string, pattern: '[', desc", 15, "'[' is not a 'regex'"),
        ("{type: string, desc", "{$ref: '#/$defs/id', desc", 15, "there is no #/$defs/id in input"),
        ("additions: [end]", "additions: [finish]", 18, "finish is an addition but is no"),
        ("additions: [end]", "additions: [start]", 18, "so it must not be required"),
        ("  end: {name", "  finish: {name", 20, "finish is placed but is no parameter"),
        ("convert: utc", "convert: minutes", 20, "wire.end.convert"),
        ("end: {name: minutes", "end: {explode: true", 20, "explode is for the query"),
        ("  end: {name", "  thingId: {name", 20, "thingId stands in the path, so it cannot"),
        (
            "output: {type: object}",
            "output: {$ref: '#/$defs/a'}",
            21,
            "there is no #/$defs/a in out",
        ),
        ("output:", "flow: two_calls\noutput:", 21, "use one of the flows organization_ids"),
        ("output:", "response: html\noutput:", 21, "response: 'redirect' was expected"),
    ],
)
def test_a_fault_is_told_with_its_line(
    root: Path, right: str, wrong: str, line: int, said: str
) -> None:
    fault = fault_of(root, GOOD.replace(right, wrong, 1))
    assert (fault.line, said in str(fault)) == (line, True), str(fault)
    assert fault.file.endswith("things/CAL_MOVE_THING.yaml")


def test_a_body_is_refused_where_none_is_sent(root: Path) -> None:
    wrong = GOOD.replace("method: PATCH", "method: DELETE").replace("{name:", "{in: body, name:")
    assert "DELETE sends no body" in str(fault_of(root, wrong))


def test_a_slug_in_two_folders_is_refused(root: Path) -> None:
    (root / "others").mkdir()
    write(root, GOOD, "others/CAL_MOVE_THING.yaml")
    assert "the slug CAL_MOVE_THING is already taken" in str(fault_of(root, GOOD))


def test_the_actions_are_in_the_order_of_their_slugs(root: Path) -> None:
    (root / "others").mkdir()
    for name in ("things/CAL_B", "things/CAL_D", "others/CAL_C", "others/CAL_A"):
        write(root, GOOD.replace("CAL_MOVE_THING", name[-5:]), f"{name}.yaml")
    assert list(load_directory(root)) == ["CAL_A", "CAL_B", "CAL_C", "CAL_D"]


def test_a_shared_fragment_stands_where_it_is_named_and_yields_to_what_is_beside(
    root: Path,
) -> None:
    write(root, "id: {type: string, minLength: 1, description: An id.}\n", "shared/ids.yaml")
    write(
        root,
        GOOD.replace(
            "{type: string, description: Its id.}",
            "{$ref: ../shared/ids.yaml#/id, description: The thing's.}",
        ),
    )
    properties = Catalog.from_directory(root)["CAL_MOVE_THING"].input["properties"]
    assert properties["thingId"] == {
        "type": "string",
        "minLength": 1,
        "description": "The thing's.",
    }


def test_a_fragment_may_use_another_one(root: Path) -> None:
    write(root, "text: {type: string}\n", "shared/words.yaml")
    write(root, "id: {$ref: ../shared/words.yaml#/text, description: An id.}", "shared/ids.yaml")
    write(root, GOOD.replace("{type: string, desc", "{$ref: ../shared/ids.yaml#/id, desc", 1))
    properties = Catalog.from_directory(root)["CAL_MOVE_THING"].input["properties"]
    assert properties["thingId"] == {"type": "string", "description": "Its id."}


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("../shared/none.yaml#/id", "there is no fragment ../shared/none.yaml"),
        ("../shared/ids.yaml#/nothing", "../shared/ids.yaml has no fragment nothing"),
    ],
)
def test_a_missing_fragment_is_told_with_its_line(root: Path, target: str, said: str) -> None:
    write(root, "id: {type: string}\n", "shared/ids.yaml")
    fault = fault_of(root, GOOD.replace("{type: string, desc", f"{{$ref: {target}, desc", 1))
    assert (fault.line, said in str(fault)) == (15, True)


def test_a_fragment_that_holds_itself_is_refused(root: Path) -> None:
    write(root, "id: {anyOf: [{$ref: ../shared/ids.yaml#/id}]}\n", "shared/ids.yaml")
    fault = fault_of(
        root, GOOD.replace("{type: string, desc", "{$ref: ../shared/ids.yaml#/id, desc")
    )
    assert "uses a fragment that holds itself" in str(fault)
