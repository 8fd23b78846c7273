"""Action files on disk: YAML in, checked plain documents out.

YAML's own scalars surprise (`no` is false, `2024-08-13` a date, `10:30` the number 630),
so this loader knows JSON's scalars only and refuses a key that stands twice. Everything
wrong with a file is a SpecError that names the file and the line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import yaml

from cal_actions.errors import SpecError
from cal_actions.flows import FLOWS
from cal_actions.spec import METHODS_WITH_BODY

Document = dict[str, Any]


class _JsonYamlLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML with JSON's scalars: true, false, null, numbers; everything else is text."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(
                    problem=f"the key {key!r} is not text: quote it",
                    problem_mark=key_node.start_mark,
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"the key {key!r} stands twice: keep one",
                    problem_mark=key_node.start_mark,
                )
            seen.add(key)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return mapping


for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", r"true|false", "tf"),
    ("tag:yaml.org,2002:null", r"null", "n"),
    ("tag:yaml.org,2002:int", r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    (
        "tag:yaml.org,2002:float",
        r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?",
        "-0123456789",
    ),
):
    _JsonYamlLoader.add_implicit_resolver(_tag, re.compile(rf"^(?:{_pattern})$"), list(_first))


def read_yaml(path: Path) -> Any:
    """Read one YAML file whose scalars are JSON's.

    Raises SpecError when it cannot be read, is not YAML, or has a key twice.
    """
    try:
        return yaml.load(path.read_text("utf-8"), _JsonYamlLoader)
    except (OSError, UnicodeDecodeError) as problem:
        raise SpecError(f"cannot be read: {problem}", file=str(path)) from None
    except (yaml.MarkedYAMLError, RecursionError) as problem:
        mark = getattr(problem, "problem_mark", None)
        text = getattr(problem, "problem", None) or "is nested too deeply"
        line = mark.line + 1 if mark else None
        raise SpecError(f"is not usable YAML: {text}", file=str(path), line=line) from None
    except (yaml.YAMLError, ValueError) as problem:
        raise SpecError(f"is not usable YAML: {problem}", file=str(path)) from None


def _read_mapping(path: Path) -> Document:
    document = read_yaml(path)
    if not isinstance(document, dict):
        raise SpecError("must be a mapping of names to values", file=str(path), line=1)
    return document


def load_directory(root: Path) -> dict[str, Document]:
    """Read and check every action file under `root`: slug → document, with a `resource` field.

    Shared fragments are put in place of their `$ref`. The order is by slug. Raises SpecError
    for the first file that is wrong.
    """
    check = _Checker(root)
    documents: dict[str, Document] = {}
    for path in sorted(action_paths(root), key=lambda path: path.stem):
        document = check(path)
        if document["slug"] in documents:
            raise SpecError(f"the slug {document['slug']} is already taken", file=str(path))
        documents[document["slug"]] = {"resource": path.parent.name, **document}
    return documents


def compiled(documents: dict[str, Document]) -> str:
    """Write documents as the one JSON file that a wheel carries.

    One action a line, so that a reader need not parse them all.
    """
    lines = (
        f"{json.dumps(slug)}:{json.dumps(document, separators=(',', ':'))}"
        for slug, document in documents.items()
    )
    return "{\n" + ",\n".join(lines) + "\n}\n"


def action_paths(root: Path) -> Iterator[Path]:
    """Yield the action files under `root`: `<resource>/<SLUG>.yaml`."""
    for path in root.glob("*/*.yaml"):
        if path.parent.name != "shared":
            yield path


class _Checker:
    def __init__(self, root: Path) -> None:
        from jsonschema import Draft202012Validator, FormatChecker

        formats = FormatChecker(formats=["regex"])
        self._validator = Draft202012Validator(_vocabulary(root), format_checker=formats)
        self._root = root
        self._fragments: dict[Path, Document] = {}

    def __call__(self, path: Path) -> Document:
        try:
            document: Document = self._in_place(_read_mapping(path), path, ())
        except RecursionError:
            message = "is nested too deeply, or uses a fragment that holds itself"
            raise SpecError(message, file=str(path)) from None
        problem = next(self._problems(path, document), None)
        if problem:
            where, message = problem
            raise SpecError(message, file=str(path), line=line_of(path, where))
        return document

    def _problems(self, path: Path, document: Document) -> Iterator[tuple[tuple[Any, ...], str]]:
        errors = sorted(self._validator.iter_errors(document), key=_misspelled_first)
        for error in errors:
            where = (*error.path, *_unexpected_key(error))
            yield where, f"{'.'.join(map(str, error.path)) or 'the file'}: {error.message}"
        if errors:
            return
        if document["slug"] != path.stem:
            yield ("slug",), f"the slug must be the file's stem, {path.stem}"
        yield from _request_problems(document)
        yield from _name_problems(document)
        yield from _wire_problems(document)
        yield from _reference_problems(document)

    def _in_place(self, schema: Any, path: Path, where: tuple[Any, ...]) -> Any:
        """Return the schema with each fragment of shared/ where its `$ref` stood."""
        if isinstance(schema, list):
            return [self._in_place(item, path, (*where, n)) for n, item in enumerate(schema)]
        if not isinstance(schema, dict):
            return schema
        target = schema.get("$ref")
        if isinstance(target, str) and target.startswith("../shared/"):
            own = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**self._fragment(target, path, where), **own}
        return {key: self._in_place(value, path, (*where, key)) for key, value in schema.items()}

    def _fragment(self, target: str, path: Path, where: tuple[Any, ...]) -> Document:
        name, _, key = target.partition("#/")
        file = self._root / name.removeprefix("../")
        if file not in self._fragments:
            if not file.is_file():
                line = line_of(path, (*where, "$ref"))
                raise SpecError(f"there is no fragment {name}", file=str(path), line=line)
            self._fragments[file] = _read_mapping(file)
        fragment = self._fragments[file]
        if key and not isinstance(fragment.get(key), dict):
            line = line_of(path, (*where, "$ref"))
            raise SpecError(f"{name} has no fragment {key}", file=str(path), line=line)
        found = fragment[key] if key else fragment
        document: Document = self._in_place(found, file, (key,) if key else ())
        return document


def _vocabulary(root: Path) -> Document:
    path = root / "action.schema.json"
    try:
        vocabulary: Document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as problem:
        raise SpecError(f"cannot be read: {problem}", file=str(path)) from None
    return vocabulary


def _request_problems(document: Document) -> Iterator[tuple[tuple[Any, ...], str]]:
    properties = document["input"]["properties"]
    required = document["input"].get("required", [])
    for name in re.findall(r"\{(\w+)\}", document["request"]["path"]):
        where = ("request", "path")
        if name not in properties:
            yield where, f"the placeholder {{{name}}} has no parameter of that name"
        elif name not in required and "flow" not in document:
            yield where, f"{name} stands in the path, so it must be required"
    if "none" in document["request"]["auth"][:-1]:
        yield ("request", "auth"), "none stands last: what follows it would never be sent"
    if document.get("flow", "") not in ("", *FLOWS):
        yield ("flow",), f"use one of the flows {', '.join(FLOWS)}"


def _name_problems(document: Document) -> Iterator[tuple[tuple[Any, ...], str]]:
    properties = document["input"]["properties"]
    required = document["input"].get("required", [])
    for name in required:
        if name not in properties:
            yield ("input", "required"), f"{name} is required but is no parameter"
    for name in document.get("additions", []):
        if name not in properties:
            yield ("additions",), f"{name} is an addition but is no parameter"
        if name in required:
            yield ("additions",), f"{name} is an addition, so it must not be required"


def _wire_problems(document: Document) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Refuse what would be ignored: every field of an action file has an effect."""
    request, properties = document["request"], document["input"]["properties"]
    has_body = request["method"] in METHODS_WITH_BODY
    for name, placement in document.get("wire", {}).items():
        where = ("wire", name)
        if name not in properties:
            yield where, f"{name} is placed but is no parameter"
        if f"{{{name}}}" in request["path"]:
            yield where, f"{name} stands in the path, so it cannot be placed elsewhere"
        if placement.get("in") == "body" and not has_body:
            yield where, f"{request['method']} sends no body"
        location = placement.get("in", "body" if has_body else "query")
        if "explode" in placement and location == "body":
            yield where, "explode is for the query"


def _reference_problems(document: Document) -> Iterator[tuple[tuple[Any, ...], str]]:
    for part in ("input", "output"):
        known = document[part].get("$defs", {})
        for where, target in _references(document[part], (part,)):
            if target.removeprefix("#/$defs/") not in known:
                yield where, f"there is no {target} in {part}"
        for name in _circles(known):
            yield (part, "$defs", name), f"{name} leads back to itself: say how deep it may go"


def _circles(definitions: Document) -> Iterator[str]:
    """Yield each definition that leads back to itself: whoever follows it would never end."""
    leads_to = {
        name: {target.rpartition("/")[2] for _, target in _references(schema, ())}
        for name, schema in definitions.items()
    }
    for name in leads_to:
        reached: set[str] = set()
        ahead = {*leads_to[name]}
        while ahead:
            reached |= ahead
            ahead = {later for one in ahead for later in leads_to.get(one, ())} - reached
        if name in reached:
            yield name


def _references(schema: Any, where: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        yield (*where, "$ref"), schema["$ref"]
    items = schema.items() if isinstance(schema, dict) else enumerate(schema)
    for key, value in items:
        if isinstance(value, dict | list):
            yield from _references(value, (*where, key))


def _misspelled_first(error: Any) -> tuple[bool, list[Any]]:
    return error.validator != "additionalProperties", list(error.path)


def _unexpected_key(error: Any) -> tuple[str, ...]:
    """Name the key that an additionalProperties error is about, to find its line."""
    if error.validator != "additionalProperties" or not isinstance(error.instance, dict):
        return ()
    known = error.schema.get("properties", {})
    return next(((key,) for key in error.instance if key not in known), ())


def line_of(path: Path, where: tuple[Any, ...]) -> int:
    """Find the line (1-based) of the value at `where`, or of the nearest parent there is."""
    node: Any = yaml.compose(path.read_text("utf-8"), Loader=_JsonYamlLoader)
    line: int = node.start_mark.line
    for step in where:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            found = (node.value[step], node.value[step]) if step < len(node.value) else None
        else:
            found = None
        if found is None:
            break
        line, node = found[0].start_mark.line, found[1]
    return line + 1
