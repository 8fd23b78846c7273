"""A client that is passed in: httpx's, httpx2's, or any of their interface."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal

from cal_actions.transport.address import Address
from cal_actions.transport.bodies import Body
from cal_actions.transport.faults import Progress, failed, late, unusable_proxy
from cal_actions.transport.threads import within
from cal_actions.wire import Received

if TYPE_CHECKING:
    from cal_actions.wire import Ask

MISUSE = (TypeError, AttributeError)  # such as a sync client in an async connector


def own_client(kind: Literal["Client", "AsyncClient"]) -> Any:
    """Make a client of httpx's that knows the proxies of the environment.

    Raises SendFailed, lasting, for a proxy that it cannot send through.
    """
    import httpx

    try:
        return getattr(httpx, kind)()
    except (ImportError, ValueError, httpx.InvalidURL) as problem:
        raise unusable_proxy(problem) from None


class Requests:
    """Makes requests of a client; its cookies, its auth and its redirects stay out of them."""

    def __init__(self, base_url: str, client: Any) -> None:
        self._url = Address.of(base_url).url
        self._client = client

    def __call__(self, ask: Ask, trace: Any) -> Any:
        """Make a request of the client."""
        wire = ask.request
        seconds = max(0.001, ask.until - time.monotonic())
        request = self._client.build_request(
            wire.method,
            self._url + wire.target,
            headers=ask.headers.lines,
            content=wire.body,
            extensions={
                "timeout": dict.fromkeys(("connect", "read", "write", "pool"), seconds),
                "trace": trace,
            },
        )
        request.headers.pop("cookie", None)
        return request


class Client:
    """Sends through a client, in a thread: its own timeouts start anew with every byte."""

    def __init__(self, base_url: str, max_bytes: int, client: Any, *, owned: bool) -> None:
        self._max_bytes = max_bytes
        self._client = client
        self._owned = owned
        self._request = Requests(base_url, client)

    def send(self, ask: Ask) -> Received:
        """Send one request and read its whole answer. Raises SendFailed when there is none.

        Raises TypeError and AttributeError as they come: they mean a wrong client.
        """
        progress = Progress()
        try:
            left = max(0.0, ask.until - time.monotonic())
            return within(left, lambda: self._send(ask, progress))
        except TimeoutError:
            raise late(progress) from None
        except BaseException as raised:
            raise raised.with_traceback(None) from None  # its frames hold the key

    def _send(self, ask: Ask, progress: Progress) -> Received:
        try:
            response = self._client.send(
                self._request(ask, progress), stream=True, auth=None, follow_redirects=False
            )
            try:
                if response.is_stream_consumed:
                    body = already_read(response, self._max_bytes)
                else:
                    body = Body(response.headers, self._max_bytes)
                    for chunk in response.iter_raw():
                        if time.monotonic() >= ask.until:  # no one waits any more
                            raise late(progress)
                        body.add(chunk)
            finally:
                response.close()
            return Received(response.status_code, response.headers, body.whole())
        except MISUSE as problem:
            if progress.begun:  # not the wrong client: a hook of it, after all was sent
                raise failed(problem, progress) from None
            raise
        except Exception as problem:
            raise failed(problem, progress) from None

    def close(self) -> None:
        """Close the client, unless it was passed in."""
        if self._owned:
            self._client.close()


def already_read(response: Any, max_bytes: int) -> Body:
    """Take a body that the client, or a hook of it, has read and decoded already."""
    body = Body({}, max_bytes)
    body.add(response.content)
    return body
