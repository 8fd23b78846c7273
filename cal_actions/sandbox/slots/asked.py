"""Whose slots a request asks for: an event type's, or those that several users have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.availability.crews import Crew, crews_of
from cal_actions.sandbox.availability.lookup import find_event_type, find_user, refuse_template
from cal_actions.sandbox.checks_in_words import field_error, in_words
from cal_actions.sandbox.event_types.records import EventType, event_type_by_slug
from cal_actions.sandbox.event_types.settings import settings_from

if TYPE_CHECKING:
    from cal_actions.sandbox.store import Store

_WHICH = (
    "Either eventTypeId or eventTypeSlug + username or eventTypeSlug + teamSlug or usernames must "
    "be provided"
)
_GROUP = EventType(
    id=0,
    user_id=None,
    team_id=None,
    parent_id=None,
    scheduling_type=None,
    assigns_all_team_members=False,
    slug="dynamic",
    title="Group Meeting",
    length_in_minutes=30,
    schedule_id=None,
    hidden=False,
    settings=settings_from({}),
)
"""The event type that stands for a meeting with several users; it has no row."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An event type with the crews that can hold it."""

    event_type: EventType
    crews: Sequence[Crew]


def asked(store: Store, query: Mapping[str, Any]) -> Asked:
    """What the query of GET /v2/slots means. Raises Refusal (400, 404)."""
    if query.get("usernames") is not None and query.get("eventTypeId") is None:
        return _group(store, query["usernames"], query.get("organizationSlug"))
    by_slug = query.get("eventTypeSlug") and (query.get("username") or query.get("teamSlug"))
    if query.get("eventTypeId") is None and not by_slug:
        raise in_words([field_error("eventTypeId or eventTypeSlug + username", _WHICH)])
    found = find_event_type(store, query)
    if found is None:
        raise refusals.not_found("Event Type not found")
    return _of(store, found)


def asked_retired(store: Store, query: Mapping[str, Any]) -> Asked:
    """What the query of GET /v2/slots/available means. Raises Refusal (400, 404 in shape 4)."""
    usernames, organization = set(query.get("usernameList") or ()), query.get("orgSlug")
    if query.get("eventTypeId") is not None:
        found = find_event_type(store, {"eventTypeId": query["eventTypeId"]})
    elif len(usernames) > 1:
        return _group(store, query["usernameList"], organization)
    else:
        owner = find_user(store, next(iter(usernames), ""), organization)
        slug = query.get("eventTypeSlug") or ""
        found = None if owner is None else event_type_by_slug(store, owner.id, slug)
    if found is None:
        raise _unknown()
    return _of(store, found)


def _of(store: Store, event_type: EventType) -> Asked:
    refuse_template(event_type)
    return Asked(event_type, crews_of(store, event_type))


def _group(store: Store, usernames: Iterable[str], organization: str | None) -> Asked:
    users = [find_user(store, name, organization) for name in dict.fromkeys(usernames)]
    known = [user.id for user in users if user is not None]
    if len(known) < len(users):
        raise _unknown()
    return Asked(_GROUP, [tuple(known)])


def _unknown() -> refusals.Refusal:
    return refusals.without_details(404, "TRPCError", "The requested resource was not found")
