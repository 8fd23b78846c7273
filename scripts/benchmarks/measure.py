"""Interleaved measurements: what is measured and its floor take turns, round by round.

A ratio is the median of the rounds' ratios, so that a machine that slows down slows both.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Cost:
    """Seconds of wall and CPU time, and kilobytes of peak memory where they are known."""

    wall: float
    cpu: float
    memory: int = 0


@dataclass(frozen=True)
class Line:
    """One printed figure: a ratio, its bound, from above or below, and how it was measured."""

    name: str
    ratio: float
    bound: float
    note: str
    from_below: bool = False

    @property
    def holds(self) -> bool:
        """True when the ratio is within its bound."""
        return self.ratio >= self.bound if self.from_below else self.ratio <= self.bound

    def __str__(self) -> str:
        sign = ">=" if self.from_below else "<="
        verdict = "ok  " if self.holds else "MISS"
        return f"{verdict} {self.name:58} {self.ratio:6.3f} {sign} {self.bound:<5} {self.note}"


def rounds(count: int, *measured: Callable[[], Cost]) -> list[list[Cost]]:
    """Measure each once per round, in turn, and return the costs of each."""
    costs: list[list[Cost]] = [[] for _ in measured]
    for number in range(count):
        order = range(len(measured)) if number % 2 else reversed(range(len(measured)))
        for index in order:
            costs[index].append(measured[index]())
    return costs


def ratio(costs: Sequence[Cost], floor: Sequence[Cost], what: str) -> float:
    """Return the median over the rounds of cost ÷ floor, of `wall`, `cpu` or `memory`."""
    pairs = zip(costs, floor, strict=True)
    return float(statistics.median(getattr(one, what) / getattr(base, what) for one, base in pairs))


def median(costs: Sequence[Cost], what: str) -> float:
    """Return the median over the rounds, of `wall`, `cpu` or `memory`."""
    return float(statistics.median(getattr(cost, what) for cost in costs))


def calls(function: Callable[[], object], count: int) -> Callable[[], Cost]:
    """Measure `count` calls of a function in this process, as the cost of one."""

    def measure() -> Cost:
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(count):
            function()
        return Cost((time.perf_counter() - wall) / count, (time.process_time() - cpu) / count)

    return measure


def process(command: Sequence[str]) -> Callable[[], Cost]:
    """Measure a whole process, from its start to its end. Its output is thrown away."""
    runner = (
        "import resource, subprocess, sys, time\n"
        "start = time.perf_counter()\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
        "wall = time.perf_counter() - start\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(wall, used.ru_utime + used.ru_stime, used.ru_maxrss)\n"
    )

    def measure() -> Cost:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", runner, *command],
            check=True,
            capture_output=True,
            text=True,
        )
        wall, cpu, memory = done.stdout.split()
        return Cost(float(wall), float(cpu), int(memory))

    return measure


@contextmanager
def server() -> Iterator[str]:
    """Run the answering server in a process of its own; yields its base URL."""
    running = subprocess.Popen(
        [sys.executable, str(HERE / "server.py")], stdout=subprocess.PIPE, text=True
    )
    try:
        assert running.stdout is not None
        yield f"http://127.0.0.1:{int(running.stdout.readline())}"
    finally:
        running.kill()
        running.wait()
