"""HTTP: the server over Streamable HTTP, for clients on other machines or for several of them.

Answers no request whose Host or Origin is not expected, so that no web page can reach a server on
its reader's machine.
"""

from __future__ import annotations

import asyncio
import re
import socket
from functools import partial
from typing import TYPE_CHECKING, Any

import uvicorn
from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import BearerAuthBackend, RequireAuthMiddleware
from mcp.server.auth.routes import build_resource_metadata_url, create_protected_resource_routes
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl, ConfigDict, TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from cal_actions.mcp.keys import AnyKey, KnownKey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mcp.server.lowlevel import Server
    from starlette.types import ASGIApp

    from cal_actions import AsyncConnector

PATH = "/mcp"
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def create_app(
    server: Server[Any],
    *,
    keys: bool = True,
    hosts: Sequence[str] = (),
    origins: Sequence[str] = (),
    authorization_server: str | None = None,
    public_url: str | None = None,
    verify_with: AsyncConnector | None = None,
) -> Starlette:
    """Make an ASGI application that serves `server` at `/mcp`.

    With `keys`, each request must bring a Cal.com key, `Authorization: Bearer cal_…`, with which
    its calls are made; give the connector of `server` no credentials of its own. Without, they
    are made as the connector is.

    `hosts` and `origins` are the values of the headers Host and Origin that are taken beside
    those of this machine; `:*` at the end stands for any port.

    `public_url` is where clients reach this server, if not at its address; its host is taken too.

    `authorization_server` is the URL of the OAuth server that gives out access tokens of
    Cal.com. Clients then learn of it from the metadata of the protected resource (RFC 9728),
    which is `public_url`; tokens that Cal.com refuses are answered with 401. They are tried with
    `verify_with`, a connector without credentials of its own.

    Raises ValueError for `authorization_server` without the other two or without `keys`, and for
    what is no URL.
    """
    resource = None if public_url is None else _url("public_url", public_url)
    security = _security([*hosts, *_hosts_of(resource)], origins)
    manager = StreamableHTTPSessionManager(server, security_settings=security)
    endpoint: ASGIApp = StreamableHTTPASGIApp(manager)
    routes: list[Route] = []
    middleware = [_readable_by(security.allowed_origins)]
    metadata_url: AnyHttpUrl | None = None
    verifier = AnyKey()
    if authorization_server is not None:
        if not keys or resource is None or verify_with is None:
            raise ValueError("authorization_server needs keys, public_url and verify_with")
        metadata_url = build_resource_metadata_url(resource)
        issuer = _url("authorization_server", authorization_server)
        routes += create_protected_resource_routes(resource, [issuer], resource_name="Cal.com")
        verifier = KnownKey(verify_with)
    if keys:
        endpoint = RequireAuthMiddleware(endpoint, [], metadata_url)
        middleware += [
            Middleware(AuthenticationMiddleware, backend=BearerAuthBackend(verifier)),
            Middleware(AuthContextMiddleware),
        ]
    routes.append(Route(PATH, endpoint=endpoint))
    return Starlette(routes=routes, middleware=middleware, lifespan=lambda _: manager.run())


async def serve_http(
    app: ASGIApp,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the application until the process is interrupted.

    `port` 0 takes any free one; `ready` is called with the URL, once clients can connect.
    Raises OSError where it cannot listen.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listening:
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{listening.getsockname()[1]}{PATH}"
        server = _Server(app, (lambda: None) if ready is None else partial(ready, url))
        serving = asyncio.ensure_future(server.serve(sockets=[listening]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            server.should_exit = True  # else connections that are open would go on being answered
            await serving
            raise


class _Server(uvicorn.Server):
    """Tells when it is ready: not before a signal would end it in order."""

    _END_SECONDS = 3  # for the answers that are still on their way

    def __init__(self, app: ASGIApp, ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                lifespan="on",
                timeout_graceful_shutdown=self._END_SECONDS,
            )
        )
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def _url(name: str, text: str) -> AnyHttpUrl:
    # Issuers are compared to the letter, so that no slash must be added.
    urls = TypeAdapter(AnyHttpUrl, config=ConfigDict(url_preserve_empty_path=True))
    try:
        return urls.validate_python(text)
    except ValidationError:
        raise ValueError(f"{name} must be a URL such as https://cal.example.com/mcp") from None


def _hosts_of(url: AnyHttpUrl | None) -> list[str]:
    return [] if url is None else [str(url.host), f"{url.host}:{url.port}"]


def _security(hosts: Sequence[str], origins: Sequence[str]) -> TransportSecuritySettings:
    own = [form for host in _LOOPBACK for form in (host, f"{host}:*")]
    return TransportSecuritySettings(
        allowed_hosts=[*own, *hosts],
        allowed_origins=[*(f"http://{host}" for host in own), *origins],
    )


def _readable_by(origins: Sequence[str]) -> Middleware:
    """Let the pages of these origins read the answers, as browsers ask for."""
    forms = (re.escape(origin).replace(r":\*", r":\d+") for origin in origins)
    return Middleware(
        CORSMiddleware,
        allow_origin_regex="|".join(forms),
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["*"],
        expose_headers=["Mcp-Session-Id", "WWW-Authenticate"],
    )
