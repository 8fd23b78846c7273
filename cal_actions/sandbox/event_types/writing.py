"""What POST and PATCH of users' and of teams' event types have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
