"""Tell the webhooks what happened to a booking: writes the outbox, which is sent after commit.

Triggers that need someone to watch the time or another service (MEETING_STARTED, MEETING_ENDED,
the no-shows that Cal Video sees, payments, recordings, forms) are never announced, nor is
OOO_CREATED.
"""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from cal_actions.sandbox.exchange import Request, timestamp
from cal_actions.sandbox.webhooks.payloads import booking_payload, no_show_payload
from cal_actions.sandbox.webhooks.records import Webhook, webhooks_for
from cal_actions.sandbox.webhooks.templates import JSON_TYPE, from_template, own_body

NO_SECRET = "no-secret-provided"


def announce(request: Request, trigger: str, booking: sqlite3.Row, **more: Any) -> None:
    """Tell the webhooks with this trigger of a booking, as it is now in the database.

    `more` is laid over the payload. Called by a handler after its writes; nothing is sent if its
    transaction is rolled back.
    """
    webhooks = webhooks_for(request.store, trigger, booking["id"])
    if not webhooks:
        return
    current = request.store.one("SELECT * FROM bookings WHERE id = ?", booking["id"])
    assert current is not None
    payload = booking_payload(request.store, trigger, current)
    _post(request, webhooks, trigger, {**payload, **more})


def announce_new(request: Request, booking: sqlite3.Row) -> None:
    """Tell of a booking just made: BOOKING_REQUESTED if the host is to confirm it.

    Otherwise BOOKING_RESCHEDULED if it takes the place of another one, else BOOKING_CREATED.
    """
    trigger = "BOOKING_CREATED"
    if booking["status"] == "pending":
        trigger = "BOOKING_REQUESTED"
    elif booking["rescheduled_from"] is not None:
        trigger = "BOOKING_RESCHEDULED"
    announce(request, trigger, booking)


def announce_no_show(
    request: Request, booking: sqlite3.Row, attendees: Sequence[Mapping[str, Any]]
) -> None:
    """Tell which attendees (`email`, `absent`) were marked; nothing if none was."""
    trigger = "BOOKING_NO_SHOW_UPDATED"
    webhooks = webhooks_for(request.store, trigger, booking["id"]) if attendees else []
    if webhooks:
        _post(request, webhooks, trigger, no_show_payload(booking, attendees))


def _post(
    request: Request, webhooks: Sequence[Webhook], trigger: str, payload: dict[str, Any]
) -> None:
    created_at = timestamp(request.now)
    for webhook in webhooks:
        body, content_type = own_body(trigger, created_at, payload), JSON_TYPE
        if webhook.payload_template:
            template = webhook.payload_template
            body, content_type = from_template(template, trigger, created_at, payload)
        request.store.insert(
            "webhook_deliveries",
            webhook_id=webhook.id,
            trigger_event=trigger,
            subscriber_url=webhook.subscriber_url,
            payload=payload,
            headers={
                "Content-Type": content_type,
                "X-Cal-Signature-256": _signature(webhook.secret, body),
            },
            body=body,
            created_at=created_at,
        )


def _signature(secret: str | None, body: str) -> str:
    if not secret:
        return NO_SECRET
    return hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()
