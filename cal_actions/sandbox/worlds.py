"""The world of a sandbox as plain data: filled in at the start, read out at any time.

A world is a dictionary of lists, one for each kind of record, in camelCase words. Every room
registers its kinds; the words of a record are the columns of its table, save those that the kind
renames. What a record leaves out gets the column's default. `dump` gives a world that `fill`
takes, so a snapshot can be asserted on, kept, and started from.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cal_actions.sandbox.store import Store

Record = Mapping[str, Any]
World = Mapping[str, Any]

NEXT_ID = "nextId"
"""The word of a world that says where the numbers of new rows start (left out: the next free)."""

_KINDS: dict[str, Kind] = {}


class WorldError(ValueError):
    """A world holds something that no room knows; the message says where."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How the rows of one table are written in a world.

    `renamed` maps words to columns where they differ. `rest` is a JSON column whose content is
    spread over the record: the words that it may hold are `rest_words`, and `read_rest` makes it
    from those given. `nested` are the kinds of records inside a record, by their word, each with
    the column that points at the outer row's `id`. `kept_out` are columns that are no part of a
    world.
    """

    name: str
    table: str
    renamed: Mapping[str, str] = field(default_factory=dict)
    rest: str | None = None
    rest_words: frozenset[str] = frozenset()
    read_rest: Callable[[Record], dict[str, Any]] = dict
    nested: Mapping[str, tuple[Kind, str]] = field(default_factory=dict)
    kept_out: frozenset[str] = frozenset()

    def words(self, store: Store) -> dict[str, tuple[str, str]]:
        """Word → (column, declared type)."""
        words = {column: word for word, column in self.renamed.items()}
        rows = store.all(f"PRAGMA table_info({self.table})")
        return {
            words.get(row["name"], _camel(row["name"])): (row["name"], row["type"])
            for row in rows
            if row["name"] not in self.kept_out and row["name"] != self.rest
        }

    def fill(self, store: Store, records: Iterable[Record], now: str, **fixed: Any) -> None:
        """Write records; those with a `createdAt` that leave it out are made `now`."""
        words = self.words(store)
        for index, record in enumerate(records):
            self._check(record, words, f"{self.name}[{index}]")
            columns = {words[word][0]: value for word, value in record.items() if word in words}
            if self.rest is not None:
                given = {word: record[word] for word in self.rest_words & record.keys()}
                columns[self.rest] = self.read_rest(given)
            if "createdAt" in words:
                columns.setdefault("created_at", now)
            number = store.insert(self.table, **columns, **fixed)
            for word, (kind, column) in self.nested.items():
                outer = {column: record.get("id", number)}
                kind.fill(store, record.get(word, ()), now, **outer)

    def _check(self, record: Record, words: Mapping[str, Any], place: str) -> None:
        known = {*words, *self.nested, *self.rest_words}
        unknown = sorted(record.keys() - known)
        if unknown:
            raise WorldError(f"{place} has no {', '.join(unknown)}; it knows {sorted(known)}")

    def dump(self, store: Store, where: str = "", *values: Any) -> list[dict[str, Any]]:
        """Every record of this kind, in the order of its rows."""
        words = self.words(store)
        rows = store.all(f"SELECT * FROM {self.table} {where} ORDER BY rowid", *values)
        return [self._record(store, dict(row), words) for row in rows]

    def _record(
        self, store: Store, row: dict[str, Any], words: Mapping[str, tuple[str, str]]
    ) -> dict[str, Any]:
        rest = {} if self.rest is None else json.loads(row[self.rest])
        record = {word: _read(row[column], kind) for word, (column, kind) in words.items()}
        inner = {
            word: kind.dump(store, f"WHERE {column} = ?", row["id"])
            for word, (kind, column) in self.nested.items()
        }
        return {**record, **inner, **rest}


def register(kind: Kind) -> None:
    """Make a kind of record part of every world."""
    _KINDS[kind.name] = kind


def fill(store: Store, world: World, now: str) -> None:
    """Write a world into an empty database. Called inside a writing transaction.

    Raises WorldError for kinds and words that no room knows, for a record that lacks something,
    occurs twice, or points at one that is not there.
    """
    unknown = sorted(world.keys() - _KINDS.keys() - {NEXT_ID})
    if unknown:
        raise WorldError(f"a world has no {', '.join(unknown)}; it knows {sorted(_KINDS)}")
    # Records may point at others that come later.
    store.run("PRAGMA defer_foreign_keys = ON")
    for name, kind in _KINDS.items():
        try:
            kind.fill(store, world.get(name, ()), now)
        except sqlite3.IntegrityError as error:
            raise WorldError(f"{name}: {error}") from None
    _check_references(store)
    if NEXT_ID in world:
        store.number_from(world[NEXT_ID])


def _check_references(store: Store) -> None:
    broken = store.one("PRAGMA foreign_key_check")
    if broken is not None:
        raise WorldError(
            f"row {broken['rowid']} of {broken['table']} names one of {broken['parent']} "
            "that the world does not hold"
        )


def dump(store: Store) -> dict[str, list[dict[str, Any]]]:
    """The world as it is now, every kind with its records."""
    return {name: _KINDS[name].dump(store) for name in sorted(_KINDS)}


def _read(value: Any, declared: str) -> Any:
    if value is None:
        return None
    if declared == "JSON":
        return json.loads(value)
    return bool(value) if declared == "BOOLEAN" else value


def _camel(column: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), column)
