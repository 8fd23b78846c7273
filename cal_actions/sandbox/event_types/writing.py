"""What POST and PATCH of users' and of teams' event types have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cal_actions.sandbox import refusals

if TYPE_CHECKING:
    from cal_actions.sandbox.store import Store
    from cal_actions.sandbox.users.records import User

_COLUMNS = {
    "slug": "slug",
    "title": "title",
    "lengthInMinutes": "length_in_minutes",
    "scheduleId": "schedule_id",
    "hidden": "hidden",
    "assignAllTeamMembers": "assign_all_team_members",
}


def columns_from(body: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that a body sets, save the settings."""
    return {column: body[name] for name, column in _COLUMNS.items() if name in body}


def require_schedule(store: Store, user: User, body: Mapping[str, Any]) -> None:
    """Raises Refusal (404) when the body names a schedule that is not this user's."""
    schedule_id = body.get("scheduleId")
    if schedule_id is None:
        return
    owned = store.one("SELECT id FROM schedules WHERE id = ? AND user_id = ?", schedule_id, user.id)
    if owned is None:
        raise refusals.not_found(
            f"User with ID={user.id} does not own schedule with ID={schedule_id}"
        )
