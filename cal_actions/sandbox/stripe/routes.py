"""/v2/stripe and /v2/organizations/{orgId}/teams/{teamId}/stripe: check, connect and save.

A connected account is a credential of type `stripe_payment`. The way there is Stripe's own:
`connect` gives the address of its consent page, which sends the browser on to `save` with a code.
The sandbox believes every code.
"""

from __future__ import annotations

from typing import Any

from cal_actions.sandbox import guards, refusals
from cal_actions.sandbox.calendars.consent import (
    CLIENT_ID,
    callback_url,
    consent_url,
    query_text,
    state_text,
)
from cal_actions.sandbox.calendars.records import (
    Credential,
    credential_of_team,
    credential_of_user,
)
from cal_actions.sandbox.exchange import Answer, Request, success
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.stripe.accounts import STRIPE

_TEAM = "/v2/organizations/{orgId}/teams/{teamId}/stripe"


@route("GET", "/v2/stripe/check")
def check_user(request: Request) -> Answer:
    """Whether the caller has connected Stripe; a refusal where not."""
    return _connected(credential_of_user(request.store, request.user.id, STRIPE))


@route("GET", f"{_TEAM}/check")
def check_team(request: Request) -> Answer:
    """Whether the team has connected Stripe; a refusal where not."""
    team = guards.team_in_organization(request, "TEAM_ADMIN")
    return _connected(credential_of_team(request.store, team.id, STRIPE))


@route("GET", "/v2/stripe/connect")
def connect_user(request: Request) -> Answer:
    """Where the caller connects a Stripe account."""
    return success({"authUrl": _consent_page(request, _state(request))})


@route("GET", f"{_TEAM}/connect")
def connect_team(request: Request) -> Answer:
    """Where an admin of the team connects a Stripe account."""
    guards.team_in_organization(request, "TEAM_ADMIN")
    place = {"teamId": request.params["teamId"], "orgId": request.params["orgId"]}
    return success({"authUrl": _consent_page(request, {**_state(request), **place})})


def _connected(credential: Credential | None) -> Answer:
    if credential is None:
        raise refusals.not_found("Credentials for stripe not found.")
    if credential.invalid:
        raise refusals.bad_request("Invalid stripe credentials.")
    return Answer({"status": "success"})


def _state(request: Request) -> dict[str, Any]:
    """What comes back to `save`: where to go then, and (as recorded) the caller's key."""
    if not request.token:
        raise refusals.breaks(refusals.bad_request("Stripe needs an API key or an access token."))
    origin = request.headers.get("origin")
    return {
        "onErrorReturnTo": query_text(request, "onErrorReturnTo") or origin,
        "fromApp": False,
        "returnTo": query_text(request, "returnTo") or origin,
        "accessToken": request.token,
    }


def _consent_page(request: Request, state: dict[str, Any]) -> str:
    user = {
        "stripe_user[email]": request.user.email,
        "stripe_user[first_name]": request.user.name or "undefined",
        "stripe_user[country]": "undefined",
    }
    return consent_url(
        "https://connect.stripe.com/oauth/authorize",
        {
            "client_id": CLIENT_ID,
            "scope": "read_write",
            "response_type": "code",
            **user,
            "redirect_uri": callback_url(request, "/v2/stripe/save"),
            "state": state_text(state),
        },
    )
