"""`cal-actions sandbox`: the embedded Cal.com behind a real HTTP server."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

import click

from cal_actions.cli.names import Command
from cal_actions.cli.output import draw, json_option, wants_json, write_json

if TYPE_CHECKING:
    from cal_actions.sandbox import Sandbox

db_option: Callable[[Any], Any] = click.option(
    "--db",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="SQLite file that keeps the sandbox's state; made if missing. In memory without.",
)


def opened(
    db: str | None, *, server_faults: bool = False, allow_remote_webhooks: bool = False
) -> Sandbox:
    """Open the sandbox of the file, or a new one in memory; the options are Sandbox's.

    Raises click.UsageError when the file cannot be a sandbox's.
    """
    import sqlite3

    from cal_actions.sandbox import Sandbox

    try:
        return Sandbox(
            ":memory:" if db is None else db,
            server_faults=server_faults,
            allow_remote_webhooks=allow_remote_webhooks,
        )
    except (sqlite3.Error, OSError, ValueError) as problem:
        raise click.UsageError(f"--db: the file cannot be used: {problem}") from None


@click.command(cls=Command)
@db_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="Port to listen on; 0 takes any free one.",
)
@click.option(
    "--faults",
    is_flag=True,
    help="Answer 500 where Cal.com's server is known to, instead of a clear error.",
)
@click.option(
    "--allow-remote-webhooks",
    is_flag=True,
    help="Send webhooks to any host; without, only to this machine.",
)
@json_option
def sandbox(
    db: str | None, host: str, port: int, faults: bool, allow_remote_webhooks: bool, as_json: bool
) -> None:
    """Serve an embedded Cal.com to practise against.

    An HTTP server that runs until Ctrl-C. Prints the base URL and the credentials to use; piped,
    that is one JSON object.
    """
    try:
        from cal_actions.sandbox.server import serve
    except ModuleNotFoundError:
        raise click.UsageError('The server needs: pip install "cal-actions[sandbox]"') from None
    signal.signal(signal.SIGTERM, _interrupt)
    made = opened(db, server_faults=faults, allow_remote_webhooks=allow_remote_webhooks)
    with suppress(KeyboardInterrupt), made as world:

        def ready(base_url: str) -> None:
            _announce(base_url, world, db, as_json)

        try:
            serve(world, host, port, ready=ready)
        except OSError as problem:
            raise click.UsageError(
                f"Cannot listen on {host} port {port}: {problem.strerror}."
                " Give another --host or --port; --port 0 takes any free one."
            ) from None


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _announce(base_url: str, world: Sandbox, db: str | None, as_json: bool) -> None:
    credentials = {
        "api_key": world.api_key,
        "oauth_client_id": world.oauth_client_id,
        "oauth_client_secret": world.oauth_client_secret,
    }
    if wants_json(as_json):
        write_json({"base_url": base_url, **credentials, "db": db})
        return
    from rich.text import Text

    settings = {"CAL_API_BASE_URL": base_url} | {
        f"CAL_{name.upper()}": value for name, value in credentials.items() if value
    }
    exports = "\n".join(f"  export {name}={value}" for name, value in settings.items())
    kept = "is gone when it stops" if db is None else f"is kept in {db}"
    draw(
        [
            Text.assemble("A Cal.com to practise against: ", (base_url, "bold cyan")),
            Text("\nIn another shell:"),
            Text(exports),
            Text(f"\nIts state {kept}. Ctrl-C stops it.", "dim"),
        ]
    )
