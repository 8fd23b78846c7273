"""The event type that a request for slots or a booking means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.event_types.records import (
    EventType,
    event_type_by_id,
    event_type_by_slug,
    team_event_type_by_slug,
)
from cal_actions.sandbox.users.records import User, user_by_id, user_by_username

if TYPE_CHECKING:
    from cal_actions.sandbox.store import Store


def find_event_type(store: Store, asked: Mapping[str, Any]) -> EventType | None:
    """The event type by `eventTypeId`, or by `eventTypeSlug` and `username` or `teamSlug`.

    `organizationSlug` says in which organization the user or team is; a team of an organization is
    not found without it. Raises Refusal (404) for an unknown organization, team or user.
    """
    if asked.get("eventTypeId") is not None:
        return event_type_by_id(store, asked["eventTypeId"])
    slug, organization = asked.get("eventTypeSlug") or "", asked.get("organizationSlug")
    if asked.get("username"):
        owner = find_user(store, asked["username"], organization)
        if owner is None:
            raise refusals.not_found(f"User with username {asked['username']} not found")
        return event_type_by_slug(store, owner.id, slug)
    team_id = _team_id(store, asked.get("teamSlug") or "", organization)
    return team_event_type_by_slug(store, team_id, slug)


def find_user(store: Store, username: str, organization_slug: str | None) -> User | None:
    """The user with this name, in an organization by the name that it gave.

    Raises Refusal (404) for an unknown organization.
    """
    if organization_slug is None:
        return user_by_username(store, username)
    row = store.one(
        "SELECT user_id FROM profiles WHERE organization_id = ? AND username = ?",
        _organization_id(store, organization_slug),
        username,
    )
    return None if row is None else user_by_id(store, row["user_id"])


def refuse_template(event_type: EventType) -> None:
    """Raise Refusal (400) for a managed event type: only its children can be booked."""
    if event_type.scheduling_type == "managed":
        raise refusals.bad_request(
            f"Event type with id={event_type.id} is the parent managed event type that can't be "
            "booked. You have to provide the child event type id aka id of event type that has "
            "been assigned to one of the users."
        )


def _team_id(store: Store, slug: str, organization_slug: str | None) -> int:
    parent_id = None if organization_slug is None else _organization_id(store, organization_slug)
    row = store.one(
        "SELECT id FROM teams WHERE slug = ? AND NOT is_organization AND parent_id IS ?",
        slug,
        parent_id,
    )
    if row is None:
        raise refusals.not_found(f"Team with slug {slug} not found")
    return int(row["id"])


def _organization_id(store: Store, slug: str) -> int:
    row = store.one("SELECT id FROM teams WHERE slug = ? AND is_organization", slug)
    if row is None:
        raise refusals.not_found(f"slots-input.service.ts: Organization with slug {slug} not found")
    return int(row["id"])
