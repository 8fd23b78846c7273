"""Managed event types: each host owns a child, which is like its parent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.event_types.records import EventType, children_of, event_type_by_slug

if TYPE_CHECKING:
    from cal_actions.sandbox.store import Store


def owners_of(store: Store, parent: EventType) -> list[int]:
    """The users whom the children of a managed event type belong to."""
    owners = (child.user_id for child in children_of(store, parent.id))
    return [owner for owner in owners if owner is not None]


def set_owners(store: Store, parent: EventType, owners: Sequence[int]) -> None:
    """Let exactly these users have a child, as the parent is now.

    As on Cal.com a child takes the place of the user's own event type with its slug. Raises
    Refusal (409) where that one is managed by another event type.
    """
    children = {child.user_id: child for child in children_of(store, parent.id)}
    for owner in children.keys() - set(owners):
        store.delete("event_types", children[owner].id)
    for owner in owners:
        _make_room(store, parent, owner)
        child = children.get(owner)
        if child is None:
            store.insert("event_types", user_id=owner, parent_id=parent.id, **_inherited(parent))
        else:
            store.update("event_types", child.id, **_inherited(parent))


def _make_room(store: Store, parent: EventType, owner: int) -> None:
    taken = event_type_by_slug(store, owner, parent.slug)
    if taken is None or taken.parent_id == parent.id:
        return
    if taken.parent_id is not None:
        raise refusals.already_exists()
    store.delete("event_types", taken.id)


def _inherited(parent: EventType) -> dict[str, Any]:
    return {
        "slug": parent.slug,
        "title": parent.title,
        "length_in_minutes": parent.length_in_minutes,
        "schedule_id": parent.schedule_id,
        "settings": parent.settings,
    }
