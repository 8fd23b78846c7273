"""The names a user types: commands, slugs and resources, with completion and near misses."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from cal_actions import catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cal_actions import ActionSpec

_LONGEST_NAME = 60
_MOST_DIGITS = 3


class Command(click.Command):
    """A command that never repeats an argument too many: it may be a part of secret params."""

    allow_extra_args = True

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as click does; raises UsageError for arguments that are left over."""
        rest = super().parse_args(ctx, args)
        if ctx.args and not ctx.resilient_parsing:
            ctx.fail("Too many arguments. JSON is one argument: put it in single quotes.")
        return rest


class Group(click.Group):
    """A group that tells what an unknown command was probably meant to be."""

    command_class = Command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that `args` names; raises UsageError with near misses."""
        word = args[0]
        if self.get_command(ctx, word) is None and not ctx.resilient_parsing:
            if word in catalog:
                ctx.fail(f"{word} is an action: run cal-actions execute {word}")
            near = did_you_mean(word, self.list_commands(ctx))
            ctx.fail(f"There is no command{_quoted(word)}: {near}")
        return super().resolve_command(ctx, args)


def complete_slug(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete to slugs of the catalogue, in whatever case they are begun."""
    begun = incomplete.upper()
    return [
        CompletionItem(slug, help=spec.title)
        for slug, spec in catalog.items()
        if slug.startswith(begun)
    ]


def complete_resource(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete to resources of the catalogue."""
    return [CompletionItem(name) for name in _resources() if name.startswith(incomplete)]


def known_action(_ctx: click.Context, _param: click.Parameter, slug: str) -> ActionSpec:
    """Return the action; raises click.UsageError with the closest slugs when there is none."""
    if slug in catalog:
        return catalog[slug]
    closest = catalog.suggest(slug)
    advice = f"did you mean {' or '.join(closest)}?" if closest else "see cal-actions list"
    raise click.UsageError(f"There is no action{_quoted(slug)}: {advice}")


def known_actions(
    ctx: click.Context, param: click.Parameter, slugs: tuple[str, ...]
) -> list[ActionSpec]:
    """Return the actions, each once; raises click.UsageError as `known_action` does."""
    return [known_action(ctx, param, slug) for slug in dict.fromkeys(slugs)]


def known_resource(_ctx: click.Context, _param: click.Parameter, name: str | None) -> str | None:
    """Return the resource; raises click.UsageError with the closest when there is none."""
    if name is not None and name not in _resources():
        near = did_you_mean(name, _resources())
        raise click.UsageError(f"There is no resource{_quoted(name)}: {near}")
    return name


def complete_toolset(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete to the toolsets of the catalogue."""
    return [
        CompletionItem(name, help=toolset.description)
        for name, toolset in catalog.toolsets.items()
        if name.startswith(incomplete)
    ]


def known_toolsets(
    _ctx: click.Context, _param: click.Parameter, names: tuple[str, ...]
) -> tuple[str, ...] | None:
    """Return the toolsets; raises click.UsageError with the closest to one that there is not."""
    for name in names:
        if name not in catalog.toolsets:
            near = did_you_mean(name, catalog.toolsets)
            raise click.UsageError(f"There is no toolset{_quoted(name)}: {near}")
    return names or None


toolset_option: Callable[[Any], Any] = click.option(
    "--toolset",
    "toolset",
    metavar="T",
    multiple=True,
    callback=known_toolsets,
    shell_complete=complete_toolset,
    help="Only the actions of this toolset; may be given several times.",
)
resource_option: Callable[[Any], Any] = click.option(
    "--resource",
    metavar="R",
    callback=known_resource,
    shell_complete=complete_resource,
    help="Only this resource's actions.",
)
effect_option: Callable[[Any], Any] = click.option(
    "--effect",
    type=click.Choice(["read", "write", "destructive"]),
    help="Only actions of this effect.",
)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Name the closest of the known names, or all of them when none is close."""
    names = list(known)
    closest = get_close_matches(word.lower(), names, n=2, cutoff=0.6)
    return f"did you mean {' or '.join(closest)}?" if closest else f"use one of {', '.join(names)}"


def _resources() -> list[str]:
    return sorted({spec.resource for spec in catalog.values()})


def _quoted(word: str) -> str:
    """Quote a mistyped name; what may be params or a key is not repeated."""
    digits = sum(character.isdigit() for character in word)
    plain = word.replace("_", "").replace("-", "").isalnum()
    shown = plain and len(word) <= _LONGEST_NAME and digits <= _MOST_DIGITS
    return f" {word!r}" if shown else " of that name"
