"""POST /v2/oauth/{clientId}/refresh: new tokens for a managed user's refresh token."""

from __future__ import annotations

import hmac

from cal_actions.sandbox import refusals
from cal_actions.sandbox.checks import Field, check
from cal_actions.sandbox.exchange import Answer, Request, success
from cal_actions.sandbox.oauth_clients import tokens
from cal_actions.sandbox.oauth_clients.records import OAuthClient, client_by_id
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.rules import is_string

_FIELDS = (Field("refreshToken", (is_string(),), nullable=False),)


@route("POST", "/v2/oauth/{clientId}/refresh")
def refresh(request: Request) -> Answer:
    """Exchange a refresh token, once, for a new pair. The client's secret is needed as well."""
    refresh_token = check(request.body, _FIELDS)["refreshToken"]
    client = _client(request)
    return success(tokens.exchange(request.store, client, refresh_token, request.now))


def _client(request: Request) -> OAuthClient:
    client = client_by_id(request.store, request.params["clientId"])
    secret = request.headers.get("x-cal-secret-key", "")
    if client is None or not hmac.compare_digest(client.secret.encode(), secret.encode()):
        raise refusals.bad_request("Invalid OAuthClient credentials.")
    return client
