"""The built wheel, installed alone into a clean virtual environment, is the whole product."""

import json
import subprocess
import sys
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

from cal_actions import catalog, schemas
from cal_actions.action_files import action_paths, load_directory

ROOT = Path(__file__).parents[1]
SPECS = ROOT / "action_specs"

COUNT = "from cal_actions import catalog; print(len([spec.slug for spec in catalog.values()]))"
LIST_YAML_MODULES = (
    "import sys; from cal_actions import catalog, schemas; schemas.export(catalog);"
    "print([name for name in ('yaml', 'jsonschema', 'pydantic', 'httpx') if name in sys.modules])"
)
BOOK = """
from cal_actions import Connector
with Connector.sandbox() as cal:
    print(cal.execute("CAL_POST_NEW_BOOKING_REQUEST", {
        "eventTypeId": 1,
        "start": "2030-01-07T10:00:00Z",
        "attendee": {"name": "Ana", "email": "ana@example.com", "timeZone": "UTC"},
    }).raise_for_error().data["status"])
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(place), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    (built,) = place.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    place = tmp_path_factory.mktemp("clean")
    venv.create(place, with_pip=True)
    installed = str(place / "bin" / "python")
    subprocess.run([installed, "-m", "pip", "install", "--quiet", str(wheel)], check=True)
    return installed


def output_of(python: str, code: str) -> str:
    command = [python, "-I", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_the_wheel_carries_every_action_file(wheel: Path) -> None:
    wanted = {f"cal_actions/action_specs/{path.relative_to(SPECS)}" for path in action_paths(SPECS)}
    assert len(wanted) == 141
    with ZipFile(wheel) as archive:
        assert wanted <= set(archive.namelist())


def test_the_compiled_catalogue_equals_the_action_files(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        compiled = json.loads(archive.read("cal_actions/action_specs/catalog.json"))
    assert compiled == load_directory(SPECS)
    assert list(compiled) == list(load_directory(SPECS))


def test_the_installed_catalogue_equals_that_of_the_checkout(python: str) -> None:
    code = "import json; from cal_actions import catalog, schemas; print(json.dumps(%s))"
    exported = json.loads(output_of(python, code % "schemas.export(catalog)"))
    assert exported == schemas.export(catalog)


def test_the_installed_toolsets_equal_those_of_the_checkout(python: str) -> None:
    code = "import json; from cal_actions import catalog; print(json.dumps(catalog.toolsets))"
    assert json.loads(output_of(python, code)) == json.loads(json.dumps(catalog.toolsets))


def test_the_installed_search_finds_what_that_of_the_checkout_finds(python: str) -> None:
    code = "from cal_actions import catalog; print([s.slug for s in catalog.search('mi cita', 9)])"
    assert output_of(python, code) == str([spec.slug for spec in catalog.search("mi cita", 9)])


def test_the_wheel_carries_its_types(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        assert "cal_actions/py.typed" in archive.namelist()


def test_the_installed_catalogue_has_141_actions(python: str) -> None:
    assert output_of(python, COUNT) == "141"


def test_exporting_the_installed_catalogue_loads_no_heavy_library(python: str) -> None:
    assert output_of(python, LIST_YAML_MODULES) == "[]"


def test_the_installed_package_books_a_meeting_in_the_sandbox(python: str) -> None:
    assert output_of(python, BOOK) == "accepted"


def test_the_command_without_its_extra_says_what_to_install(python: str) -> None:
    command = [str(Path(python).parent / "cal-actions"), "list"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert 'pip install "cal-actions[cli]"' in done.stderr
