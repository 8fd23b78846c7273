"""A sandbox with two users, a clock that stands still, and short words for requests."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cal_actions.sandbox import Reply, Sandbox
from cal_actions.sandbox.seed import BUILT_IN

SAM, KIM = "cal_sandbox_owner", "cal_kim"
WORLD = {
    "users": [
        BUILT_IN["users"][0],
        {
            "id": 2,
            "username": "kim",
            "name": "Kim Lee",
            "email": "kim@example.com",
            "timeZone": "Asia/Seoul",
            "apiKeys": [
                {"key": KIM},
                {"key": "cal_kim_expired", "expiresAt": "2026-11-01T00:00:00.000Z"},
                {
                    "key": "cal_kim_tiny",
                    "rateLimit": {
                        "name": "Tiny", "requests": 3, "seconds": 10, "blockSeconds": 5,
                    },
                },
            ],
        },
    ],
    "teams": [{"id": 7, "name": "Lees", "slug": "lees", "isOrganization": True}],
    "memberships": [{"teamId": 7, "userId": 2, "role": "OWNER", "accepted": True}],
    "profiles": [{"userId": 2, "organizationId": 7, "username": "kim"}],
    "schedules": BUILT_IN["schedules"][:1],
    "eventTypes": BUILT_IN["eventTypes"],
}  # fmt: skip


class Clock:
    """Stands at one moment until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **length: float) -> None:
        self.moment += timedelta(**length)


@dataclass(frozen=True)
class Told:
    """A reply, read."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def data(self) -> Any:
        return self.body["data"]

    @property
    def error(self) -> Any:
        return self.body["error"]

    @property
    def constraints(self) -> dict[str, dict[str, str]]:
        """What is wrong with each property."""
        return {one["property"]: one["constraints"] for one in self.error["details"]["errors"]}


class Caller:
    """Sends requests to a sandbox, as one user and in one version unless told otherwise."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.version: str | None = None

    def __call__(
        self,
        method: str,
        target: str,
        body: Any = None,
        *,
        key: str | None = SAM,
        version: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Told:
        return read(
            self.sandbox.handle(
                method,
                target,
                {
                    **({} if key is None else {"Authorization": f"Bearer {key}"}),
                    **({} if body is None else {"Content-Type": "application/json"}),
                    "cal-api-version": version or self.version or "",
                    **(headers or {}),
                },
                _bytes(body),
            )
        )


def read(reply: Reply) -> Told:
    return Told(reply.status, reply.headers, json.loads(reply.body))


def change(call: Caller, event_type_id: int = 1, **settings: Any) -> None:
    """Change an event type of the caller."""
    target = f"/v2/event-types/{event_type_id}"
    told = call("PATCH", target, settings, version="2024-06-14")
    assert told.status == 200, told.body


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    return body if isinstance(body, bytes) else json.dumps(body).encode()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(now=clock, world=WORLD) as made:
        yield made


@pytest.fixture
def call(sandbox: Sandbox) -> Caller:
    return Caller(sandbox)
