"""What is kept, by whom, and what is undone."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from cal_actions.sandbox import Sandbox
from cal_actions.sandbox.store import Store
from tests.sandbox.conftest import Caller

HOOK = {"active": True, "triggers": ["BOOKING_CREATED"]}
WRITER = """
import json, sys
from cal_actions.sandbox import Sandbox
with Sandbox(sys.argv[1]) as sandbox:
    for number in range(20):
        body = {"active": True, "triggers": [], "subscriberUrl": f"{sys.argv[2]}-{number}"}
        reply = sandbox.handle(
            "POST", "/v2/webhooks",
            {"Authorization": "Bearer cal_sandbox_owner", "Content-Type": "application/json"},
            json.dumps(body).encode(),
        )
        assert reply.status == 201, reply
"""


@pytest.fixture
def store() -> Iterator[Store]:
    opened = Store(":memory:")
    yield opened
    opened.close()


def create_hook(sandbox: Sandbox, name: str) -> int:
    return Caller(sandbox)("POST", "/v2/webhooks", {**HOOK, "subscriberUrl": name}).status


def hook_urls(sandbox: Sandbox) -> list[str]:
    return [hook["subscriberUrl"] for hook in Caller(sandbox)("GET", "/v2/webhooks").data]


def test_two_sandboxes_in_memory_know_nothing_of_each_other() -> None:
    with Sandbox() as one, Sandbox() as other:
        create_hook(one, "a")
        assert hook_urls(other) == []


def test_a_file_keeps_its_world(tmp_path: Path) -> None:
    with Sandbox(tmp_path / "cal.db") as sandbox:
        create_hook(sandbox, "a")
    with Sandbox(tmp_path / "cal.db") as sandbox:
        assert hook_urls(sandbox) == ["a"]


def test_a_file_that_holds_a_world_does_not_take_another(tmp_path: Path) -> None:
    with Sandbox(tmp_path / "cal.db") as sandbox:
        first = sandbox.api_key
    user = {"id": 5, "username": "u", "email": "u@example.com", "apiKeys": [{"key": "cal_u"}]}
    with Sandbox(tmp_path / "cal.db", world={"users": [user]}) as sandbox:
        assert sandbox.api_key == first


def test_a_world_of_ones_own_takes_the_place_of_the_built_in_one() -> None:
    user = {"id": 5, "username": "u", "email": "u@example.com", "apiKeys": [{"key": "cal_u"}]}
    with Sandbox(world={"users": [user]}) as sandbox:
        reply = sandbox.handle("GET", "/v2/me", {"Authorization": "Bearer cal_u"}, b"")
        assert json.loads(reply.body)["data"]["username"] == "u"


def test_new_ids_start_where_the_world_says(call: Any) -> None:
    user = {"id": 5, "username": "u", "email": "u@example.com", "apiKeys": [{"key": "cal_u"}]}
    with Sandbox(world={"users": [user], "nextId": 1001}) as sandbox:
        call.sandbox = sandbox
        body = {"name": "x", "timeZone": "UTC", "isDefault": True}
        told = call("POST", "/v2/schedules", body, key="cal_u", version="2024-06-11")
        assert told.data["id"] == 1001


def test_an_error_undoes_everything_its_transaction_wrote(store: Store) -> None:
    with pytest.raises(KeyError), store.transaction(writes=True):
        store.insert("facts", name="a", value="b")
        raise KeyError
    assert store.fact("a") is None


def test_a_store_works_on_after_an_error(store: Store) -> None:
    with pytest.raises(KeyError), store.transaction(writes=True):
        raise KeyError
    with store.transaction(writes=True):
        store.insert("facts", name="a", value="b")
    assert store.fact("a") == "b"


def test_of_many_threads_exactly_one_gets_the_same_url() -> None:
    with Sandbox() as sandbox, ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(lambda _: create_hook(sandbox, "same"), range(24)))
    assert sorted(statuses) == [201] + [409] * 23


def test_two_sandboxes_on_one_file_see_each_others_writes(tmp_path: Path) -> None:
    with Sandbox(tmp_path / "cal.db") as one, Sandbox(tmp_path / "cal.db") as other:
        create_hook(one, "a")
        assert create_hook(other, "a") == 409
        assert hook_urls(other) == ["a"]


def test_two_processes_can_write_to_one_file_at_the_same_time(tmp_path: Path) -> None:
    db = tmp_path / "cal.db"
    command = [sys.executable, "-c", WRITER, str(db)]
    root = Path(__file__).parents[2]
    writers = [subprocess.Popen([*command, name], cwd=root) for name in ("a", "b")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    with Sandbox(db) as sandbox:
        assert len(hook_urls(sandbox)) == 40


def test_a_file_can_be_opened_while_another_makes_its_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = tmp_path / "cal.db"
    connect = sqlite3.connect
    other = Thread(target=lambda: Store(db).close())

    class Slow(sqlite3.Connection):
        """Lets the other make its tables between this one's two questions about the file."""

        def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
            if "sqlite_master" in sql and not other.ident:
                monkeypatch.setattr(sqlite3, "connect", connect)
                other.start()
                other.join(0.5)
            return super().execute(sql, parameters)

    monkeypatch.setattr(sqlite3, "connect", partial(connect, factory=Slow))
    Store(db).close()
    other.join()


def test_a_file_of_another_layout_is_refused(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "other.db")
    connection.execute("CREATE TABLE users (id INTEGER)")
    connection.close()
    with pytest.raises(ValueError, match=r"other.db is no sandbox of this version"):
        Sandbox(tmp_path / "other.db")


def test_a_refused_file_is_left_as_it_was(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "other.db")
    connection.execute("CREATE TABLE users (id INTEGER)")
    before = (tmp_path / "other.db").read_bytes()
    with pytest.raises(ValueError, match="no sandbox"):
        Sandbox(tmp_path / "other.db")
    connection.close()
    assert (tmp_path / "other.db").read_bytes() == before


def test_a_writing_transaction_holds_the_write_lock_from_its_start(tmp_path: Path) -> None:
    store, other = Store(tmp_path / "cal.db"), sqlite3.connect(tmp_path / "cal.db", timeout=0)
    with store.transaction(writes=True), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.close()
    store.close()
