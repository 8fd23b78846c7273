"""The callbacks to which Stripe's consent page sends the browser."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from cal_actions.sandbox import credentials, guards, refusals, routing
from cal_actions.sandbox.exchange import Answer, Request, redirect
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.stripe.accounts import connect_to_team, connect_to_user
from cal_actions.sandbox.users.records import User


@dataclass(frozen=True, slots=True)
class State:
    """What `connect` sent along; an address that was left out is empty."""

    token: str
    return_to: str
    on_error_return_to: str
    organization_id: str
    team_id: str


@route("GET", "/v2/stripe/save", writes=True)
def save(request: Request) -> Answer:
    """Connect a Stripe account to the owner of the state's key, or to the team in the state.

    Redirects: to `returnTo` when connected; to `onErrorReturnTo` when Stripe says no, or when
    nobody who may do so stands behind the key.
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
    owner, code = _owner(request, state.token), _text(request.query, "code")
    if owner is None or not code or "error" in request.query:
        return redirect(state.on_error_return_to)
    if not is_for_team:
        connect_to_user(request.store, owner, code)
        return redirect(state.return_to)
    try:
        team = guards.team_in_organization(replace(request, caller=owner), "TEAM_ADMIN")
    except refusals.Refusal:
        return redirect(state.on_error_return_to)
    connect_to_team(request.store, team, code)
    return redirect(state.return_to)


def _state(request: Request) -> State:
    text = _text(request.query, "state")
    if not text:
        raise refusals.bad_request("Missing `state` query param")
    try:
        given = json.loads(text)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise refusals.breaks(refusals.bad_request("Invalid `state` query param: no JSON object"))
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


def _owner(request: Request, token: str) -> User | None:
    sent = credentials.read({"authorization": token}, {})
    operation, _ = routing.find(request.method, request.target, request.version)
    return credentials.identify(request.store, sent, operation, request.now).user
