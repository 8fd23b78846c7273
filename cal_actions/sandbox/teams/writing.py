"""How teams are made and changed."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.exchange import timestamp
from cal_actions.sandbox.teams.memberships import add_member
from cal_actions.sandbox.teams.records import PROFILE_WORDS, Team, team_by_id

if TYPE_CHECKING:
    from cal_actions.sandbox.exchange import Request
    from cal_actions.sandbox.store import Store

_NOT_IN_A_SLUG = re.compile(r"[^\w.]+|_+")


def create_team(request: Request, body: dict[str, Any], parent: Team | None) -> Team:
    """A new team from a checked body, owned by the caller.

    Raises Refusal (409) when another team of the organization has the slug.
    """
    store, slug = request.store, body.get("slug") or slug_of(body["name"])
    parent_id = None if parent is None else parent.id
    _refuse_taken_slug(store, parent_id, slug)
    team_id = store.insert(
        "teams",
        parent_id=parent_id,
        name=body["name"],
        slug=slug,
        profile=_profile(body),
        created_at=timestamp(request.now),
    )
    owner = {"role": "OWNER", "accepted": bool(body["autoAcceptCreator"])}
    add_member(request, team_id, request.user.id, owner)
    return _team(store, team_id)


def change_team(store: Store, team: Team, body: dict[str, Any]) -> Team:
    """Change the fields of a checked body; gives the team as it is now.

    Raises Refusal (409) when another team of the organization has the slug.
    """
    slug = body.get("slug", team.slug)
    if slug != team.slug:
        _refuse_taken_slug(store, team.parent_id, slug)
    profile = team.profile | _profile(body)
    store.update("teams", team.id, name=body["name"], slug=slug, profile=profile)
    return _team(store, team.id)


def slug_of(name: str) -> str:
    """A name as Cal.com makes a slug of it: small letters without accents, digits and dashes."""
    letters = unicodedata.normalize("NFD", name.lower())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _NOT_IN_A_SLUG.sub("-", plain).strip("-.")


def _profile(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name in PROFILE_WORDS}


def _refuse_taken_slug(store: Store, parent_id: int | None, slug: str | None) -> None:
    # As in every SQL database, no two empty values are equal: only teams of an organization clash.
    sql = "SELECT 1 FROM teams WHERE parent_id = ? AND slug = ?"
    if store.one(sql, parent_id, slug) is not None:
        raise refusals.already_exists()


def _team(store: Store, team_id: int) -> Team:
    team = team_by_id(store, team_id)
    assert team is not None
    return team
