"""Write the README's table of all actions, or check that it is in step with the catalogue."""

import sys
from itertools import groupby
from pathlib import Path

from cal_actions import catalog

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- actions: scripts/actions_table.py writes this -->", "<!-- end of actions -->"


def table() -> str:
    """Return the table as Markdown, one section per resource."""
    specs = sorted(catalog.values(), key=lambda spec: (spec.resource, spec.slug))
    lines = []
    for resource, group in groupby(specs, key=lambda spec: spec.resource):
        lines += [f"\n**{resource}**\n", "| action | effect | request |", "| --- | --- | --- |"]
        lines += [
            f"| `{spec.slug}` | {spec.effect} | `{spec.method} {spec.path}` |" for spec in group
        ]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write the table; with --check only compare, and return 1 when it is out of step."""
    text = README.read_text("utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    fresh = f"{head}{BEGIN}\n{table()}\n{END}{tail}"
    if "--check" not in arguments:
        README.write_text(fresh, "utf-8")
    elif fresh != text:
        sys.stderr.write("README.md: the table of actions is stale: run scripts/actions_table.py\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
