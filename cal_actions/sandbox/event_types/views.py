"""Event types as /v2/event-types shows them in version 2024-06-14."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cal_actions.sandbox.event_types.settings import DEFAULTS

if TYPE_CHECKING:
    from cal_actions.sandbox.event_types.records import EventType
    from cal_actions.sandbox.users.records import User


def view(
    event_type: EventType, owner: User, *, public: bool = False, written: bool = False
) -> dict[str, Any]:
    """A user's event type.

    `public` leaves out hidden fields. Only where it was just `written` does Cal.com show
    `calVideoSettings` (as recorded).
    """
    shown = {
        "id": event_type.id,
        "ownerId": event_type.user_id,
        **shared_view(event_type, video_settings=written),
        "users": [_host(owner)],
    }
    if public:
        shown["bookingFields"] = [one for one in shown["bookingFields"] if not one.get("hidden")]
    return shown


def shared_view(event_type: EventType, *, video_settings: bool) -> dict[str, Any]:
    """What is shown of users' and of teams' event types alike."""
    settings = dict(event_type.settings)
    if not video_settings:
        settings.pop("calVideoSettings", None)
    return {
        "id": event_type.id,
        "lengthInMinutes": event_type.length_in_minutes,
        "title": event_type.title,
        "slug": event_type.slug,
        **settings,
        "bookingFields": _booking_fields(event_type.settings["bookingFields"]),
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
        **{name: value for name, value in DEFAULTS.items() if name != "calVideoSettings"},
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
