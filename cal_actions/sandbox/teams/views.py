"""How answers show teams and their memberships."""

from __future__ import annotations

from typing import Any

from cal_actions.sandbox.teams.records import Membership, Team
from cal_actions.sandbox.users.records import User

_UNSET = {
    "hideBookATeamMember": False,
    "timeZone": "Europe/London",
    "weekStart": "Sunday",
    "logoUrl": None,
    "calVideoLogo": None,
    "appLogo": None,
    "appIconLogo": None,
    "bio": None,
    "hideBranding": False,
    "isPrivate": False,
    "theme": None,
    "brandColor": None,
    "darkBrandColor": None,
    "bannerUrl": None,
    "timeFormat": None,
}


def team_view(team: Team) -> dict[str, Any]:
    """A team as every answer shows it; metadata only where some was set (as recorded)."""
    shown = {
        "id": team.id,
        "parentId": team.parent_id,
        "name": team.name,
        "slug": team.slug,
        "isOrganization": team.is_organization,
        **{name: team.profile.get(name, unset) for name, unset in _UNSET.items()},
    }
    if team.profile.get("metadata") is not None:
        shown["metadata"] = team.profile["metadata"]
    return shown


def membership_view(membership: Membership, user: User) -> dict[str, Any]:
    """A membership of a team as every answer shows it."""
    return {
        "id": membership.id,
        "userId": membership.user_id,
        "teamId": membership.team_id,
        "accepted": membership.accepted,
        "role": membership.role,
        "disableImpersonation": membership.disable_impersonation,
        "user": member_view(user),
    }


def member_view(user: User) -> dict[str, Any]:
    """The user of a membership; metadata only where some was set (as recorded)."""
    shown = {
        "avatarUrl": user.profile.get("avatarUrl"),
        "username": user.username,
        "name": user.name,
        "email": user.email,
        "bio": user.profile.get("bio"),
    }
    if user.profile.get("metadata") is not None:
        shown["metadata"] = user.profile["metadata"]
    return shown
