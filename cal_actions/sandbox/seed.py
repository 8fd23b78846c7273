"""The world a sandbox starts with.

A world is plain data in Cal.com's own words:

    users        id, username, name, email, timeZone, timeFormat, weekStart, organization
                 ({id, slug, isPlatform} or null), api_keys: [{key, expires_at, rate_limit}]
                 (`rate_limit` is {name, requests, seconds, block_seconds})
    schedules    id, ownerId, name, timeZone, isDefault, availability, overrides
    event_types  id, ownerId and the body of POST /v2/event-types
    bookings     id, uid, hostId, eventTypeId, title, start, end, status, location, attendees ...
    webhooks     id, userId and the body of POST /v2/webhooks
    next_id      the first id for new schedules, event types and bookings (left out: the next free)

The first key of the first user is the sandbox's `api_key`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cal_actions.sandbox.event_type_settings import settings_from
from cal_actions.sandbox.exchange import timestamp
from cal_actions.sandbox.store import Store

Record = Mapping[str, Any]

_WORKING_HOURS = {
    "days": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
    "startTime": "09:00",
    "endTime": "17:00",
}

BUILT_IN: Record = {
    "users": [
        {
            "id": 1,
            "username": "sam",
            "name": "Sam Rivera",
            "email": "sam@example.com",
            "timeZone": "UTC",
            "timeFormat": 24,
            "weekStart": "Monday",
            "api_keys": [
                {
                    "key": "cal_sandbox_owner",
                    "rate_limit": {"name": "Sandbox", "requests": 1_000_000},
                }
            ],
        }
    ],
    "schedules": [
        {
            "id": 1,
            "ownerId": 1,
            "name": "Working hours",
            "timeZone": "UTC",
            "isDefault": True,
            "availability": [_WORKING_HOURS],
        }
    ],
    "event_types": [
        {
            "id": 1,
            "ownerId": 1,
            "title": "30 minute meeting",
            "slug": "30min",
            "lengthInMinutes": 30,
        },
        {
            "id": 2,
            "ownerId": 1,
            "title": "15 minute meeting",
            "slug": "15min",
            "lengthInMinutes": 15,
        },
        {
            "id": 3,
            "ownerId": 1,
            "title": "Consultation",
            "slug": "consultation",
            "lengthInMinutes": 60,
            "confirmationPolicy": {"type": "always", "blockUnconfirmedBookingsInBooker": False},
        },
    ],
}


def ensure_world(store: Store, world: Record | None, now: datetime) -> str:
    """Fill an empty database with `world` (left out: the built-in one); keep what one holds.

    Gives the API key of the first user. Called inside a transaction.
    """
    known = store.fact("api_key")
    if known is not None:
        return known
    world = BUILT_IN if world is None else world
    for user in world["users"]:
        _add_user(store, user)
    for schedule in world.get("schedules", ()):
        _add_schedule(store, schedule)
    for event_type in world.get("event_types", ()):
        _add_event_type(store, event_type)
    for booking in world.get("bookings", ()):
        _add_booking(store, booking, now)
    for webhook in world.get("webhooks", ()):
        _add_webhook(store, webhook, now)
    if "next_id" in world:
        store.number_from(world["next_id"])
    api_key: str = world["users"][0]["api_keys"][0]["key"]
    store.insert("facts", name="api_key", value=api_key)
    return api_key


def _add_user(store: Store, user: Record) -> None:
    store.insert(
        "users",
        id=user["id"],
        username=user["username"],
        name=user.get("name"),
        email=user["email"],
        time_zone=user.get("timeZone", "UTC"),
        time_format=user.get("timeFormat", 24),
        week_start=user.get("weekStart", "Monday"),
        organization=json.dumps(user.get("organization")),
    )
    for api_key in user.get("api_keys", ()):
        limit = api_key.get("rate_limit")
        store.insert(
            "api_keys",
            key=api_key["key"],
            user_id=user["id"],
            expires_at=api_key.get("expires_at"),
            rate_limit=None if limit is None else json.dumps(limit),
        )


def _add_schedule(store: Store, schedule: Record) -> None:
    store.insert(
        "schedules",
        id=schedule["id"],
        user_id=schedule["ownerId"],
        name=schedule["name"],
        time_zone=schedule["timeZone"],
        availability=list(schedule["availability"]),
        overrides=list(schedule.get("overrides", ())),
    )
    if schedule.get("isDefault"):
        store.update("users", schedule["ownerId"], default_schedule_id=schedule["id"])


def _add_event_type(store: Store, event_type: Record) -> None:
    store.insert(
        "event_types",
        id=event_type["id"],
        user_id=event_type["ownerId"],
        slug=event_type["slug"],
        title=event_type["title"],
        length_in_minutes=event_type["lengthInMinutes"],
        schedule_id=event_type.get("scheduleId"),
        hidden=event_type.get("hidden", False),
        settings=settings_from(event_type),
    )


def _add_booking(store: Store, booking: Record, now: datetime) -> None:
    booking_id = store.insert(
        "bookings",
        id=booking["id"],
        uid=booking["uid"],
        user_id=booking["hostId"],
        event_type_id=booking["eventTypeId"],
        title=booking["title"],
        description=booking.get("description"),
        status=booking.get("status", "accepted"),
        starts_at=booking["start"],
        ends_at=booking["end"],
        location=booking.get("location"),
        metadata=dict(booking.get("metadata", {})),
        responses=dict(booking.get("bookingFieldsResponses", {})),
        guests=list(booking.get("guests", ())),
        ics_uid=booking.get("icsUid"),
        created_at=booking.get("createdAt", timestamp(now)),
        updated_at=booking.get("updatedAt"),
    )
    for attendee in booking["attendees"]:
        store.insert(
            "attendees",
            booking_id=booking_id,
            name=attendee["name"],
            email=attendee["email"],
            time_zone=attendee["timeZone"],
            language=attendee.get("language", "en"),
            phone_number=attendee.get("phoneNumber"),
            absent=attendee.get("absent", False),
        )


def _add_webhook(store: Store, webhook: Record, now: datetime) -> None:
    store.insert(
        "webhooks",
        id=webhook["id"],
        user_id=webhook.get("userId"),
        subscriber_url=webhook["subscriberUrl"],
        triggers=list(webhook["triggers"]),
        active=webhook["active"],
        payload_template=webhook.get("payloadTemplate"),
        secret=webhook.get("secret"),
        created_at=timestamp(now),
    )
