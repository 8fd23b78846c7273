"""The clock of a sandbox: the system's, a moment that stands still, or a callable."""

from datetime import UTC, datetime, timedelta

import pytest

from cal_actions.sandbox import Sandbox
from tests.sandbox.conftest import Caller

EIGHT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def told(sandbox: Sandbox) -> str:
    """The moment in an error's body."""
    return str(Caller(sandbox)("GET", "/v2/nothing").body["timestamp"])


def test_a_moment_stands_still() -> None:
    with Sandbox(now=EIGHT) as sandbox:
        assert [told(sandbox), told(sandbox)] == ["2026-11-23T08:00:00.000Z"] * 2


def test_a_moment_of_any_zone_is_told_in_utc() -> None:
    with Sandbox(now=datetime.fromisoformat("2026-11-23T17:00:00+09:00")) as sandbox:
        assert told(sandbox) == "2026-11-23T08:00:00.000Z"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone: 2026-11-23T08:00:00 has none"):
        Sandbox(now=datetime(2026, 11, 23, 8, 0))


def test_time_can_be_moved_forward() -> None:
    with Sandbox(now=EIGHT) as sandbox:
        sandbox.advance(timedelta(hours=1))
        sandbox.advance(timedelta(minutes=1))
        assert told(sandbox) == "2026-11-23T09:01:00.000Z"


def test_time_cannot_be_moved_back() -> None:
    with Sandbox(now=EIGHT) as sandbox, pytest.raises(ValueError, match="only moves forward"):
        sandbox.advance(timedelta(hours=-1))


def test_a_reset_takes_the_clock_back() -> None:
    with Sandbox(now=EIGHT) as sandbox:
        sandbox.advance(timedelta(days=1))
        sandbox.reset()
        assert told(sandbox) == "2026-11-23T08:00:00.000Z"
