"""Toolsets: named sets of actions for one kind of work, kept in `action_specs/toolsets.yaml`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cal_actions.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

FILE = "toolsets.yaml"
COMPILED = "toolsets.json"


class Toolset(NamedTuple):
    """A set of actions for one kind of work: what for, and the slugs in the order to offer them."""

    description: str
    slugs: tuple[str, ...]


def read_toolsets(root: Path, known: Container[str]) -> dict[str, Toolset]:
    """Read the toolsets that stand beside the action files in `root`; none where no file is.

    Raises SpecError for a file of another form, or a slug that is not `known`.
    """
    from cal_actions.action_files import line_of, read_yaml

    path = root / FILE
    if not path.exists():
        return {}
    document = read_yaml(path)
    if not isinstance(document, dict):
        raise SpecError("must be a mapping of names to toolsets", file=str(path), line=1)
    for name, content in document.items():
        if problem := _problem(content, known):
            message = f"{name}: {problem}"
            raise SpecError(message, file=str(path), line=line_of(path, (name,)))
    return {
        name: Toolset(content["description"], tuple(content["actions"]))
        for name, content in document.items()
    }


def _problem(content: Any, known: Container[str]) -> str | None:
    if not isinstance(content, dict) or content.keys() != {"description", "actions"}:
        return "must have description and actions, no more"
    description, slugs = content["description"], content["actions"]
    if not isinstance(description, str) or not isinstance(slugs, list) or not slugs:
        return "needs a text and a list of slugs"
    for slug in slugs:
        if not isinstance(slug, str) or slug not in known:
            return f"there is no action {slug!r}"
        if slugs.count(slug) > 1:
            return f"{slug} stands twice, keep one"
    return None


def compiled(toolsets: Mapping[str, Toolset]) -> str:
    """Write toolsets as the JSON file that a wheel carries."""
    return json.dumps(toolsets, separators=(",", ":"))


def packaged(known: Container[str]) -> dict[str, Toolset]:
    """Read the toolsets of this package: of a wheel, or of a checkout."""
    here = Path(__file__).parent
    written = here / "action_specs" / COMPILED
    if not written.exists():
        return read_toolsets(here.parent / "action_specs", known)
    sets = json.loads(written.read_text("utf-8"))
    return {name: Toolset(what, tuple(slugs)) for name, (what, slugs) in sets.items()}
