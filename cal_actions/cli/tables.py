"""What a terminal shows: the list of actions, one action, an envelope."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rich.highlighter import JSONHighlighter
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cal_actions.cli.examples import example_call
from cal_actions.cli.output import dump
from cal_actions.cli.readable import expanded, rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import RenderableType

    from cal_actions import ActionSpec, Envelope

    Schema = dict[str, Any]

_MARGINS = 6
_EFFECTS = {"read": "green", "write": "yellow", "destructive": "red"}
_CREDENTIALS = {
    "user": "an API key",
    "oauth_client": "an OAuth client's id and secret",
    "none": "none",
}
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]+")


def action_list(actions: Mapping[str, ActionSpec], width: int) -> Iterator[RenderableType]:
    """Draw the actions by resource; with their titles where `width`, in columns, has room."""
    by_resource: dict[str, list[ActionSpec]] = {}
    for spec in actions.values():
        by_resource.setdefault(spec.resource, []).append(spec)
    slugs = max(map(len, actions), default=0)
    effects = max(map(len, _EFFECTS))
    titles = max((len(spec.title) for spec in actions.values()), default=0)
    has_room = width >= slugs + effects + titles + _MARGINS
    for resource, specs in sorted(by_resource.items()):
        yield Text(resource, "bold")
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
        table.add_column(min_width=slugs, no_wrap=True)
        table.add_column(min_width=effects, no_wrap=True)
        for spec in specs:
            title = [Text(spec.title)] if has_room else []
            table.add_row(Text(spec.slug), _effect(spec), *title)
        yield Padding(table, (0, 0, 1, 2))
    count = "1 action" if len(actions) == 1 else f"{len(actions)} actions"
    yield Text(f"{count}. One action in full: cal-actions show SLUG")


def found(specs: list[ActionSpec]) -> Iterator[RenderableType]:
    """Draw what a search found: each action with its title."""
    if not specs:
        yield Text("Nothing was found: try other words, or see cal-actions list.")
    for spec in specs:
        yield Text.assemble((spec.slug, "bold"), "  ", _effect(spec), f"  {spec.title}")


def toolset_list(toolsets: list[dict[str, Any]]) -> Iterator[RenderableType]:
    """Draw the toolsets: name, number of actions, tokens in full and compact, description."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("toolset", no_wrap=True)
    for number in ("actions", "tokens", "compact"):
        table.add_column(number, justify="right", no_wrap=True)
    table.add_column("for")
    for one in toolsets:
        numbers = (len(one["actions"]), one["tokens"], one["compact_tokens"])
        table.add_row(one["name"], *map(str, numbers), Text(one["description"]))
    yield table


def action(spec: ActionSpec, width: int) -> Iterator[RenderableType]:
    """Draw one action in `width` columns: its request, its parameters and an example."""
    yield Text.assemble((spec.title, "bold"), "  ", _effect(spec), (f"  {spec.resource}", "dim"))
    yield Text(spec.slug)
    yield Padding(Text(spec.description), (1, 0))
    version = f"  cal-api-version {spec.version}" if spec.version else ""
    yield Text.assemble((f"{spec.method} {spec.path}", "cyan"), (version, "dim"))
    yield Text("Credentials: " + ", or ".join(_CREDENTIALS[scheme] for scheme in spec.auth))
    if spec.input["properties"]:
        yield ""
        yield _parameters(spec.input, width)
    yield Text("\nExample", "bold")
    yield Text(f"  {example_call(spec)}", no_wrap=True)


def envelope(slug: str, answer: Envelope) -> Iterator[RenderableType]:
    """Draw what an action answered."""
    if answer.successful:
        yield Text(f"{slug} succeeded", "bold green")
        yield json_text(answer.data)
        return
    yield Text(f"{_visible(slug)} failed", "bold red")
    yield Text(_visible(answer.error or ""))
    # The sentence above has told the details.
    facts = {name: value for name, value in answer.data.items() if name != "details"}
    yield Padding(_facts(facts), (1, 2, 0, 2))


def _effect(spec: ActionSpec) -> Text:
    return Text.assemble((spec.effect, _EFFECTS[spec.effect]))


def _parameters(schema: Schema, width: int) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("Parameter", overflow="fold", max_width=width // 3)
    table.add_column("Type", overflow="fold")
    table.add_column("Required", no_wrap=True)
    table.add_column("Description", overflow="fold")
    for row in rows(expanded(schema)):
        table.add_row(
            Text.assemble("  " * row.depth, (row.name, "" if row.depth else "bold")),
            row.type,
            Text.assemble(("yes" if row.required else "", "yellow")),
            Text.assemble((row.description, "dim" if row.depth else "")),
        )
    return table


def _facts(facts: Mapping[str, Any]) -> Table:
    grid = Table.grid(padding=(0, 2))
    for name, value in facts.items():
        shown = value if isinstance(value, str) else dump(value)
        grid.add_row(Text(name, "dim"), Text(_visible(shown)))
    return grid


def json_text(value: Any) -> Text:
    """Colour JSON, unwrapped so that it can be copied."""
    text = Text(dump(value), no_wrap=True)
    JSONHighlighter().highlight(text)
    return text


def _visible(text: str) -> str:
    """Replace control characters, which could otherwise steer the terminal."""
    return _CONTROLS.sub(" ", text)
