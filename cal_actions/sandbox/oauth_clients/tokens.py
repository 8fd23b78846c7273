"""The access and refresh tokens of managed users: how they are made and given back.

They have the form of signed JWTs, as recorded. The sandbox looks them up rather than checking the
signature, whose secret is never shown.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.exchange import timestamp
from cal_actions.sandbox.oauth_clients.records import OAuthClient
from cal_actions.sandbox.store import Store

_ACCESS_MINUTES = 60
_SECRET = "token secret"
_Payload = dict[str, Any]


def issue(store: Store, client: OAuthClient, user_id: int, now: datetime) -> dict[str, Any]:
    """A new access and a new refresh token of a managed user, as the API shows them.

    The first lives about an hour, the second about a year; as recorded, both expiries are rounded
    down, to the minute and to the day.
    """
    return _issue(store, client, user_id, now, {})


def reissue(store: Store, client: OAuthClient, user_id: int, now: datetime) -> dict[str, Any]:
    """As `issue`; what the user had before stops working at once."""
    for table in ("access_tokens", "refresh_tokens"):
        store.run(
            f"DELETE FROM {table} WHERE user_id = ? AND oauth_client_id = ?", user_id, client.id
        )
    return issue(store, client, user_id, now)


def exchange(store: Store, client: OAuthClient, refresh_token: str, now: datetime) -> _Payload:
    """New tokens for a refresh token, which is used up by it.

    The access token before keeps working until it expires, as recorded.
    Raises Refusal (400) for a token that is unknown, used up, expired or of another client.
    """
    row = store.one(
        "SELECT user_id FROM refresh_tokens "
        "WHERE token = ? AND oauth_client_id = ? AND expires_at > ?",
        refresh_token,
        client.id,
        timestamp(now),
    )
    if row is None:
        raise refusals.bad_request("Invalid refresh token")
    store.run("DELETE FROM refresh_tokens WHERE token = ?", refresh_token)
    return _issue(store, client, row["user_id"], now, {"userId": row["user_id"]})


def _issue(
    store: Store, client: OAuthClient, user_id: int, now: datetime, more: _Payload
) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for kind, expires_at in (("access", _access_expiry(now)), ("refresh", _refresh_expiry(now))):
        milliseconds = int(expires_at.timestamp()) * 1000
        payload = {
            "type": f"{kind}_token",
            "clientId": client.id,
            "ownerId": user_id,
            "expiresAt": milliseconds,
            **more,
            "jti": store.new_uuid(),
            "iat": int(now.timestamp()),
        }
        token = _signed(payload, _secret(store))
        store.insert(
            f"{kind}_tokens",
            token=token,
            user_id=user_id,
            oauth_client_id=client.id,
            expires_at=timestamp(expires_at),
        )
        shown |= {f"{kind}Token": token, f"{kind}TokenExpiresAt": milliseconds}
    return shown


def _access_expiry(now: datetime) -> datetime:
    return (now + timedelta(minutes=_ACCESS_MINUTES)).replace(second=0, microsecond=0)


def _refresh_expiry(now: datetime) -> datetime:
    is_leap_day = (now.month, now.day) == (2, 29)
    return datetime(now.year + 1, now.month, 28 if is_leap_day else now.day, tzinfo=UTC)


def _secret(store: Store) -> bytes:
    secret = store.fact(_SECRET)
    if secret is None:
        secret = store.new_uuid()
        store.insert("facts", name=_SECRET, value=secret)
    return secret.encode()


def _signed(payload: _Payload, secret: bytes) -> str:
    header = {"alg": "HS256", "typ": "JWT"}
    content = f"{_base64url(_json(header))}.{_base64url(_json(payload))}"
    signature = hmac.new(secret, content.encode(), hashlib.sha256).digest()
    return f"{content}.{_base64url(signature)}"


def _json(value: _Payload) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
