"""/v2/webhooks: the webhooks of the caller. They are kept, never sent."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.checks import Field, check, optional, page
from cal_actions.sandbox.exchange import Answer, Request, success, timestamp
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.rules import (
    is_array,
    is_boolean,
    is_enum,
    is_string,
)
from cal_actions.sandbox.store import Store

TRIGGERS = (
    "BOOKING_CREATED",
    "BOOKING_PAYMENT_INITIATED",
    "BOOKING_PAID",
    "BOOKING_RESCHEDULED",
    "BOOKING_REQUESTED",
    "BOOKING_CANCELLED",
    "BOOKING_REJECTED",
    "BOOKING_NO_SHOW_UPDATED",
    "FORM_SUBMITTED",
    "MEETING_ENDED",
    "MEETING_STARTED",
    "RECORDING_READY",
    "INSTANT_MEETING",
    "RECORDING_TRANSCRIPTION_GENERATED",
    "OOO_CREATED",
    "AFTER_HOSTS_CAL_VIDEO_NO_SHOW",
    "AFTER_GUESTS_CAL_VIDEO_NO_SHOW",
    "FORM_SUBMITTED_NO_EVENT",
)
CREATE = (
    optional(Field("payloadTemplate", (is_string(),))),
    Field("active", (is_boolean(),), nullable=False),
    Field("subscriberUrl", (is_string(),), nullable=False),
    Field("triggers", (is_enum(TRIGGERS, each=True), is_array()), nullable=False),
    optional(Field("secret", (is_string(),))),
)
UPDATE = tuple(optional(one) for one in CREATE)
_COLUMNS = {
    "payloadTemplate": "payload_template",
    "active": "active",
    "subscriberUrl": "subscriber_url",
    "triggers": "triggers",
    "secret": "secret",
}


@route("GET", "/v2/webhooks")
def list_webhooks(request: Request) -> Answer:
    """The webhooks of the caller, ordered by id."""
    take, skip = page(request.query)
    rows = request.store.all(
        "SELECT * FROM webhooks WHERE user_id = ? ORDER BY id LIMIT ? OFFSET ?",
        request.user.id,
        take,
        skip,
    )
    return success([view(row) for row in rows])


@route("POST", "/v2/webhooks")
def create_webhook(request: Request) -> Answer:
    """A new webhook; 409 when the caller has one with this subscriber url."""
    body = check(request.body, CREATE)
    _refuse_taken_url(request.store, request.user.id, body["subscriberUrl"], None)
    webhook_id = request.store.new_uuid()
    request.store.insert(
        "webhooks",
        id=webhook_id,
        user_id=request.user.id,
        created_at=timestamp(request.now),
        **{column: body.get(name) for name, column in _COLUMNS.items()},
    )
    return success(view(_row(request.store, webhook_id)), 201)


@route("GET", "/v2/webhooks/{webhookId}")
def get_webhook(request: Request) -> Answer:
    """One webhook with every column, unlike in the other answers."""
    row = _own_row(request)
    return success(
        {
            "id": row["id"],
            "userId": row["user_id"],
            "teamId": None,
            "eventTypeId": row["event_type_id"],
            "subscriberUrl": row["subscriber_url"],
            "payloadTemplate": row["payload_template"],
            "createdAt": row["created_at"],
            "active": bool(row["active"]),
            "appId": None,
            "secret": row["secret"],
            "platform": False,
            "time": None,
            "timeUnit": None,
            "triggers": json.loads(row["triggers"]),
            "oAuthClientId": None,
        }
    )


@route("PATCH", "/v2/webhooks/{webhookId}")
def update_webhook(request: Request) -> Answer:
    """Change the given fields; null clears the secret and the payload template."""
    row = _own_row(request)
    body = check(request.body, UPDATE)
    if "subscriberUrl" in body:
        _refuse_taken_url(request.store, request.user.id, body["subscriberUrl"], row["id"])
    changes = {column: body[name] for name, column in _COLUMNS.items() if name in body}
    request.store.update("webhooks", row["id"], **changes)
    return success(view(_row(request.store, row["id"])))


@route("DELETE", "/v2/webhooks/{webhookId}")
def delete_webhook(request: Request) -> Answer:
    """Delete a webhook; the answer shows it as it was."""
    row = _own_row(request)
    request.store.delete("webhooks", row["id"])
    return success(view(row))


def view(row: sqlite3.Row) -> dict[str, Any]:
    """A row of `webhooks` as every answer but that of GET by id shows it."""
    return {
        "id": row["id"],
        "payloadTemplate": row["payload_template"],
        "triggers": json.loads(row["triggers"]),
        "subscriberUrl": row["subscriber_url"],
        "active": bool(row["active"]),
        "secret": row["secret"],
        "userId": row["user_id"],
    }


def _row(store: Store, webhook_id: str) -> sqlite3.Row:
    row = store.one("SELECT * FROM webhooks WHERE id = ?", webhook_id)
    if row is None:
        raise refusals.not_found(f"Webhook ({webhook_id}) not found")
    return row


def _own_row(request: Request) -> sqlite3.Row:
    row = _row(request.store, request.params["webhookId"])
    if row["user_id"] != request.user.id:
        raise refusals.forbidden(
            f"IsUserWebhookGuard - user with id=({request.user.id}) is not the owner of webhook "
            f"with id=({row['id']})"
        )
    return row


def _refuse_taken_url(store: Store, user_id: int, url: str, own_id: str | None) -> None:
    taken = store.one(
        "SELECT id FROM webhooks WHERE user_id = ? AND subscriber_url = ?", user_id, url
    )
    if taken is not None and taken["id"] != own_id:
        raise refusals.conflict("Webhook with this subscriber url already exists for this user")
