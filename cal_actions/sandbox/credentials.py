"""Who is asking: API keys, what they may do, and the answers to missing or wrong ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cal_actions.sandbox import refusals
from cal_actions.sandbox.exchange import timestamp
from cal_actions.sandbox.limits import ACCESS_TOKEN_LIMIT, Limit
from cal_actions.sandbox.routing import Access
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.users import User, user_by_id

API_KEY_PREFIX = "cal_"
_INVALID_METHOD = (
    "ApiAuthStrategy - Invalid authentication method. Please provide one of the allowed methods: "
    "Any supported method"
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request carries, before it is known whether it is worth anything."""

    token: str | None
    client_id: str | None
    client_secret: str | None

    @property
    def tracker(self) -> str:
        """Under which name the requests of this caller are counted."""
        return self.token or self.client_id or "no credentials"

    @property
    def is_api_key(self) -> bool:
        """Anything else in the Authorization header counts as an access token."""
        return self.token is not None and self.token.startswith(API_KEY_PREFIX)


def read(headers: Mapping[str, str], params: Mapping[str, str]) -> Credentials:
    """The credentials in the headers; the id of an OAuth client may stand in the path as well.

    The word `Bearer` may be missing, but not be lower-case.
    """
    authorization = headers.get("authorization", "").removeprefix("Bearer ").strip()
    return Credentials(
        token=authorization or None,
        client_id=headers.get("x-cal-client-id") or params.get("clientId"),
        client_secret=headers.get("x-cal-secret-key"),
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
    return Limit(**json.loads(row["rate_limit"]))


def identify(store: Store, credentials: Credentials, access: Access, now: datetime) -> User | None:
    """The user the credentials belong to; None only for a public operation.

    Raises Refusal: 403 where permissions are asked first, else 401, as recorded per operation.
    """
    if credentials.client_id is None and credentials.token is None:
        _refuse_nobody(access)
        return None
    try:
        return _known_user(store, credentials, now)
    except refusals.Refusal:
        if access == "public":
            return None
        raise


def _refuse_nobody(access: Access) -> None:
    if access == "permissions":
        raise refusals.forbidden(refusals.NO_PERMISSIONS)
    if access == "user":
        raise refusals.unauthorized(refusals.NO_CREDENTIALS)


def _known_user(store: Store, credentials: Credentials, now: datetime) -> User:
    if credentials.client_id is not None and credentials.client_secret is not None:
        raise refusals.unauthorized(
            f"ApiAuthStrategy - oAuth client - Client with ID {credentials.client_id} not found"
        )
    if credentials.token is None:
        raise refusals.unauthorized(_INVALID_METHOD)
    row = store.one("SELECT * FROM api_keys WHERE key = ?", credentials.token)
    user = None if row is None else user_by_id(store, row["user_id"])
    if row is None or user is None:
        raise refusals.unauthorized("Invalid Access Token.")
    if _is_expired(row["expires_at"], now):
        raise refusals.unauthorized("ApiAuthStrategy - api key - Your api key is expired")
    return user


def _is_expired(expires_at: str | None, now: datetime) -> bool:
    return expires_at is not None and expires_at <= timestamp(now)
