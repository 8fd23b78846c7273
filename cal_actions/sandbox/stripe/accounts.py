"""The Stripe accounts that are connected: one for a user, one for a team."""

from __future__ import annotations

from cal_actions.sandbox.calendars.records import (
    connect,
    connect_again,
    credential_of_team,
    disconnect,
)
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.teams.records import Team
from cal_actions.sandbox.users.records import User

STRIPE = "stripe_payment"
_APP = "stripe"


def connect_to_user(store: Store, user: User) -> None:
    """Connect an account to the user, in place of a present one."""
    connect_again(store, user, STRIPE, _APP)


def connect_to_team(store: Store, team: Team) -> None:
    """Connect an account to the team, in place of a present one."""
    present = credential_of_team(store, team.id, STRIPE)
    if present is not None:
        disconnect(store, present.id)
    connect(store, STRIPE, _APP, team_id=team.id)
