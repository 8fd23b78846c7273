"""The sandbox answers the recorded exchanges as the recorded server did.

`replay_differences.json` names the exchanges that may differ, each group with its reason.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cal_actions.sandbox import Sandbox
from tests.sandbox.replay import Clock, Names, compare, recorded_exchanges, replayed, summary


@cache
def known_differences() -> list[dict[str, Any]]:
    text = (Path(__file__).parent / "replay_differences.json").read_text()
    groups: list[dict[str, Any]] = json.loads(text)
    return groups


def _known() -> set[int]:
    return {index for group in known_differences() for index in group["exchanges"]}


def test_every_exchange_answers_as_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    compared = replayed().comparisons
    with capsys.disabled():
        print(f"\n{summary(compared)}")
    surprising = {
        one.index: one.differs_in
        for one in compared
        if one.differs_in and one.index not in _known()
    }
    assert surprising == {}


def test_the_readme_tells_how_many_answers_are_as_recorded() -> None:
    readme = " ".join((Path(__file__).parents[2] / "README.md").read_text("utf-8").split())
    plain, faults = (
        [number.partition("/")[0] for number in summary(one.comparisons).split(", ")]
        for one in (replayed(), replayed(faults=True))
    )
    assert "{}, {} and {} of 649 are the recorded ones".format(*plain) in readme
    assert "with `--faults` {}, {} and {}.".format(*faults) in readme


def test_every_known_difference_still_differs() -> None:
    differing = {one.index for one in replayed().comparisons if one.differs_in}
    assert _known() - differing == set()


def test_the_faults_of_the_recorded_server_are_played_when_asked_for() -> None:
    broken = [one for one in replayed(faults=True).comparisons if one.exchange["status"] >= 500]
    assert len(broken) == 12
    assert {one.index: one.differs_in for one in broken if one.differs_in} == {}


def test_what_the_replay_leaves_behind_is_a_world_to_start_from() -> None:
    """Starting from a world checks every reference in it."""
    with Sandbox(world=replayed().left) as again:
        assert again.state() == replayed().left


def test_every_known_difference_has_a_reason() -> None:
    assert all(group["reason"] for group in known_differences())


def test_every_operation_refuses_missing_credentials_as_recorded() -> None:
    refused = [
        one
        for one in recorded_exchanges()
        if "no-credentials" in one["note"] and one["status"] in (401, 403)
    ]
    clock, names = Clock(), Names()
    with Sandbox(now=clock) as sandbox:
        compared = [compare(sandbox, clock, one, names) for one in refused]
    assert len(compared) > 100
    assert {one.index: one.differs_in for one in compared if one.differs_in} == {}
