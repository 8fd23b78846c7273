"""Who a call is made as: which credentials an action sends."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from cal_actions.errors import ActionError
from cal_actions.tokens import RenewableToken, Secret
from cal_actions.wire import Headers

if TYPE_CHECKING:
    from cal_actions.spec import ActionSpec


class Credentials:
    """An API key (or access token) and an OAuth client's pair, either or both.

    `api_key` may be a token that renews itself (see `cal_actions.tokens`). No credential
    shows in its `repr`.
    """

    def __init__(
        self,
        api_key: str | RenewableToken | None = None,
        oauth_client_id: str | None = None,
        oauth_client_secret: str | None = None,
    ) -> None:
        self._token = api_key if isinstance(api_key, RenewableToken) else None
        self._api_key = Secret.of(api_key)
        self._client_id = Secret.of(oauth_client_id)
        self._client_secret = Secret.of(oauth_client_secret)

    @classmethod
    def from_environment(
        cls,
        api_key: str | RenewableToken | None = None,
        oauth_client_id: str | None = None,
        oauth_client_secret: str | None = None,
        *,
        environment: Mapping[str, str] = os.environ,
    ) -> Credentials:
        """Take what is not given from CAL_API_KEY, CAL_OAUTH_CLIENT_ID and _SECRET."""

        def or_variable(given: Any, name: str) -> Any:
            return environment.get(name) if given is None else given

        return cls(
            or_variable(api_key, "CAL_API_KEY"),
            or_variable(oauth_client_id, "CAL_OAUTH_CLIENT_ID"),
            or_variable(oauth_client_secret, "CAL_OAUTH_CLIENT_SECRET"),
        )

    @classmethod
    def of(cls, auth: Auth) -> Credentials:
        """Take an API key, a token or credentials as credentials. Raises TypeError otherwise."""
        if isinstance(auth, Credentials):
            return auth
        if isinstance(auth, str | RenewableToken):
            return cls(auth)
        kind = type(auth).__name__
        del auth  # a traceback shows what is left
        raise TypeError(f"auth must be an API key, an AccessToken or Credentials, not {kind}")

    def authorize(self, spec: ActionSpec) -> Authorization:
        """Choose the first credentials in `spec.auth` that there are.

        Only one kind is sent: Cal.com lets an OAuth client's pair win over a key that comes
        with it (seen in the recorded server). Raises ActionError `no_credentials`, naming
        the variables to set, when the action needs credentials and there are none.
        """
        for scheme in spec.auth:
            if (found := self._SCHEMES[scheme](self)) is not None:
                return found
        raise ActionError(
            "no_credentials",
            f"{spec.slug} needs {' or '.join(_NEEDS[scheme] for scheme in spec.auth)};"
            " the sandbox (Connector.sandbox(), --sandbox) needs none.",
        )

    def _user(self) -> Authorization | None:
        key = self._token.current if self._token else self._api_key
        if key is None:
            return None
        headers = _sendable(("Authorization", f"Bearer {key.reveal()}"))
        return Authorization(headers, self._token or key, self._token, key)

    def _oauth_client(self) -> Authorization | None:
        if self._client_id is None or self._client_secret is None:
            return None
        headers = _sendable(
            ("x-cal-client-id", self._client_id.reveal()),
            ("x-cal-secret-key", self._client_secret.reveal()),
        )
        return Authorization(headers, (self._client_id, self._client_secret))

    def _none(self) -> Authorization:
        return Authorization(Headers(), None)

    _SCHEMES: Mapping[str, Callable[[Credentials], Authorization | None]] = {
        "user": _user,
        "oauth_client": _oauth_client,
        "none": _none,
    }


class Authorization(NamedTuple):
    """What one request sends to say who asks.

    `caller` is whose rate limit it counts against; `token` is what to renew, if anything,
    when Cal.com does not take `used`.
    """

    headers: Headers
    caller: Hashable
    token: RenewableToken | None = None
    used: Secret | None = None


Auth: TypeAlias = str | RenewableToken | Credentials

_NEEDS = {
    "user": "an API key (set CAL_API_KEY or pass api_key=)",
    "oauth_client": (
        "an OAuth client's id and secret (set CAL_OAUTH_CLIENT_ID and CAL_OAUTH_CLIENT_SECRET,"
        " or pass oauth_client_id= and oauth_client_secret=)"
    ),
}


def _sendable(*lines: tuple[str, str]) -> Headers:
    for name, value in lines:
        if not (value.isascii() and value.isprintable()):
            raise ActionError(
                "no_credentials",
                f"The credentials for {name} have characters that an HTTP header cannot carry:"
                " check the variable or argument that they come from.",
            )
    return Headers(*lines)
