"""`cal-actions mcp`: the actions as tools of a Model Context Protocol server."""

from __future__ import annotations

import json
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from click.core import ParameterSource

from cal_actions import catalog
from cal_actions.cli.names import Command, did_you_mean
from cal_actions.cli.sandbox import db_option, opened

if TYPE_CHECKING:
    from cal_actions import AsyncConnector, Catalog
    from cal_actions.sandbox import Sandbox

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Tools(NamedTuple):
    """What `--tools` chooses: actions, each a tool of its own or all behind three tools."""

    actions: Catalog
    search: bool


def _chosen_tools(_ctx: click.Context, _param: click.Parameter, value: str) -> Tools:
    names = [name.strip() for name in value.split(",") if name.strip()]
    toolsets = [name for name in names if name not in ("all", "search")]
    for name in toolsets:
        if name not in catalog.toolsets:
            near = did_you_mean(name, ["all", "search", *catalog.toolsets])
            raise click.UsageError(f"--tools: there is no toolset of that name: {near}")
    actions = catalog if not toolsets or "all" in names else catalog.filter(toolset=toolsets)
    return Tools(actions, "search" in names)


def _defaults(
    _ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]
) -> dict[str, Any]:
    defaults = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not (name and equals):
            raise click.UsageError("--default takes NAME=VALUE, such as orgId=7")
        try:
            defaults[name] = json.loads(text)
        except ValueError:
            defaults[name] = text
    return defaults


@click.command(cls=Command)
@click.option(
    "--tools",
    metavar="TOOLS",
    default="all",
    show_default=True,
    callback=_chosen_tools,
    help="all; toolsets, such as scheduling,teams; search: three tools to find, describe and"
    " execute; or search,scheduling.",
)
@click.option("--read-only", is_flag=True, help="Only actions that read.")
@click.option("--allow", multiple=True, metavar="A", help="Only these: a slug, CAL_GET_*, effect.")
@click.option("--deny", multiple=True, metavar="A", help="Never these: CAL_DELETE_*, destructive.")
@click.option(
    "--default",
    "defaults",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_defaults,
    help="A param to fill in, such as orgId=7.",
)
@click.option("--dry-run", is_flag=True, help="Send nothing; answer the requests.")
@click.option(
    "--approval",
    type=click.Choice(["ask", "require", "off"]),
    default="ask",
    show_default=True,
    help="Before destructive actions: ask the user if the client can; refuse if it cannot; or"
    " never ask.",
)
@click.option(
    "--max-result-tokens", type=click.IntRange(1), metavar="N", help="Shorten longer answers."
)
@click.option("--sandbox", is_flag=True, help="Use the embedded Cal.com: no key, no network.")
@db_option
@click.option("--http", is_flag=True, help="Serve over HTTP, at /mcp, not on standard input.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on; 0 takes any free one.",
)
@click.option("--allowed-host", "hosts", multiple=True, metavar="HOST", help="Host header to take.")
@click.option("--allowed-origin", "origins", multiple=True, metavar="URL", help="Origin to take.")
@click.option(
    "--authorization-server",
    metavar="URL",
    help="The OAuth server whose access tokens clients bring.",
)
@click.option("--public-url", metavar="URL", help="Where clients reach /mcp.")
@click.pass_context
def mcp(
    ctx: click.Context,
    /,
    tools: Tools,
    sandbox: bool,
    db: str | None,
    max_result_tokens: int | None,
    http: bool,
    host: str,
    port: int,
    hosts: tuple[str, ...],
    origins: tuple[str, ...],
    authorization_server: str | None,
    public_url: str | None,
    approval: str,
    **policy: Any,
) -> None:
    """Serve the actions as MCP tools.

    On standard input and output, with the credentials of the environment, as `execute` has them.
    With --http each client sends its own Cal.com key with each request (Authorization: Bearer
    cal_…), and nothing comes from the environment but CAL_API_BASE_URL; put a proxy with TLS
    before it where clients are on other machines.

    \b
    cal-actions mcp --tools scheduling --deny destructive
    cal-actions mcp --http --tools search --sandbox
    """
    if db is not None and not sandbox:
        raise click.UsageError("--db is the sandbox's file: add --sandbox")
    if not http:
        _refuse_options_of_http(ctx)
    if host not in _LOOPBACK and not hosts and public_url is None:
        raise click.UsageError(
            f"--host {host} takes requests of other machines: say which Host they name, such as"
            " --allowed-host cal.example.com, or give --public-url"
        )
    if authorization_server is not None and (public_url is None or sandbox):
        raise click.UsageError(
            "--authorization-server is for a server without --sandbox, and needs --public-url,"
            " such as https://cal.example.com/mcp"
        )
    world = opened(db) if sandbox else None
    options = {
        **policy,
        "allow": policy["allow"] or None,  # none named: all are allowed
        "actions": tools.actions,
        "max_result_tokens": max_result_tokens,
    }
    try:
        connector = _connector(world, options, approval, keys=http)
    except (ModuleNotFoundError, ValueError) as problem:  # the extra, or a policy's option
        raise click.UsageError(str(problem)) from None
    if http:
        serving = _serve_http(
            connector,
            tools.search,
            host,
            port,
            keys=not sandbox,
            hosts=hosts,
            origins=origins,
            authorization_server=authorization_server,
            public_url=public_url,
        )
    else:
        serving = _serve_stdio(connector, tools.search)
    import asyncio

    with suppress(KeyboardInterrupt):
        asyncio.run(serving)


def _refuse_options_of_http(ctx: click.Context) -> None:
    for name in ("host", "port", "hosts", "origins", "authorization_server", "public_url"):
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            (option,) = (one.opts[0] for one in ctx.command.params if one.name == name)
            raise click.UsageError(f"{option} is for --http: add it, or leave this out")


def _connector(
    world: Sandbox | None, options: dict[str, Any], approval: str, *, keys: bool
) -> AsyncConnector:
    from cal_actions import AsyncConnector
    from cal_actions.auth import Credentials
    from cal_actions.mcp import ask_user, require_user, tell_retry

    approve = {"ask": ask_user, "require": require_user, "off": None}[approval]
    options = {**options, "approve": approve, "on_retry": tell_retry}
    if world is not None:
        return AsyncConnector.sandbox(world, **options)
    return AsyncConnector(auth=Credentials() if keys else None, **options)


async def _serve_stdio(connector: AsyncConnector, search: bool) -> None:
    from cal_actions.mcp import create_server, serve_stdio

    if sys.stdin.isatty():
        click.echo(
            "An MCP client starts this command and speaks to it here. Ctrl-C stops it.", err=True
        )
    # The SDK reads the input in a thread, which nothing but the end of the input would end.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        async with connector:
            await serve_stdio(create_server(connector, search=search))
    finally:
        signal.signal(signal.SIGINT, before)


async def _serve_http(
    connector: AsyncConnector, search: bool, host: str, port: int, **options: Any
) -> None:
    from cal_actions import AsyncConnector
    from cal_actions.auth import Credentials
    from cal_actions.mcp import create_app, create_server, serve_http

    def ready(url: str) -> None:
        click.echo(f"MCP server: {url}", err=True)

    async with connector, AsyncConnector(auth=Credentials()) as anonymous:
        server = create_server(connector, search=search)
        try:
            app = create_app(server, verify_with=anonymous, **options)
            await serve_http(app, host=host, port=port, ready=ready)
        except ValueError as problem:
            raise click.UsageError(str(problem)) from None
        except OSError as problem:
            raise click.UsageError(
                f"Cannot listen on {host} port {port}: {problem.strerror}."
                " Give another --host or --port; --port 0 takes any free one."
            ) from None
