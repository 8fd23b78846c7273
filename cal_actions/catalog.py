"""The catalogue: slug → ActionSpec, read at first use and kept.

An installed package reads one compiled JSON file; a checkout reads the action files.
"""

from __future__ import annotations

import os
from _thread import RLock  # what threading has too, whose import takes a tenth of this one's
from collections.abc import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from os import PathLike
    from typing import Any, TypeVar, overload

    from cal_actions.search.ranking import Index
    from cal_actions.spec import ActionSpec, Effect
    from cal_actions.toolsets import Toolset

    Document = dict[str, Any]
    Other = TypeVar("Other")

    # Until it is first asked for, an action is a document, or the place of one in a file.
    Entries = dict[str, tuple[str, int] | Document | ActionSpec]


_LONGEST_SLUG = 100


class Catalog(Mapping[str, "ActionSpec"]):
    """Actions by slug, in the order of their slugs.

    A mapping: `len`, iteration, `in`, `.get` and `catalog["CAL_…"]`, which raises KeyError
    with the closest slugs for an unknown one.
    """

    def __init__(
        self, load: Callable[[], Entries], toolsets: Callable[[], Mapping[str, Toolset]] = dict
    ) -> None:
        self._load = load
        self._load_toolsets = toolsets
        self._loaded: Entries | None = None
        self._loaded_toolsets: Mapping[str, Toolset] | None = None
        self._index: Index | None = None

    @classmethod
    def from_directory(cls, root: str | PathLike[str]) -> Catalog:
        """Make a catalogue of the action files under `root` (`<resource>/<SLUG>.yaml`).

        Reads and checks them now, and `toolsets.yaml` where there is one; raises SpecError,
        with file and line, for a wrong one.
        """
        from pathlib import Path

        from cal_actions.action_files import load_directory
        from cal_actions.toolsets import read_toolsets

        entries: Entries = {**load_directory(Path(root))}
        toolsets = read_toolsets(Path(root), entries)
        return cls(lambda: entries, lambda: toolsets)

    @property
    def toolsets(self) -> Mapping[str, Toolset]:
        """The named sets of actions: name → `description` and `slugs`.

        A catalogue that was filtered still names them all; `filter` gives of a set what is here.
        """
        if self._loaded_toolsets is None:
            self._loaded_toolsets = self._load_toolsets()
        return self._loaded_toolsets

    def filter(
        self,
        *,
        resource: str | None = None,
        effect: Effect | None = None,
        toolset: str | Iterable[str] | None = None,
        slugs: str | Iterable[str] | None = None,
    ) -> Catalog:
        """Return the actions that fit every given condition, as a catalogue of their own.

        `resource` is a folder of `action_specs/` ("bookings"), `effect` is "read", "write" or
        "destructive", `toolset` the name of one of `toolsets` ("scheduling") or several names,
        `slugs` one slug or several. The order is that of `slugs`, else of the toolsets, else
        of this catalogue. Raises KeyError for an unknown slug in `slugs` and ValueError for an
        unknown toolset, or a resource or an effect that no action has.
        """
        for name, wanted in (("resource", resource), ("effect", effect)):
            if wanted is None:
                continue
            known = {getattr(spec, name) for spec in self.values()}
            if wanted not in known:
                raise ValueError(
                    f"unknown {name} {wanted!r}: use one of {', '.join(sorted(known))}"
                )
        chosen = None if toolset is None else self._of_toolsets(toolset)
        if slugs is None:
            slugs = self if chosen is None else chosen
        elif isinstance(slugs, str):
            slugs = (slugs,)
        kept: Entries = {
            slug: spec
            for slug, spec in ((slug, self[slug]) for slug in slugs)
            if resource in (None, spec.resource)
            and effect in (None, spec.effect)
            and (chosen is None or slug in chosen)
        }
        return Catalog(lambda: kept, lambda: self.toolsets)

    def _of_toolsets(self, names: str | Iterable[str]) -> dict[str, None]:
        known = self.toolsets
        chosen: dict[str, None] = {}
        for name in (names,) if isinstance(names, str) else names:
            if name not in known:
                raise ValueError(f"unknown toolset {name!r}: use one of {', '.join(known)}")
            chosen |= dict.fromkeys(slug for slug in known[name].slugs if slug in self)
        return chosen

    def suggest(self, slug: str, limit: int = 3) -> list[str]:
        """Return up to `limit` slugs that look like `slug` or mean what it says, best first."""
        from difflib import get_close_matches

        wanted = slug.strip().upper()[:_LONGEST_SLUG]
        alike = get_close_matches(wanted, list(self), n=limit, cutoff=0.9)
        meant = [spec.slug for spec in self.search(wanted.removeprefix("CAL_"), limit)]
        return list(dict.fromkeys([*alike, *meant]))[:limit]

    def search(self, query: str, limit: int = 5) -> list[ActionSpec]:
        """Return up to `limit` actions that fit what somebody wants, the best first.

        `query` is in words of one's own, English, Spanish, German, French or Portuguese:
        "move tomorrow's call with Ana"; or a slug. Nothing is asked of any server or model; small
        typing errors do no harm. None is found where no word is known. The first search of a
        catalogue takes about 0.1 seconds longer.

        Raises TypeError for a query that is not text and ValueError for a `limit` below 1.
        """
        if not isinstance(query, str):
            raise TypeError(f"query must be text, not {type(query).__name__}")
        if limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")
        if self._index is None:
            from cal_actions.search import index_of

            self._index = index_of(self.values())
        found = self._index.search(query, limit)
        named = query.strip().upper()
        if named not in self:
            return found
        return [self[named], *(spec for spec in found if spec.slug != named)][:limit]

    def __getitem__(self, slug: str) -> ActionSpec:
        from cal_actions.spec import ActionSpec

        entry = self._entries.get(slug)
        if isinstance(entry, ActionSpec):
            return entry
        if entry is None:
            raise KeyError(unknown_action(self, slug))
        document = _read_line(*entry) if isinstance(entry, tuple) else entry
        spec = self._entries[slug] = ActionSpec(document)
        return spec

    if TYPE_CHECKING:

        @overload
        def get(self, slug: str, default: None = None, /) -> ActionSpec | None: ...
        @overload
        def get(self, slug: str, default: ActionSpec | Other, /) -> ActionSpec | Other: ...

    def get(self, slug: str, default: Any = None, /) -> Any:
        """Return the action, or `default`; without a look for the closest slugs."""
        return self[slug] if slug in self else default  # noqa: SIM401 (that is this method)

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
            with _loading:  # else threads that come together would each read all of it
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
    here = os.path.dirname(__file__)
    compiled = os.path.join(here, "action_specs", "catalog.json")
    if os.path.exists(compiled):
        return dict(_lines(compiled))
    from pathlib import Path

    from cal_actions.action_files import load_directory

    return {**load_directory(Path(here).parent / "action_specs")}


def _packaged_toolsets() -> Mapping[str, Toolset]:
    from cal_actions.toolsets import packaged

    return packaged(catalog)


def _lines(compiled: str) -> Iterator[tuple[str, tuple[str, int]]]:
    """Find the line `"CAL_…":{…},` of each action, so that a call reads and parses only its own."""
    start = 0
    with open(compiled, "rb") as file:
        for line in file:
            if line.startswith(b'"'):
                yield line.partition(b":")[0].decode().strip('"'), (compiled, start)
            start += len(line)


def _read_line(compiled: str, start: int) -> Document:
    import json

    with open(compiled, "rb") as file:
        file.seek(start)
        line = file.readline()
    document: Document = json.loads(line.partition(b":")[2].rstrip(b",\n"))
    return document


_loading = RLock()


def _renew_lock() -> None:
    global _loading
    _loading = RLock()


if hasattr(os, "register_at_fork"):  # a child must not wait for a thread that only its parent has
    os.register_at_fork(after_in_child=_renew_lock)

catalog = Catalog(_packaged, _packaged_toolsets)
