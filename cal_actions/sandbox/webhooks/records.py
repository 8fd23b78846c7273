"""Webhooks as their rows hold them, and which of them hear of a booking."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from cal_actions.sandbox.store import Store

_HEARS_OF_BOOKING = """
SELECT webhooks.* FROM webhooks
JOIN bookings ON bookings.id = ?
JOIN users AS host ON host.id = bookings.user_id
LEFT JOIN event_types ON event_types.id = bookings.event_type_id
LEFT JOIN event_types AS managed ON managed.id = event_types.parent_id
LEFT JOIN teams ON teams.id = COALESCE(event_types.team_id, managed.team_id)
WHERE webhooks.active
AND EXISTS (SELECT 1 FROM json_each(webhooks.triggers) WHERE value = ?)
AND (
    webhooks.user_id = host.id
    OR webhooks.event_type_id IN (event_types.id, managed.id)
    OR webhooks.team_id IN (teams.id, teams.parent_id)
    OR webhooks.team_id IN (
        SELECT team_id FROM memberships JOIN teams ON teams.id = team_id
        WHERE memberships.user_id = host.id AND accepted AND is_organization
    )
    OR webhooks.oauth_client_id = host.oauth_client_id
)
ORDER BY webhooks.number
"""


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook; exactly one of the four owners is set."""

    id: str
    user_id: int | None
    event_type_id: int | None
    team_id: int | None
    oauth_client_id: str | None
    subscriber_url: str
    triggers: list[str]
    active: bool
    payload_template: str | None
    secret: str | None
    created_at: str


def webhook_by_id(store: Store, webhook_id: str) -> Webhook | None:
    """The webhook with this id, whoever owns it, or None."""
    row = store.one("SELECT * FROM webhooks WHERE id = ?", webhook_id)
    return None if row is None else webhook_of(row)


def webhook_of(row: sqlite3.Row) -> Webhook:
    """A row of `webhooks`, read."""
    return Webhook(
        id=row["id"],
        user_id=row["user_id"],
        event_type_id=row["event_type_id"],
        team_id=row["team_id"],
        oauth_client_id=row["oauth_client_id"],
        subscriber_url=row["subscriber_url"],
        triggers=json.loads(row["triggers"]),
        active=bool(row["active"]),
        payload_template=row["payload_template"],
        secret=row["secret"],
        created_at=row["created_at"],
    )


def webhooks_for(store: Store, trigger: str, booking_id: int) -> list[Webhook]:
    """The active webhooks with this trigger that hear of a booking, in the order they were made.

    They are those of the host and the host's organizations, of the event type (and the managed
    one above it), of its team and the team's organization, and of the OAuth client that manages
    the host.
    """
    return [webhook_of(row) for row in store.all(_HEARS_OF_BOOKING, booking_id, trigger)]
