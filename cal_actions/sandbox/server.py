"""The sandbox behind a real socket, for other programs and for tests. Needs the extra `sandbox`."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from cal_actions.sandbox.app import Sandbox
from cal_actions.sandbox.injection import ConnectionDropped

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]


def serve(
    sandbox: Sandbox,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Answer HTTP until interrupted (SIGINT, SIGTERM).

    Port 0 takes any free one. `ready` is called with the base URL ("http://127.0.0.1:53211") as
    soon as connections are taken. Raises OSError when the address cannot be had.
    """
    with _listening(host, port) as listener, suppress(KeyboardInterrupt):
        _Server(sandbox, listener, ready).run(sockets=[listener])


@contextmanager
def running_server(sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Answer HTTP from a thread for the length of a `with`; gives the base URL."""
    started = threading.Event()
    with _listening(host, port) as listener:
        server = _Server(sandbox, listener, lambda _: started.set())
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True
        )
        thread.start()
        try:
            started.wait()
            yield _url(listener)
        finally:
            server.should_exit = True
            thread.join()


class _Server(uvicorn.Server):
    """uvicorn, telling when it has started."""

    def __init__(
        self, sandbox: Sandbox, listener: socket.socket, ready: Callable[[str], None] | None
    ) -> None:
        connections = _Connections()
        config = uvicorn.Config(
            _application(sandbox, connections),
            http=connections.protocol,
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
        )
        super().__init__(config)
        self._listener = listener
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self._ready is not None:
            self._ready(_url(self._listener))


class _Connections:
    """The open connections by the client's address: an ASGI application cannot end one itself."""

    def __init__(self) -> None:
        self._transports: dict[Any, asyncio.BaseTransport] = {}
        transports = self._transports

        # uvicorn chooses the class when it is loaded, which a type checker cannot follow.
        class Protocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
            def connection_made(self, transport: asyncio.Transport) -> None:
                self._peer = transport.get_extra_info("peername")[:2]
                transports[self._peer] = transport
                super().connection_made(transport)

            def connection_lost(self, problem: Exception | None) -> None:
                transports.pop(self._peer, None)
                super().connection_lost(problem)

        self.protocol = Protocol

    def drop(self, client: tuple[str, int]) -> None:
        """Close the connection of this client at once, if it has not left already."""
        transport = self._transports.get(tuple(client))
        if transport is not None:
            transport.close()


def _application(
    sandbox: Sandbox, connections: _Connections
) -> Callable[[_Message, _Receive, _Send], Awaitable[None]]:
    async def application(scope: _Message, receive: _Receive, send: _Send) -> None:
        query = scope["query_string"].decode("latin-1")
        path = scope["raw_path"].decode("latin-1")
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        body = await _read(receive)
        # In a thread: a file's write lock may take seconds to get.
        try:
            reply = await asyncio.to_thread(
                sandbox.handle, scope["method"], f"{path}?{query}" if query else path, headers, body
            )
        except ConnectionDropped:
            connections.drop(scope["client"])
            return
        pairs = [(name.encode(), value.encode()) for name, value in reply.headers.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": pairs})
        await send({"type": "http.response.body", "body": reply.body})

    return application


async def _read(receive: _Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
