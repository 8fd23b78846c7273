"""The Stripe accounts that are connected: one for a user, one for a team."""

from __future__ import annotations

from cal_actions.sandbox.calendars.records import (
    connect,
    credential_of_team,
    credential_of_user,
    disconnect,
)
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.teams.records import Team
from cal_actions.sandbox.users.records import User

STRIPE = "stripe_payment"
_APP = "stripe"


def connect_to_user(store: Store, user: User, code: str) -> None:
    """Connect the account behind this code in place of the user's present one."""
    present = credential_of_user(store, user.id, STRIPE)
    if present is not None:
        disconnect(store, present.id)
    connect(store, STRIPE, _APP, user_id=user.id, key={"code": code})


def connect_to_team(store: Store, team: Team, code: str) -> None:
    """Connect the account behind this code in place of the team's present one."""
    present = credential_of_team(store, team.id, STRIPE)
    if present is not None:
        disconnect(store, present.id)
    connect(store, STRIPE, _APP, team_id=team.id, key={"code": code})
