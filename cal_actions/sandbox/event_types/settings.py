"""What an event type is: its row, its settings in Cal.com's words, and how it is shown."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cal_actions.sandbox.store import Store
    from cal_actions.sandbox.users.records import User

_DISABLED = {"disabled": True}
_DEFAULTS: Mapping[str, Any] = {
    "description": "",
    "locations": [{"type": "integration", "integration": "cal-video"}],
    "bookingFields": [],
    "recurrence": None,
    "disableGuests": False,
    "slotInterval": None,
    "minimumBookingNotice": 120,
    "beforeEventBuffer": 0,
    "afterEventBuffer": 0,
    "metadata": {},
    "price": 0,
    "currency": "usd",
    "lockTimeZoneToggleOnBookingPage": False,
    "forwardParamsSuccessRedirect": True,
    "successRedirectUrl": None,
    "isInstantEvent": False,
    "onlyShowFirstAvailableSlot": False,
    "offsetStart": 0,
    "bookingWindow": _DISABLED,
    "confirmationPolicy": _DISABLED,
    "requiresBookerEmailVerification": False,
    "hideCalendarNotes": False,
    "seats": _DISABLED,
    "useDestinationCalendarEmail": False,
    "hideCalendarEventDetails": False,
    "hideOrganizerEmail": False,
    "calVideoSettings": None,
}
_EXTRAS = (
    "lengthInMinutesOptions",
    "bookingLimitsCount",
    "bookingLimitsDuration",
    "bookerLayouts",
    "color",
    "customName",
    "destinationCalendar",
)
SETTINGS = frozenset({*_DEFAULTS, *_EXTRAS})
"""The names that `settings` may hold; those of `_EXTRAS` are shown only where they were set."""


@dataclass(frozen=True, slots=True)
class EventType:
    """One event type; `settings` has every key of the answer that no column holds."""

    id: int
    user_id: int
    slug: str
    title: str
    length_in_minutes: int
    schedule_id: int | None
    hidden: bool
    settings: dict[str, Any]


def settings_from(body: Mapping[str, Any], before: Mapping[str, Any] = _DEFAULTS) -> dict[str, Any]:
    """The settings after a POST or PATCH body is laid over those before."""
    given = {name: body[name] for name in SETTINGS if name in body}
    if "recurrence" in given:
        given["recurrence"] = _switched_on(given["recurrence"], off=None)
    if "seats" in given:
        given["seats"] = _switched_on(given["seats"], off=_DISABLED)
    return {**before, **given}


def _switched_on(value: Any, *, off: Any) -> Any:
    if not value or value.get("disabled"):
        return off
    return {"disabled": False, **value}


def event_type_of(row: sqlite3.Row) -> EventType:
    """A row of `event_types`, read."""
    return EventType(
        id=row["id"],
        user_id=row["user_id"],
        slug=row["slug"],
        title=row["title"],
        length_in_minutes=row["length_in_minutes"],
        schedule_id=row["schedule_id"],
        hidden=bool(row["hidden"]),
        settings=json.loads(row["settings"]),
    )


def event_type_by_id(store: Store, event_type_id: int) -> EventType | None:
    """The event type with this id, whoever owns it, or None."""
    row = store.one("SELECT * FROM event_types WHERE id = ?", event_type_id)
    return None if row is None else event_type_of(row)


def event_type_by_slug(store: Store, user_id: int, slug: str) -> EventType | None:
    """The event type of this user with this slug, or None."""
    row = store.one("SELECT * FROM event_types WHERE user_id = ? AND slug = ?", user_id, slug)
    return None if row is None else event_type_of(row)


def view(
    event_type: EventType, owner: User, *, public: bool = False, written: bool = False
) -> dict[str, Any]:
    """The event type in the shape of version 2024-06-14.

    `public` leaves out hidden fields. Only where it was just `written` does Cal.com show
    `calVideoSettings` (as recorded).
    """
    settings = dict(event_type.settings)
    if not written:
        settings.pop("calVideoSettings", None)
    fields = _booking_fields(event_type.settings["bookingFields"])
    if public:
        fields = [one for one in fields if not one.get("hidden")]
    return {
        "id": event_type.id,
        "ownerId": event_type.user_id,
        "lengthInMinutes": event_type.length_in_minutes,
        "title": event_type.title,
        "slug": event_type.slug,
        **settings,
        "bookingFields": fields,
        "users": [_host(owner)],
        "scheduleId": event_type.schedule_id,
        "hidden": event_type.hidden,
    }


def dynamic_view(users: Sequence[User]) -> dict[str, Any]:
    """The event type that stands for a meeting with several users; it has no row."""
    lengths = [15, 30, 45, 60, 90]
    return {
        "id": 0,
        "ownerId": 0,
        "lengthInMinutes": 30,
        "lengthInMinutesOptions": lengths,
        "title": "Group Meeting",
        "slug": "dynamic",
        **{name: value for name, value in _DEFAULTS.items() if name != "calVideoSettings"},
        "description": "Join us for a meeting with multiple people",
        "disableGuests": True,
        "metadata": {"multipleDuration": lengths},
        "successRedirectUrl": "",
        "users": [_host(user) for user in users],
        "scheduleId": None,
        "customName": "Group Meeting",
        "hidden": False,
    }


def _host(owner: User) -> dict[str, Any]:
    return {
        "id": owner.id,
        "name": owner.name,
        "username": owner.username,
        "avatarUrl": owner.profile.get("avatarUrl"),
        "brandColor": None,
        "darkBrandColor": None,
        "weekStart": owner.week_start,
        "metadata": owner.profile.get("metadata", {}),
    }


def _booking_fields(given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    fields = {field["slug"]: field for field in _default_fields()}
    for one in given:
        slug = str(one.get("slug", one.get("type")))
        fields[slug] = {"isDefault": False, **fields.get(slug, {}), **one, "slug": slug}
    return list(fields.values())


def _default_fields() -> list[dict[str, Any]]:
    name = _default_field("name", "name", required=True)
    del name["hidden"]
    location = _default_field("radioInput", "location")
    del location["disableOnPrefill"]
    return [
        name,
        _default_field("email", "email", required=True),
        location,
        _default_field("text", "title", required=True, hidden=True),
        _default_field("textarea", "notes"),
        _default_field("multiemail", "guests"),
        _default_field("textarea", "rescheduleReason"),
    ]


def _default_field(
    kind: str, slug: str, *, required: bool = False, hidden: bool = False
) -> dict[str, Any]:
    return {
        "isDefault": True,
        "type": kind,
        "slug": slug,
        "required": required,
        "disableOnPrefill": False,
        "hidden": hidden,
    }
