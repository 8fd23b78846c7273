"""The catalogue: slug → ActionSpec, read at first use and kept.

An installed package reads one compiled JSON file; a checkout reads the action files.
"""

from __future__ import annotations

from collections.abc import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from os import PathLike
    from typing import Any

    from cal_actions.spec import ActionSpec, Effect

    # An action is kept as it was found (JSON text, a document) until it is first asked for.
    Entries = dict[str, str | dict[str, Any] | ActionSpec]


class Catalog(Mapping[str, "ActionSpec"]):
    """Actions by slug, in the order of their slugs.

    A mapping: `len`, iteration, `in`, `.get` and `catalog["CAL_…"]`, which raises KeyError
    with the closest slugs for an unknown one.
    """

    def __init__(self, load: Callable[[], Entries]) -> None:
        self._load = load
        self._loaded: Entries | None = None

    @classmethod
    def from_directory(cls, root: str | PathLike[str]) -> Catalog:
        """Make a catalogue of the action files under `root` (`<resource>/<SLUG>.yaml`).

        Reads and checks them now; raises SpecError, with file and line, for a wrong one.
        """
        from pathlib import Path

        from cal_actions.action_files import load_directory

        entries: Entries = {**load_directory(Path(root))}
        return cls(lambda: entries)

    def filter(
        self,
        *,
        resource: str | None = None,
        effect: Effect | None = None,
        slugs: Iterable[str] | None = None,
    ) -> Catalog:
        """Return the actions that fit every given condition, as a catalogue of their own.

        `resource` is a folder of `action_specs/` ("bookings"), `effect` is "read", "write" or
        "destructive", `slugs` an iterable of slugs. Raises KeyError for an unknown slug in
        `slugs` and ValueError for a resource or an effect that no action has.
        """
        for name, wanted in (("resource", resource), ("effect", effect)):
            known = {getattr(spec, name) for spec in self.values()}
            if wanted is not None and wanted not in known:
                raise ValueError(
                    f"unknown {name} {wanted!r}: use one of {', '.join(sorted(known))}"
                )
        kept: Entries = {
            slug: spec
            for slug, spec in ((slug, self[slug]) for slug in (self if slugs is None else slugs))
            if resource in (None, spec.resource) and effect in (None, spec.effect)
        }
        return Catalog(lambda: kept)

    def suggest(self, slug: str, limit: int = 3) -> list[str]:
        """Return up to `limit` slugs that look like `slug`, the closest first."""
        from difflib import get_close_matches

        wanted = slug.strip().upper()
        return get_close_matches(wanted, list(self), n=limit, cutoff=0.5)

    def __getitem__(self, slug: str) -> ActionSpec:
        from cal_actions.spec import ActionSpec

        entry = self._entries.get(slug)
        if isinstance(entry, ActionSpec):
            return entry
        if entry is None:
            raise KeyError(unknown_action(self, slug))
        if isinstance(entry, str):
            import json

            entry = json.loads(entry)
        spec = self._entries[slug] = ActionSpec(entry)
        return spec

    def __contains__(self, slug: object) -> bool:
        return slug in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"<Catalog of {len(self)} actions>"

    @property
    def _entries(self) -> Entries:
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded


def unknown_action(actions: Catalog, slug: object) -> str:
    """Say that there is no such action, naming the closest ones."""
    if not isinstance(slug, str):
        return f"The action must be named by its slug, as text, not {type(slug).__name__}."
    closest = actions.suggest(slug)
    if not closest:
        return f"There is no action {slug[:80]!r}: choose one of cal_actions.catalog."
    return f"There is no action {slug[:80]!r}: did you mean {' or '.join(closest)}?"


def _packaged() -> Entries:
    import os

    here = os.path.dirname(__file__)
    compiled = os.path.join(here, "action_specs", "catalog.json")
    if os.path.exists(compiled):
        with open(compiled, encoding="utf-8") as file:
            return dict(map(_slug_and_text, filter(_has_action, file)))
    from pathlib import Path

    from cal_actions.action_files import load_directory

    return {**load_directory(Path(here).parent / "action_specs")}


def _has_action(line: str) -> bool:
    return line.startswith('"')


def _slug_and_text(line: str) -> tuple[str, str]:
    """Split a line `"CAL_…": {…},` of the compiled file, so that a call parses only its own."""
    slug, _, text = line.partition(":")
    return slug.strip('"'), text.rstrip(",\n")


catalog = Catalog(_packaged)
