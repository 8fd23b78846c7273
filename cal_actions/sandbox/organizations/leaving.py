"""What a user loses who leaves an organization."""

from __future__ import annotations

from cal_actions.sandbox import refusals
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.users.records import user_by_id, user_by_username

_TEAMS = "(SELECT id FROM teams WHERE parent_id = ?)"
_EVENT_TYPES = f"(SELECT id FROM event_types WHERE team_id IN {_TEAMS})"


def leave(store: Store, organization_id: int, user_id: int) -> None:
    """Take a user out of an organization and all of its teams; the account stays.

    With the memberships go the profile, the places as host of the teams' event types, and the
    user's own copies of managed ones. The id is put behind the username, as recorded.
    Raises Refusal (409) when someone has that username.
    """
    for table, condition, values in (
        ("event_type_hosts", f"event_type_id IN {_EVENT_TYPES}", (organization_id,)),
        ("event_types", f"parent_id IN {_EVENT_TYPES}", (organization_id,)),
        ("profiles", "organization_id = ?", (organization_id,)),
        ("memberships", f"team_id = ? OR team_id IN {_TEAMS}", (organization_id, organization_id)),
    ):
        store.run(f"DELETE FROM {table} WHERE user_id = ? AND ({condition})", user_id, *values)
    _rename(store, user_id)


def _rename(store: Store, user_id: int) -> None:
    user = user_by_id(store, user_id)
    assert user is not None
    username = f"{user.username}-{user.id}"
    if user_by_username(store, username) is not None:
        raise refusals.already_exists()
    store.update("users", user.id, username=username)
