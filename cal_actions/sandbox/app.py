"""The sandbox itself: one request, one transaction, one reply.

The order is Cal.com's: the body is read (413, 400), the route is found (404), the caller is
counted (401 for an unknown key, 429), credentials are checked (403, 401), the handler runs.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Any, Self

from cal_actions.sandbox import credentials, refusals, routing, worlds
from cal_actions.sandbox.clock import Clock, system_clock
from cal_actions.sandbox.exchange import (
    Answer,
    Reply,
    Request,
    read_body,
    read_query,
    timestamp,
)
from cal_actions.sandbox.injection import ConnectionDropped, Injection
from cal_actions.sandbox.limits import Limiter
from cal_actions.sandbox.seed import ensure_world
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.webhooks.courier import Courier
from cal_actions.sandbox.webhooks.deliveries import any_pending
from cal_actions.sandbox.webhooks.sender import send
from cal_actions.sandbox.worlds import World

_UNREAD_REQUEST_ID = "unknown-request-id"


class Sandbox:
    """An embedded Cal.com: `handle` takes a request and gives the reply.

    `db` is a SQLite file (shared between processes, kept) or ":memory:". `now` is the clock: an
    aware datetime where it stands still, or a callable that gives one; left out, the system's.
    `world` replaces the built-in one (see seed.py and worlds.py); a file that already holds a
    world keeps it. With a `seed` ids are the same in every run.
    `server_faults` plays the known faults of the recorded server (500) where the sandbox
    otherwise gives a sensible answer. Webhooks are sent to this machine only, elsewhere too with
    `allow_remote_webhooks`. Any thread may call any method.

    Raises WorldError for a world that no sandbox can have, ValueError for a file that is none.
    """

    def __init__(
        self,
        db: str | os.PathLike[str] = ":memory:",
        *,
        now: datetime | Callable[[], datetime] = system_clock,
        world: World | None = None,
        seed: int | None = None,
        server_faults: bool = False,
        allow_remote_webhooks: bool = False,
    ) -> None:
        self._world = world
        self._server_faults = server_faults
        self._clock = Clock(now)
        self._lock = threading.Lock()
        self._limiter = Limiter()
        self._inject = Injection()
        self._request_ids = _request_ids(seed)
        self._seed = seed
        self._store = Store(db, seed)
        try:
            with self._store.transaction(writes=True):
                self._keys = ensure_world(self._store, world, self._clock.now())
                has_mail = any_pending(self._store)
        except BaseException:
            self._store.close()
            raise
        self._courier = Courier(
            self._store, self._lock, partial(send, allow_remote=allow_remote_webhooks)
        )
        if has_mail:
            self._courier.wake()

    @property
    def inject(self) -> Injection:
        """Faults on demand, such as `inject.fail_next(503)`; see Injection."""
        return self._inject

    @property
    def api_key(self) -> str:
        """The API key of the world's first user."""
        return self._keys.api_key

    @property
    def oauth_client_id(self) -> str | None:
        """The id of the world's first OAuth client, or None."""
        return self._keys.oauth_client_id

    @property
    def oauth_client_secret(self) -> str | None:
        """The secret of the world's first OAuth client, or None."""
        return self._keys.oauth_client_secret

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database. A world in memory ends here.

        Webhooks that are due get two seconds; in a file, the rest are sent when it is next opened.
        """
        self._courier.close()
        with self._lock:
            self._store.close()

    def state(self) -> dict[str, list[dict[str, Any]]]:
        """Everything in the sandbox as plain data, in the form that `world` takes.

        The lists are named "users", "bookings", "eventTypes" ... and each record holds every
        field, in camelCase.
        """
        with self._lock, self._store.transaction(writes=False):
            return worlds.dump(self._store)

    def deliver_webhooks(self, timeout_seconds: float = 5.0) -> None:
        """Wait until every webhook that is due has been sent; `state()` tells what became of it.

        Raises TimeoutError when that takes longer.
        """
        if not self._courier.wait(timeout_seconds):
            raise TimeoutError(f"webhooks are still being sent after {timeout_seconds} seconds")

    def advance(self, length: timedelta) -> None:
        """Move the clock forward: reservations lapse, tokens expire, bookings become past ones.

        Raises ValueError for a negative length.
        """
        self._clock.advance(length)

    def reset(self) -> None:
        """Go back to the world the sandbox was made with; what a file held is gone.

        Ids and rate limits start again; injected faults and `advance` are taken back.
        """
        self._clock.restart()
        self._inject.clear()
        with self._lock, self._store.transaction(writes=True):
            self._store.empty()
            self._keys = ensure_world(self._store, self._world, self._clock.now())
            self._limiter = Limiter()
            self._request_ids = _request_ids(self._seed)
            has_mail = any_pending(self._store)
        if has_mail:
            self._courier.wake()

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer one request.

        `target` is the path with its query as on the wire ("/v2/bookings?take=5"). Names of
        headers are matched without case; a JSON body needs its Content-Type, as on Cal.com.
        Everything that is committed is committed before the reply is given. A database that is
        locked for over ten seconds, or cannot be written, is answered 503.

        Raises ConnectionDropped where `inject.drop_connection` asked for it, nothing else.
        """
        lowered = {name.lower(): value for name, value in headers.items()}
        now = self._clock.now()
        shown = {"X-Request-Id": _UNREAD_REQUEST_ID}
        is_lost = False
        try:
            is_lost = self._inject.before()
            with self._lock:
                answer = self._answer(method.upper(), target, lowered, body, now, shown)
        except refusals.Refusal as refusal:
            told = refusal.fault if self._server_faults and refusal.fault else refusal
            answer = Answer(told.body(target, timestamp(now)), told.status)
        except sqlite3.OperationalError as problem:
            message = f"The sandbox's database cannot be used: {problem}"
            answer = Answer({"statusCode": 503, "message": message}, 503)
        if is_lost:
            raise ConnectionDropped
        return _reply(answer, shown)

    def _answer(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
        now: datetime,
        shown: dict[str, str],
    ) -> Answer:
        content = read_body(headers, body)
        shown["X-Request-Id"] = next(self._request_ids)
        version = routing.version_of(headers)
        operation, params = routing.find(method, target, version)
        played = operation.played(version)
        with self._store.transaction(writes=played.writes):
            sender = credentials.read(headers, params)
            own_limit = credentials.limit_of(self._store, sender, now)
            limit = self._inject.limit or own_limit
            count = self._limiter.count(sender.tracker, limit, now)
            shown.update(count.headers)
            if count.exceeded:
                raise refusals.throttled()
            caller = credentials.identify(self._store, sender, operation, now)
            answer = played.handler(
                Request(
                    method=method,
                    target=target,
                    params=params,
                    query=read_query(target.partition("?")[2]),
                    headers=headers,
                    body=content,
                    version=version,
                    now=now,
                    store=self._store,
                    caller=caller.user,
                    client=caller.client,
                )
            )
            if self._server_faults and answer.fault is not None:
                raise answer.fault
            has_mail = played.writes and any_pending(self._store)
        if has_mail:
            self._courier.wake()
        return answer


def _request_ids(seed: int | None) -> Iterator[str]:
    chance = random.Random(seed) if seed is not None else random.SystemRandom()
    while True:
        yield str(uuid.UUID(int=chance.getrandbits(128), version=4))


def _reply(answer: Answer, shown: Mapping[str, str]) -> Reply:
    if isinstance(answer.body, str):
        body = answer.body.encode()
    else:
        body = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        **shown,
        "Content-Type": "application/json; charset=utf-8",
        "Content-Length": str(len(body)),
        **answer.headers,
    }
    return Reply(answer.status, headers, body)
