"""Run the benchmarks that are named, or all; exit with 1 when a bound is missed."""

import sys
from importlib import import_module

BENCHMARKS = ("sync_calls", "concurrency", "load", "startup", "mcp_startup", "search", "sandbox")


def main(names: list[str]) -> int:
    """Print each figure as it is measured."""
    missed = False
    for name in names or BENCHMARKS:
        for line in import_module(name).lines():
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            missed = missed or not line.holds
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
