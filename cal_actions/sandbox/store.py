"""The SQLite database of a sandbox (tables in schema.sql): transactions, a few words of SQL.

Times are text as Cal.com writes them (`2026-12-01T10:00:00.000Z`), so that they sort as they
compare. Lists and objects are JSON text.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from typing import Any

BUSY_TIMEOUT_SECONDS = 10.0

_NUMBERED_TABLES = ("schedules", "event_types", "bookings")


class Store:
    """One SQLite connection. Used under the sandbox's lock, inside `transaction`.

    A file is shared between processes: write-ahead log, a busy timeout of ten seconds, and the
    write lock taken at the start of every writing transaction.
    """

    def __init__(self, db: str | os.PathLike[str]) -> None:
        self._connection = sqlite3.connect(
            db, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        self._connection.row_factory = sqlite3.Row
        self._write_ahead()
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        tables = resources.files(__package__).joinpath("schema.sql").read_text("utf-8")
        self._connection.executescript(f"BEGIN IMMEDIATE; {tables} COMMIT;")

    def _write_ahead(self) -> None:
        # The busy timeout does not cover a change of the journal mode: another process that opens
        # the same new file at this moment makes it fail at once.
        deadline = time.monotonic() + BUSY_TIMEOUT_SECONDS
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return

    def close(self) -> None:
        """Close the connection; what is in memory is gone."""
        self._connection.close()

    @contextmanager
    def transaction(self, *, writes: bool) -> Iterator[None]:
        """Commit on leaving, roll back on any exception."""
        self._connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # a full disk rolls back by itself
                self._connection.execute("ROLLBACK")
            raise

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """The first row of a query, or None."""
        row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Every row of a query."""
        return self._connection.execute(sql, values).fetchall()

    def run(self, sql: str, *values: Any) -> int:
        """Run a statement; gives the number of rows it touched."""
        return self._connection.execute(sql, values).rowcount

    def insert(self, table: str, **values: Any) -> int:
        """Insert one row; lists and dictionaries become JSON. Gives the new row's number."""
        columns, marks = ", ".join(values), ", ".join("?" * len(values))
        sql = f"INSERT INTO {table} ({columns}) VALUES ({marks})"
        number = self._connection.execute(sql, _columns(values)).lastrowid
        assert number is not None
        return number

    def update(self, table: str, row_id: int | str, **values: Any) -> None:
        """Set columns of the row with this id; lists and dictionaries become JSON."""
        if values:
            settings = ", ".join(f"{column} = ?" for column in values)
            sql = f"UPDATE {table} SET {settings} WHERE id = ?"
            self._connection.execute(sql, (*_columns(values), row_id))

    def delete(self, table: str, row_id: int | str) -> None:
        """Delete the row with this id."""
        self._connection.execute(f"DELETE FROM {table} WHERE id = ?", (row_id,))

    def number_from(self, first_id: int) -> None:
        """Let the ids of new schedules, event types and bookings start at `first_id`."""
        for table in _NUMBERED_TABLES:
            self.run("DELETE FROM sqlite_sequence WHERE name = ?", table)
            self.insert("sqlite_sequence", name=table, seq=first_id - 1)

    def fact(self, name: str) -> str | None:
        """One fact about the world (such as the seeded user's key), or None."""
        row = self.one("SELECT value FROM facts WHERE name = ?", name)
        return None if row is None else str(row["value"])


def _columns(values: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(json.dumps(v) if isinstance(v, list | dict) else v for v in values.values())
