"""The callbacks to which Stripe's consent page sends the browser."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from cal_actions.sandbox import guards, refusals
from cal_actions.sandbox.calendars.consent import query_text, user_of_state
from cal_actions.sandbox.exchange import Answer, Request, redirect
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.stripe.accounts import connect_to_team, connect_to_user


@dataclass(frozen=True, slots=True)
class State:
    """What `connect` sent along; a word that was left out is empty."""

    token: str
    return_to: str
    on_error_return_to: str
    organization_id: str
    team_id: str


@route("GET", "/v2/stripe/save", writes=True)
def save(request: Request) -> Answer:
    """Connect a Stripe account to the user whom the state names, or to the team in it.

    Redirects: to `returnTo` when connected, else to `onErrorReturnTo`: Stripe said no, or the
    state's token is none of a managed user, or of one who is no admin of the team.
    Raises Refusal (400) for a state that cannot be read.
    """
    state = _state(request)
    if not (state.organization_id and state.team_id):
        return _save(request, state, is_for_team=False)
    place = {"orgId": state.organization_id, "teamId": state.team_id}
    return _save(replace(request, params=place), state, is_for_team=True)


@route("GET", "/v2/organizations/{orgId}/teams/{teamId}/stripe/save", writes=True)
def save_for_team(request: Request) -> Answer:
    """Connect a Stripe account to the team; redirects as `save` does."""
    return _save(request, _state(request), is_for_team=True)


def _save(request: Request, state: State, *, is_for_team: bool) -> Answer:
    owner = user_of_state(request.store, state.token)
    has_consented = query_text(request, "code") and not query_text(request, "error")
    if owner is None or not has_consented:
        return redirect(state.on_error_return_to)
    if not is_for_team:
        connect_to_user(request.store, owner)
        return redirect(state.return_to)
    try:
        team = guards.team_in_organization(replace(request, caller=owner), "TEAM_ADMIN")
    except refusals.Refusal:
        return redirect(state.on_error_return_to)
    connect_to_team(request.store, team)
    return redirect(state.return_to)


def _state(request: Request) -> State:
    text = query_text(request, "state")
    if not text:
        raise refusals.bad_request("Missing `state` query param")
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise refusals.breaks(refusals.bad_request("The `state` query param is no JSON object"))
    return State(
        token=_text(given, "accessToken"),
        return_to=_text(given, "returnTo"),
        on_error_return_to=_text(given, "onErrorReturnTo"),
        organization_id=_text(given, "orgId"),
        team_id=_text(given, "teamId"),
    )


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    return str(value) if isinstance(value, str | int) else ""
