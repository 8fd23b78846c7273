"""`cal-actions execute`: one action, its envelope on standard output."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from cal_actions.cli.names import Command, complete_slug
from cal_actions.cli.output import draw, json_option, wants_json, write_json
from cal_actions.cli.params import read_params
from cal_actions.cli.sandbox import db_option, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cal_actions import Connector


@click.command(cls=Command)
@click.argument("slug", shell_complete=complete_slug)
@click.argument("params", metavar="[JSON | @FILE | -]", required=False)
@click.option("--select", metavar="JMESPATH", help="Only this part of the data.")
@click.option("--dry-run", is_flag=True, help="Send nothing; print the request.")
@click.option("--sandbox", is_flag=True, help="Use the embedded Cal.com: no key, no network.")
@db_option
@json_option
@click.pass_context
def execute(
    ctx: click.Context,
    slug: str,
    params: str | None,
    select: str | None,
    dry_run: bool,
    sandbox: bool,
    db: str | None,
    as_json: bool,
) -> None:
    """Execute an action and print its envelope.

    The envelope is data, error and successful; when the action failed, the exit code is 1.
    The params are a JSON object: as an argument, from @FILE, or from standard input for -.
    Left out, they are {}.

    Credentials come from CAL_API_KEY, or CAL_OAUTH_CLIENT_ID and CAL_OAUTH_CLIENT_SECRET;
    CAL_API_BASE_URL names another server than https://api.cal.com.

    \b
    cal-actions execute CAL_FETCH_ALL_BOOKINGS '{"take": 5}'
    cal-actions execute CAL_POST_NEW_BOOKING_REQUEST @booking.json
    cal-actions execute CAL_FETCH_ALL_BOOKINGS --sandbox --db practice.db
    """
    if db is not None and not sandbox:
        raise click.UsageError("--db is the sandbox's file: add --sandbox")
    values = read_params(params)
    with _connector(sandbox, db, dry_run) as connector:
        answer = connector.execute(slug, values, select=select)
    if wants_json(as_json):
        write_json(dict(answer))
    else:
        from cal_actions.cli import tables

        draw(tables.envelope(slug, answer))
    if not answer.successful:
        ctx.exit(1)


@contextmanager
def _connector(sandbox: bool, db: str | None, dry_run: bool) -> Iterator[Connector]:
    from cal_actions import Connector

    options: dict[str, Any] = {"dry_run": True} if dry_run else {}
    if not sandbox:
        with Connector(**options) as connector:
            yield connector
        return
    with opened(db) as world, Connector.sandbox(world, **options) as connector:
        yield connector
