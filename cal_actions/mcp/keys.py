"""Keys: over HTTP each request brings its caller's own Cal.com key, as a bearer token.

A key is kept nowhere: what is remembered of it is a digest. A session belongs to the key that
began it, or its owner; with another, it is not found.
"""

from __future__ import annotations

import time
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken

from cal_actions.auth import Credentials

if TYPE_CHECKING:
    from cal_actions import AsyncConnector

_LONGEST_KEY = 4_096
_REMEMBERED_SECONDS = 300.0
_MOST_REMEMBERED = 10_000


class Caller(NamedTuple):
    """Who makes a call: credentials to use in place of the connector's own, and a name for them.

    Both are None where the server asks for no keys.
    """

    auth: Credentials | None
    name: str | None

    @classmethod
    def of(cls, request: Any) -> Caller:
        """Tell who sent an HTTP request, if it is one.

        Beside the bearer token, `x-cal-client-id` and `x-cal-secret-key` are an OAuth client's.
        """
        user = request.scope.get("user") if request is not None else None
        if not isinstance(user, AuthenticatedUser):
            return cls(None, None)
        token, headers = user.access_token, request.headers
        pair = headers.get("x-cal-client-id"), headers.get("x-cal-secret-key")
        return cls(Credentials(token.token, *pair), token.client_id)


class AnyKey:
    """Takes every key that a header can carry: Cal.com refuses a wrong one when it is used."""

    async def verify_token(self, token: str) -> AccessToken | None:
        """Return the key as the SDK's token; None for one that cannot be a key."""
        if not 0 < len(token) <= _LONGEST_KEY or not (token.isascii() and token.isprintable()):
            return None
        return AccessToken(token=token, client_id=_digest(token), scopes=[])


class KnownKey(AnyKey):
    """Takes the keys that Cal.com takes, so that a client hears 401 and signs in anew.

    Cal.com is asked who a key's owner is, which is remembered for five minutes. A session belongs
    to the owner, since an access token is renewed while it lasts.
    """

    def __init__(self, connector: AsyncConnector) -> None:
        self._connector = connector
        self._owners: dict[str, tuple[str, float]] = {}

    async def verify_token(self, token: str) -> AccessToken | None:
        """Return the key as the SDK's token; None for one that Cal.com refuses."""
        found = await super().verify_token(token)
        if found is None:
            return None
        owner, until = self._owners.get(found.client_id, ("", 0.0))
        if time.monotonic() < until:
            return found.model_copy(update={"client_id": owner})
        self._owners.pop(found.client_id, None)
        me = await self._connector.execute("CAL_RETRIEVE_MY_INFORMATION", auth=token)
        if not me.successful:
            return None if me.data["code"] in ("unauthorized", "no_credentials") else found
        user = me.data.get("id") if isinstance(me.data, dict) else None
        # Who is not named shares a session with nobody.
        owner = found.client_id if user is None else f"user {user}"
        while len(self._owners) >= _MOST_REMEMBERED:
            del self._owners[next(iter(self._owners))]
        self._owners[found.client_id] = owner, time.monotonic() + _REMEMBERED_SECONDS
        return found.model_copy(update={"client_id": owner})


def _digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()
