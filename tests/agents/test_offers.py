"""Each API takes the tools as they are exported for it."""

from __future__ import annotations

from typing import Any

import pytest

from cal_actions import Connector, catalog
from tests.agents.conftest import Agent


def a_model_that_only_greets() -> Any:
    yield from ()
    return "Hello."


@pytest.mark.parametrize("compact", [False, True], ids=["plain", "compact"])
def test_every_toolset_is_taken(agent: Agent, cal: Connector, compact: bool) -> None:
    for name in catalog.toolsets:
        offered = catalog.filter(toolset=name)
        answer = agent.ask(a_model_that_only_greets, cal, offered, compact=compact)
        assert answer == "Hello.", name


def test_all_actions_are_taken_in_two_portions(agent: Agent, cal: Connector) -> None:
    slugs = list(catalog)
    for portion in (slugs[:100], slugs[100:]):
        offered = catalog.filter(slugs=portion)
        assert agent.ask(a_model_that_only_greets, cal, offered) == "Hello."
