"""What Connector and AsyncConnector share: everything but the waiting."""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from cal_actions import forks
from cal_actions.auth import Credentials
from cal_actions.catalog import Catalog, catalog
from cal_actions.errors import ConnectorClosed
from cal_actions.exchange import Exchange, Steps
from cal_actions.observe import Observer, is_async
from cal_actions.retry import Retry
from cal_actions.steps import Pipeline

if TYPE_CHECKING:
    from os import PathLike
    from typing import Unpack

    from cal_actions.auth import Auth
    from cal_actions.observe import OnRequest, OnResponse, OnRetry
    from cal_actions.options import Options, PolicyOptions
    from cal_actions.policy import Policy
    from cal_actions.sandbox import Sandbox
    from cal_actions.tokens import RenewableToken
    from cal_actions.transport import AsyncTransport, Transport

_LARGEST = 1e9  # sockets take no longer wait
DEFAULT_BASE_URL = "https://api.cal.com"

_Transport = TypeVar("_Transport", "Transport", "AsyncTransport")


class BaseConnector(ABC, Generic[_Transport]):
    """Options, credentials, and the count of the calls that run; the waiting is for its heirs.

    `actions` is the catalogue that the connector offers: what its policy allows, without the
    parameters that it fills in.
    """

    _awaits: ClassVar[bool]

    def __init__(
        self,
        *,
        api_key: str | RenewableToken | None = None,
        oauth_client_id: str | None = None,
        oauth_client_secret: str | None = None,
        auth: Auth | None = None,
        base_url: str | None = None,
        timeout: float = 30.0,
        attempt_timeout: float = 15.0,
        max_attempts: int = 4,
        max_response_bytes: int = 10_000_000,
        coerce: bool = True,
        unwrap: bool = True,
        actions: Catalog = catalog,
        max_result_tokens: int | None = None,
        client: Any | None = None,
        on_request: OnRequest | None = None,
        on_response: OnResponse | None = None,
        on_retry: OnRetry | None = None,
        **policy: Unpack[PolicyOptions],
    ) -> None:
        """Make a connector.

        `api_key` is an API key or an access token, which may renew itself (see
        `cal_actions.tokens`); `oauth_client_id` and `oauth_client_secret` are for the actions
        on an OAuth client. What is left out comes from CAL_API_KEY, CAL_OAUTH_CLIENT_ID,
        CAL_OAUTH_CLIENT_SECRET and, for `base_url` (self-hosted, or the EU's
        https://api.cal.eu), CAL_API_BASE_URL. `auth` takes their place and nothing from the
        environment.

        `timeout` is in seconds, for a call as a whole: waits, retries, and reading the answer.
        One request of a read gets `attempt_timeout` of them at most, so that a stalled one is
        sent again. `max_attempts` is how often a request is sent in all; a write is sent again
        only where Cal.com surely did nothing. `max_response_bytes` cuts off a larger answer.

        `coerce=False` leaves params as they are, `unwrap=False` gives Cal.com's body as it
        came. `actions` is the catalogue to serve, and `policy` what the connector may do with
        it: see `cal_actions.options.PolicyOptions`. `max_result_tokens` bounds the data of a
        success: of its long lists the last items are left out, which `truncated` tells.

        `client` is a client of httpx's interface to send through. It stays yours to close and,
        after a fork, to make anew, and must not send anything twice by itself, as aiohttp's
        sessions do with a lost DELETE.
        `on_request`, `on_response` and `on_retry` are functions of one event (see
        `cal_actions.observe`), called in place.

        Raises ValueError or TypeError for an option that makes no sense.
        """
        try:
            credentials = _credentials(auth, api_key, oauth_client_id, oauth_client_secret)
        finally:  # a traceback shows what is left
            del auth, api_key, oauth_client_id, oauth_client_secret
        _check_positive(
            timeout=timeout,
            attempt_timeout=attempt_timeout,
            max_attempts=max_attempts,
            max_response_bytes=max_response_bytes,
            **({} if max_result_tokens is None else {"max_result_tokens": max_result_tokens}),
        )
        if not isinstance(actions, Catalog):
            raise TypeError("actions must be a catalogue, such as catalog.filter(toolset=…)")
        rules = self._policy(actions, coerce, policy) if policy else None
        self.actions = rules.offered if rules else actions
        self._base_url = _base_url(base_url)
        self._max_bytes = max_response_bytes
        self._client = client
        self._transport: _Transport | None = None
        self._embedded = False
        self._lock = threading.Lock()
        self._running = 0
        self._renewals: set[Any] = set()  # the tasks in which tokens are renewed
        self._closed = False
        self._exchange = Exchange(
            self.actions,
            Retry(max_attempts),
            Observer(on_request, on_response, on_retry),
            base_url=self._base_url,
            timeout=timeout,
            attempt_timeout=attempt_timeout,
        )
        self._pipeline = Pipeline(
            actions,
            credentials,
            self._exchange,
            self._spawn,
            coerce=coerce,
            unwrap=unwrap,
            policy=rules,
            max_result_tokens=max_result_tokens,
        )
        forks.renew_after_fork(self)

    @classmethod
    def sandbox(
        cls, db: str | PathLike[str] | Sandbox = ":memory:", **options: Unpack[Options]
    ) -> Self:
        """Make a connector to an embedded Cal.com, which needs no key and no network.

        `db` is a file that keeps its state, or a Sandbox, which stays yours to close; by
        default the state is in memory and gone with the connector. The options are the
        constructor's.
        """
        from cal_actions.sandbox import Sandbox

        world = db if isinstance(db, Sandbox) else Sandbox(db)
        auth = Credentials(world.api_key, world.oauth_client_id, world.oauth_client_secret)
        self = cls(auth=auth, base_url="sandbox", **options)
        self._exchange.limits = None
        self._embed(world, owned=world is not db)
        self._embedded = True
        return self

    def after_fork(self) -> None:
        """Leave the connections to the parent: answers would come to either of both."""
        self._lock = threading.Lock()
        self._running = 0
        if not self._embedded:
            self._transport = None

    def _policy(self, actions: Catalog, coerce: bool, options: PolicyOptions) -> Policy:
        from cal_actions.options import PolicyOptions
        from cal_actions.policy import Policy

        for unknown in options.keys() - PolicyOptions.__annotations__.keys():
            raise TypeError(f"{type(self).__name__} has no option {unknown!r}")
        policy = Policy(actions, coerce=coerce, **options)
        if not self._awaits:
            for function in policy.functions:
                if is_async(function):
                    raise TypeError("only an AsyncConnector can await a coroutine function")
        return policy

    def __repr__(self) -> str:
        scheme, slashes, rest = getattr(self, "_base_url", "").rpartition("//")
        return f"<{type(self).__name__} {scheme}{slashes}{rest.rpartition('@')[2]}>"

    @abstractmethod
    def _embed(self, world: Sandbox, *, owned: bool) -> None: ...

    @abstractmethod
    def _spawn(self, steps: Steps) -> None: ...

    def _ensure_open(self) -> None:
        if self._closed:
            raise ConnectorClosed("this connector was closed: make a new one")

    def _begin(self) -> None:
        with self._lock:
            self._ensure_open()
            self._running += 1

    def _end(self) -> _Transport | None:
        """Count a call as done; returns what to close, once the last call after `close` is."""
        with self._lock:
            self._running = max(0, self._running - 1)  # a fork may have set it to 0
            return self._left_over()

    def _close(self) -> _Transport | None:
        with self._lock:
            self._closed = True
            return self._left_over()

    def _left_over(self) -> _Transport | None:
        if not self._closed or self._running:
            return None
        transport, self._transport = self._transport, None
        return transport


def _credentials(
    auth: Auth | None,
    api_key: str | RenewableToken | None,
    oauth_client_id: str | None,
    oauth_client_secret: str | None,
) -> Credentials:
    if auth is None:
        return Credentials.from_environment(api_key, oauth_client_id, oauth_client_secret)
    alone = api_key is None and oauth_client_id is None and oauth_client_secret is None
    try:
        if alone:
            return Credentials.of(auth)
    finally:
        del auth, api_key, oauth_client_id, oauth_client_secret
    raise TypeError("pass auth= alone: it takes the place of api_key= and oauth_client_…=")


def _check_positive(**numbers: float) -> None:
    for name, number in numbers.items():
        if name.startswith("max_") and not isinstance(number, int):
            raise TypeError(f"{name} must be an integer, not {type(number).__name__}")
        if not isinstance(number, int | float) or isinstance(number, bool):
            raise TypeError(f"{name} must be a number, not {type(number).__name__}")
        if not 0 < number <= _LARGEST:
            raise ValueError(f"{name} must be more than 0 and at most {_LARGEST:.0e}, not {number}")


def _base_url(given: str | None) -> str:
    address = given or os.environ.get("CAL_API_BASE_URL") or DEFAULT_BASE_URL
    return address.rstrip("/").removesuffix("/v2")
