"""Connector and AsyncConnector: name an action, get an envelope."""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Self

from cal_actions.auth import Credentials
from cal_actions.catalog import Catalog, catalog
from cal_actions.errors import ConnectorClosed
from cal_actions.steps import Pipeline
from cal_actions.wire import SendFailed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from cal_actions.embedded import AsyncSandboxTransport, SandboxTransport
    from cal_actions.envelope import Envelope
    from cal_actions.sandbox import Sandbox
    from cal_actions.transport import AsyncHttpTransport, HttpTransport

DEFAULT_BASE_URL = "https://api.cal.com"


class _Base(ABC):
    def __init__(
        self,
        *,
        api_key: str | None = None,
        oauth_client_id: str | None = None,
        oauth_client_secret: str | None = None,
        base_url: str | None = None,
        timeout: float = 30.0,
        max_response_bytes: int = 10_000_000,
        coerce: bool = True,
        unwrap: bool = True,
        actions: Catalog = catalog,
        client: Any | None = None,
    ) -> None:
        """Make a connector.

        `api_key` is an API key or an access token; `oauth_client_id` and
        `oauth_client_secret` are for the actions on an OAuth client. What is left out comes
        from CAL_API_KEY, CAL_OAUTH_CLIENT_ID, CAL_OAUTH_CLIENT_SECRET and, for `base_url`
        (self-hosted, or the EU's https://api.cal.eu), CAL_API_BASE_URL. `timeout` is in
        seconds, for each wait on the network and for reading the answer as a whole;
        `max_response_bytes` cuts off a larger answer.
        `coerce=False` leaves params as they are, `unwrap=False` gives Cal.com's body as it
        came. `actions` is the catalogue to serve. `client` is a client of httpx's interface
        to send through; it stays yours to close.
        """
        credentials = Credentials(api_key, oauth_client_id, oauth_client_secret)
        self._pipeline = Pipeline(actions, credentials, coerce=coerce, unwrap=unwrap)
        self._base_url = _base_url(base_url)
        self._http_options = (timeout, max_response_bytes, client)
        self._lock = threading.Lock()
        self._closed = False

    @classmethod
    def sandbox(
        cls,
        db: str | PathLike[str] | Sandbox = ":memory:",
        *,
        coerce: bool = True,
        unwrap: bool = True,
        actions: Catalog = catalog,
    ) -> Self:
        """Make a connector to an embedded Cal.com, which needs no key and no network.

        `db` is a file that keeps its state, or a Sandbox, which stays yours to close; by
        default the state is in memory and gone with the connector. `coerce`, `unwrap` and
        `actions` are the constructor's.
        """
        from cal_actions.sandbox import Sandbox

        world = db if isinstance(db, Sandbox) else Sandbox(db)
        self = cls(
            api_key=world.api_key,
            oauth_client_id=world.oauth_client_id,
            oauth_client_secret=world.oauth_client_secret,
            coerce=coerce,
            unwrap=unwrap,
            actions=actions,
        )
        self._base_url = "sandbox"
        self._embed(world, owned=world is not db)
        return self

    @abstractmethod
    def _embed(self, world: Sandbox, *, owned: bool) -> None: ...

    def __repr__(self) -> str:
        scheme, slashes, rest = self._base_url.rpartition("//")
        return f"<{type(self).__name__} {scheme}{slashes}{rest.rpartition('@')[2]}>"

    def _ensure_open(self) -> None:
        if self._closed:
            raise ConnectorClosed("this connector was closed: make a new one")


class Connector(_Base):
    """Executes actions, one after the other. A context manager; else call `close()`."""

    _transport: HttpTransport | SandboxTransport | None = None

    def _embed(self, world: Sandbox, *, owned: bool) -> None:
        from cal_actions.embedded import SandboxTransport

        self._transport = SandboxTransport(world, owned=owned)

    def execute(self, slug: str, params: Mapping[str, Any] | None = None) -> Envelope:
        """Execute the action named `slug` and return its envelope, whatever happens.

        `params` is a JSON object of the action's parameters and is never changed. Raises
        only ConnectorClosed, after `close()`.
        """
        self._ensure_open()
        send = (self._transport or self._connected()).send
        steps = self._pipeline.steps(slug, params)
        try:
            wanted = next(steps)
            while True:
                try:
                    received = send(*wanted)
                except SendFailed as failure:
                    wanted = steps.throw(failure)
                else:
                    wanted = steps.send(received)
        except StopIteration as end:
            envelope: Envelope = end.value
            return envelope

    def _connected(self) -> HttpTransport | SandboxTransport:
        from cal_actions.transport import HttpTransport

        with self._lock:  # two threads may make their first calls at once
            if self._transport is None:
                self._transport = HttpTransport(self._base_url, *self._http_options)
            return self._transport

    def close(self) -> None:
        """Close the connections; a second time does nothing."""
        self._closed = True
        if self._transport is not None:
            self._transport.close()

    def __enter__(self) -> Self:
        self._ensure_open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncConnector(_Base):
    """Executes actions concurrently. An async context manager; else await `aclose()`."""

    _transport: AsyncHttpTransport | AsyncSandboxTransport | None = None

    def _embed(self, world: Sandbox, *, owned: bool) -> None:
        from cal_actions.embedded import AsyncSandboxTransport

        self._transport = AsyncSandboxTransport(world, owned=owned)

    async def execute(self, slug: str, params: Mapping[str, Any] | None = None) -> Envelope:
        """Execute the action named `slug` and return its envelope, whatever happens.

        As `Connector.execute`; a cancellation passes through.
        """
        self._ensure_open()
        if self._transport is None:
            from cal_actions.transport import AsyncHttpTransport

            self._transport = AsyncHttpTransport(self._base_url, *self._http_options)
        send = self._transport.send
        steps = self._pipeline.steps(slug, params)
        try:
            wanted = next(steps)
            while True:
                try:
                    received = await send(*wanted)
                except SendFailed as failure:
                    wanted = steps.throw(failure)
                else:
                    wanted = steps.send(received)
        except StopIteration as end:
            envelope: Envelope = end.value
            return envelope

    async def aclose(self) -> None:
        """Close the connections; a second time does nothing."""
        self._closed = True
        if self._transport is not None:
            await self._transport.close()

    async def __aenter__(self) -> Self:
        self._ensure_open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def _base_url(given: str | None) -> str:
    address = given or os.environ.get("CAL_API_BASE_URL") or DEFAULT_BASE_URL
    return address.rstrip("/").removesuffix("/v2")
