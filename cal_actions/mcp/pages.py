"""Pages: the catalogue and each action as a resource, in Markdown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mcp_types import Resource, ResourceTemplate

if TYPE_CHECKING:
    from cal_actions import ActionSpec, Catalog

CATALOG_URI = "cal-actions://catalog"
_ACTIONS = "cal-actions://actions/"
_MARKDOWN = "text/markdown"
_TABLE = ("| action | effect | title |", "| --- | --- | --- |")

TEMPLATE = ResourceTemplate(
    name="action",
    title="One action",
    uri_template=f"{_ACTIONS}{{slug}}",
    description="What an action on Cal.com does, what it takes and what it answers.",
    mime_type=_MARKDOWN,
)


class Pages:
    """The pages of a catalogue."""

    def __init__(self, actions: Catalog) -> None:
        self._actions = actions

    def listed(self) -> list[Resource]:
        """List the pages: the catalogue, then each action."""
        overview = Resource(
            name="catalog",
            title="All actions",
            uri=CATALOG_URI,
            description=f"The {len(self._actions)} actions on Cal.com that there are here.",
            mime_type=_MARKDOWN,
        )
        return [
            overview,
            *(
                Resource(name=slug, title=spec.title, uri=_ACTIONS + slug, mime_type=_MARKDOWN)
                for slug, spec in self._actions.items()
            ),
        ]

    def read(self, uri: str) -> str | None:
        """Return the page at `uri`; None where there is none."""
        if uri == CATALOG_URI:
            return _overview(self._actions)
        spec = self._actions.get(uri.removeprefix(_ACTIONS)) if uri.startswith(_ACTIONS) else None
        return _page(spec) if spec else None

    def complete(self, begun: str) -> list[str]:
        """Return the slugs that begin so; else those that a search for it finds."""
        slugs = [slug for slug in self._actions if slug.startswith(begun.upper())]
        return slugs or [spec.slug for spec in self._actions.search(begun, 10)]


def _overview(actions: Catalog) -> str:
    lines = ["# Actions on Cal.com", ""]
    resource = None
    for spec in sorted(actions.values(), key=lambda spec: spec.resource):
        if spec.resource != resource:
            resource = spec.resource
            lines += ["", f"## {resource}", "", *_TABLE]
        lines.append(f"| {spec.slug} | {spec.effect} | {spec.title} |")
    return "\n".join(lines) + "\n"


def _page(spec: ActionSpec) -> str:
    again = "changes nothing more" if spec.idempotent else "does it again"
    return f"""# {spec.title}

`{spec.slug}`: {spec.effect}; a second call {again}.

{spec.description}

## Input

```json
{json.dumps(spec.input, indent=2, ensure_ascii=False)}
```

## Data on success

```json
{json.dumps(spec.output, indent=2, ensure_ascii=False)}
```

Cal.com: `{spec.method} {spec.path}`
"""
