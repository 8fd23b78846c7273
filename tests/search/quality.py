"""How well the search finds what people mean: `python -m tests.search.quality [--misses]`.

The queries in `tuning/` were there to choose weights and words by; those in `unseen/` were not,
and tell what to expect of others. `--misses` prints the tuning queries whose action is not among
the first five.
"""

import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cal_actions import catalog
from cal_actions.action_files import read_yaml

HERE = Path(__file__).parent
KINDS = ("keyword", "sentence", "paraphrase", "typo", "foreign")
_FAR = 20


class Query(NamedTuple):
    """What somebody types, and the actions any of which is right."""

    text: str
    kind: str
    actions: tuple[str, ...]

    def rank(self) -> int | None:
        """Tell how far down the first right action stands, from 1."""
        found = [spec.slug for spec in catalog.search(self.text, _FAR)]
        return min((found.index(slug) + 1 for slug in self.actions if slug in found), default=None)


class Quality(NamedTuple):
    """Shares of queries, and the mean of 1/rank."""

    hit_at_1: float
    hit_at_5: float
    mrr: float

    def __str__(self) -> str:
        return f"hit@1 {self.hit_at_1:.3f}  hit@5 {self.hit_at_5:.3f}  MRR {self.mrr:.3f}"


def queries(half: str) -> Iterator[Query]:
    """Read the queries of one half, `tuning` or `unseen`."""
    for kind in KINDS:
        for entry in read_yaml(HERE / half / f"{kind}.yaml"):
            yield Query(entry["query"], kind, tuple(entry["actions"]))


def quality(asked: list[Query]) -> Quality:
    """Search for every query and tell how often the right action is found."""
    ranks = [query.rank() for query in asked]
    return Quality(
        sum(rank == 1 for rank in ranks) / len(ranks),
        sum(rank is not None and rank <= 5 for rank in ranks) / len(ranks),
        sum(1 / rank for rank in ranks if rank) / len(ranks),
    )


def main() -> None:
    """Print the figures of both halves, by kind, and the time that a query takes."""
    for half in ("tuning", "unseen"):
        asked = list(queries(half))
        print(f"{half:10} {len(asked):4}  {quality(asked)}")
        for kind in KINDS:
            of_kind = [query for query in asked if query.kind == kind]
            print(f"  {kind:10}{len(of_kind):3}  {quality(of_kind)}")
    times = []
    for query in queries("unseen"):
        began = time.perf_counter()
        catalog.search(query.text)
        times.append(time.perf_counter() - began)
    slowest = sorted(times)[int(len(times) * 0.99)]
    print(f"a query takes {statistics.median(times) * 1e3:.2f} ms, 99 of 100 under", end=" ")
    print(f"{slowest * 1e3:.2f} ms")
    if "--misses" in sys.argv:
        for query in queries("tuning"):
            rank = query.rank()
            if rank is None or rank > 5:
                print(rank or "none", query.kind, repr(query.text), *query.actions)


if __name__ == "__main__":
    main()
