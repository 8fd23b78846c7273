"""Build hook: compile the action files into the JSON files that the wheel carries."""

import sys
from functools import cached_property
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalog(BuildHookInterface[Any]):
    """Adds `*.json` of the YAML files to a wheel; a checkout reads these."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the catalogue, unless the package is being installed for editing."""
        if version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root))
        from cal_actions.compiling import compiled_files

        for name, text in compiled_files(root / "action_specs").items():
            self._write(build_data, name, text)

    def _write(self, build_data: dict[str, Any], name: str, text: str) -> None:
        file = Path(self.directory) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        build_data["force_include"][str(file)] = f"cal_actions/action_specs/{name}"
        self._written.append(file)

    def finalize(self, *_: object) -> None:
        """Remove the compiled files, which are in the wheel by now."""
        for file in self._written:
            file.unlink(missing_ok=True)

    @cached_property
    def _written(self) -> list[Path]:
        return []
