"""The outbox: what is to be sent to subscribers, and what became of it.

A row is written in the transaction of the request that causes it, so that it is there exactly when
the change is. It holds all that is sent; a webhook that is changed or deleted afterwards makes no
difference, and the row stays. Its status is

- "pending": to be sent
- "sending": taken by a process, which is at it; if the process is killed, it stays so, because
  nobody knows whether the subscriber has got it
- "delivered": answered with 2xx
- "failed": answered with anything else (`response_status`), or not at all
- "not sent": its URL is one that the sandbox does not send to
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from cal_actions.sandbox.store import Store

Status = Literal["delivered", "failed", "not sent"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request to a subscriber, as it goes over the wire."""

    id: int
    subscriber_url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a delivery; `response_status` is None without an answer."""

    status: Status
    response_status: int | None = None


def any_pending(store: Store) -> bool:
    """Whether something is to be sent."""
    return store.one("SELECT 1 FROM webhook_deliveries WHERE status = 'pending'") is not None


def claim_next(store: Store) -> Delivery | None:
    """The oldest pending delivery, which no other process will get, or None.

    Called inside a writing transaction.
    """
    row = store.one("SELECT * FROM webhook_deliveries WHERE status = 'pending' ORDER BY id")
    if row is None:
        return None
    store.update("webhook_deliveries", row["id"], status="sending")
    return Delivery(
        id=row["id"],
        subscriber_url=row["subscriber_url"],
        headers=json.loads(row["headers"]),
        body=row["body"].encode(),
    )


def finish(store: Store, delivery_id: int, outcome: Outcome) -> None:
    """Note what became of a claimed delivery. Called inside a writing transaction."""
    store.run(
        "UPDATE webhook_deliveries SET status = ?, response_status = ? "
        "WHERE id = ? AND status = 'sending'",
        outcome.status,
        outcome.response_status,
        delivery_id,
    )
