"""Print what tool lists cost a model: tokens (o200k) of the actions as OpenAI functions."""

import json
import sys
from typing import Any

import bpe_openai

from cal_actions import catalog, schemas

BUDGET = 25_000  # what the README promises

ENCODING = bpe_openai.get_encoding("o200k_base")


def main() -> int:
    """Print the dearest actions, each toolset, and the total; return 1 over the budget."""
    tools, compact = functions(), functions(compact=True)
    shown = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    for slug in sorted(tools, key=lambda slug: -tokens(tools[slug]))[:shown]:
        sys.stdout.write(f"{tokens(tools[slug]):6} {slug}\n")
    sys.stdout.write("\n  full compact toolset\n")
    for name, toolset in catalog.toolsets.items():
        full, short = ([offer[slug] for slug in toolset.slugs] for offer in (tools, compact))
        told = f"{name}, {len(full)} actions"
        sys.stdout.write(f"{tokens(full):6} {tokens(short):7} {told}\n")
    total = tokens(list(tools.values()))
    short_total = tokens(list(compact.values()))
    sys.stdout.write(f"{total:6} {short_total:7} all {len(tools)} actions, budget {BUDGET}\n")
    return int(total > BUDGET)


def functions(*, compact: bool = False) -> dict[str, Any]:
    """Export every action, one by one: a request to OpenAI may not hold so many."""
    return {
        slug: schemas.export([spec], "openai", compact=compact)[0] for slug, spec in catalog.items()
    }


def tokens(value: Any) -> int:
    """Count the tokens of a value as compact JSON."""
    return len(ENCODING.encode(json.dumps(value, separators=(",", ":"))))


if __name__ == "__main__":
    sys.exit(main())
