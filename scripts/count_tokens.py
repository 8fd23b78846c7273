"""Print what the tool list costs a model: tokens (o200k) of the actions as OpenAI functions."""

import json
import sys

import bpe_openai

from cal_actions import catalog, schemas

BUDGET = 25_000  # what the README promises


def main() -> int:
    """Print the dearest actions and the total; return 1 over the budget."""
    encoding = bpe_openai.get_encoding("o200k_base")
    tools = schemas.export(catalog, "openai")
    costs = {
        tool["function"]["name"]: len(encoding.encode(json.dumps(tool, separators=(",", ":"))))
        for tool in tools
    }
    shown = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    for slug, cost in sorted(costs.items(), key=lambda item: -item[1])[:shown]:
        sys.stdout.write(f"{cost:6} {slug}\n")
    total = len(encoding.encode(json.dumps(tools, separators=(",", ":"))))
    sys.stdout.write(f"{total:6} tokens for {len(tools)} actions, budget {BUDGET}\n")
    return int(total > BUDGET)


if __name__ == "__main__":
    sys.exit(main())
