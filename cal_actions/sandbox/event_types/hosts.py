"""Who hosts an event type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cal_actions.sandbox.event_types import managed
from cal_actions.sandbox.event_types.records import EventType, event_types_of_team

if TYPE_CHECKING:
    from cal_actions.sandbox.store import Store

Priority = Literal["lowest", "low", "medium", "high", "highest"]
PRIORITIES: tuple[Priority, ...] = ("lowest", "low", "medium", "high", "highest")


@dataclass(frozen=True, slots=True)
class Host:
    """A user who hosts an event type; `mandatory` and `priority` matter to round robin alone."""

    user_id: int
    mandatory: bool = False
    priority: Priority = "medium"


def hosts_of(store: Store, event_type: EventType) -> list[Host]:
    """The hosts in the order they were given.

    Of a user's own event type that is the owner alone, of a managed one the owners of its children.
    """
    if event_type.user_id is not None:
        return [Host(event_type.user_id)]
    if event_type.scheduling_type == "managed":
        return [Host(owner) for owner in managed.owners_of(store, event_type)]
    rows = store.all(
        "SELECT * FROM event_type_hosts WHERE event_type_id = ? ORDER BY rowid", event_type.id
    )
    return [Host(row["user_id"], bool(row["mandatory"]), row["priority"]) for row in rows]


def set_hosts(store: Store, event_type: EventType, hosts: Sequence[Host]) -> None:
    """Let a team's event type have exactly these hosts; the children of a managed one follow it.

    Raises Refusal (409) as `managed.set_owners` does.
    """
    if event_type.scheduling_type == "managed":
        managed.set_owners(store, event_type, [host.user_id for host in hosts])
        return
    store.run("DELETE FROM event_type_hosts WHERE event_type_id = ?", event_type.id)
    for host in hosts:
        store.insert(
            "event_type_hosts",
            event_type_id=event_type.id,
            user_id=host.user_id,
            mandatory=host.mandatory,
            priority=host.priority,
        )


def add_team_member(store: Store, team_id: int, user_id: int) -> None:
    """Let a new member of a team host its event types that assign all members (documented)."""
    for event_type in event_types_of_team(store, team_id):
        hosts = hosts_of(store, event_type)
        if event_type.assigns_all_team_members and user_id not in {one.user_id for one in hosts}:
            set_hosts(store, event_type, [*hosts, Host(user_id)])


def remove_team_member(store: Store, team_id: int, user_id: int) -> None:
    """Let someone who left a team host none of its event types any more."""
    for event_type in event_types_of_team(store, team_id):
        hosts = hosts_of(store, event_type)
        remaining = [one for one in hosts if one.user_id != user_id]
        if len(remaining) < len(hosts):
            set_hosts(store, event_type, remaining)
