"""The commands that need no Cal.com: list, search, toolsets, show, schema, completion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from cal_actions import __version__, catalog, schemas
from cal_actions.cli.execute import execute
from cal_actions.cli.mcp import mcp
from cal_actions.cli.names import (
    Group,
    complete_slug,
    effect_option,
    known_action,
    known_actions,
    resource_option,
    toolset_option,
)
from cal_actions.cli.output import draw, json_option, terminal, wants_json, write, write_json
from cal_actions.cli.sandbox import sandbox

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cal_actions import ActionSpec
    from cal_actions.schemas import Format

    Effect: TypeAlias = Literal["read", "write", "destructive"]

_SHELLS: dict[str, type[ShellComplete]] = {
    "bash": BashComplete,
    "zsh": ZshComplete,
    "fish": FishComplete,
}


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="cal-actions %(version)s")
def group() -> None:
    """Act on Cal.com by naming an action.

    \b
    cal-actions search move a meeting to another day
    cal-actions show CAL_POST_NEW_BOOKING_REQUEST
    cal-actions execute CAL_FETCH_ALL_BOOKINGS '{"take": 5}' --sandbox

    On a terminal the output is for reading; piped, it is JSON.
    """


@group.command("list")
@resource_option
@effect_option
@toolset_option
@json_option
def list_actions(
    resource: str | None, effect: Effect | None, toolset: Iterable[str] | None, as_json: bool
) -> None:
    """List the actions: slug, effect and title."""
    actions = catalog.filter(resource=resource, effect=effect, toolset=toolset)
    if wants_json(as_json):
        write_json([_summary(spec) for spec in actions.values()])
        return
    from cal_actions.cli import tables

    draw(tables.action_list(actions, terminal().width), paged=True)


@group.command()
@click.argument("words", metavar="WORDS", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1), default=5, show_default=True, help="At most.")
@json_option
def search(words: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find the actions that fit what you want, in your own words.

    English, Spanish, German, French or Portuguese; the best fit comes first.

    \b
    cal-actions search move a meeting to another day
    """
    found = catalog.search(" ".join(words), limit)
    if wants_json(as_json):
        write_json([_summary(spec) for spec in found])
        return
    from cal_actions.cli import tables

    draw(tables.found(found))


@group.command()
@json_option
def toolsets(as_json: bool) -> None:
    """List the toolsets, and about what they cost in tokens.

    \b
    cal-actions list --toolset scheduling
    cal-actions schema --toolset scheduling --format openai --compact
    """
    listed = [_toolset(name) for name in catalog.toolsets]
    if wants_json(as_json):
        write_json(listed)
        return
    from cal_actions.cli import tables

    draw(tables.toolset_list(listed))


@group.command()
@click.argument("spec", metavar="SLUG", callback=known_action, shell_complete=complete_slug)
@json_option
def show(spec: ActionSpec, as_json: bool) -> None:
    """Show one action: what it does, its parameters, an example."""
    if wants_json(as_json):
        write_json(_document(spec))
        return
    from cal_actions.cli import tables

    draw(tables.action(spec, terminal().width), paged=True)


@group.command()
@click.argument(
    "specs",
    metavar="[SLUG]...",
    nargs=-1,
    callback=known_actions,
    shell_complete=complete_slug,
)
@click.option("--all", "every", is_flag=True, help="Every action of the catalogue.")
@resource_option
@effect_option
@toolset_option
@click.option(
    "--format",
    "form",
    type=click.Choice(list(schemas.FORMATS)),
    default="json-schema",
    show_default=True,
    help="For whom the definitions are.",
)
@click.option("--strict", is_flag=True, help="Have the provider hold the model to the schema.")
@click.option("--compact", is_flag=True, help="Fewer words, and optional objects without shape.")
@json_option
def schema(
    specs: list[ActionSpec],
    every: bool,
    resource: str | None,
    effect: Effect | None,
    toolset: Iterable[str] | None,
    form: Format,
    strict: bool,
    compact: bool,
    as_json: bool,
) -> None:
    """Write the tool definitions of actions, as JSON.

    \b
    cal-actions schema --toolset scheduling --format anthropic > tools.json
    """
    chosen = any(option is not None for option in (resource, effect, toolset))
    if bool(specs) + every + chosen != 1:
        raise click.UsageError(
            "Name the actions by their SLUGs, or choose them with --toolset, --resource and"
            " --effect, or give --all."
        )
    actions = specs or catalog.filter(resource=resource, effect=effect, toolset=toolset).values()
    try:
        definitions = schemas.export(actions, form, strict=strict, compact=compact)
    except ValueError as problem:
        raise click.UsageError(str(problem)) from None
    if wants_json(as_json):
        write_json(definitions)
        return
    from cal_actions.cli import tables

    draw([tables.json_text(definitions)], paged=True)


@group.command()
@click.argument("shell", type=click.Choice(list(_SHELLS)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Write the completion script of a shell.

    Slugs, resources and effects complete too.

    \b
    bash, in ~/.bashrc:  eval "$(cal-actions completion bash)"
    zsh, in ~/.zshrc:    eval "$(cal-actions completion zsh)"
    fish:                cal-actions completion fish > ~/.config/fish/completions/cal-actions.fish
    """
    script = _SHELLS[shell](ctx.command, {}, "cal-actions", "_CAL_ACTIONS_COMPLETE")
    write(script.source())


group.add_command(execute)
group.add_command(mcp)
group.add_command(sandbox)


def _toolset(name: str) -> dict[str, Any]:
    actions = catalog.filter(toolset=name)
    whole = schemas.export(actions, "anthropic")
    compact = schemas.export(actions, "anthropic", compact=True)
    return {
        "name": name,
        "description": catalog.toolsets[name].description,
        "actions": list(actions),
        "tokens": schemas.estimate_tokens(whole),
        "compact_tokens": schemas.estimate_tokens(compact),
    }


def _summary(spec: ActionSpec) -> dict[str, Any]:
    return {
        "slug": spec.slug,
        "title": spec.title,
        "description": spec.description,
        "resource": spec.resource,
        "effect": spec.effect,
        "idempotent": spec.idempotent,
    }


def _document(spec: ActionSpec) -> dict[str, Any]:
    request = {
        "method": spec.method,
        "path": spec.path,
        "version": spec.version,
        "auth": list(spec.auth),
    }
    return {
        **_summary(spec),
        "request": request,
        "input": spec.input,
        "output": spec.output,
        "additions": list(spec.additions),
    }
