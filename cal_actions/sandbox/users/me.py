"""GET and PATCH /v2/me: the caller's own profile."""

from __future__ import annotations

from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.checks import Field, check, optional
from cal_actions.sandbox.exchange import Answer, Request, success
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.rules import (
    WEEKDAYS,
    is_email,
    is_enum,
    is_in,
    is_int,
    is_object,
    is_string,
    is_time_zone,
)
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.users.records import PROFILE_WORDS, User, user_by_id

# fmt: off
LOCALES = (
    "ar", "ca", "de", "es", "eu", "he", "id", "ja", "lv", "pl", "ro", "sr", "th", "vi", "az",
    "cs", "el", "es-419", "fi", "hr", "it", "km", "nl", "pt", "ru", "sv", "tr", "zh-CN", "bg",
    "da", "en", "et", "fr", "hu", "iw", "ko", "no", "pt-BR", "sk", "ta", "uk", "zh-TW", "bn",
)
# fmt: on
PROFILE_FIELDS = tuple(
    optional(one)
    for one in (
        Field("email", (is_email(),), nullable=False),
        Field("name", (is_string(),)),
        Field("timeFormat", (is_in((12, 24)),), nullable=False),
        Field("defaultScheduleId", (is_int(),)),
        Field("weekStart", (is_in(WEEKDAYS),), nullable=False),
        Field("timeZone", (is_time_zone(),), nullable=False),
        Field("locale", (is_enum(LOCALES),)),
        Field("avatarUrl", (is_string(),)),
        Field("bio", (is_string(),)),
        Field("metadata", (is_object(),)),
    )
)
_COLUMNS = {
    "username": "username",
    "email": "email",
    "name": "name",
    "timeFormat": "time_format",
    "defaultScheduleId": "default_schedule_id",
    "weekStart": "week_start",
    "timeZone": "time_zone",
}


@route("GET", "/v2/me")
def get_me(request: Request) -> Answer:
    """The profile, with the organization where the user is in one."""
    user = request.user
    shown = view(user)
    if user.organization is not None:
        shown["organization"] = {
            "isPlatform": user.organization.is_platform,
            "id": user.organization.id,
        }
    return success(shown)


@route("PATCH", "/v2/me")
def update_me(request: Request) -> Answer:
    """Change the given fields; the answer leaves the organization out, as recorded."""
    body = check(request.body, PROFILE_FIELDS)
    changed = update_profile(request.store, request.user, body)
    return success(view(changed))


def update_profile(store: Store, user: User, body: dict[str, Any]) -> User:
    """As `write_profile`; a new time zone moves the default schedule along, as on Cal.com."""
    if "timeZone" in body and user.default_schedule_id is not None:
        store.update("schedules", user.default_schedule_id, time_zone=body["timeZone"])
    return write_profile(store, user, body)


def write_profile(store: Store, user: User, body: dict[str, Any]) -> User:
    """Write checked fields of a profile; gives the user as it is now.

    Raises Refusal: 409 when the email address or the username belongs to someone else, 404 for a
    default schedule that is not the user's.
    """
    for name in ("email", "username"):
        other = store.one(f"SELECT id FROM users WHERE {name} = ?", body.get(name))
        if other is not None and other["id"] != user.id:
            raise refusals.already_exists()
    require_schedule(store, user, body.get("defaultScheduleId"))
    columns = {column: body[name] for name, column in _COLUMNS.items() if name in body}
    profile = user.profile | {name: body[name] for name in PROFILE_WORDS if name in body}
    store.update("users", user.id, **columns, profile=profile)
    changed = user_by_id(store, user.id)
    assert changed is not None
    return changed


def require_schedule(store: Store, user: User, schedule_id: int | None) -> None:
    """Raises Refusal (404) for a schedule that is not this user's; None is no schedule."""
    owned = store.one("SELECT id FROM schedules WHERE id = ? AND user_id = ?", schedule_id, user.id)
    if schedule_id is not None and owned is None:
        raise refusals.not_found(
            f"User with ID={user.id} does not own schedule with ID={schedule_id}"
        )


def view(user: User) -> dict[str, Any]:
    """A user as GET /v2/me shows one."""
    return {
        "id": user.id,
        "email": user.email,
        "timeFormat": user.time_format,
        "defaultScheduleId": user.default_schedule_id,
        "weekStart": user.week_start,
        "timeZone": user.time_zone,
        "username": user.username,
        "organizationId": user.organization.id if user.organization else None,
    }
