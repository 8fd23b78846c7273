"""How users come into a team, change in it, and leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.event_types.hosts import add_team_member, remove_team_member
from cal_actions.sandbox.exchange import timestamp
from cal_actions.sandbox.teams.records import Membership, membership_by_id, membership_of_user
from cal_actions.sandbox.users.records import user_by_id

if TYPE_CHECKING:
    from cal_actions.sandbox.exchange import Request
    from cal_actions.sandbox.store import Store

_COLUMNS = {
    "role": "role",
    "accepted": "accepted",
    "disableImpersonation": "disable_impersonation",
}


def add_member(
    request: Request, team_id: int, user_id: int, settings: dict[str, Any]
) -> Membership:
    """A new membership of a team, with the given role, accepted and disableImpersonation.

    Who is in the team at once hosts its event types that assign all members.
    Raises Refusal: 400 when there is no such user, 409 when the user is in the team already.
    """
    if user_by_id(request.store, user_id) is None:
        raise refusals.unknown_reference()
    if membership_of_user(request.store, team_id, user_id) is not None:
        raise refusals.already_exists()
    added = write_new(request, team_id, user_id, settings)
    if added.accepted:
        add_team_member(request.store, team_id, user_id)
    return added


def change_member(request: Request, membership: Membership, settings: dict[str, Any]) -> Membership:
    """Change what is given; gives the membership as it is now.

    Who accepts by it hosts the team's event types that assign all members.
    """
    changed = write_change(request, membership, settings)
    if changed.accepted and not membership.accepted:
        add_team_member(request.store, changed.team_id, changed.user_id)
    return changed


def write_new(request: Request, team_id: int, user_id: int, settings: dict[str, Any]) -> Membership:
    """The row of a new membership of a team or organization, and nothing else."""
    now = timestamp(request.now)
    membership_id = request.store.insert(
        "memberships",
        team_id=team_id,
        user_id=user_id,
        created_at=now,
        updated_at=now,
        **_columns(settings),
    )
    return _membership(request, team_id, membership_id)


def write_change(request: Request, membership: Membership, settings: dict[str, Any]) -> Membership:
    """The row of a membership of a team or organization, changed, and nothing else."""
    now = timestamp(request.now)
    request.store.update("memberships", membership.id, updated_at=now, **_columns(settings))
    return _membership(request, membership.team_id, membership.id)


def remove_member(store: Store, membership: Membership) -> None:
    """Delete a membership of a team; the user hosts none of its event types any more."""
    store.delete("memberships", membership.id)
    remove_team_member(store, membership.team_id, membership.user_id)


def _columns(settings: dict[str, Any]) -> dict[str, Any]:
    return {column: settings[name] for name, column in _COLUMNS.items() if name in settings}


def _membership(request: Request, team_id: int, membership_id: int) -> Membership:
    membership = membership_by_id(request.store, team_id, membership_id)
    assert membership is not None
    return membership
