"""Which users it takes to hold a meeting.

A crew is the users who must all be free for one meeting, its organizer first. A user's own event
type and a collective one have a single crew; a round robin has one for each host that takes turns,
every crew with all mandatory hosts in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cal_actions.sandbox.event_types.hosts import hosts_of

if TYPE_CHECKING:
    from cal_actions.sandbox.event_types.records import EventType
    from cal_actions.sandbox.store import Store

Crew = tuple[int, ...]


def crews_of(store: Store, event_type: EventType) -> list[Crew]:
    """Every crew of the event type, in the order of its hosts; none without hosts."""
    hosts = hosts_of(store, event_type)
    if event_type.scheduling_type != "roundRobin":
        return [tuple(host.user_id for host in hosts)] if hosts else []
    mandatory = tuple(host.user_id for host in hosts if host.mandatory)
    turns = [host.user_id for host in hosts if not host.mandatory]
    if not turns:
        return [mandatory] if mandatory else []
    return [(*mandatory, user_id) for user_id in turns]
