"""pytest fixtures: an embedded Cal.com for the tests of programs that use this package.

    def test_a_booking_is_made(cal_sandbox):
        with Connector.sandbox(cal_sandbox) as cal:
            my_agent("book Ann on Monday at 9", cal)
        assert len(cal_sandbox.state()["bookings"]) == 1

pytest finds the fixtures by itself where this package is installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from cal_actions.sandbox import Sandbox

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
"""Where the clock of `cal_sandbox` stands: a Monday morning, 8:00 UTC."""


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        "cal_sandbox(**options): what the fixture cal_sandbox passes to Sandbox, "
        "such as now=, world= or seed=",
    )


@pytest.fixture
def cal_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A fresh Sandbox in memory, the same in every run.

    Its clock stands at `NOW` and its ids follow from a seed. The marker
    `@pytest.mark.cal_sandbox(now=..., world=...)` passes other options to Sandbox.
    """
    from cal_actions.sandbox import Sandbox

    marker = request.node.get_closest_marker("cal_sandbox")
    options: dict[str, Any] = {"now": NOW, "seed": 1, **(marker.kwargs if marker else {})}
    with Sandbox(**options) as sandbox:
        yield sandbox


@pytest.fixture
def cal_sandbox_url(cal_sandbox: Sandbox) -> Iterator[str]:
    """The base URL of a real HTTP server on loopback that answers from `cal_sandbox`.

    Needs the extra `sandbox`.
    """
    from cal_actions.sandbox.server import running_server

    with running_server(cal_sandbox) as url:
        yield url
