"""Which credentials an action sends."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from cal_actions.errors import ActionError

if TYPE_CHECKING:
    from cal_actions.spec import ActionSpec


class Secret:
    """Text that shows as `***` wherever it is printed, and says itself only to `reveal()`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text, to be sent and nowhere else to be kept."""
        return self._text

    def __repr__(self) -> str:
        return "Secret('***')"


class Credentials:
    """An API key (or access token) and an OAuth client's pair, either or both.

    What is not given is read from CAL_API_KEY, CAL_OAUTH_CLIENT_ID and
    CAL_OAUTH_CLIENT_SECRET. No credential shows in its `repr`.
    """

    def __init__(
        self,
        api_key: str | None = None,
        oauth_client_id: str | None = None,
        oauth_client_secret: str | None = None,
        *,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._api_key = _secret(api_key, "CAL_API_KEY", environment)
        self._client_id = _secret(oauth_client_id, "CAL_OAUTH_CLIENT_ID", environment)
        self._client_secret = _secret(oauth_client_secret, "CAL_OAUTH_CLIENT_SECRET", environment)

    def headers(self, spec: ActionSpec) -> dict[str, str]:
        """Return the headers of the first credentials in `spec.auth` that there are.

        Only one kind is sent: Cal.com lets an OAuth client's pair win over a key that comes
        with it (seen in the recorded server). Raises ActionError `no_credentials`, naming
        the variables to set, when the action needs credentials and there are none.
        """
        for scheme in spec.auth:
            if (headers := self._SCHEMES[scheme](self)) is not None:
                return _sendable(headers)
        raise ActionError(
            "no_credentials",
            f"{spec.slug} needs {' or '.join(_NEEDS[scheme] for scheme in spec.auth)};"
            " Connector.sandbox() needs none.",
        )

    def _user(self) -> dict[str, str] | None:
        if self._api_key is None:
            return None
        return {"Authorization": f"Bearer {self._api_key.reveal()}"}

    def _oauth_client(self) -> dict[str, str] | None:
        if self._client_id is None or self._client_secret is None:
            return None
        return {
            "x-cal-client-id": self._client_id.reveal(),
            "x-cal-secret-key": self._client_secret.reveal(),
        }

    def _none(self) -> dict[str, str]:
        return {}

    _SCHEMES: Mapping[str, Callable[[Credentials], dict[str, str] | None]] = {
        "user": _user,
        "oauth_client": _oauth_client,
        "none": _none,
    }


_NEEDS = {
    "user": "an API key (set CAL_API_KEY or pass api_key=)",
    "oauth_client": (
        "an OAuth client's id and secret (set CAL_OAUTH_CLIENT_ID and CAL_OAUTH_CLIENT_SECRET,"
        " or pass oauth_client_id= and oauth_client_secret=)"
    ),
}


def _secret(given: str | None, variable: str, environment: Mapping[str, str]) -> Secret | None:
    value = environment.get(variable) if given is None else given
    if not value or not value.strip():
        return None
    return Secret(value.strip())


def _sendable(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not (value.isascii() and value.isprintable()):
            raise ActionError(
                "no_credentials",
                f"The credentials for {name} have characters that an HTTP header cannot carry:"
                " check the variable or argument that they come from.",
            )
    return headers
