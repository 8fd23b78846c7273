"""The package as it is when installed: its YAML compiled, so that a process starts fast."""

import shutil
from pathlib import Path

import cal_actions
from cal_actions.compiling import compiled_files


def install(site: Path) -> None:
    """Copy the package into a directory for PYTHONPATH, with what a wheel carries."""
    package = Path(cal_actions.__file__).parent
    shutil.copytree(package, site / "cal_actions")
    place = site / "cal_actions" / "action_specs"
    if not place.exists():
        place.mkdir()
        for name, text in compiled_files(package.parent / "action_specs").items():
            (place / name).write_text(text, "utf-8")
