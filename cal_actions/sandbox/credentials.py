"""Who is asking: API keys, access tokens, OAuth clients, and the answers to wrong ones."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cal_actions.sandbox import refusals
from cal_actions.sandbox.exchange import timestamp
from cal_actions.sandbox.limits import ACCESS_TOKEN_LIMIT, Limit, limit_from
from cal_actions.sandbox.oauth_clients.records import (
    OAuthClient,
    client_by_id,
    platform_owner_id,
)
from cal_actions.sandbox.routing import Operation
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.users.records import User, user_by_id

API_KEY_PREFIX = "cal_"
_INVALID_METHOD = (
    "ApiAuthStrategy - Invalid authentication method. Please provide one of the allowed methods: "
    "Any supported method"
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request carries, before it is known whether it is worth anything.

    `client_id` is the one in the headers, `path_client_id` the one in the path.
    """

    token: str | None
    client_id: str | None
    client_secret: str | None
    path_client_id: str | None

    @property
    def tracker(self) -> str:
        """Under which name the requests of this caller are counted; the path does not matter."""
        return self.token or self.client_id or "no credentials"

    @property
    def named_client_id(self) -> str | None:
        """The OAuth client that is meant: without one in the headers, the one in the path."""
        return self.client_id or self.path_client_id

    @property
    def is_api_key(self) -> bool:
        """Anything else in the Authorization header counts as an access token."""
        return self.token is not None and self.token.startswith(API_KEY_PREFIX)


def read(headers: Mapping[str, str], params: Mapping[str, str]) -> Credentials:
    """The credentials in the headers; the id of an OAuth client may stand in the path instead.

    The word `Bearer` may be missing, but not be lower-case.
    """
    authorization = headers.get("authorization", "").removeprefix("Bearer ").strip()
    return Credentials(
        token=authorization or None,
        client_id=headers.get("x-cal-client-id"),
        client_secret=headers.get("x-cal-secret-key"),
        path_client_id=params.get("clientId"),
    )


def limit_of(store: Store, credentials: Credentials, now: datetime) -> Limit:
    """The rate limit of the caller.

    Raises Refusal (401) for an API key that does not exist, as the recorded server does before
    it counts. An expired key is counted by the default limit.
    """
    if credentials.token is None:
        return Limit() if credentials.client_id is None else ACCESS_TOKEN_LIMIT
    if not credentials.is_api_key:
        return ACCESS_TOKEN_LIMIT
    row = store.one("SELECT * FROM api_keys WHERE key = ?", credentials.token)
    if row is None:
        raise refusals.unauthorized("CustomThrottlerGuard - Invalid API Key")
    if row["rate_limit"] is None or _is_expired(row["expires_at"], now):
        return Limit()
    return limit_from(json.loads(row["rate_limit"]))


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a request acts for: a user, and the OAuth client it comes through, if any."""

    user: User | None = None
    client: OAuthClient | None = None


def identify(store: Store, credentials: Credentials, operation: Operation, now: datetime) -> Caller:
    """Whom the credentials stand for; nobody only on a public operation.

    Raises Refusal: 403 where permissions are asked first, else 401, as recorded per operation;
    498 for an access token that has expired; 403 where the OAuth client lacks the permission.
    """
    if credentials.named_client_id is None and credentials.token is None:
        _refuse_nobody(operation)
        return Caller()
    try:
        caller = _known_caller(store, credentials, now)
    except refusals.Refusal:
        if operation.access == "public":
            return Caller()
        raise
    if caller.client is not None and operation.permission is not None:
        _refuse_without(caller.client, operation.permission)
    return caller


def _refuse_nobody(operation: Operation) -> None:
    if operation.access == "permissions":
        raise refusals.forbidden(refusals.NO_PERMISSIONS)
    if operation.access == "user":
        raise refusals.unauthorized(refusals.NO_CREDENTIALS)


def _refuse_without(client: OAuthClient, permission: str) -> None:
    if permission not in client.permissions:
        raise refusals.forbidden(
            f"PermissionsGuard - oAuth client with id={client.id} does not have the required "
            f"permissions={permission}. Go to platform dashboard settings and add the required "
            "permissions to the oAuth client."
        )


def _known_caller(store: Store, credentials: Credentials, now: datetime) -> Caller:
    # Where both are sent, the client's pair wins over the key, as recorded.
    client_id, secret = credentials.named_client_id, credentials.client_secret
    if client_id is not None and secret is not None:
        return _by_client(store, client_id, secret)
    if credentials.token is None:
        raise refusals.unauthorized(_INVALID_METHOD)
    if credentials.is_api_key:
        return _by_api_key(store, credentials.token, now)
    return _by_access_token(store, credentials.token, now)


def _by_client(store: Store, client_id: str, secret: str) -> Caller:
    client = client_by_id(store, client_id)
    if client is None:
        raise refusals.unauthorized(
            f"ApiAuthStrategy - oAuth client - Client with ID {client_id} not found"
        )
    if not hmac.compare_digest(client.secret.encode(), secret.encode()):
        raise refusals.unauthorized("ApiAuthStrategy - oAuth client - Invalid client secret")
    owner_id = platform_owner_id(store, client)
    owner = None if owner_id is None else user_by_id(store, owner_id)
    if owner is None:
        raise refusals.unauthorized("ApiAuthStrategy - oAuth client - No owner ID found")
    return Caller(owner, client)


def _by_api_key(store: Store, key: str, now: datetime) -> Caller:
    row = store.one("SELECT * FROM api_keys WHERE key = ?", key)
    if row is None:
        raise refusals.unauthorized("Invalid Access Token.")
    if _is_expired(row["expires_at"], now):
        raise refusals.unauthorized("ApiAuthStrategy - api key - Your api key is expired")
    return Caller(user_by_id(store, row["user_id"]))


def _by_access_token(store: Store, token: str, now: datetime) -> Caller:
    row = store.one("SELECT * FROM access_tokens WHERE token = ?", token)
    if row is None:
        raise refusals.unauthorized("Invalid Access Token.")
    if _is_expired(row["expires_at"], now):
        raise refusals.expired_token()
    client = client_by_id(store, row["oauth_client_id"])
    return Caller(user_by_id(store, row["user_id"]), client)


def _is_expired(expires_at: str | None, now: datetime) -> bool:
    return expires_at is not None and expires_at <= timestamp(now)
