"""The webhooks of every level: list, make, read, change and delete them; see levels.py."""

from __future__ import annotations

from functools import partial
from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.checks import page
from cal_actions.sandbox.exchange import Answer, Request, success, timestamp
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.webhooks.input import read_change, read_new
from cal_actions.sandbox.webhooks.levels import LEVELS, Level, Owner
from cal_actions.sandbox.webhooks.records import Webhook, webhook_by_id, webhook_of


def list_webhooks(level: Level, request: Request) -> Answer:
    """The webhooks of the owner, ordered by id."""
    owner = level.owner(request)
    take, skip = page(request.query)
    rows = request.store.all(
        f"SELECT * FROM webhooks WHERE {level.column} = ? ORDER BY id LIMIT ? OFFSET ?",
        owner,
        take,
        skip,
    )
    return success([view(level, webhook_of(row)) for row in rows])


def create_webhook(level: Level, request: Request) -> Answer:
    """A new webhook; 409 when the owner has one with this subscriber url."""
    owner = level.owner(request)
    columns = read_new(request.body)
    _refuse_taken_url(request.store, level, owner, columns["subscriber_url"], None)
    webhook_id = request.store.new_uuid()
    request.store.insert(
        "webhooks",
        id=webhook_id,
        created_at=timestamp(request.now),
        **{level.column: owner},
        **columns,
    )
    return success(view(level, _existing(request.store, webhook_id)), 201)


def get_webhook(level: Level, request: Request) -> Answer:
    """One webhook; a user's own with every column, unlike in the other answers (as recorded)."""
    webhook = _own(level, request)
    return success(_full_view(webhook) if level.shows_every_column else view(level, webhook))


def update_webhook(level: Level, request: Request) -> Answer:
    """Change the given fields; null clears the secret and the payload template."""
    webhook = _own(level, request)
    columns = read_change(request.body)
    if "subscriber_url" in columns:
        owner = getattr(webhook, level.column)
        _refuse_taken_url(request.store, level, owner, columns["subscriber_url"], webhook.id)
    request.store.update("webhooks", webhook.id, **columns)
    return success(view(level, _existing(request.store, webhook.id)))


def delete_webhook(level: Level, request: Request) -> Answer:
    """Delete a webhook; the answer shows it as it was."""
    webhook = _own(level, request)
    request.store.delete("webhooks", webhook.id)
    return success(view(level, webhook))


def delete_webhooks(level: Level, request: Request) -> Answer:
    """Delete every webhook of the owner; `data` says in words how many."""
    count = request.store.run(
        f"DELETE FROM webhooks WHERE {level.column} = ?", level.owner(request)
    )
    return success(f"{count} webhooks deleted")


def view(level: Level, webhook: Webhook) -> dict[str, Any]:
    """A webhook as every answer but that of a user's GET by id shows it."""
    return {
        "id": webhook.id,
        "payloadTemplate": webhook.payload_template,
        "triggers": webhook.triggers,
        "subscriberUrl": webhook.subscriber_url,
        "active": webhook.active,
        "secret": webhook.secret,
        level.word: getattr(webhook, level.column),
    }


def _full_view(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "userId": webhook.user_id,
        "teamId": webhook.team_id,
        "eventTypeId": webhook.event_type_id,
        "subscriberUrl": webhook.subscriber_url,
        "payloadTemplate": webhook.payload_template,
        "createdAt": webhook.created_at,
        "active": webhook.active,
        "appId": None,
        "secret": webhook.secret,
        "platform": False,
        "time": None,
        "timeUnit": None,
        "triggers": webhook.triggers,
        "oAuthClientId": webhook.oauth_client_id,
    }


def _existing(store: Store, webhook_id: str) -> Webhook:
    webhook = webhook_by_id(store, webhook_id)
    if webhook is None:
        raise refusals.not_found(f"Webhook ({webhook_id}) not found")
    return webhook


def _own(level: Level, request: Request) -> Webhook:
    owner = level.owner(request)
    webhook = _existing(request.store, request.params["webhookId"])
    if getattr(webhook, level.column) != owner:
        raise level.foreign(request, webhook)
    return webhook


def _refuse_taken_url(
    store: Store, level: Level, owner: Owner, url: str, own_id: str | None
) -> None:
    taken = store.one(
        f"SELECT id FROM webhooks WHERE {level.column} = ? AND subscriber_url = ? AND id IS NOT ?",
        owner,
        url,
        own_id,
    )
    if taken is not None:
        raise refusals.conflict(
            f"Webhook with this subscriber url already exists for this {level.called}"
        )


def _register(level: Level) -> None:
    one = f"{level.path}/{{webhookId}}"
    route("GET", level.path)(partial(list_webhooks, level))
    route("POST", level.path)(partial(create_webhook, level))
    route("GET", one)(partial(get_webhook, level))
    route("PATCH", one)(partial(update_webhook, level))
    route("DELETE", one)(partial(delete_webhook, level))
    if level.deletes_all:
        route("DELETE", level.path)(partial(delete_webhooks, level))


for each_level in LEVELS:
    _register(each_level)
