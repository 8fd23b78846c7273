"""The SQLite database of a sandbox: transactions, new ids, a few words of SQL.

Every room keeps its tables in a `tables.sql` of its own. Times are text as Cal.com writes them
(`2026-12-01T10:00:00.000Z`), so that they sort as they compare. Columns declared JSON hold JSON
text, those declared BOOLEAN 0 or 1.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sqlite3
import time
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import Any

BUSY_TIMEOUT_SECONDS = 10.0
_UID_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_UID_LENGTH = 22


class Store:
    """One SQLite connection. Used under the sandbox's lock, inside `transaction`.

    A file is shared between processes: write-ahead log, a busy timeout of ten seconds, and the
    write lock taken at the start of every writing transaction. With a `seed` the ids that it gives
    out follow from the seed and from how many were given out before.

    Raises ValueError for a file whose tables are of another layout.
    """

    def __init__(self, db: str | os.PathLike[str], seed: int | None = None) -> None:
        self._seed = seed
        self._connection = sqlite3.connect(
            db, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare(db)
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self, db: str | os.PathLike[str]) -> None:
        self._connection.row_factory = sqlite3.Row
        with self.transaction(writes=False):  # another process may be making the tables just now
            self._refuse_other_layout(db)
        self._write_ahead()
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        with self.transaction(writes=True):
            self._refuse_other_layout(db)
            if self._is_empty():
                self._create_tables()

    def _refuse_other_layout(self, db: str | os.PathLike[str]) -> None:
        layout = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if layout != _layout() and not self._is_empty():
            raise ValueError(
                f"{os.fspath(db)} is no sandbox of this version of cal_actions; "
                "name another file, or delete it"
            )

    def _is_empty(self) -> bool:
        return self.one("SELECT 1 FROM sqlite_master") is None

    def _create_tables(self) -> None:
        for statement in _tables():
            self._connection.execute(statement)
        self._connection.execute(f"PRAGMA user_version = {_layout()}")

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
        """Delete the row with this id, and what belongs to it."""
        self._connection.execute(f"DELETE FROM {table} WHERE id = ?", (row_id,))

    def empty(self) -> None:
        """Delete every row; numbers start again at 1."""
        self._connection.execute("PRAGMA defer_foreign_keys = ON")
        for table in self._tables_where("name NOT LIKE 'sqlite_%'"):
            self.run(f"DELETE FROM {table}")
        self.run("DELETE FROM sqlite_sequence")

    def number_from(self, first_id: int) -> None:
        """Let the numbers of new rows start at `first_id`, in every table that is numbered."""
        for table in self._tables_where("sql LIKE '%AUTOINCREMENT%'"):
            self.run("DELETE FROM sqlite_sequence WHERE name = ?", table)
            self.insert("sqlite_sequence", name=table, seq=first_id - 1)

    def _tables_where(self, condition: str) -> list[str]:
        sql = f"SELECT name FROM sqlite_master WHERE type = 'table' AND {condition}"
        return [row["name"] for row in self.all(sql)]

    def fact(self, name: str) -> str | None:
        """One fact about the world (such as the seeded user's key), or None."""
        row = self.one("SELECT value FROM facts WHERE name = ?", name)
        return None if row is None else str(row["value"])

    def new_uuid(self) -> str:
        """A new id in the form of a UUID. Called inside a writing transaction."""
        if self._seed is None:
            return str(uuid.uuid4())
        return str(uuid.UUID(bytes=self._next_digest()[:16], version=4))

    def new_uid(self) -> str:
        """A new uid in the form of a booking's: 22 letters and digits. As `new_uuid`."""
        if self._seed is None:
            return "".join(secrets.choice(_UID_ALPHABET) for _ in range(_UID_LENGTH))
        digest = self._next_digest()[:_UID_LENGTH]
        return "".join(_UID_ALPHABET[byte % len(_UID_ALPHABET)] for byte in digest)

    def _next_digest(self) -> bytes:
        # Counted in the database, so that the processes that share a file never give out one twice
        # and a request that is rolled back takes its ids back.
        self.run(
            "INSERT INTO facts VALUES ('ids given out', '1') "
            "ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + 1"
        )
        return hashlib.sha256(f"{self._seed} {self.fact('ids given out')}".encode()).digest()


@cache
def _tables() -> tuple[str, ...]:
    """Every statement of every `tables.sql`."""
    package = resources.files(__package__)
    rooms = sorted(package.iterdir(), key=lambda room: room.name)
    files = [package / "tables.sql", *(room / "tables.sql" for room in rooms)]
    texts = [file.read_text("utf-8") for file in files if file.is_file()]
    return tuple(one for text in texts for one in text.split(";") if one.strip())


@cache
def _layout() -> int:
    """Tells the tables of one version of this package from those of another."""
    return zlib.crc32("".join(_tables()).encode()) >> 1


def _columns(values: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(json.dumps(v) if isinstance(v, list | dict) else v for v in values.values())
