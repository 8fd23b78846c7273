"""Sends what stands in the outbox, in order, from one thread of its own."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress

from cal_actions.sandbox.store import Store
from cal_actions.sandbox.webhooks.deliveries import Delivery, Outcome, claim_next, finish

CLOSING_SECONDS = 2.0
"""How long closing waits for what is still to be sent."""

Send = Callable[[Delivery], Outcome]


class Courier:
    """Empties the outbox whenever it is woken. The thread starts with the first call of `wake`.

    `lock` guards the store and is held while a row is read or written, never while a subscriber
    is waited for. A delivery is sent once, whatever comes of it.
    """

    def __init__(self, store: Store, lock: threading.Lock, send: Send) -> None:
        self._store = store
        self._lock = lock
        self._send = send
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._asked = self._answered = 0
        self._is_closing = False
        self._running: int | None = None

    def wake(self) -> None:
        """Send what is pending. Returns at once."""
        with self._changed:
            self._asked += 1
            self._changed.notify_all()
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="sandbox webhooks", daemon=True
                )
                self._thread.start()

    def wait(self, timeout_seconds: float) -> bool:
        """Wait until everything is sent that `wake` was called for; False if that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: self._is_idle, timeout_seconds)

    def close(self) -> None:
        """Wait a moment for what is pending, then stop; called before the store is closed.

        What is not sent by then stays pending. A delivery whose subscriber has not answered yet
        counts as failed.
        """
        if self._is_closing:
            return
        self.wait(CLOSING_SECONDS)
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        with self._lock, suppress(sqlite3.OperationalError):
            if self._running is not None:
                self._finish(self._running, Outcome("failed"))

    @property
    def _is_idle(self) -> bool:
        return self._asked == self._answered

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._is_closing or not self._is_idle)
                asked = self._asked
            if self._is_closing:
                return
            self._empty()
            with self._changed:
                self._answered = asked
                self._changed.notify_all()

    def _empty(self) -> None:
        try:
            while (delivery := self._claim()) is not None:
                outcome = self._send(delivery)
                with self._lock:
                    if not self._is_closing:
                        self._finish(delivery.id, outcome)
        except sqlite3.OperationalError:
            # Locked for too long by another process, or the disk is full: the rest waits for the
            # next call of `wake`.
            return

    def _claim(self) -> Delivery | None:
        with self._lock:
            if self._is_closing:
                return None
            with self._store.transaction(writes=True):
                delivery = claim_next(self._store)
            self._running = None if delivery is None else delivery.id
            return delivery

    def _finish(self, delivery_id: int, outcome: Outcome) -> None:
        with self._store.transaction(writes=True):
            finish(self._store, delivery_id, outcome)
        self._running = None
