"""Access tokens that renew themselves when Cal.com no longer takes them."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Generator, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeAlias

from cal_actions import forks
from cal_actions.errors import ActionError
from cal_actions.retry import PASSING
from cal_actions.wire import Headers, Run

if TYPE_CHECKING:
    from cal_actions.spec import ActionSpec

    Call: TypeAlias = Callable[[ActionSpec, dict[str, Any], Headers], Generator[Any, Any, Any]]
    Store: TypeAlias = Callable[[str, str], object]


_EXPIRED = "The access token has expired and was not renewed"


class Secret:
    """Text that shows as `***` wherever it is printed, and says itself only to `reveal()`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    @classmethod
    def of(cls, given: object) -> Secret | None:
        """Take text that is not blank, without the space around it; None for anything else."""
        return cls(given.strip()) if isinstance(given, str) and given.strip() else None

    def reveal(self) -> str:
        """Return the text, to be sent and nowhere else to be kept."""
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret('***')"


class RenewableToken(ABC):
    """What AccessToken, ManagedUserTokens and OAuth2Tokens share: one renewal at a time.

    Connectors, threads and event loops may share one. A renewal runs to its end even if the
    calls that wait for it are cancelled or run out of time.
    """

    def __init__(self, token: str) -> None:
        self._token = Secret.of(token)
        self._lock = threading.Lock()
        self._renewal: Future[None] | None = None
        forks.renew_after_fork(self)

    @property
    def current(self) -> Secret | None:
        """The token as it is sent now."""
        return self._token

    def join_renewal(self, used: Secret | None) -> tuple[Future[None] | None, bool]:
        """Join the renewal of a token that was `used` in vain.

        Returns what is done when the renewal is, None when there is another token already;
        and whether it is the caller who has to renew.
        """
        with self._lock:
            if self._token != used:
                return None, False
            if self._renewal is not None:
                return self._renewal, False
            self._renewal = Future()
            return self._renewal, True

    def renew(self, call: Call) -> Generator[Any, Any, None]:
        """Renew the token and let those go on who wait, whatever comes of it.

        A generator of what is to be sent and run; `call` executes an action.
        """
        problem: ActionError | None = ActionError(
            "unauthorized", f"{_EXPIRED} (it was broken off): try again.", retryable=True
        )
        try:
            self._token = yield from self._new_token(call)
            problem = None
        except ActionError as told:
            problem = told
        except Exception as raised:  # of a function that was passed in: its words may be secret
            fault = f"{type(raised).__name__} was raised by `refresh` or `store`"
            problem = ActionError("unauthorized", f"{_EXPIRED} ({fault}): mend that first.")
        finally:
            self.end_renewal(problem)

    def end_renewal(self, problem: ActionError | None = None) -> None:
        """Let those go on who wait: with the new token, or with the problem."""
        with self._lock:
            waiting, self._renewal = self._renewal, None
        if waiting is None:
            return
        if problem is None:
            waiting.set_result(None)
        else:
            waiting.set_exception(problem)

    @abstractmethod
    def _new_token(self, call: Call) -> Generator[Any, Any, Secret]: ...

    def after_fork(self) -> None:
        """Forget a renewal that goes on in the parent alone."""
        self._lock = threading.Lock()
        self._renewal = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} ***>"


class AccessToken(RenewableToken):
    """An access token and the function that gets a new one.

    `refresh` is called without arguments when Cal.com no longer takes the token (401, 498),
    once for all calls that wait, and returns the new one as text; with an AsyncConnector it
    may be a coroutine function.
    """

    def __init__(self, token: str, refresh: Callable[[], str | Awaitable[str]]) -> None:
        super().__init__(token)
        self._refresh = refresh

    def _new_token(self, _call: Call) -> Generator[Any, Any, Secret]:
        secret = Secret.of((yield from _run(self._refresh)))
        if secret is None:
            raise _not_renewed("`refresh` must return the new token as text")
        return secret


class _RotatingTokens(RenewableToken):
    """An access and a refresh token of which a renewal gives both anew and ends the old ones."""

    def __init__(self, access_token: str, refresh_token: str, store: Store) -> None:
        super().__init__(access_token)
        self._refresh_token = Secret(refresh_token)
        self._store = store
        self._unstored: tuple[Secret, Secret] | None = None

    def _new_token(self, call: Call) -> Generator[Any, Any, Secret]:
        if self._unstored is None:
            try:
                self._unstored = _pair((yield from self._traded(call)))
            except ActionError as problem:
                raise _not_renewed(problem.message.rstrip("."), problem) from None
        access, refresh = self._unstored
        yield from _run(lambda: self._store(access.reveal(), refresh.reveal()))
        self._refresh_token, self._unstored = refresh, None
        return access

    @abstractmethod
    def _traded(self, call: Call) -> Generator[Any, Any, Mapping[str, Any]]: ...


class ManagedUserTokens(_RotatingTokens):
    """The tokens of a platform's managed user, renewed by Cal.com itself.

    A renewal gives a new refresh token too, and ends the old one (seen in the recorded
    server). So `store` is called with the new access token and the new refresh token before
    either is used; with an AsyncConnector it may be a coroutine function. When it raises, the
    calls that wait for it fail, and the next one stores first. `client_id` and
    `client_secret` are the OAuth client's.
    """

    def __init__(
        self,
        access_token: str,
        refresh_token: str,
        *,
        client_id: str,
        client_secret: str,
        store: Store,
    ) -> None:
        super().__init__(access_token, refresh_token, store)
        self._client_id = client_id
        self._client_secret = Secret.of(client_secret)

    def _traded(self, call: Call) -> Generator[Any, Any, Mapping[str, Any]]:
        from cal_actions.catalog import catalog

        if self._client_secret is None:
            raise ActionError("unauthorized", "`client_secret` is missing")
        spec = catalog["CAL_REFRESH_OAUTH_TOKEN_FOR_CLIENT_ID"]
        params = {"clientId": self._client_id, "refreshToken": self._refresh_token.reveal()}
        data: Mapping[str, Any] = yield from call(
            spec, params, Headers(("x-cal-secret-key", self._client_secret.reveal()))
        )
        return data


class OAuth2Tokens(_RotatingTokens):
    """The tokens of a user who allowed an OAuth 2 app to act for them, renewed by Cal.com.

    As ManagedUserTokens, with Cal.com's token endpoint (RFC 6749, its OpenAPI document of
    2026-03). A public client has no `client_secret`.
    """

    def __init__(
        self,
        access_token: str,
        refresh_token: str,
        *,
        client_id: str,
        client_secret: str | None = None,
        store: Store,
    ) -> None:
        super().__init__(access_token, refresh_token, store)
        self._client_id = client_id
        self._client_secret = Secret.of(client_secret)

    def _traded(self, call: Call) -> Generator[Any, Any, Mapping[str, Any]]:
        params = {
            "grant_type": "refresh_token",
            "client_id": self._client_id,
            "refresh_token": self._refresh_token.reveal(),
        }
        if self._client_secret:
            params["client_secret"] = self._client_secret.reveal()
        data: Mapping[str, Any] = yield from call(_token_endpoint(), params, Headers())
        return data


def _token_endpoint() -> ActionSpec:
    from cal_actions.spec import ActionSpec

    names = ("grant_type", "client_id", "client_secret", "refresh_token")
    return ActionSpec(
        {
            "slug": "CAL_OAUTH2_TOKEN",
            "title": "OAuth 2 token",
            "description": "Trades a refresh token for new tokens.",
            "resource": "oauth_clients",
            "effect": "write",
            "idempotent": False,
            "request": {"method": "POST", "path": "/v2/auth/oauth2/token", "auth": ["none"]},
            "input": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in names},
            },
            "output": {"type": "object"},
        }
    )


def _run(function: Callable[[], Any]) -> Generator[Any, Any, Any]:
    try:
        return (yield Run(function))
    except ActionError as problem:  # of another action: not what this call came to
        raise _not_renewed(problem.message.rstrip(".")) from None


def _pair(data: Mapping[str, Any]) -> tuple[Secret, Secret]:
    access = Secret.of(data.get("accessToken", data.get("access_token")))
    refresh = Secret.of(data.get("refreshToken", data.get("refresh_token")))
    if access is None or refresh is None:
        raise ActionError("unauthorized", "Cal.com's answer has no tokens")
    return access, refresh


def _not_renewed(why: str, problem: ActionError | None = None) -> ActionError:
    if problem is not None and problem.code in PASSING:
        # The next call trades the same refresh token, and is told where it is no longer taken.
        facts = {
            name: problem.facts[name]
            for name in ("http_status", "retry_after")
            if name in problem.facts
        }
        message = f"{_EXPIRED} ({why.partition(';')[0]}): try again later."
        return ActionError(problem.code, message, retryable=True, **facts)
    return ActionError("unauthorized", f"{_EXPIRED} ({why}): sign in again.")
