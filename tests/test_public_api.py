"""The public face, and which module may import which."""

import ast
import doctest
import json
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest

import cal_actions

ROOT = Path(cal_actions.__file__).parent
MODULES = {
    ".".join(("cal_actions", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(
        ".__init__"
    ): path
    for path in ROOT.rglob("*.py")
}
HTTP = {"aiohttp", "httpcore", "httpx", "httpx_aiohttp", "requests", "urllib3"}
HEAVY = {*HTTP, "jsonschema", "pydantic", "pydantic_core", "socket", "ssl", "yaml"}


def imported(module: str) -> set[str]:
    """Every module that a module names in an import, wherever that stands."""
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    return {name for node in ast.walk(tree) for name in _named(node)}


def _named(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            public = node.module == "cal_actions" and alias.name in cal_actions.__all__
            yield inner if inner in MODULES and not public else str(node.module)


def ours(module: str) -> set[str]:
    return {name for name in imported(module) if name.partition(".")[0] == "cal_actions"}


def within(room: str) -> list[str]:
    return [name for name in MODULES if f"{name}.".startswith(f"cal_actions.{room}.")]


def test_the_public_names_are_sorted() -> None:
    assert cal_actions.__all__ == sorted(cal_actions.__all__)


@pytest.mark.parametrize("name", cal_actions.__all__)
def test_a_public_name_can_be_imported(name: str) -> None:
    assert getattr(cal_actions, name).__doc__


def test_the_public_names_are_listed_by_dir() -> None:
    assert set(cal_actions.__all__) <= set(dir(cal_actions))


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Client'"):
        _ = cal_actions.Client


def test_the_first_example_runs() -> None:
    result = doctest.testmod(cal_actions)
    assert (result.failed, result.attempted) == (0, 3)


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "py.typed").is_file()


@pytest.mark.parametrize("module", MODULES)
def test_a_module_says_what_it_is_for(module: str) -> None:
    assert ast.get_docstring(ast.parse(MODULES[module].read_text("utf-8")))


IMPORT_EACH_FIRST = """
import sys
from importlib import import_module
for module in sys.argv[1:]:
    for name in [name for name in sys.modules if name.partition(".")[0] == "cal_actions"]:
        del sys.modules[name]
    try:
        import_module(module)
    except Exception as problem:
        sys.exit(f"{module} cannot be imported first: {problem!r}")
"""


def test_every_module_can_be_imported_first() -> None:
    # A module of the sandbox always comes after its package, whichever is imported.
    first = [name for name in MODULES if not name.startswith("cal_actions.sandbox.")]
    done = subprocess.run(
        [sys.executable, "-B", "-c", IMPORT_EACH_FIRST, *first],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", within("sandbox"))
def test_a_module_of_the_sandbox_can_be_imported(module: str) -> None:
    assert import_module(module)


def test_imports_never_go_round_in_a_circle() -> None:
    graph = {name: ours(name) - {"cal_actions"} for name in MODULES}
    assert list(TopologicalSorter(graph).static_order())


def test_the_errors_import_nothing_of_ours() -> None:
    assert ours("cal_actions.errors") == set()


def test_a_spec_imports_nothing_but_errors() -> None:
    assert ours("cal_actions.spec") <= {"cal_actions.errors"}


def test_only_the_transport_imports_an_http_library() -> None:
    importers = {
        name for name in MODULES if {item.partition(".")[0] for item in imported(name)} & HTTP
    }
    assert importers <= set(within("transport"))


def test_only_the_reader_of_action_files_imports_yaml() -> None:
    assert {name for name in MODULES if "yaml" in imported(name)} == {"cal_actions.action_files"}


@pytest.mark.parametrize("module", within("sandbox"))
def test_the_sandbox_imports_nothing_else_of_ours(module: str) -> None:
    assert ours(module) <= set(within("sandbox"))


PUBLIC = {
    "cal_actions",
    "cal_actions.auth",
    "cal_actions.observe",
    "cal_actions.policy",
    "cal_actions.sandbox",
    "cal_actions.schemas",
}


@pytest.mark.parametrize("module", within("cli"))
def test_the_command_line_imports_the_public_face_only(module: str) -> None:
    public = {*PUBLIC, *within("sandbox"), "cal_actions.mcp"}
    assert ours(module) - set(within("cli")) <= public


@pytest.mark.parametrize("module", within("mcp"))
def test_the_mcp_server_imports_the_public_face_only(module: str) -> None:
    # The tools that find actions check what they are called with as the actions do.
    assert ours(module) - set(within("mcp")) <= {*PUBLIC, "cal_actions.validation"}


@pytest.mark.parametrize("module", sorted({*MODULES} - {*within("cli"), *within("mcp")}))
def test_nothing_imports_the_outer_rooms(module: str) -> None:
    assert not ours(module) & {*within("cli"), *within("mcp")}


IMPORT = """
import json, sys
opened = []
sys.addaudithook(lambda event, found: event == "open" and opened.append(str(found[0])))
import cal_actions
names = dir(cal_actions), cal_actions.catalog, cal_actions.__version__
print(json.dumps({"opened": opened, "loaded": sorted(sys.modules)}))
"""


@pytest.fixture(scope="module")
def at_import() -> dict[str, list[str]]:
    done = subprocess.run(
        [sys.executable, "-B", "-c", IMPORT], capture_output=True, text=True, check=True
    )
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def test_the_import_loads_no_heavy_library(at_import: dict[str, list[str]]) -> None:
    assert not HEAVY & set(at_import["loaded"])


def test_the_import_loads_only_the_catalogue_of_ours(at_import: dict[str, list[str]]) -> None:
    loaded = {name for name in at_import["loaded"] if name.partition(".")[0] == "cal_actions"}
    assert loaded == {"cal_actions", "cal_actions.catalog"}


def test_the_import_opens_nothing_but_modules(at_import: dict[str, list[str]]) -> None:
    assert [path for path in at_import["opened"] if not path.endswith((".py", ".pyc"))] == []


def test_the_hints_of_execute_can_be_looked_up() -> None:
    from typing import get_type_hints

    from cal_actions import AsyncConnector, Connector, Envelope, aexecute, execute

    for function in (Connector.execute, AsyncConnector.execute, execute, aexecute):
        assert get_type_hints(function)["return"] is Envelope
